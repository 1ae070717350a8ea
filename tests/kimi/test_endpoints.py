"""The client over each of the three endpoints: requests as they leave, answers as they come, all the ways to fail."""

import asyncio
import json
from typing import Any

import pytest

from kimi_lsp.conversation import Message, Reasoning, Request, Schema, Text, Tool, ToolCall
from kimi_lsp.kimi import (
    BadRequest,
    ContentRefused,
    KimiError,
    OutOfTokens,
    Overloaded,
    ServiceFault,
    StreamCut,
)
from kimi_lsp.kimi.config import Protocol
from tests.kimi.conftest import ASK, SECRET, MakeClient, collect, reply_of, streamed
from tests.kimi.server import DONE, HEAD, Peer, Server, answers, event, streams
from tests.kimi.spoken import Spoken, good, speak

TOOLS = (Tool("read_file", "Read.", {"type": "object", "properties": {}}),)


async def test_an_answer_streams_and_ends_with_its_reply(
    server: Server, make: MakeClient, said: Spoken
) -> None:
    server.plays(good(said.name))
    deltas = await collect(make(protocol=said.name))
    reply = reply_of(deltas)
    assert streamed(deltas) == ("Let me see.", "Hello there")
    assert (reply.message.text, reply.finish, reply.model) == ("Hello there", "stop", "kimi-k2-7-code")
    used = reply.usage
    assert (used.prompt_tokens, used.completion_tokens, used.estimated) == (1000, 500, False)
    assert used.cost_usd == pytest.approx(1000 * 0.95e-6 + 500 * 4e-6)


async def test_the_request_as_it_leaves(server: Server, make: MakeClient, said: Spoken) -> None:
    server.plays(good(said.name))
    request = Request(ASK.messages, Schema("edits", {"type": "object"}), tools=TOOLS, web_search=True)
    await collect(make(protocol=said.name), request)
    (received,) = server.requests
    assert received.line == f"POST /v1/{said.path} HTTP/1.1"
    assert received.header("authorization") == [f"Bearer {SECRET}"]
    assert received.header("x-api-key") == []
    assert received.header("anthropic-version") == (["2023-06-01"] if said.name == "messages" else [])
    body = received.json
    assert (body["stream"], body["disable_formatting"], body["tool_web_search"]) == (True, True, True)
    fixed = {"temperature", "top_p", "n", "seed", "thinking", "tool_choice", "reasoning", "reasoning_effort"}
    assert not body.keys() & (fixed | {"previous_response_id", "store"})


async def test_calls_come_back_whole_and_the_turn_goes_back_byte_for_byte(
    server: Server, make: MakeClient, said: Spoken
) -> None:
    """Two steps with tools: what the model said goes back as it came, then one result for each call."""
    first, second = "functions.read_file:0", "functions.read_file:1"
    server.plays(
        streams(
            said.opening(),
            said.thought("I\u2019d read\n"),
            said.thought(" both. "),
            said.text("Reading."),
            said.call(first, "read_file", '{"pa', 'th": "a.py"}'),
            said.call(second, "read_file", "{}"),
            said.end("tool_calls"),
        ),
        good(said.name),
    )
    client = make(protocol=said.name)
    deltas = await collect(client, Request(ASK.messages, tools=TOOLS))
    reply = reply_of(deltas)
    assert reply.finish == "tool_calls"
    assert reply.message.tool_calls == (
        ToolCall(first, "read_file", '{"path": "a.py"}'),
        ToolCall(second, "read_file", "{}"),
    )
    results = (
        Message("tool", (Text("x = 1"),), tool_call_id=first),
        Message("tool", (Text("y = 2"),), tool_call_id=second),
    )
    await collect(client, Request((*ASK.messages, reply.message, *results), tools=TOOLS))
    # As JSON text, for the order of the fields counts too.
    replayed = server.requests[1].json[LIST[said.name]][FROM[said.name] :]
    assert json.dumps(replayed) == json.dumps(REPLAYED[said.name])


