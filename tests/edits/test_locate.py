"""One place or none: tier by tier, what decides between places and what may not."""

import pytest

from kimi_lsp.edits import (
    AlreadyThere,
    Ambiguous,
    Differs,
    NotFound,
    UnclearIndentation,
)
from kimi_lsp.edits.folded import document
from kimi_lsp.edits.locate import locate
from kimi_lsp.edits.match import Wanted
from tests.edits.trying import made, refused


def rows(text: str, *search: str, hint: int | None = None) -> tuple[int | None, ...]:
    (match,) = locate(document(text), Wanted(search, ("new",), hint))
    return match.rows


def test_a_piece_that_is_quoted_with_its_end_ends_a_line() -> None:
    assert refused("x = a + b\n", "a\n", "c\n") is NotFound
    assert made("x = a + b\n", "b\n", "c\n") == "x = a + c\n"


def test_whole_lines_come_before_pieces_of_longer_ones() -> None:
    assert rows("return x + 1\nreturn x\n", "return x") == (1,)


def test_the_same_indentation_comes_before_another() -> None:
    assert rows("    go()  # “now”\ngo()  # “now”\n", '    go() # "now"') == (0,)


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("continue70\n", "continue"),
        ("a.$name\n", "name"),
        ("  background-color: red;\n", "color: red;"),
        ("xs\n", "x"),
    ],
)
def test_a_piece_of_a_name_is_no_place(text: str, piece: str) -> None:
    assert refused(text, piece, "other") is NotFound


def test_a_piece_in_two_lines_is_ambiguous_even_where_one_is_a_whole_line() -> None:
    assert refused("if y: go(x)\n    go(x)\n", "go(x)", "go(y)") is Ambiguous


def test_a_line_that_is_quoted_below_a_blank_one_is_no_piece() -> None:
    assert refused("\na = b\n", "\nb\n", "\nc\n") is NotFound


@pytest.mark.parametrize(
    ("search", "replace"),
    [
        ("const pkg =", "const pkg = require('b.json')"),
        ("foo(a", "foo(b)"),
        ("int lock(m)", "int lock(m);\nint unlock(m)"),
        ("/* A note *", "/* The note */"),
    ],
)
def test_a_copy_cut_short_is_not_a_piece(search: str, replace: str) -> None:
    text = "  const pkg = require('a.json')\n  foo(a)\n  int lock(m);\n/* A note */\n"
    assert refused(text, search, replace) is Differs


def test_the_place_after_the_last_end_is_no_line() -> None:
    assert refused("b\nc a\n\n", "a\n\n\n", "a\nb\n\n") is NotFound


def test_brackets_around_a_piece_may_be_added() -> None:
    assert made("g(x)\n", "x", "f(x)") == "g(f(x))\n"


def test_a_hint_must_be_clearly_nearer_to_one() -> None:
    text = "x = 1\n" + "y\n" * 10 + "x = 1\n"
    assert rows(text, "x = 1", hint=12) == (11,)
    assert refused(text, "x = 1", "x = 2", line=6) is Ambiguous
    assert refused(text + "z\n" * 90, "x = 1", "x = 2", line=95) is Ambiguous


def test_a_hint_is_not_asked_where_there_is_one_place() -> None:
    assert rows("a\nb\nc\n", "b", hint=2) == (1,)


def test_a_hint_never_makes_a_place() -> None:
    assert refused("a\nb\nc\n", "other line", "new", line=2) is NotFound


def test_flattened_lines_are_not_put_back_by_guess() -> None:
    assert (
        refused("if a:\n    if b:\n        c()\n", "if a:\nif b:\nc()\n", "if a:\nif b:\nd()\n")
        is UnclearIndentation
    )


def test_the_first_lines_indentation_alone_may_be_lost() -> None:
    text = "class A:\n    def f(self):\n        return 1\n"
    search, new = "def f(self):\n        return 1\n", "def f(self, x):\n        return x\n"
    assert made(text, search, new) == "class A:\n    def f(self, x):\n        return x\n"


def test_parts_around_dots_are_in_order_and_changed_ones_unique() -> None:
    text = "def f():\n    a = 1\n    b = 2\n    return a\n\ndef g():\n    a = 1\n    return a\n"
    search = "def g():\n    ...\n    return a\n"
    assert made(text, search, search.replace("return a", "return 2")) == text[:-9] + "return 2\n"
    first = "def f():\n    ...\n    return a\n"
    assert refused(text, first, first.replace("return a", "return 2")) is Ambiguous
    assert refused(text, search, "def g():\n    return 2\n") is NotFound


def test_a_part_that_is_changed_already_is_not_changed_again() -> None:
    text = "def f():\n    run()\n    stop()\n    return 1\n"
    assert refused(text, "    run()\n    ...\n", "    run()\n    stop()\n    ...\n") is AlreadyThere


def test_dots_at_the_edge_may_be_a_line_of_the_document() -> None:
    text = "run(2)\n...\nrun(1)\n"
    assert refused(text, "run(1)\n...\n", "run(2)\n...\n") is NotFound
    assert made("run(1)\nstop()\n", "run(1)\n...\n", "run(2)\n...\n") == "run(2)\nstop()\n"


def test_dots_between_parts_are_no_gap_where_the_document_has_such_dots_there() -> None:
    """The edit was made once: what it deletes stands above by chance, and dots that were quoted stand between."""
    search, new = "start()\n...\nstop()\n", "...\nstop()\n"
    assert refused("start()\nstop()\n...\nstop()\n", search, new) is NotFound
    assert made("start()\nrun()\nstop()\n", search, new) == "run()\nstop()\n"


def test_parts_around_dots_are_indented_by_one_rule() -> None:
    text = "    try {\n        run(1)\n        stop(2)\n    }\n    catch (e) {\n    }\ncatch (e) {\n}\n"
    search = "    run(1)\n    ...\ncatch (e) {\n}\n"
    assert refused(text, search, search.replace("catch (e)", "catch (f)")) in {UnclearIndentation, Ambiguous}


def test_dots_that_the_document_has_itself_are_lines_like_others() -> None:
    text = "def f() -> int:\n    ...\n\ndef g() -> int:\n    ...\n"
    search = "def g() -> int:\n    ...\n"
    assert made(text, search, "def g() -> str:\n    ...\n") == text.replace("g() -> int", "g() -> str")


def test_what_is_there_already_is_not_made_twice() -> None:
    assert refused("a = 1\nb = 2\n", "a = 1\n", "a = 1\nb = 2\n") is AlreadyThere
    assert refused("f(x, y)\n", "x", "x, y") is AlreadyThere


def test_a_refusal_shows_the_model_a_place_even_where_no_line_agrees() -> None:
    text = "\n".join(f"line{row} = {row}" for row in range(50)) + "\nresult = compute_everything(items)\n"
    with pytest.raises(NotFound) as caught:
        locate(document(text), Wanted(("outcome = compute_everything(things)",), ("x",)))
    assert "result = compute_everything(items)" in caught.value.for_model
    assert "none of them is there" in str(caught.value)
