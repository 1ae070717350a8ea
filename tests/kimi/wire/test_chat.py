"""Requests as bodies, and events as deltas, for the chat endpoint."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from kimi_lsp.kimi.wire.chat import ChatDecoder, encode
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.fault import FaultInStream, Malformed

SYSTEM, USER = Message.of("system", "You are."), Message.of("user", "Hi")


def said(*messages: Message) -> list[dict[str, Any]]:
    encoded: list[dict[str, Any]] = encode(Request(messages), "m", Dialect())["messages"]
    return encoded


def chunk(finish: str | None = None, **delta: object) -> str:
    return json.dumps({"choices": [{"delta": delta, "finish_reason": finish}]})


def fed(*data: str) -> ChatDecoder:
    decoder = ChatDecoder()
    for payload in data:
        decoder.feed(payload)
    return decoder


def test_the_smallest_request() -> None:
    assert encode(Request((SYSTEM, USER), max_tokens=500), "kimi-k2-7-code", Dialect()) == {
        "model": "kimi-k2-7-code",
        "messages": [{"role": "system", "content": "You are."}, {"role": "user", "content": "Hi"}],
        "stream": True,
        "max_tokens": 500,
        "stream_options": {"include_usage": True},
        "disable_formatting": True,
    }


def test_the_fullest_request() -> None:
    request = Request(
        (USER,),
        answer=Schema("edits", {"type": "object"}),
        stop=("END",),
        tools=(Tool("read_file", "Read.", {"type": "object", "properties": {}}),),
        web_search=True,
    )
    body = encode(request, "m", Dialect())
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "edits", "strict": True, "schema": {"type": "object"}},
    }
    assert body["stop"] == ["END"]
    assert body["tool_web_search"] is True
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "read_file",
                "description": "Read.",
                "parameters": {"type": "object", "properties": {}},
            },
        }
    ]
    # What the service fixes, rejects or does not know.
    forbidden = {"temperature", "top_p", "n", "seed", "presence_penalty", "frequency_penalty", "thinking"}
    assert not body.keys() & (forbidden | {"tool_choice", "max_completion_tokens", "reasoning_effort"})


def test_a_poorer_dialect_leaves_out_what_it_must() -> None:
    request = Request((USER,), answer=Schema("edits", {}))
    poor = encode(
        request, "m", Dialect(disable_formatting=False, stream_options=False, answers=("json_object",))
    )
    assert poor["response_format"] == {"type": "json_object"}
    assert not poor.keys() & {"disable_formatting", "stream_options"}
    assert "response_format" not in encode(request, "m", Dialect(answers=("none",)))


def test_a_turn_of_the_models_is_replayed_as_it_was() -> None:
    call = ToolCall("functions.read:0", "read", '{"a" :1}')
    turn = Message("assistant", (), Reasoning(" thought\n", "reasoning"), (call,))
    result = Message("tool", (Text("42"),), tool_call_id=call.id)
    assert said(turn, result) == [
        {
            "role": "assistant",
            "reasoning": " thought\n",
            "tool_calls": [
                {
                    "id": "functions.read:0",
                    "type": "function",
                    "function": {"name": "read", "arguments": '{"a" :1}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "functions.read:0", "content": "42"},
    ]


def test_a_turn_of_the_models_is_never_empty() -> None:
    assert said(Message("assistant", (), Reasoning("t"))) == [
        {"role": "assistant", "content": " ", "reasoning_content": "t"}
    ]


def test_pictures_and_films_go_as_data() -> None:
    (turn,) = said(Message("user", (Text("See"), Image("image/png", b"\x00\xff"), Video("video/mp4", b"ab"))))
    assert turn["content"] == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AP8="}},
        {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,YWI="}},
    ]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "reasoning_details"])
def test_reasoning_goes_back_under_the_name_it_came_with(field: str) -> None:
    decoder = ChatDecoder()
    assert decoder.feed(chunk(**{field: "one "})) == [ReasoningDelta("one ")]
    assert decoder.feed(chunk("stop", content="x", **{field: "two"})) == [
        ReasoningDelta("two"),
        TextDelta("x"),
    ]
    assert decoder.message().reasoning == Reasoning("one two", field)
    assert said(decoder.message())[0][field] == "one two"


def test_reasoning_under_two_names_is_read_once() -> None:
    decoder = ChatDecoder()
    assert decoder.feed(chunk(reasoning="a", reasoning_content="a")) == [ReasoningDelta("a")]


def test_reasoning_details_go_back_as_the_list_they_came_as() -> None:
    decoder = fed(
        chunk(reasoning="a", reasoning_details=[{"type": "reasoning.text", "index": 0, "text": "a"}]),
        chunk(
            reasoning="b",
            reasoning_details=[{"type": "reasoning.text", "index": 0, "text": "b", "signature": "s"}],
        ),
        chunk(
            "stop",
            reasoning_details=[{"type": "reasoning.encrypted", "index": 1, "data": "xyz"}],
            content="x",
        ),
    )
    (turn,) = said(decoder.message())
    assert turn["reasoning_details"] == [
        {"type": "reasoning.text", "index": 0, "text": "ab", "signature": "s"},
        {"type": "reasoning.encrypted", "index": 1, "data": "xyz"},
    ]


def test_reasoning_details_alone_are_shown_too() -> None:
    decoder = ChatDecoder()
    assert decoder.feed(chunk(reasoning_details=[{"text": "a"}, {"summary": "b"}, 3])) == [
        ReasoningDelta("ab")
    ]


@given(st.text(), st.lists(st.integers(0, 200), max_size=6))
def test_a_text_cut_anywhere_comes_back_whole(text: str, cuts: list[int]) -> None:
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in pairwise(edges)]
    assert fed(*(chunk(content=piece) for piece in pieces), chunk("stop")).message().text == text


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
        ("content_filter", "content_filter"),
        ("eos", "stop"),
    ],
)
def test_the_ways_to_finish(reason: str, finish: str) -> None:
    decoder = fed(chunk(reason))
    assert (decoder.finish, decoder.complete, decoder.done) == (finish, True, False)


def test_an_end_is_told_by_done_too() -> None:
    assert not fed(chunk(content="a")).complete
    decoder = fed(chunk(content="a"), " [DONE]")
    assert (decoder.complete, decoder.done, decoder.finish) == (True, True, None)


def test_content_in_parts_and_a_whole_message_are_read() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, 3]
    assert fed(chunk(content=parts)).message().text == "ab"
    whole = json.dumps(
        {"choices": [{"message": {"role": "assistant", "content": "c"}, "finish_reason": "stop"}]}
    )
    assert fed(whole).message().text == "c"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"delta": None, "finish_reason": None}], "usage": None, "error": None},
        {"choices": [{"delta": {"content": None, "reasoning_content": None, "tool_calls": None}}]},
        {"choices": [{"delta": {"content": 3, "reasoning": [], "tool_calls": [None, {}]}}], "model": 3},
        {"object": "chat.completion.chunk", "novelty": {"x": 1}},
    ],
)
def test_an_event_without_news_changes_nothing(payload: object) -> None:
    decoder = ChatDecoder()
    assert decoder.feed(json.dumps(payload)) == []
    assert decoder.message() == Message("assistant")
    assert (decoder.complete, decoder.model, decoder.tokens) == (False, "", None)


@pytest.mark.parametrize("data", ["", "{", "oops", "[1]", "3", "null", '"x"', "[" * 100_000])
def test_an_event_that_is_not_the_protocol(data: str) -> None:
    with pytest.raises(Malformed) as caught:
        ChatDecoder().feed(data)
    assert data not in str(caught.value) or len(data) < 2


@pytest.mark.parametrize(
    "payload",
    [
        {"error": {"message": "gone", "code": 500}},
        {"error": "gone"},
        {"object": "error", "message": "gone"},
        {"choices": [{"delta": {"content": "a"}, "error": {"message": "gone"}}]},
    ],
)
def test_an_error_in_mid_stream(payload: object) -> None:
    with pytest.raises(FaultInStream) as caught:
        ChatDecoder().feed(json.dumps(payload))
    assert caught.value.fault.message == "gone"


def test_what_was_generated_counts_thinking_and_calls() -> None:
    call = {"index": 0, "id": "i", "function": {"name": "f", "arguments": "{}"}}
    assert fed(chunk(reasoning="a"), chunk(content="b"), chunk(tool_calls=[call])).generated == "abf{}"


def test_the_words_of_a_refusal_are_kept() -> None:
    decoder = fed(chunk(refusal="I "), chunk("stop", refusal="may not"), chunk("stop"))
    assert (decoder.refusal, decoder.finish) == ("I may not", "content_filter")
