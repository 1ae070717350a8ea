"""POST /v1/chat/completions over a real socket: what is said, and what is rejected as the service rejects it."""

import json
from typing import Any

import pytest

from kimi_lsp.sandbox.chat import read
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.tokens import count, pieces
from tests.sandbox.asking import (
    ANSWER_SCHEMA,
    answered,
    as_edits,
    chat,
    events,
    message,
    problem,
    put_in,
    said,
)
from tests.sandbox.conftest import Sandbox

TEXT = "def f():\n    return os.sep + 'é🐍'\n"
FIX = message("fix", TEXT, problems=[problem(2, "undefined name 'os'", "F821", "ruff", "error")])
CALL = {"id": "get_weather:0", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}


async def test_a_stream_thinks_first_then_answers_then_counts(sandbox: Sandbox) -> None:
    response = await sandbox.ask(chat(FIX, stream=True, response_format=as_edits()))
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-kimi-lsp-sandbox"] == "1"
    *chunks, done = events(response.text)
    assert done == "[DONE]"
    assert {(chunk["model"], chunk["system_fingerprint"], chunk["object"]) for chunk in chunks} == {
        ("kimi-k2-7-code", "kimi-lsp-sandbox", "chat.completion.chunk")
    }
    assert len({chunk["id"] for chunk in chunks}) == 1
    *spoken, last = chunks
    deltas = [chunk["choices"][0]["delta"] for chunk in spoken]
    assert deltas[0] == {"role": "assistant", "content": ""}
    kinds = ["reasoning" if "reasoning_content" in delta else "content" for delta in deltas[1:-1]]
    assert kinds == sorted(kinds, reverse=True)
    assert len(kinds) > 20
    assert max(len(delta.get("content", "")) for delta in deltas) <= 16
    assert [chunk["choices"][0]["finish_reason"] for chunk in spoken] == [None] * (len(spoken) - 1) + ["stop"]
    assert said(chunks, "reasoning_content").startswith("This is the kimi-lsp sandbox, not the model.")
    assert last["choices"] == []

    answer = json.loads(said(chunks, "content"))
    assert answer["summary"] == "(sandbox) Added `import os`."
    assert put_in(TEXT, answer["edits"]) == f"import os\n\n\n{TEXT}"


async def test_usage_counts_and_prices_what_was_said(sandbox: Sandbox) -> None:
    chunks = events((await sandbox.ask(chat(FIX, stream=True))).text)
    usage = chunks[-2]["usage"]
    thought, spoken = count(said(chunks, "reasoning_content")), count(said(chunks, "content"))
    assert usage["completion_tokens"] == thought + spoken
    assert usage["completion_tokens_details"] == {"reasoning_tokens": thought}
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens"] >= count(FIX)
    price = usage["prompt_tokens"] * 0.95e-6 + usage["completion_tokens"] * 4e-6
    assert usage["cost_usd"] == pytest.approx(price)
    assert (await sandbox.requests())[0]["usage"] == usage


async def test_usage_is_left_out_of_a_stream_only_where_the_client_says_so(sandbox: Sandbox) -> None:
    body = chat(FIX, stream=True, stream_options={"include_usage": False})
    chunks = events((await sandbox.ask(body)).text)
    assert all(chunk["choices"] for chunk in chunks[:-1])


async def test_both_ways_of_answering_say_the_same(sandbox: Sandbox) -> None:
    streamed = events((await sandbox.ask(chat(FIX, stream=True))).text)
    whole = (await sandbox.ask(chat(FIX))).json()
    (choice,) = whole["choices"]
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["content"] == said(streamed, "content")
    assert choice["message"]["reasoning_content"] == said(streamed, "reasoning_content")
    uncached = {"cached_tokens": 0, "prompt_tokens_details": {"cached_tokens": 0}}
    assert {**whole["usage"], **uncached} == streamed[-2]["usage"]
    assert whole["system_fingerprint"] == "kimi-lsp-sandbox"


