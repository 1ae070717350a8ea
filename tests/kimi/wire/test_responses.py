"""Requests as bodies, and events as deltas, for the responses endpoint."""

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
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.fault import Malformed
from kimi_lsp.kimi.wire.responses import RESPONSES, ResponsesDecoder, encode

SYSTEM, USER = Message.of("system", "You are."), Message.of("user", "Hi")
OURS = RESPONSES.dialect


def said(*messages: Message) -> list[dict[str, Any]]:
    encoded: list[dict[str, Any]] = encode(Request(messages), "m", OURS)["input"]
    return encoded


def fed(*events: dict[str, Any], max_tokens: int = 100) -> ResponsesDecoder:
    decoder = ResponsesDecoder(max_tokens)
    for event in events:
        decoder.feed(json.dumps(event))
    return decoder


def event(kind: str, **fields: object) -> dict[str, Any]:
    return {"type": f"response.{kind}", **fields}


def text(piece: str, **fields: object) -> dict[str, Any]:
    return event("output_text.delta", delta=piece, **fields)


def ended(output: object = None, kind: str = "completed", **fields: object) -> dict[str, Any]:
    return event(kind, response={"status": kind, "output": output, **fields})


def message(*texts: str) -> dict[str, Any]:
    return {"type": "message", "content": [{"type": "output_text", "text": text} for text in texts]}


def call(name: str, arguments: str = "", **fields: object) -> dict[str, Any]:
    return {
        "type": "function_call",
        "call_id": f"call {name}",
        "name": name,
        "arguments": arguments,
        **fields,
    }


def test_the_smallest_request() -> None:
    assert encode(Request((SYSTEM, USER), max_tokens=500), "kimi-k2-7-code", OURS) == {
        "model": "kimi-k2-7-code",
        "instructions": "You are.",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
        "stream": True,
        "max_output_tokens": 500,
        "disable_formatting": True,
    }


def test_the_fullest_request() -> None:
    parameters: dict[str, Any] = {"type": "object", "properties": {}}
    request = Request(
        (SYSTEM, USER, Message.of("system", "And this.")),
        answer=Schema("edits", {"type": "object"}),
        stop=("END",),
        tools=(Tool("read_file", "Read.", parameters),),
        web_search=True,
    )
    body = encode(request, "m", OURS)
    assert body["instructions"] == "You are.\n\nAnd this."
    shape = {"type": "json_schema", "name": "edits", "schema": {"type": "object"}, "strict": True}
    assert body["text"] == {"format": shape}
    tool = {"type": "function", "name": "read_file", "description": "Read.", "parameters": parameters}
    assert body["tools"] == [{**tool, "strict": True}]
    assert body["tool_web_search"] is True
    # What it has not, what the service fixes, and what would make it remember.
    absent = {"stop", "max_tokens", "stream_options", "temperature", "tool_choice", "store", "reasoning"}
    assert not body.keys() & (absent | {"previous_response_id", "include"})


def test_a_poorer_dialect_leaves_out_what_it_must() -> None:
    request = Request((USER,), answer=Schema("edits", {}))
    poor = encode(request, "m", Dialect(disable_formatting=False, answers=("json_object",)))
    assert poor["text"] == {"format": {"type": "json_object"}}
    assert "disable_formatting" not in poor
    assert "text" not in encode(request, "m", Dialect(answers=("none",)))


def test_pictures_and_films_go_as_data() -> None:
    (turn,) = said(Message("user", (Text("See"), Image("image/png", b"\x00\xff"), Video("video/mp4", b"ab"))))
    assert turn["content"] == [
        {"type": "input_text", "text": "See"},
        {"type": "input_image", "image_url": "data:image/png;base64,AP8=", "detail": "auto"},
        {"type": "input_video", "video_url": "data:video/mp4;base64,YWI="},
    ]


