"""Lines end at line feeds, carriage returns and both together, nowhere else; positions come back as they went."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.text import Encoding, Lines, Position, split

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
# Everything that some editor or `str.splitlines` might take for the end of a line, and characters of every width.
CHARACTERS = "ab \t\n\r\f\v\x1c\x1d\x1e\x85\u2028\u2029\ufeffé漢😀"
texts = st.text(st.sampled_from(CHARACTERS), max_size=40)


@given(texts)
def test_only_three_ends_end_a_line(text: str) -> None:
    lines = split(text)
    assert "".join(lines) == text
    bare = [re.sub(r"(?:\r\n|\n|\r)\Z", "", line) for line in lines]
    assert not any("\n" in line or "\r" in line for line in bare)
    assert all(lines)
    assert all(line != other for line, other in zip(bare[:-1], lines[:-1], strict=True))


@given(texts)
def test_the_index_agrees_with_the_split(text: str) -> None:
    lines, index = split(text), Lines.of(text)
    whole = [text[index.start(line) : index.start(line + 1)] for line in range(len(index))]
    assert [line for line in whole if line] == lines
    assert [index.content(line) for line in range(len(index))] == [line.rstrip("\r\n") for line in whole]


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=texts, data=st.data())
def test_an_offset_comes_back_from_its_position(text: str, data: st.DataObject, encoding: Encoding) -> None:
    index = Lines.of(text)
    offset = data.draw(st.integers(0, len(text)))
    back = index.offset(index.position(offset, encoding), encoding)
    assert back == (offset - 1 if text[offset - 1 : offset + 1] == "\r\n" else offset)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(
    text=texts,
    line=st.integers(-2, 12),
    character=st.integers(-2, 60),
    seed=st.sampled_from(["", "\r\n", "😀"]),
)
def test_a_position_is_never_inside_a_line_end(
    text: str, line: int, character: int, seed: str, encoding: Encoding
) -> None:
    text += seed
    index = Lines.of(text)
    offset = index.offset(Position(line, character), encoding)
    assert 0 <= offset <= len(text)
    assert text[offset - 1 : offset + 1] != "\r\n" or not offset
    if 0 <= line < len(index):
        assert index.start(line) <= offset <= index.stop(line)


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_a_unit_inside_a_character_means_its_start(encoding: Encoding, units: int) -> None:
    index = Lines.of("a😀b")
    assert [index.offset(Position(0, 1 + unit), encoding) for unit in range(units + 1)] == [1] * units + [2]


def test_an_empty_text_has_one_line() -> None:
    assert len(Lines.of("")) == 1
    assert split("") == []
    assert Lines.of("").offset(Position(3, 7), "utf-16") == 0


def test_the_place_after_a_final_end_is_a_line() -> None:
    assert Lines.of("a\r").position(2, "utf-16") == Position(1, 0)