async def test_max_tokens_cuts_and_counts_the_reasoning_first(sandbox: Sandbox) -> None:
    full = (await sandbox.ask(chat(FIX))).json()["choices"][0]["message"]
    thinking, total = (
        count(full["reasoning_content"]),
        count(full["reasoning_content"]) + count(full["content"]),
    )
    for limit in (1, thinking - 1, thinking, thinking + 7, total - 1, total):
        reply = (await sandbox.ask(chat(FIX, max_tokens=limit))).json()
        (choice,) = reply["choices"]
        assert reply["usage"]["completion_tokens"] == limit
        assert choice["finish_reason"] == ("stop" if limit == total else "length")
        assert choice["message"]["reasoning_content"] == "".join(pieces(full["reasoning_content"])[:limit])
        assert choice["message"]["content"] == "".join(pieces(full["content"])[: max(0, limit - thinking)])


async def test_a_stop_word_ends_the_content_before_it(sandbox: Sandbox) -> None:
    reply = (await sandbox.ask(chat(FIX, stop=["nowhere", '"edits"']))).json()["choices"][0]
    assert reply["finish_reason"] == "stop"
    assert reply["message"]["content"] == '{"summary": "(sandbox) Added `import os`.", '


async def test_an_explanation_is_markdown_unless_json_is_asked_for(sandbox: Sandbox) -> None:
    body = chat(message("explain", TEXT, selection=(1, 2)))
    text = (await sandbox.ask(body)).json()["choices"][0]["message"]["content"]
    assert text.startswith("### `f()` (sandbox)")
    body["messages"][0]["content"] = "You answer in JSON."
    wrapped = (await sandbox.ask({**body, "response_format": {"type": "json_object"}})).json()
    assert json.loads(wrapped["choices"][0]["message"]["content"]) == {"answer": text}


async def test_an_answer_has_the_shape_of_any_schema_that_is_asked_for(sandbox: Sandbox) -> None:
    schema = {
        "type": "object",
        "properties": {
            "edits": ANSWER_SCHEMA["properties"]["edits"],
            "risk": {"type": "string", "enum": ["low"]},
        },
        "required": ["edits", "risk"],
        "$defs": ANSWER_SCHEMA["$defs"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "other", "schema": schema}}
    reply = (await sandbox.ask(chat(FIX, response_format=wanted))).json()
    assert json.loads(reply["choices"][0]["message"]["content"]) == {
        "edits": list(
            answered("fix", TEXT, problems=[problem(2, "undefined name 'os'", "F821")]).edits or ()
        ),
        "risk": "low",
    }


async def test_a_question_in_another_form_gets_a_sentence(sandbox: Sandbox) -> None:
    for body in (
        chat("Hello"),
        {"model": "kimi-k2-7-code", "messages": [{"role": "user", "content": "Hello"}]},
    ):
        reply = (await sandbox.ask(body)).json()["choices"][0]["message"]["content"]
        assert reply.startswith("(sandbox) The sandbox knows only")


