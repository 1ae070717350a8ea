"""Who may ask, and what else answers."""

import itertools

import pytest

from kimi_lsp.sandbox import UnknownFault, app
from tests.sandbox.asking import chat
from tests.sandbox.conftest import Sandbox

ENDPOINTS = [
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/messages"),
    ("GET", "/sandbox/spend"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/kimi-k2-7-code"),
    ("GET", "/sandbox/requests"),
    ("GET", "/sandbox/wait"),
    ("POST", "/sandbox/control"),
    ("POST", "/sandbox/release"),
    ("GET", "/elsewhere"),
]


WRONG = [
    ({"authorization": ""}, "missing_api_key"),
    ({"authorization": "Bearer wrong"}, "invalid_api_key"),
    ({"authorization": "", "x-api-key": "wr\u00f6ng"}, "invalid_api_key"),
    ({"authorization": "Basic abc"}, "missing_api_key"),
]


async def test_nothing_answers_without_the_key(sandbox: Sandbox) -> None:
    for (method, path), (headers, code) in itertools.product(ENDPOINTS, WRONG):
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        response = await sandbox.client.request(method, path, headers=encoded)
        assert response.status_code == 401
        if path == "/v1/messages":
            assert response.json()["error"]["type"] == "authentication_error"
        else:
            assert response.json()["error"]["code"] == code
        assert response.headers["x-kimi-lsp-sandbox"] == "1"
        assert sandbox.api_key not in response.text
    assert await sandbox.requests() == []


async def test_either_header_carries_the_key(sandbox: Sandbox) -> None:
    headers = {"authorization": "", "x-api-key": sandbox.api_key}
    assert (await sandbox.client.get("/v1/models", headers=headers)).status_code == 200
    headers = {"authorization": f"bearer  {sandbox.api_key}"}
    assert (await sandbox.client.get("/v1/models", headers=headers)).status_code == 200


async def test_the_model_is_described_by_its_card(sandbox: Sandbox) -> None:
    card = (await sandbox.client.get("/v1/models/kimi-k2-7-code")).json()
    listed = (await sandbox.client.get("/v1/models")).json()
    assert (listed["object"], listed["data"]) == ("list", [card])
    assert card["endpoints"] == ["/v1/chat/completions", "/v1/responses", "/v1/messages"]
    assert card["context_window"] == 262_144
    assert card["id"] == "kimi-k2-7-code"
    assert card["sandbox"] is True
    assert "(sandbox)" in card["display_name"]
    assert card["max_output_tokens"] == 131072
    assert card["default_params"]["max_tokens"] == 16384
    assert {row["charge"]: row["rate"] for row in card["pricing"]} == {
        "input": 0.95,
        "output": 4.0,
        "web_search": 0.015,
    }


MISSING = [
    ("GET", "/v1/models/kimi-k3", 404),
    ("GET", "/v1/models/a/b", 404),
    ("GET", "/elsewhere", 404),
    ("GET", "/v1/chat/completions", 405),
]


async def test_errors_have_the_gateway_s_shape_everywhere(sandbox: Sandbox) -> None:
    for method, path, status in MISSING:
        response = await sandbox.client.request(method, path)
        assert response.status_code == status
        assert set(response.json()["error"]) == {"message", "type", "param", "code"}
        assert response.headers["x-kimi-lsp-sandbox"] == "1"


async def test_a_body_that_is_too_large_is_refused(sandbox: Sandbox) -> None:
    response = await sandbox.client.post("/v1/chat/completions", content=b" " * (33 * 1024 * 1024))
    assert response.status_code == 413


def test_a_fault_that_does_not_exist_is_said_at_once() -> None:
    with pytest.raises(UnknownFault, match=r"no fault 'nonsense'; known are 400-filter, .*empty-length"):
        app("key", fault="nonsense")


async def test_the_journal_shows_what_was_asked_and_how_it_ended(sandbox: Sandbox) -> None:
    await sandbox.ask(chat("Hello"))
    await sandbox.ask(chat("Hello", max_tokens=0))
    await sandbox.client.post("/v1/chat/completions", content=b"{")
    good, bad, broken = await sandbox.requests()
    assert (good["state"], good["status"], good["body"]) == ("finished", 200, chat("Hello"))
    assert (bad["state"], bad["status"], bad["usage"]) == ("finished", 400, None)
    assert (broken["state"], broken["status"], broken["body"]) == ("finished", 400, None)
    assert good["started"] <= good["ended"] <= bad["started"] <= bad["ended"]
    assert len({good["id"], bad["id"], broken["id"]}) == 3
    assert good["endpoint"] == "/v1/chat/completions"


async def test_the_key_is_kept_out_of_what_is_noted(sandbox: Sandbox) -> None:
    await sandbox.ask(chat(f"my key is {sandbox.api_key}"))
    (record,) = await sandbox.requests()
    assert sandbox.api_key not in str(record)
    assert record["body"] == chat("my key is (the key)")
