"""Whole streams as the endpoints send them, in documented and in deviating shapes, whatever becomes of their bytes."""

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.conversation import Request, ToolCall
from kimi_lsp.kimi import GarbledStream, StreamCut
from kimi_lsp.kimi.client import _ENDPOINTS
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.fault import FaultInStream, Malformed
from tests.kimi.conftest import ASK
from tests.kimi.wire.played import FILES, play, protocol_of, transcript

ANSWER = ("The user wants a größer name.", "Use `total` — 合計.\n")
CALLS = (
    ToolCall("functions.read_file:4", "read_file", '{"path": "src/größe.py"}'),
    ToolCall("functions.outline:5", "outline", "{}"),
)
NAMES = st.sampled_from(sorted(FILES))


@pytest.mark.parametrize("name", FILES)
async def test_what_a_transcript_comes_to(name: str) -> None:
    played = await play(protocol_of(name), [transcript(name)])
    reply, usage = played.reply, played.reply.usage
    assert reply.model == "kimi-k2-7-code"
    assert not usage.estimated
    if name.endswith("-tools"):
        assert played.streamed == ("I have to look.", "")
        assert (reply.message.tool_calls, reply.finish) == (CALLS, "tool_calls")
        assert (usage.prompt_tokens, usage.completion_tokens) == (900, 33)
        assert (usage.tool_usage, usage.cost_usd) == ({"web_search": 1}, 0.015987)
    else:
        assert played.streamed == ANSWER
        assert (reply.message.text, reply.message.tool_calls, reply.finish) == (ANSWER[1], (), "stop")
        assert (usage.prompt_tokens, usage.completion_tokens) == (812, 41)
        details = (0, 0) if name.endswith("-bare") else (512, 29)
        assert (usage.cached_tokens, usage.reasoning_tokens) == details


REPLAYED: dict[str, list[Any]] = {
    "responses-answer": [
        {
            "id": "rs_1",
            "type": "reasoning",
            "status": "completed",
            "summary": [{"type": "summary_text", "text": ANSWER[0]}],
            "encrypted_content": "gAAAA+/==",
        },
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": ANSWER[1], "annotations": []}],
        },
    ],
    "responses-bare": [
        {
            "id": "a",
            "type": "reasoning",
            "summary": [],
            "content": [{"type": "reasoning_text", "text": ANSWER[0]}],
        },
        {
            "id": "b",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": ANSWER[1], "annotations": []}],
        },
    ],
    # The items of `output_item.done`: those at the end are poorer.
    "responses-tools": [
        {
            "id": "rs_2",
            "type": "reasoning",
            "summary": [],
            "content": [{"type": "reasoning_text", "text": "I have to look."}],
            "encrypted_content": None,
        },
        {
            "id": "fc_1",
            "type": "function_call",
            "status": "completed",
            "call_id": "functions.read_file:4",
            "name": "read_file",
            "arguments": '{"path": "src/größe.py"}',
        },
        {
            "id": "fc_2",
            "type": "function_call",
            "status": "completed",
            "call_id": "functions.outline:5",
            "name": "outline",
            "arguments": "{}",
        },
    ],
    "messages-answer": [
        {"type": "thinking", "thinking": ANSWER[0], "signature": "EqoB+/=="},
        {"type": "text", "text": ANSWER[1]},
    ],
    "messages-bare": [{"type": "thinking", "thinking": ANSWER[0]}, {"type": "text", "text": ANSWER[1]}],
    "messages-tools": [
        {"type": "redacted_thinking", "data": "Zm9v+/=="},
        {"type": "thinking", "thinking": "I have to look.", "signature": ""},
        {
            "type": "tool_use",
            "id": "functions.read_file:4",
            "name": "read_file",
            "input": {"path": "src/größe.py"},
        },
        {"type": "tool_use", "id": "functions.outline:5", "name": "outline", "input": {}},
    ],
}


@pytest.mark.parametrize("name", REPLAYED)
async def test_a_turn_goes_back_as_it_came(name: str) -> None:
    protocol = protocol_of(name)
    turn = (await play(protocol, [transcript(name)])).reply.message
    body = _ENDPOINTS[protocol].encode(Request((*ASK.messages, turn)), "m", Dialect())
    said = body["input"][1:] if protocol == "responses" else body["messages"][1]["content"]
    assert json.dumps(said) == json.dumps(REPLAYED[name])