LIST = {"chat": "messages", "responses": "input", "messages": "messages"}
FROM = {"chat": 2, "responses": 1, "messages": 1}
THOUGHT = "I\u2019d read\n both. "
REPLAYED: dict[str, list[Any]] = {
    "chat": [
        {
            "role": "assistant",
            "content": "Reading.",
            "reasoning_content": THOUGHT,
            "tool_calls": [
                {
                    "id": "functions.read_file:0",
                    "type": "function",
                    "function": {"name": "read_file", "arguments": '{"path": "a.py"}'},
                },
                {
                    "id": "functions.read_file:1",
                    "type": "function",
                    "function": {"name": "read_file", "arguments": "{}"},
                },
            ],
        },
        {"role": "tool", "tool_call_id": "functions.read_file:0", "content": "x = 1"},
        {"role": "tool", "tool_call_id": "functions.read_file:1", "content": "y = 2"},
    ],
    "responses": [
        {"type": "reasoning", "id": "reasoning_0", "summary": [{"type": "summary_text", "text": THOUGHT}]},
        {
            "type": "message",
            "id": "message_1",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Reading."}],
        },
        {
            "type": "function_call",
            "id": "function_call_2",
            "call_id": "functions.read_file:0",
            "name": "read_file",
            "arguments": '{"path": "a.py"}',
        },
        {
            "type": "function_call",
            "id": "function_call_3",
            "call_id": "functions.read_file:1",
            "name": "read_file",
            "arguments": "{}",
        },
        {"type": "function_call_output", "call_id": "functions.read_file:0", "output": "x = 1"},
        {"type": "function_call_output", "call_id": "functions.read_file:1", "output": "y = 2"},
    ],
    "messages": [
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": THOUGHT, "signature": ""},
                {"type": "text", "text": "Reading."},
                {
                    "type": "tool_use",
                    "id": "functions.read_file:0",
                    "name": "read_file",
                    "input": {"path": "a.py"},
                },
                {"type": "tool_use", "id": "functions.read_file:1", "name": "read_file", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "functions.read_file:0", "content": "x = 1"},
                {"type": "tool_result", "tool_use_id": "functions.read_file:1", "content": "y = 2"},
            ],
        },
    ],
}


SHAPED = Request(ASK.messages, Schema("edits", {"type": "object"}))
SHAPES: dict[str, list[str | None]] = {
    "chat": ["json_schema", "json_object", None],
    "responses": ["json_schema", "json_object", None],
    "messages": ["json_schema", None],
}
NAMED = {"chat": "response_format", "responses": "text.format", "messages": "output_config"}


async def test_an_answers_shape_is_given_up_step_by_step_and_once(
    server: Server, make: MakeClient, said: Spoken
) -> None:
    steps = SHAPES[said.name]
    rejection = answers("400 Bad Request", {"error": {"message": f"{NAMED[said.name]} is not supported"}})
    server.plays(*[rejection] * (len(steps) - 1), good(said.name))
    client = make(protocol=said.name)
    await collect(client, SHAPED)
    await collect(client, SHAPED)
    assert [shape(request.json) for request in server.requests] == [*steps, steps[-1]]


def shape(body: dict[str, Any]) -> Any:
    place = body.get("response_format") or (body.get("text") or body.get("output_config") or {}).get("format")
    return place["type"] if place else None


async def test_an_answer_cut_by_the_limit_says_so(server: Server, make: MakeClient, said: Spoken) -> None:
    server.plays(streams(said.opening(), said.text("half"), said.end("length")))
    assert reply_of(await collect(make(protocol=said.name))).finish == "length"


async def test_thinking_that_eats_all_tokens_has_its_own_sentence(
    server: Server, make: MakeClient, said: Spoken
) -> None:
    server.plays(streams(said.opening(), said.thought("hm"), said.end("length", completion=16_384)))
    with pytest.raises(OutOfTokens, match=r"16,384 tokens on thinking") as caught:
        await collect(make(protocol=said.name))
    assert caught.value.usage is not None
    assert caught.value.usage.completion_tokens == 16_384


