"""Requests as bodies, and events as deltas, for the messages endpoint."""

import json
from typing import Any

import pytest

from kimi_lsp.conversation import (
    Image,
    Message,
    Reasoning,
    ReasoningDelta,
    Request,
    Schema,
    Text,
    TextDelta,
    Tool,
    ToolCall,
    Video,
)
from kimi_lsp.kimi.wire.blocks import input_of
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.messages import MESSAGES, MessagesDecoder, encode
from kimi_lsp.kimi.wire.tokens import Tokens

SYSTEM, USER = Message.of("system", "You are."), Message.of("user", "Hi")
OURS = MESSAGES.dialect


def said(*messages: Message) -> list[dict[str, Any]]:
    encoded: list[dict[str, Any]] = encode(Request(messages), "m", OURS)["messages"]
    return encoded


def fed(*events: dict[str, Any]) -> MessagesDecoder:
    decoder = MessagesDecoder()
    for event in events:
        decoder.feed(json.dumps(event))
    return decoder


def begun(block: object, **fields: object) -> dict[str, Any]:
    return {"type": "content_block_start", "content_block": block, **fields}


def piece(kind: str, text: object, **fields: object) -> dict[str, Any]:
    names = {"input_json": "partial_json", "citations": "citation"}
    return {
        "type": "content_block_delta",
        "delta": {"type": f"{kind}_delta", names.get(kind, kind): text},
        **fields,
    }


def ended(reason: str | None = "end_turn", **fields: object) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, **fields}


def blocks_of(decoder: MessagesDecoder) -> list[dict[str, Any]]:
    reasoning = decoder.message().reasoning
    assert reasoning is not None
    assert reasoning.field == "content"
    blocks: list[dict[str, Any]] = json.loads(reasoning.text)
    return blocks


def test_the_smallest_request() -> None:
    assert encode(Request((SYSTEM, USER), max_tokens=500), "kimi-k2-7-code", OURS) == {
        "model": "kimi-k2-7-code",
        "max_tokens": 500,
        "system": "You are.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "stream": True,
        "disable_formatting": True,
    }


def test_the_fullest_request() -> None:
    parameters: dict[str, Any] = {"type": "object", "properties": {}}
    request = Request(
        (USER,),
        answer=Schema("edits", {"type": "object"}),
        stop=("END",),
        tools=(Tool("read_file", "Read.", parameters),),
        web_search=True,
    )
    body = encode(request, "m", OURS)
    assert body["stop_sequences"] == ["END"]
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": {"type": "object"}}}
    assert body["tools"] == [{"name": "read_file", "description": "Read.", "input_schema": parameters}]
    assert body["tool_web_search"] is True
    absent = {"stop", "stream_options", "temperature", "top_p", "thinking", "tool_choice", "system"}
    assert not body.keys() & (absent | {"output_format", "enable_thinking", "thinking_budget"})


def test_a_poorer_dialect_leaves_out_what_it_must() -> None:
    request = Request((USER,), answer=Schema("edits", {}))
    poor = encode(request, "m", Dialect(disable_formatting=False, answers=("none",)))
    assert not poor.keys() & {"disable_formatting", "output_config"}