@given(NAMES, st.lists(st.integers(0, 5000), max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_bytes_cut_into_any_pieces_and_lines_of_any_ending_make_the_same_deltas(
    name: str, cuts: list[int], ending: bytes
) -> None:
    whole = transcript(name)
    stream = whole.replace(b"\n", ending)
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    protocol = protocol_of(name)
    assert asyncio.run(play(protocol, pieces)) == asyncio.run(play(protocol, [whole]))


@given(NAMES, st.floats(0, 1, exclude_max=True))
def test_a_stream_cut_anywhere_is_an_error_or_the_whole_answer(name: str, share: float) -> None:
    assert_cut(name, int(len(transcript(name)) * share))


@pytest.mark.parametrize("name", FILES)
def test_a_stream_cut_after_any_event_is_an_error_or_the_whole_answer(name: str) -> None:
    stream = transcript(name)
    ends = [at + 2 for at in range(len(stream)) if stream.startswith(b"\n\n", at)]
    results = [assert_cut(name, end) for end in ends]
    assert results[0] is False
    assert results[-1] is True


def assert_cut(name: str, length: int) -> bool:
    """Check what becomes of a stream's first bytes; return whether the answer was whole by then."""
    protocol, stream = protocol_of(name), transcript(name)
    whole = asyncio.run(play(protocol, [stream]))
    cut = asyncio.run(play(protocol, [stream[:length]]))
    if cut.error is not None:
        assert isinstance(cut.error, StreamCut | GarbledStream)
        assert cut.deltas == whole.deltas[: len(cut.deltas)]
        return False
    # All but the usage, which comes last.
    assert cut.deltas[:-1] == whole.deltas[:-1]
    assert (cut.reply.message, cut.reply.finish) == (whole.reply.message, whole.reply.finish)
    return True


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NOISE = st.one_of(
    st.sampled_from([b": keep-alive\n\n", b"event: novelty\nid: 3\n\n", b"retry: 10\n\n", b"\n\n"]),
    st.dictionaries(
        st.sampled_from(["x", "delta", "index", "output_index", "item_id", "item", "part"]), JUNK
    ).map(lambda fields: b"data: " + json.dumps({"type": "novelty", **fields}).encode() + b"\n\n"),
)


@given(NAMES, st.lists(st.tuples(st.integers(0, 40), NOISE), max_size=8))
def test_unknown_events_between_the_known_ones_change_nothing(
    name: str, noise: list[tuple[int, bytes]]
) -> None:
    protocol, stream = protocol_of(name), transcript(name)
    events = [event + b"\n\n" for event in stream.split(b"\n\n")[:-1]]
    for at, unknown in noise:
        events.insert(min(at, len(events)), unknown)
    if protocol == "chat":
        # The deltas of this endpoint are known by their place in `choices`, which these events have not.
        assert b'"choices"' not in b"".join(unknown for _, unknown in noise)
    assert asyncio.run(play(protocol, events)) == asyncio.run(play(protocol, [stream]))


@given(NAMES, st.data())
def test_no_junk_in_any_place_breaks_a_decoder(name: str, data: st.DataObject) -> None:
    decoder = _ENDPOINTS[protocol_of(name)].decoder(ASK)
    lines = [line[6:] for line in transcript(name).decode().split("\n") if line.startswith("data: {")]
    spoilt = data.draw(st.sets(st.integers(0, len(lines) - 1), min_size=1, max_size=3))
    for number, line in enumerate(lines):
        event = json.loads(line)
        if number in spoilt:
            place = data.draw(st.sampled_from(list(places(event))))
            place[0][place[1]] = data.draw(JUNK)
        try:
            decoder.feed(json.dumps(event))
        except (Malformed, FaultInStream):
            return
    message = decoder.message()
    assert isinstance(decoder.generated + message.text, str)
    _ENDPOINTS[protocol_of(name)].encode(Request((*ASK.messages, message)), "m", Dialect())


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a JSON value, as a container and a key."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [found for key in keys for found in ((value, key), *places(value[key]))]