async def test_the_content_filter_at_the_end_is_an_error(
    server: Server, make: MakeClient, said: Spoken
) -> None:
    server.plays(streams(said.opening(), said.text("half"), said.end("content_filter")))
    with pytest.raises(ContentRefused, match="content filter") as caught:
        await collect(make(protocol=said.name))
    assert caught.value.usage is not None


REFUSALS: dict[Protocol, bytes] = {
    "chat": event({"choices": [{"delta": {"refusal": "I may not\x00."}}]}) + speak("chat").end(),
    "responses": event({"type": "response.refusal.delta", "delta": "I may"})
    + event({"type": "response.refusal.done", "refusal": "I may not\x00."})
    + speak("responses").end(),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_is_an_error_with_the_models_words(
    server: Server, make: MakeClient, name: Protocol
) -> None:
    server.plays(streams(REFUSALS[name]))
    with pytest.raises(ContentRefused, match=r"“I may not\.”"):
        await collect(make(protocol=name))


ERRORS: dict[str, Any] = {
    "OpenAI's": {"error": {"message": "busy", "type": "overloaded_error", "code": None}},
    "Anthropic's": {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}},
    "the responses endpoint's": {
        "type": "error",
        "code": "overloaded_error",
        "message": "busy",
        "param": None,
        "sequence_number": 3,
    },
    "inside another's message": {
        "type": "error",
        "error": {"message": '{"error": {"message": "busy", "type": "overloaded_error"}}'},
    },
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("begun", [True, False], ids=["in the middle", "at the start"])
async def test_an_error_in_the_stream_in_any_shape_is_told_and_not_asked_again(
    server: Server, make: MakeClient, said: Spoken, error: Any, *, begun: bool
) -> None:
    before = (said.opening(), said.text("half")) if begun else ()
    server.plays(streams(*before, event(error)), good(said.name))
    with pytest.raises(Overloaded, match="“busy”") as caught:
        await collect(make(protocol=said.name))
    assert len(server.requests) == 1
    assert caught.value.usage is not None


@pytest.mark.parametrize(
    ("response", "kind", "says"),
    [
        ({"status": "failed", "error": {"code": "server_error", "message": "boom"}}, ServiceFault, "“boom”"),
        ({"status": "failed", "error": None}, ServiceFault, "gave the answer up"),
        ({"error": {"code": "rate_limit_exceeded", "message": "slow"}}, KimiError, "wait a minute"),
    ],
)
async def test_a_response_that_failed_is_an_error(
    server: Server, make: MakeClient, response: Any, kind: type[KimiError], says: str
) -> None:
    server.plays(streams(event({"type": "response.failed", "response": response})))
    with pytest.raises(kind, match=says):
        await collect(make(protocol="responses"))


FAILING: tuple[tuple[str, Any, str, int], ...] = (
    ("401 Unauthorized", {"error": {"message": "no", "code": "invalid_api_key"}}, "KeyRejected", 1),
    ("402 Payment Required", {"error": {"code": "insufficient_credits"}}, "NoCredit", 1),
    ("404 Not Found", {"type": "error", "error": {"type": "not_found_error"}}, "ModelNotFound", 1),
    ("413 Payload Too Large", b"<html><title>413</title></html>", "RequestTooLarge", 1),
    ("429 Too Many Requests", {"error": {"type": "rate_limit_error"}}, "RateLimited", 3),
    ("429 Too Many Requests", {"error": {"type": "exceeded_current_quota_error"}}, "QuotaUsed", 1),
    ("500 Internal Server Error", {"type": "error", "error": {"type": "api_error"}}, "ServiceFault", 3),
    ("529 Overloaded", {"type": "error", "error": {"type": "overloaded_error"}}, "Overloaded", 3),
    ("400 Bad Request", {"error": {"message": "Input token length too long"}}, "ContextOverflow", 1),
    ("400 Bad Request", {"error": {"type": "content_filter"}}, "ContentRefused", 1),
    ("200 OK", b"<html>Log in</html>", "GarbledStream", 1),
)


@pytest.mark.parametrize(("status", "body", "kind", "asked"), FAILING)
async def test_each_failure_before_the_answer_is_the_same_error_on_each_endpoint(
    server: Server, make: MakeClient, said: Spoken, status: str, body: Any, kind: str, asked: int
) -> None:
    server.plays(answers(status, body))
    with pytest.raises(KimiError, match=f"127.0.0.1:{server.port}") as caught:
        await collect(make(protocol=said.name))
    assert type(caught.value).__name__ == kind
    assert len(server.requests) == asked


@pytest.mark.parametrize(
    ("name", "mark"),
    [("chat", b""), ("responses", b""), ("responses", DONE), ("messages", b""), ("messages", DONE)],
)
async def test_an_end_before_the_end_is_a_cut_and_is_not_asked_again(
    server: Server, make: MakeClient, name: Protocol, mark: bytes
) -> None:
    """On chat alone `[DONE]` is an end; elsewhere it is a gateway's habit, and other events say that all came."""
    said = speak(name)
    server.plays(streams(said.opening(), said.thought("so"), said.text("half"), mark), good(name))
    with pytest.raises(StreamCut) as caught:
        await collect(make(protocol=name))
    assert len(server.requests) == 1
    assert caught.value.usage is not None
    assert caught.value.usage.completion_tokens > 0


async def test_cancelling_the_task_closes_the_socket(server: Server, make: MakeClient, said: Spoken) -> None:
    played = asyncio.Event()
    hold = server.holding(HEAD, said.opening(), said.text("a"))

    async def play(peer: Peer) -> None:
        played.set()
        await hold(peer)

    server.plays(play)
    task = asyncio.create_task(collect(make(protocol=said.name)))
    await played.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.client_closed.wait()
    assert len(server.requests) == 1


async def test_events_that_say_nothing_change_nothing(server: Server, make: MakeClient, said: Spoken) -> None:
    novelty = event({"type": "response.novelty", "object": "novelty", "index": 7, "delta": {"text": "no"}})
    noise = b": keep-alive\n\n" + said.blank + novelty
    steps = (said.opening(), said.thought("so"), said.text("a"), said.text("b"), said.end())
    server.plays(streams(noise, *(step + noise for step in steps)))
    deltas = await collect(make(protocol=said.name))
    assert streamed(deltas) == ("so", "ab")
    assert reply_of(deltas).message.text == "ab"


BAD: tuple[tuple[Request, str], ...] = (
    (Request(()), "it asks nothing"),
    (Request((Message.of("system", "x"),)), "it asks nothing"),
    (Request(ASK.messages, max_tokens=0), "max_tokens is 0"),
    (Request(ASK.messages, max_tokens=131_073), "max_tokens is 131,073, and must be from 1 to 131,072"),
    (Request(ASK.messages, stop=("a", "b", "c", "d", "e")), "5 stop strings, and 4"),
    (Request(ASK.messages, stop=("ä" * 17,)), "1 to 32 bytes"),
    (Request(ASK.messages, stop=("",)), "1 to 32 bytes"),
    (Request((*ASK.messages, Message("assistant", (), Reasoning("x", "y")))), "over another protocol"),
)


@pytest.mark.parametrize(("request_", "says"), BAD)
async def test_a_request_that_cannot_be_right_is_not_sent(
    server: Server, make: MakeClient, said: Spoken, request_: Request, says: str
) -> None:
    server.plays(good(said.name))
    with pytest.raises(BadRequest, match=says):
        await collect(make(protocol=said.name), request_)
    assert server.requests == []


async def test_a_conversation_goes_on_over_its_own_protocol_only(server: Server, make: MakeClient) -> None:
    names: tuple[Protocol, ...] = ("chat", "responses", "messages")
    for name in names:
        server.plays(good(name))
        reply = reply_of(await collect(make(protocol=name)))
        more = Request((*ASK.messages, reply.message, Message.of("user", "And?")))
        for other in names:
            server.plays(good(other))
            if other == name:
                assert reply_of(await collect(make(protocol=other), more)).message.text == "Hello there"
                continue
            with pytest.raises(BadRequest, match="over another protocol"):
                await collect(make(protocol=other), more)