async def test_a_repair_is_answered_from_the_file_again(sandbox: Sandbox) -> None:
    body = chat(FIX)
    first = (await sandbox.ask(body)).json()["choices"][0]["message"]
    refused = {"role": "user", "content": "<refused>\nnot found\n</refused>\n\nGive the whole answer again."}
    second = (await sandbox.ask({**body, "messages": [*body["messages"], first, refused]})).json()
    message = second["choices"][0]["message"]
    assert message["content"] == first["content"]
    assert "sent back" in message["reasoning_content"]


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 1, "top_p": 0.95, "n": 1, "presence_penalty": 0},
        {"thinking": {"type": "enabled"}},
        {"tools": [{"type": "function", "function": {"name": "get_weather"}}], "tool_choice": "auto"},
        {"tool_choice": "none", "tool_web_search": True, "disable_formatting": True},
        {"stop": "END", "max_completion_tokens": 131072, "max_tokens": 1},
        {"response_format": {"type": "text"}, "stream": None},
    ],
)
def test_what_the_service_takes_is_taken(more: dict[str, Any]) -> None:
    assert read(chat(FIX, **more)).turns[-1].text == FIX


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"temperature": 0.2}, "invalid temperature: only 1 is allowed for this model"),
        ({"top_p": 1}, "invalid top_p: only 0.95 is allowed"),
        ({"n": 2}, "invalid n: only 1"),
        ({"presence_penalty": 1}, "invalid presence_penalty: only 0"),
        ({"frequency_penalty": 1}, "invalid frequency_penalty: only 0"),
        ({"thinking": {"type": "disabled"}}, "invalid thinking: only type=enabled is allowed"),
        ({"tool_choice": "required"}, "tool_choice 'required' is incompatible with thinking enabled"),
        (
            {"tool_choice": {"type": "function", "function": {"name": "abc"}}},
            "tool_choice 'specified' is incompatible with thinking enabled",
        ),
        ({"max_tokens": 0}, "max_tokens must be a whole number"),
        ({"max_tokens": 131073}, "max_tokens must be a whole number"),
        ({"max_tokens": True}, "max_tokens must be a whole number"),
        ({"max_tokens": "10"}, "max_tokens must be a whole number"),
        ({"stop": ["a"] * 5}, "stop takes up to 4"),
        ({"stop": ["é" * 17]}, "stop takes up to 4"),
        ({"stream": 1}, "stream must be a boolean"),
        ({"stream_options": "x"}, "stream_options must be an object"),
        ({"tool_web_search": "yes"}, "tool_web_search must be a boolean"),
        ({"tools": [{"type": "function", "function": {"name": "ab"}}]}, "function name is invalid"),
        ({"tools": [{"type": "function"}] * 129}, "at most 128"),
        (
            {"tools": [{"type": "function", "function": {"name": "abc", "parameters": {"properties": {}}}}]},
            'parameters is not a valid moonshot flavored json schema, details: the root type is required and must be "object"',
        ),
        ({"response_format": {"type": "json_schema"}}, "json_schema with a name and a schema"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "", "schema": {}}}},
            "with a name",
        ),
        ({"response_format": {"type": "yaml"}}, "response_format must be"),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "a", "schema": {"type": "object", "oneOf": []}},
                }
            },
            "keyword oneOf is not supported",
        ),
        ({"messages": []}, "messages must be a list that is not empty"),
        ({"messages": "Hello"}, "messages must be a list"),
        ({"messages": ["Hello"]}, "position 0 has no known role"),
        ({"messages": [{"role": "robot", "content": "a"}]}, "position 0 has no known role"),
        ({"messages": [{"role": "user", "content": ""}]}, "position 0 with role 'user' must not be empty"),
        ({"messages": [{"role": "system", "content": "a"}]}, "nothing to answer"),
        ({"messages": [{"role": "user", "content": 1}]}, "neither a string nor a list"),
        (
            {"messages": [{"role": "user", "content": [{"type": "audio"}]}]},
            "not text, image_url or video_url",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.png"}}]}
                ]
            },
            "has a part image_url that is without a usable url",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": "a"},
                    {"role": "assistant", "content": "", "reasoning_content": "b", "tool_calls": [CALL]},
                ]
            },
            "position 1 has an empty content",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": "a"},
                    {"role": "assistant", "reasoning_content": "b", "tool_calls": ["c"]},
                ]
            },
            "tool call without an id",
        ),
        (
            {"messages": [{"role": "user", "content": "x" * 1_000_000}], "max_tokens": 131072},
            "Your request exceeded model token limit : 262144",
        ),
    ],
)
def test_what_the_service_rejects_is_rejected_in_its_words(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as raised:
        read({**chat(FIX), **more})
    assert reason in str(raised.value)
    assert (raised.value.status, raised.value.kind) == (400, "invalid_request_error")


async def test_a_rejection_has_the_gateway_s_shape(sandbox: Sandbox) -> None:
    response = await sandbox.ask(chat(FIX, temperature=0))
    assert response.status_code == 400
    assert response.json() == {
        "error": {
            "message": "invalid temperature: only 1 is allowed for this model",
            "type": "invalid_request_error",
            "param": "temperature",
            "code": None,
        }
    }


MALFORMED = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"\xff{}",
    b'{"model": NaN}',
    b'{"model": "\\ud800"}',
    b"[" * 100_000,
    b'{"messages": []}',
    b'{"model": 7, "messages": []}',
]


async def test_a_malformed_body_is_rejected(sandbox: Sandbox) -> None:
    for raw in MALFORMED:
        response = await sandbox.client.post("/v1/chat/completions", content=raw)
        assert response.status_code == 400, raw
        assert set(response.json()["error"]) == {"message", "type", "param", "code"}


async def test_an_unknown_model_is_not_found(sandbox: Sandbox) -> None:
    response = await sandbox.ask(chat(FIX, model="kimi-k3"))
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"
