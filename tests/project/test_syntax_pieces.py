"""An edit of Python is looked at piece by piece, and comes to what a look at the whole text comes to."""

import ast
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project import python_pieces
from kimi_lsp.project.syntax import SyntaxProblem, look, new_problems
from kimi_lsp.text import Span

FUNCTION = '@trace\ndef f{0}(a):\n    """Tell of {0}.\n\nNot indented.\n    """\n    if a:\n        return [\n{0},\n]\n    return a\n\n\n'
LONG = "".join(FUNCTION.format(number) for number in range(300))
MESSAGES = [
    "x = (\n    1]\n",
    "if x:\ny = 1\n",
    "try:\n    pass\ny = 1\n",
    "def f():\n",
    "x = '''\n",
]
"""Python's words against each of these name a line of the text, or may come to."""


def edit(text: str, old: str, new: str) -> tuple[Span, str]:
    at = text.index(old)
    return Span(at, at + len(old)), new


@pytest.mark.parametrize("wrong", MESSAGES)
def test_an_old_error_below_an_edit_is_not_new(wrong: str) -> None:
    text = "a = 1\n" + wrong
    assert new_problems(look(text, "python"), [(Span(0, 0), "b = 2\n\n\n")]) == ()


def test_an_old_error_elsewhere_does_not_hide_a_new_one() -> None:
    text = "x = (1]\n\n\n" + LONG
    known = look(text, "python")
    assert known.found == (
        SyntaxProblem(1, "closing parenthesis ']' does not match opening parenthesis '('"),
    )
    found = new_problems(known, [edit(text, "def f200(a):", "def f200(a:")])
    line = text[: text.index("def f200(a")].count("\n") + 1
    assert [line <= one.line < line + 5 for one in found] == [True]
    assert new_problems(known, [edit(text, "def f200(a):", "def f200(a, b):")]) == ()


def test_mending_one_of_two_errors_is_no_reason_to_ask() -> None:
    text = LONG + "x = (1]\n\n\ny = 2 +\n"
    assert new_problems(look(text, "python"), [edit(text, "(1]", "(1)")]) == ()
    assert new_problems(look(text, "python"), [edit(text, "2 +", "2 + 3")]) == ()


@pytest.mark.parametrize(
    ("edits", "errors"),
    [
        # Not valid for itself, but with what follows, or with what stands before.
        ([("@trace\ndef f150(", "@other\n@trace\ndef f150(")], 0),
        ([("    return a\n\n\n@trace\ndef f150(", "    return a\n    a()\n\n\n@trace\ndef f150(")], 0),
        # A string and a bracket that open far from where they close.
        (
            [
                ("@trace\ndef f100(", "x = '''\n@trace\ndef f100("),
                ("@trace\ndef f280(", "'''\n@trace\ndef f280("),
            ],
            0,
        ),
        ([("@trace\ndef f100(", "x = '''\n@trace\ndef f100(")], 1),
        ([("@trace\ndef f100(", "x = (\n@trace\ndef f100(")], 1),
        # Two places, each with an error of its own.
        ([("def f10(a)", "def f10(a"), ("def f290(a)", "def f290(")], 2),
    ],
)
def test_what_an_edit_means_for_the_whole_text_counts(edits: list[tuple[str, str]], errors: int) -> None:
    made = [edit(LONG, *one) for one in edits]
    assert len(new_problems(look(LONG, "python"), made)) == errors


def test_a_string_that_reads_like_code_is_no_code() -> None:
    text = "x = '''\n" + LONG.replace("'", '"') + "'''\ny = 1\n"
    known = look(text, "python")
    assert known.found == ()
    assert new_problems(known, [edit(text, "def f200(a):", "def f200(a:")]) == ()
    assert new_problems(known, [edit(text, "'''\ny", "\ny")])


def test_a_text_is_looked_at_in_small_pieces() -> None:
    pauses = []
    found = python_pieces.pieces(LONG, lambda: pauses.append(1))
    assert len(pauses) > 10
    assert max(two - one for one, two in pairwise(found.cuts)) < 5_000
    assert found.fault is None


LINES = st.lists(
    st.sampled_from(
        [
            "x = 1",
            "def f():",
            "    return 1",
            "if x:",
            "else:",
            "@wraps",
            "class A:",
            '"""',
            "x = (",
            ")",
            "x = 1 \\",
            "# note",
            "",
            "\tpass",
            "    '''",
            "try:",
            "except E:",
            "x = [1]; y = 2",
            "match x:",
            "\ufeffx = 1",
            "    case 1: pass",
        ]
    ),
    max_size=12,
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(LINES, LINES, ENDS, st.booleans(), st.data())
def test_it_comes_to_what_python_says_of_the_whole(
    lines: list[str], new: list[str], end: str, last: bool, data: st.DataObject
) -> None:
    text = end.join(lines) + end * last
    first = data.draw(st.integers(0, len(text)))
    second = data.draw(st.integers(first, len(text)))
    put = end.join(new) + end * data.draw(st.booleans())
    after = text[:first] + put + text[second:]
    with pytest.MonkeyPatch.context() as patched:
        # Small pieces, so that a short text has many.
        patched.setattr(python_pieces, "_LEAST", 1)
        known = look(text, "python")
        found = new_problems(known, [(Span(first, second), put)] if first < second or put else [])
    assert (known.found == ()) == is_valid(text)
    if is_valid(after):
        assert found == ()
    elif is_valid(text):
        assert found
        assert 1 <= found[0].line <= len(after) + 1


def is_valid(text: str) -> bool:
    try:
        ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError):
        return False
    return True
