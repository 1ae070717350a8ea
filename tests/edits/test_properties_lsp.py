"""From hunks to an editor and back: a small editor of its own applies what `server.convert` sends."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from kimi_lsp.edits import EditPlan, Refusal, plan
from kimi_lsp.server.convert import text_edits
from kimi_lsp.text import Encoding
from tests.edits.strategies import proposals, texts

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def shown(text: str, codec: str) -> list[bytes]:
    """A document as an editor holds it: lines with their ends, in its own units."""
    rows, row = [], ""
    for at, char in enumerate(text):
        row += char
        if char == "\n" or (char == "\r" and text[at + 1 : at + 2] != "\n"):
            rows.append(row)
            row = ""
    return [line.encode(codec) for line in (*rows, row)]


def offset(rows: list[bytes], place: types.Position, codec: str, width: int) -> int:
    """Bytes before a place; one that is past a line's content or inside a character is an error here."""
    line = rows[place.line]
    content = line.decode(codec).rstrip("\r\n").encode(codec)
    before = content[: place.character * width]
    assert len(before) == place.character * width, "past the end of its line"
    before.decode(codec)
    return sum(map(len, rows[: place.line])) + len(before)


def edit(text: str, edits: Iterable[types.TextEdit], encoding: Encoding) -> str:
    codec, width = CODECS[encoding]
    rows = shown(text, codec)
    whole = b"".join(rows)
    for one in reversed(list(edits)):
        start, end = (offset(rows, place, codec, width) for place in (one.range.start, one.range.end))
        assert start <= end
        whole = whole[:start] + one.new_text.encode(codec) + whole[end:]
    return whole.decode(codec)


@st.composite
def plans(draw: st.DrawFn) -> EditPlan | None:
    text = draw(texts())
    try:
        return plan(text, draw(st.lists(proposals(text), min_size=1, max_size=3)))
    except Refusal:
        return None


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(made=plans())
def test_an_editor_ends_with_the_text_that_was_planned(encoding: Encoding, made: EditPlan | None) -> None:
    if made is not None:
        assert edit(made.text, text_edits(made, encoding), encoding) == made.apply()


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(made=plans())
def test_edits_are_in_order_and_apart(encoding: Encoding, made: EditPlan | None) -> None:
    last = types.Position(0, 0)
    for one in text_edits(made, encoding) if made else ():
        assert last <= one.range.start <= one.range.end
        last = one.range.end


@given(st.data())
def test_two_edits_never_start_at_one_place(data: st.DataObject) -> None:
    """Editors differ in what they do first where two edits start at the same place."""
    made = data.draw(plans())
    starts = [one.range.start for one in text_edits(made, "utf-16")] if made else []
    assert len({(place.line, place.character) for place in starts}) == len(starts)
