"""Statuses, bodies and which error they stand for."""

import json

import pytest

from kimi_lsp.kimi import errors
from kimi_lsp.kimi.errors import KimiError
from kimi_lsp.kimi.verdict import judge, plain
from kimi_lsp.kimi.wire import fault


def verdict(status: int | None, body: object, headers: dict[str, str] | None = None) -> KimiError:
    text = body if isinstance(body, str) else json.dumps(body)
    return judge(status, fault.read(text), headers or {}, host="api.example", model="m", hide=str)


def openai(message: str = "", kind: str | None = None, code: object = None) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "code": code}}


def anthropic(kind: str, message: str = "") -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


CASES: tuple[tuple[int | None, object, type[KimiError]], ...] = (
    # By status alone, whatever the body is.
    (400, "", errors.RequestRejected),
    (401, "", errors.KeyRejected),
    (402, "", errors.NoCredit),
    (403, "", errors.KeyRejected),
    (404, "<html>404</html>", errors.ModelNotFound),
    (408, "", errors.ServiceFault),
    (413, "<html><title>413 Request Entity Too Large</title></html>", errors.RequestTooLarge),
    (418, "", errors.RequestRejected),
    (422, {"detail": "no"}, errors.RequestRejected),
    (429, "", errors.RateLimited),
    (500, "", errors.ServiceFault),
    (504, "", errors.ServiceFault),
    (503, "", errors.Overloaded),
    (529, "", errors.Overloaded),
    # The gateway's codes.
    (401, openai(code="missing_api_key"), errors.KeyRejected),
    (402, openai(code="insufficient_credits"), errors.NoCredit),
    (400, openai(code="model_not_found"), errors.ModelNotFound),
    (429, openai(code="rate_limit_exceeded"), errors.RateLimited),
    (500, openai(code="model_unavailable"), errors.Overloaded),
    # The maker's, passed through.
    (
        400,
        openai("The request was rejected because it was considered high risk", "content_filter"),
        errors.ContentRefused,
    ),
    (400, openai("The request was rejected because it was considered high risk"), errors.ContentRefused),
    (400, openai("Input token length too long", "invalid_request_error"), errors.ContextOverflow),
    (
        400,
        openai("Your request exceeded model token limit : 262144", "invalid_request_error"),
        errors.ContextOverflow,
    ),
    (400, openai("Invalid request: stop", "invalid_request_error"), errors.RequestRejected),
    (429, openai("The engine is currently overloaded", "engine_overloaded_error"), errors.Overloaded),
    (429, openai("", "rate_limit_reached_error"), errors.RateLimited),
    (429, openai("", "exceeded_current_quota_error"), errors.QuotaUsed),
    (429, openai("You exceeded your current quota, please check your plan"), errors.QuotaUsed),
    (
        404,
        openai("Not found the model m or Permission denied", "resource_not_found_error"),
        errors.ModelNotFound,
    ),
    (500, openai("", "unexpected_output"), errors.ServiceFault),
    # The other family's types.
    (413, anthropic("request_too_large"), errors.RequestTooLarge),
    (529, anthropic("overloaded_error"), errors.Overloaded),
    (400, anthropic("invalid_request_error", "prompt is too long: 300000 tokens"), errors.ContextOverflow),
    (402, anthropic("billing_error"), errors.NoCredit),
    # Another server's overflow, and one that is starting.
    (
        400,
        {
            "error": {
                "code": 400,
                "message": "request (8031 tokens) exceeds",
                "type": "exceed_context_size_error",
            }
        },
        errors.ContextOverflow,
    ),
    (413, openai("request exceeds the available context size (2048 tokens)"), errors.ContextOverflow),
    (503, openai("Loading model", "unavailable_error", 503), errors.Overloaded),
    # In mid-stream: no status but the one in the body.
    (None, openai("gone", None, 500), errors.ServiceFault),
    (None, openai("gone", None, "429"), errors.RateLimited),
    (None, openai("gone"), errors.ServiceFault),
    (None, openai("what?", "invalid_request_error"), errors.RequestRejected),
    (None, anthropic("overloaded_error"), errors.Overloaded),
    (None, {"code": "invalid_prompt", "message": "no"}, errors.RequestRejected),
    (None, {"code": "image_too_large", "message": "no"}, errors.RequestRejected),
    (None, {"code": "unsupported_image_media_type", "message": "no"}, errors.RequestRejected),
    (None, {"type": "error", "code": "server_error", "message": "boom", "param": None}, errors.ServiceFault),
    # An envelope within another's message; the inner one is the cause.
    (
        502,
        openai('upstream: {"error":{"message":"x","type":"content_filter"}}', "upstream_error"),
        errors.ContentRefused,
    ),
    (400, openai(json.dumps(openai("Input token length too long", "<nil>"))), errors.ContextOverflow),
)


@pytest.mark.parametrize(("status", "body", "kind"), CASES)
def test_the_error_that_an_answer_stands_for(status: int | None, body: object, kind: type[KimiError]) -> None:
    assert type(verdict(status, body)) is kind


def test_what_the_server_said_is_quoted_on_one_line_without_control_characters() -> None:
    error = verdict(400, openai("one\r\n\ttwo\x1b[31m\u202e\x00  three\u200b"))
    assert "“one two[31m three”" in str(error)


def test_what_the_server_asks_for_is_kept() -> None:
    error = verdict(429, "", {"retry-after": "3", "x-should-retry": "true"})
    assert (error.retry_after, error.should_retry) == (3.0, True)


def test_a_server_fault_names_its_status() -> None:
    assert "(HTTP 502)" in str(verdict(502, ""))
    assert "HTTP" not in str(verdict(None, openai("x")))


def test_a_key_cut_in_two_by_a_control_character_is_hidden_all_the_same() -> None:
    assert plain("a se\x00cret b", lambda said: said.replace("secret", "***")) == "a *** b"