def test_a_turn_without_kept_items_is_written_anew() -> None:
    turn = Message("assistant", (Text("So."),), None, (ToolCall("i", "read_file", '{"a" :1}'),))
    written = {"type": "function_call", "call_id": "i", "name": "read_file", "arguments": '{"a" :1}'}
    assert said(turn, Message("tool", (Text("42"),), tool_call_id="i")) == [
        {"role": "assistant", "content": "So."},
        written,
        {"type": "function_call_output", "call_id": "i", "output": "42"},
    ]
    assert said(Message("assistant", (), None, turn.tool_calls)) == [written]
    assert said(Message("assistant")) == [{"role": "assistant", "content": " "}]


def test_kept_items_go_back_instead_of_the_turns_own_text_and_calls() -> None:
    items = [
        {"type": "novelty", "x": [1, None]},
        {"type": "reasoning", "id": "r", "encrypted_content": "ü+/="},
    ]
    turn = Message("assistant", (Text("So."),), Reasoning(json.dumps(items), "output"))
    assert said(turn) == items


def test_an_answer_of_text_alone_keeps_nothing() -> None:
    assert fed(text("a"), ended([message("a")])).message() == Message("assistant", (Text("a"),))


TOLD: dict[str, list[dict[str, Any]]] = {
    "in pieces": [text("so "), text("it is"), ended()],
    "in pieces, and all over again": [
        text("so ", item_id="a"),
        text("it is", item_id="b"),
        event("output_text.done", text="so it is", item_id="c"),
        event("output_item.done", item=message("so it is")),
        ended([message("so it is")]),
    ],
    "by part": [event("output_text.done", text="so "), event("output_text.done", text="it is"), ended([])],
    "by item": [event("output_item.done", item=message("so ", "it is")), ended()],
    "at the end": [ended([message("so "), message("it is")])],
    "in part, and the rest at the end": [text("so "), ended([message("so it is")])],
    "incomplete": [text("so it is"), ended([message("so it is")], kind="incomplete")],
}


@pytest.mark.parametrize("events", TOLD.values(), ids=TOLD)
def test_a_text_is_told_once_however_often_it_comes(events: list[dict[str, Any]]) -> None:
    decoder = ResponsesDecoder(100)
    news = [piece for event in events for piece in decoder.feed(json.dumps(event)) or ()]
    assert "".join(piece.text for piece in news if isinstance(piece, TextDelta)) == "so it is"
    assert decoder.message().text == "so it is"
    assert (decoder.done, decoder.complete) == (True, True)


def test_white_space_that_a_server_trims_is_no_contradiction() -> None:
    assert fed(text("\n so "), ended([message("so")])).message().text == "\n so "


@pytest.mark.parametrize(
    "last",
    [
        event("output_text.done", text="no"),
        event("output_item.done", item=message("no")),
        ended([message("no")]),
    ],
)
def test_a_text_that_contradicts_the_streamed_one_is_an_error(last: dict[str, Any]) -> None:
    """A piece that was lost on the way must not become an edit."""
    decoder = fed(text("so it "), text("was"))
    with pytest.raises(Malformed, match="not the one that it sent in pieces"):
        decoder.feed(json.dumps(last))


def test_a_thought_that_comes_whole_is_told_too_and_once() -> None:
    item = {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "hm"}]}
    decoder = ResponsesDecoder(100)
    assert decoder.feed(json.dumps(event("output_item.done", item=item))) == [ReasoningDelta("hm")]
    assert decoder.feed(json.dumps(ended([item]))) == []
    assert decoder.generated == "hm"
    assert ResponsesDecoder(100).feed(json.dumps(ended([item]))) == [ReasoningDelta("hm")]


def test_calls_without_ids_and_indexes_are_kept_apart() -> None:
    decoder = fed(
        event("output_item.added", item=call("first", id="1")),
        event("output_item.added", item=call("second", id="2")),
        event("function_call_arguments.delta", delta="{", item_id="2"),
        event("function_call_arguments.delta", delta="[", item_id="1"),
        event("function_call_arguments.delta", delta="}", item_id="2"),
        event("function_call_arguments.done", arguments="[]", item_id="1"),
        ended([]),
    )
    assert decoder.message().tool_calls == (
        ToolCall("call first", "first", "[]"),
        ToolCall("call second", "second", "{}"),
    )
    assert decoder.finish == "tool_calls"


