"""The client against a scripted server: requests as they leave, answers as they come and end, the catalog."""

import asyncio
from typing import Any

import pytest

from kimi_lsp.conversation import Message, Reasoning, Request, Text, Tool, ToolCall
from kimi_lsp.kimi import (
    ContentRefused,
    GarbledStream,
    KeyRejected,
    OutOfTokens,
    StreamCut,
)
from kimi_lsp.kimi.client import _AFTER_FINISH
from tests.kimi.conftest import ASK, SECRET, MakeClient, collect, reply_of, streamed
from tests.kimi.server import (
    CHUNKED_HEAD,
    DONE,
    GOOD,
    HEAD,
    Peer,
    Script,
    Server,
    answers,
    delta,
    event,
    sends,
    streams,
)


async def test_an_answer_streams_and_ends_with_its_reply(server: Server, make: MakeClient) -> None:
    server.plays(GOOD)
    deltas = await collect(make())
    reply = reply_of(deltas)
    assert streamed(deltas) == ("Let me see.", "Hello there")
    assert reply.message == Message(
        "assistant", (Text("Hello there"),), Reasoning("Let me see.", "reasoning_content")
    )
    assert (reply.finish, reply.model) == ("stop", "kimi-k2-7-code")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.estimated) == (
        1000,
        500,
        False,
    )
    assert reply.usage.cost_usd == pytest.approx(1000 * 0.95e-6 + 500 * 4e-6)


async def test_the_request_as_it_leaves(server: Server, make: MakeClient) -> None:
    server.plays(GOOD)
    await collect(make())
    (request,) = server.requests
    assert request.line == "POST /v1/chat/completions HTTP/1.1"
    assert request.header("authorization") == [f"Bearer {SECRET}"]
    assert request.header("user-agent")[0].startswith("kimi-lsp/")
    assert request.header("accept") == ["text/event-stream"]
    assert request.json["stream_options"] == {"include_usage": True}
    assert request.json["disable_formatting"] is True


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
async def test_the_base_url_may_end_in_v1(server: Server, make: MakeClient, suffix: str) -> None:
    server.plays(GOOD)
    await collect(make(server.url + suffix))
    assert server.requests[0].line == "POST /v1/chat/completions HTTP/1.1"


async def test_half_a_surrogate_pair_in_a_document_does_not_stop_the_request(
    server: Server, make: MakeClient
) -> None:
    server.plays(GOOD)
    await collect(make(), Request((Message.of("user", "a\ud83d b"),)))
    assert server.requests[0].json["messages"][0]["content"] == "a\ud83d b"


async def test_bytes_split_anywhere_make_the_same_text(server: Server, make: MakeClient) -> None:
    text = "naïve 漢字 \N{GRINNING FACE} \u2028 end"
    stream = b"\xef\xbb\xbf: hello\r\n\r\nevent: message\r\n" + event(
        {"choices": [{"delta": {"content": text}}]}, b"\r\n\r\n"
    )
    stream += delta("stop").replace(b"\n", b"\r\n") + DONE.replace(b"\n", b"\r\n")

    async def play(peer: Peer) -> None:
        await peer.send(CHUNKED_HEAD)
        await peer.chunks(*(stream[i : i + 1] for i in range(len(stream))))
        await peer.send(b"0\r\n\r\n")

    server.plays(play)
    assert reply_of(await collect(make())).message.text == text


async def test_comments_blank_lines_and_unknown_fields_are_passed_over(
    server: Server, make: MakeClient
) -> None:
    server.plays(
        streams(
            b": PROCESSING\n\n\n\n",
            b"event: ping\nid: 7\n\n",
            event({"choices": None, "novelty": 1}),
            event({"choices": [{"delta": None, "logprobs": []}], "usage": None}),
            delta(content="a", audio={"x": 1}),
            delta("stop"),
            DONE,
        )
    )
    assert reply_of(await collect(make())).message.text == "a"


async def test_tool_calls_come_back_whole_and_byte_for_byte(server: Server, make: MakeClient) -> None:
    calls: list[Any] = [
        {"index": 0, "id": "functions.read:0", "type": "function", "function": {"arguments": '{"pa'}},
        {"index": 1, "id": "functions.list:1", "function": {"name": "list", "arguments": ""}},
        {"index": 0, "function": {"name": "read", "arguments": 'th": 1}'}},
        {"index": 1, "function": {"arguments": "{}"}},
    ]
    server.plays(streams(*(delta(tool_calls=[call]) for call in calls), delta("tool_calls"), DONE))
    reply = reply_of(await collect(make()))
    assert reply.finish == "tool_calls"
    assert reply.message.tool_calls == (
        ToolCall("functions.read:0", "read", '{"path": 1}'),
        ToolCall("functions.list:1", "list", "{}"),
    )


async def test_a_cost_that_the_service_gives_is_taken_as_it_is(server: Server, make: MakeClient) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "tool_usage": {"web_search": 2}, "cost_usd": 0.25}
    server.plays(streams(delta("stop", content="x"), event({"choices": [], "usage": usage}), DONE))
    reply = reply_of(await collect(make()))
    assert reply.usage.cost_usd == 0.25
    assert reply.usage.tool_usage == {"web_search": 2}


async def test_a_finish_without_done_is_an_end_and_its_usage_an_estimate(
    server: Server, make: MakeClient
) -> None:
    server.plays(streams(delta(content="word " * 100), delta("stop")))
    reply = reply_of(await collect(make()))
    assert reply.usage.estimated
    assert reply.usage.completion_tokens == 125
    assert reply.usage.cost_usd > 0


