"""Folding forgets what models get wrong when they copy, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.edits.folded import body_of, document, fold, indent_of, lines_of
from kimi_lsp.text import split

texts = st.text(st.sampled_from("ab \t\n\r\x0c\u2028\ufeff“é"), max_size=30)


@given(texts)
def test_a_document_has_the_lines_of_its_text(text: str) -> None:
    lines = document(text)
    assert lines.text[: lines.lead] == "\ufeff"[: lines.lead]
    whole = [text[lines.starts[row] : lines.starts[row + 1]] for row in range(len(lines.contents))]
    assert whole == split(text[lines.lead :])
    assert [line + lines.end(row) for row, line in enumerate(lines.contents)] == whole
    assert lines.folds == [fold(line) for line in lines.contents]


@given(texts)
def test_a_line_is_its_indentation_and_its_body(text: str) -> None:
    for line in document(text).contents:
        assert indent_of(line) + body_of(line) == line
        assert not indent_of(line).strip()
        assert "\x0c" not in indent_of(line)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a  =\t1 ", "\ta = 1"),
        ("say(“hi”, ‘x’)", "say(\"hi\", 'x')"),
        ("a\u00a0— b", "a - b"),
        ("cafe\u0301", "café"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_lines_that_fold_alike(one: str, two: str) -> None:
    assert fold(one) == fold(two)


@pytest.mark.parametrize(
    ("one", "two"), [("a b", "ab"), ("Name", "name"), ("a-b", "a_b"), ("'a'", '"a"'), ("x1", "x2")]
)
def test_lines_that_stay_apart(one: str, two: str) -> None:
    assert fold(one) != fold(two)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\n\n", ["a", ""]),
        ("\n", [""]),
        ("\ufeffa\r\nb\rc", ["a", "b", "c"]),
    ],
)
def test_one_final_end_is_not_a_line(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines
