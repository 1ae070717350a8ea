"""Tool calls in pieces, with and without an index."""

from typing import Any

import pytest

from kimi_lsp.conversation import ToolCall
from kimi_lsp.kimi.wire.toolcalls import ToolCalls


def piece(arguments: object = None, **fields: object) -> dict[str, Any]:
    function = {"name": fields.pop("name", None), "arguments": arguments}
    return {**fields, "function": function}


def joined(*pieces: object) -> tuple[ToolCall, ...]:
    calls = ToolCalls()
    for one in pieces:
        calls.feed([one])
    return calls.all()


def test_pieces_are_joined_by_index() -> None:
    assert joined(
        piece("{", index=0, id="a:0", name="f"),
        piece("[", index=1, id="b:1", name="g"),
        piece("}", index=0),
        piece("]", index=1),
    ) == (ToolCall("a:0", "f", "{}"), ToolCall("b:1", "g", "[]"))


def test_without_an_index_a_new_id_begins_a_call() -> None:
    assert joined(
        piece("{", id="a", name="f"), piece("}"), piece("[", id="b", name="g"), piece("]"), piece(" ", id="a")
    ) == (ToolCall("a", "f", "{} "), ToolCall("b", "g", "[]"))


def test_a_name_may_come_after_the_arguments_and_more_than_once() -> None:
    assert joined(
        piece("{", index=0), piece("}", index=0, name="f", id="x"), piece("", index=0, name="f", id="y")
    ) == (ToolCall("x", "f", "{}"),)


def test_arguments_that_are_an_object_become_text() -> None:
    assert joined(piece({"a": "ü"}, index=0, id="i", name="f")) == (ToolCall("i", "f", '{"a": "ü"}'),)


@pytest.mark.parametrize("junk", [None, 3, "x", {}, {"index": 0}, {"index": 0, "function": None, "id": 3}])
def test_junk_is_no_call(junk: object) -> None:
    calls = ToolCalls()
    calls.feed(junk)
    calls.feed([junk])
    assert calls.all() == ()


def test_an_id_stays_byte_for_byte() -> None:
    odd = " functions.get weather:0\u00e9\n"
    assert joined(piece("", index=0, id=odd, name="f"))[0].id == odd