def test_calls_that_are_closed_without_ids_are_closed_in_their_order() -> None:
    decoder = fed(
        event("output_item.added", item=call("first")),
        event("output_item.added", item=call("second")),
        event("output_item.done", item=call("first", "1")),
        event("output_item.done", item=call("second", "2")),
        ended(),
    )
    assert [one.arguments for one in decoder.message().tool_calls] == ["1", "2"]


def test_indexes_stand_in_for_ids() -> None:
    decoder = fed(
        event("output_item.added", item=call("first"), output_index=0),
        event("output_item.added", item=call("second"), output_index=1),
        event("function_call_arguments.delta", delta="a", item_id="x", output_index=0),
        event("function_call_arguments.delta", delta="b", item_id="y", output_index=1),
        event("output_item.done", item=call("second", "whole"), output_index=1),
        ended(),
    )
    assert [one.arguments for one in decoder.message().tool_calls] == ["a", "whole"]


def test_a_call_that_was_not_announced_is_taken_from_its_pieces_or_from_the_end() -> None:
    delta = event("function_call_arguments.delta", delta="{}", item_id="c", name="read_file")
    assert fed(delta, ended()).message().tool_calls == (ToolCall("c", "read_file", "{}"),)
    whole = event("function_call_arguments.done", arguments="{}", name="read_file")
    assert fed(whole, ended()).message().tool_calls == (ToolCall("", "read_file", "{}"),)
    assert fed(ended([call("f", "{}")])).message().tool_calls == (ToolCall("call f", "f", "{}"),)


def test_an_end_that_lists_more_than_was_streamed_holds() -> None:
    items = [{"type": "reasoning", "id": "r"}, message("a"), call("f", "{}")]
    decoder = fed(text("a"), event("output_item.done", item=message("a")), ended(items))
    reasoning = decoder.message().reasoning
    assert reasoning is not None
    assert json.loads(reasoning.text) == items


@pytest.mark.parametrize(
    ("last", "finish"),
    [
        (ended(), "stop"),
        (ended(usage={"output_tokens": 99}), "stop"),
        # Called completed, and cut all the same.
        (ended(usage={"output_tokens": 100}), "length"),
        (ended(kind="incomplete"), "length"),
        (ended(kind="incomplete", incomplete_details={"reason": "max_output_tokens"}), "length"),
        (ended(kind="incomplete", incomplete_details={"reason": "steered"}), "length"),
        (ended(kind="incomplete", incomplete_details={"reason": "content_filter"}), "content_filter"),
        (ended([call("f")]), "tool_calls"),
        (ended([call("f")], kind="incomplete"), "length"),
        (ended([{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]), "content_filter"),
        (event("completed"), "stop"),
    ],
)
def test_the_ways_to_finish(last: dict[str, Any], finish: str) -> None:
    assert fed(last, max_tokens=100).finish == finish


def test_the_words_of_a_refusal_are_kept() -> None:
    assert (
        fed(event("refusal.delta", delta="I "), event("refusal.delta", delta="may not")).refusal
        == "I may not"
    )
    part = {"type": "refusal", "refusal": "no"}
    assert fed(event("output_item.done", item={"type": "message", "content": [part]})).refusal == "no"


def test_what_was_generated_counts_thinking_and_calls() -> None:
    decoder = fed(
        event("reasoning_text.delta", delta="a"),
        text("b"),
        event("output_item.added", item=call("f", id="i")),
        event("function_call_arguments.delta", delta="{}", item_id="i"),
    )
    assert decoder.generated == "abf{}"


def test_a_message_without_a_character_is_not_sent_back() -> None:
    thought = {"type": "reasoning", "id": "r", "summary": []}
    reasoning = fed(ended([thought, message(""), call("f", "{}")])).message().reasoning
    assert reasoning is not None
    assert json.loads(reasoning.text) == [thought, call("f", "{}")]