async def test_a_done_without_a_finish_is_an_end(server: Server, make: MakeClient) -> None:
    server.plays(streams(delta(content="a"), DONE))
    assert reply_of(await collect(make())).finish == "stop"


async def test_a_break_after_the_finish_does_not_cost_the_answer(server: Server, make: MakeClient) -> None:
    async def play(peer: Peer) -> None:
        await peer.send(CHUNKED_HEAD)
        await peer.chunks(delta("stop", content="a"))

    server.plays(play)
    reply = reply_of(await collect(make()))
    assert (reply.message.text, reply.usage.estimated) == ("a", True)


async def test_silence_after_the_finish_is_not_waited_out(
    server: Server, make: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kimi_lsp.kimi.client._AFTER_FINISH", 0.02)
    server.plays(server.holding(HEAD, delta("stop", content="a")))
    assert _AFTER_FINISH < 50
    assert reply_of(await collect(make())).message.text == "a"


@pytest.mark.parametrize("events", [(), (delta(reasoning_content="so"),), (delta(content="half"),)])
async def test_an_end_before_the_finish_is_a_cut_and_is_not_asked_again(
    server: Server, make: MakeClient, events: tuple[bytes, ...]
) -> None:
    server.plays(streams(*events), GOOD)
    with pytest.raises(StreamCut, match="ended before the answer was complete") as caught:
        await collect(make())
    assert len(server.requests) == 1
    assert caught.value.usage is not None
    assert caught.value.usage.estimated


async def test_a_reset_in_the_middle_is_a_cut_and_is_not_asked_again(
    server: Server, make: MakeClient
) -> None:
    got_one = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.send(HEAD, delta(content="half"))
        await got_one.wait()
        peer.abort()

    server.plays(play, GOOD)
    stream = make().stream(ASK)
    await anext(stream)
    got_one.set()
    with pytest.raises(StreamCut):
        await anext(stream)
    assert len(server.requests) == 1


async def test_a_chunked_body_cut_short_is_a_cut(server: Server, make: MakeClient) -> None:
    server.plays(sends(CHUNKED_HEAD, b"ff\r\ndata: {"))
    with pytest.raises(StreamCut):
        await collect(make())


async def test_thinking_that_eats_all_tokens_has_its_own_sentence(server: Server, make: MakeClient) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 16384}
    server.plays(
        streams(delta(reasoning_content="hm"), delta("length"), event({"choices": [], "usage": usage}), DONE)
    )
    with pytest.raises(OutOfTokens, match=r"16,384 tokens on thinking.*max_tokens") as caught:
        await collect(make())
    assert caught.value.usage is not None
    assert caught.value.usage.completion_tokens == 16384


async def test_an_answer_cut_by_the_limit_is_a_reply_that_says_so(server: Server, make: MakeClient) -> None:
    server.plays(streams(delta("length", content="half"), DONE))
    assert reply_of(await collect(make())).finish == "length"


async def test_the_content_filter_at_the_end_is_an_error(server: Server, make: MakeClient) -> None:
    server.plays(streams(delta("content_filter", content="half"), DONE))
    with pytest.raises(ContentRefused, match="content filter"):
        await collect(make())


async def test_a_tool_call_left_in_the_text_is_an_error_only_where_tools_were_offered(
    server: Server, make: MakeClient
) -> None:
    server.plays(streams(delta("stop", content="<|tool_calls_section_begin|>"), DONE))
    assert reply_of(await collect(make())).finish == "stop"
    with pytest.raises(GarbledStream, match="tool call"):
        await collect(make(), Request(ASK.messages, tools=(Tool("read", "", {"type": "object"}),)))


async def test_the_service_prices_its_own_model(server: Server, make: MakeClient) -> None:
    listing = {
        "id": "kimi-k2-7-code",
        "context_window": 1000,
        "pricing": {"input": "$2.00", "output": "$8.00"},
    }
    server.plays(answers("200 OK", listing), GOOD)
    client = make()
    entry = await client.catalog()
    assert (entry.source, entry.context_tokens, entry.input_usd, entry.search_usd) == (
        "service",
        1000,
        2.0,
        0.015,
    )
    assert server.requests[0].line == "GET /v1/models/kimi-k2-7-code HTTP/1.1"
    assert server.requests[0].header("authorization") == [f"Bearer {SECRET}"]
    assert reply_of(await collect(client)).usage.cost_usd == pytest.approx(1000 * 2e-6 + 500 * 8e-6)


@pytest.mark.parametrize(
    "script",
    [
        answers("404 Not Found", {}),
        answers("200 OK", b"<html>"),
        answers("200 OK", [1]),
    ],
    ids=["404", "no json", "no object"],
)
async def test_without_a_listing_the_model_card_holds(
    server: Server, make: MakeClient, script: Script
) -> None:
    server.plays(script)
    entry = await make().catalog()
    assert (entry.source, entry.context_tokens, entry.max_output_tokens) == ("model card", 262_144, 131_072)
    assert (entry.input_usd, entry.output_usd, entry.search_usd) == (0.95, 4.0, 0.015)


async def test_a_key_that_is_not_taken_is_not_hidden_by_the_model_card(
    server: Server, make: MakeClient
) -> None:
    server.plays(answers("401 Unauthorized", {}))
    with pytest.raises(KeyRejected):
        await make().catalog()