def test_pictures_and_films_go_as_data() -> None:
    (turn,) = said(Message("user", (Text("See"), Image("image/png", b"\x00\xff"), Video("video/mp4", b"ab"))))
    assert turn["content"] == [
        {"type": "text", "text": "See"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AP8="}},
        {"type": "video", "source": {"type": "base64", "media_type": "video/mp4", "data": "YWI="}},
    ]


def test_results_and_what_the_user_says_next_are_one_turn_and_the_results_come_first() -> None:
    calls = (ToolCall("a", "read_file", '{"n": 1.5}'), ToolCall("b", "outline", "oops"))
    turns = said(
        USER,
        Message("assistant", (), None, calls),
        Message("tool", (Text("1"),), tool_call_id="a"),
        Message("tool", (Text("Error: no JSON"),), tool_call_id="b"),
        Message.of("user", "Go on."),
    )
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[1]["content"] == [
        {"type": "tool_use", "id": "a", "name": "read_file", "input": {"n": 1.5}},
        {"type": "tool_use", "id": "b", "name": "outline", "input": {}},
    ]
    assert turns[2]["content"] == [
        {"type": "tool_result", "tool_use_id": "a", "content": "1"},
        {"type": "tool_result", "tool_use_id": "b", "content": "Error: no JSON"},
        {"type": "text", "text": "Go on."},
    ]


def test_a_turn_of_the_models_is_never_blank() -> None:
    assert said(Message("assistant"))[0]["content"] == [{"type": "text", "text": "."}]


def test_kept_blocks_go_back_instead_of_the_turns_own_text_and_calls() -> None:
    blocks = [{"type": "thinking", "thinking": "ü", "signature": "+/="}, {"type": "novelty", "x": [1, None]}]
    turn = Message("assistant", (Text("So."),), Reasoning(json.dumps(blocks), "content"))
    assert said(turn)[0]["content"] == blocks


@pytest.mark.parametrize(
    "arguments", ["", "oops", "[1]", "3", "null", '{"a": NaN}', '{"a": 1e999}', "[" * 100_000]
)
def test_arguments_that_are_no_object_cannot_go_back(arguments: str) -> None:
    assert input_of(arguments) == {}


def test_arguments_keep_the_order_of_their_fields() -> None:
    assert (
        json.dumps(input_of('{"b": 1, "a": {"d": null, "c": "ü"}}'))
        == '{"b": 1, "a": {"d": null, "c": "\\u00fc"}}'
    )


def test_an_answer_of_text_alone_keeps_nothing() -> None:
    decoder = fed(begun({"type": "text", "text": "a"}), piece("text", "b"), ended())
    assert decoder.message() == Message("assistant", (Text("ab"),))


def test_thought_and_text_are_kept_in_their_order_with_all_their_fields() -> None:
    decoder = fed(
        begun({"type": "redacted_thinking", "data": "x="}, index=0),
        begun({"type": "thinking", "thinking": "", "signature": ""}, index=1),
        piece("thinking", "a", index=1),
        piece("signature", "s1", index=1),
        piece("signature", "s2", index=1),
        begun({"type": "text", "text": "", "citations": None}, index=2),
        piece("text", "b", index=2),
        piece("citations", {"url": "u"}, index=2),
        ended(),
    )
    assert blocks_of(decoder) == [
        {"type": "redacted_thinking", "data": "x="},
        {"type": "thinking", "thinking": "a", "signature": "s1s2"},
        {"type": "text", "text": "b", "citations": [{"url": "u"}]},
    ]


def test_a_tool_of_the_services_own_is_kept_and_is_no_call_of_ours() -> None:
    decoder = fed(
        begun({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
        piece("input_json", '{"query": '),
        piece("input_json", '"x"}'),
        begun({"type": "web_search_tool_result", "tool_use_id": "s", "content": []}),
        ended(),
    )
    assert decoder.message().tool_calls == ()
    assert blocks_of(decoder)[0]["input"] == {"query": "x"}


def test_the_input_of_a_call_may_come_whole() -> None:
    block = {"type": "tool_use", "id": "i", "name": "f", "input": {"a": "ü"}}
    assert fed(begun(block), ended("tool_use")).message().tool_calls == (ToolCall("i", "f", '{"a": "ü"}'),)


def test_arguments_that_are_no_json_stay_as_the_model_wrote_them() -> None:
    decoder = fed(
        begun({"type": "tool_use", "id": "i", "name": "f", "input": {}}), piece("input_json", '{"a')
    )
    assert decoder.message().tool_calls == (ToolCall("i", "f", '{"a'),)
    assert blocks_of(decoder)[0]["input"] == {}


def test_one_index_for_all_blocks_does_not_mix_them() -> None:
    decoder = fed(
        begun({"type": "thinking", "thinking": ""}, index=0),
        piece("thinking", "a", index=0),
        piece("text", "b", index=0),
        begun({"type": "tool_use", "id": "1", "name": "f", "input": {}}, index=0),
        piece("input_json", "{}", index=0),
        begun({"type": "tool_use", "id": "2", "name": "g", "input": {}}, index=0),
        piece("input_json", '{"x":1}', index=0),
    )
    message = decoder.message()
    assert message.text == "b"
    assert [call.arguments for call in message.tool_calls] == ["{}", '{"x":1}']


@pytest.mark.parametrize(
    "stray",
    [
        piece("input_json", "{}"),
        piece("signature", "s"),
        piece("novelty", "x"),
        begun(None),
        begun({"text": "no type"}),
        begun({"type": "text", "text": True}),
        {"type": "content_block_delta"},
        {"type": "message_start"},
        {"type": "content_block_stop"},
    ],
)
def test_an_event_of_no_use_changes_nothing(stray: dict[str, Any]) -> None:
    decoder = MessagesDecoder()
    assert decoder.feed(json.dumps(stray)) == []
    assert decoder.message() == Message("assistant")
    assert not decoder.complete


def test_what_is_new_is_told_at_once() -> None:
    decoder = MessagesDecoder()
    assert decoder.feed(json.dumps(begun({"type": "thinking", "thinking": "a"}))) == [ReasoningDelta("a")]
    assert decoder.feed(json.dumps(piece("thinking", "b"))) == [ReasoningDelta("b")]
    assert decoder.feed(json.dumps(begun({"type": "text", "text": "c"}))) == [TextDelta("c")]
    assert decoder.feed(json.dumps(begun({"type": "tool_use", "id": "i", "name": "f"}))) == []
    assert decoder.feed(json.dumps(piece("input_json", "{}"))) == []
    assert decoder.generated == "abc{}"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("novelty", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("content_filter", "content_filter"),
    ],
)
def test_the_ways_to_finish(reason: str, finish: str) -> None:
    decoder = fed(ended(reason))
    assert (decoder.finish, decoder.complete, decoder.done) == (finish, True, False)
    assert fed(ended(reason), {"type": "message_stop"}).finish == finish


def test_a_stop_alone_is_an_end() -> None:
    decoder = fed(ended(None), {"type": "message_stop"})
    assert (decoder.finish, decoder.complete, decoder.done) == ("stop", True, True)
    called = begun({"type": "tool_use", "id": "i", "name": "f"})
    assert fed(called, {"type": "message_stop"}).finish == "tool_calls"


STARTED = {"type": "message_start", "message": {"usage": {"input_tokens": 10, "output_tokens": 1}}}


@pytest.mark.parametrize(
    ("first", "last", "tokens"),
    [
        (STARTED, {"output_tokens": 5}, Tokens(10, 5)),
        (STARTED, {"input_tokens": 0, "output_tokens": 5}, Tokens(10, 5)),
        (STARTED, {"input_tokens": 12, "output_tokens": 5}, Tokens(12, 5)),
        ({"type": "message_start", "message": {}}, {"input_tokens": 10, "output_tokens": 5}, Tokens(10, 5)),
        (
            STARTED,
            {"cache_read_input_tokens": 7, "cache_creation_input_tokens": 2, "output_tokens": 5},
            Tokens(19, 5, cached=7),
        ),
        (
            STARTED,
            {"output_tokens": 5, "server_tool_use": {"web_search_requests": 2}},
            Tokens(10, 5, tools={"web_search": 2}),
        ),
        (STARTED, {"output_tokens": 5, "cost_usd": 0.5}, Tokens(10, 5, cost_usd=0.5)),
        (STARTED, None, Tokens(10, 1)),
    ],
)
def test_the_usage_comes_in_two_halves(first: dict[str, Any], last: object, tokens: Tokens) -> None:
    assert fed(first, ended(usage=last)).tokens == tokens
