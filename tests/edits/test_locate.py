"""One place or none: tier by tier, what decides between places and what may not."""

import pytest

from kimi_lsp.edits import (
    AlreadyThere,
    Ambiguous,
    Differs,
    NotAdjacent,
    NotFound,
    Refusal,
    UnclearIndentation,
    apply,
)
from kimi_lsp.edits.folded import document
from kimi_lsp.edits.locate import locate
from kimi_lsp.edits.match import Wanted


def refused(text: str, search: str, replace: str, *, line: int | None = None) -> type[Refusal]:
    with pytest.raises(Refusal) as caught:
        apply(text, [{"search": search, "replace": replace, "line": line}])
    assert isinstance(caught.value.__cause__, Refusal)
    return type(caught.value.__cause__)


def made(text: str, search: str, replace: str, *, line: int | None = None) -> str:
    return apply(text, [{"search": search, "replace": replace, "line": line}])


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


def test_blank_lines_more_or_less_do_not_hide_a_place() -> None:
    text = "one(1)\n\ntwo(2)\nthree(3)\n"
    assert made(text, "one(1)\ntwo(2)\nthree(3)\n", "one(1)\ntwo(2)\n3\n") == "one(1)\n\ntwo(2)\n3\n"
    assert made(text, "one(1)\n\n\ntwo(2)\nthree(3)\n", "one(1)\n\n\ntwo(2)\n3\n") == "one(1)\n\ntwo(2)\n3\n"


def test_a_line_changes_next_to_a_blank_line_too_few() -> None:
    text = "one(1)\ntwo(2)\n\n\nthree(3)\n"
    assert made(text, "one(1)\ntwo(2)\n\nthree(3)\n", "one(1)\ntwo(2)\n\n3\n") == text.replace(
        "three(3)", "3"
    )


def test_lines_are_inserted_next_to_a_blank_line_too_few() -> None:
    text = "one(1)\ntwo(2)\n\n\nthree(3)\nfour(4)\n"
    search = "one(1)\ntwo(2)\n\nthree(3)\nfour(4)\n"
    assert made(text, search, search.replace("two(2)\n", "two(2)\nnew()\n")) == text.replace(
        "two(2)\n", "two(2)\nnew()\n"
    )
    assert made(text, search, search.replace("three", "new()\nthree")) == text.replace(
        "three", "new()\nthree"
    )


def test_blank_lines_before_a_comment_that_was_left_out_hold_a_change() -> None:
    text = "run(1)\n\n\n# Why\ndef two():\n    three(3)\n    four(4)\n"
    search = "run(1)\n\n\ndef two():\n    three(3)\n    four(4)\n"
    assert made(text, search, search.replace("run(1)", "run(2)")) == text.replace("run(1)", "run(2)")
    assert refused(text, search, search.replace("def two", "new()\ndef two")) is NotAdjacent


def test_a_blank_line_that_may_be_either_of_two_is_neither() -> None:
    text = "run(1)\n\n# Why\n\ndef two():\n    three(3)\n    four(4)\n"
    search = "run(1)\n\ndef two():\n    three(3)\n    four(4)\n"
    new = search.replace("run(1)\n\n", "run(1)\n")
    assert refused(text, search, new) in {Differs, NotAdjacent}


def test_nothing_is_inserted_between_lines_that_are_not_neighbours() -> None:
    text = "alpha()\nbeta()\ngamma()\ndelta()\nepsilon()\n"
    search = "alpha()\ngamma()\ndelta()\nepsilon()\n"
    assert refused(text, search, search.replace("gamma", "new()\ngamma")) is NotAdjacent
    assert made(text, search, search.replace("delta", "new()\ndelta")) == text.replace(
        "delta", "new()\ndelta"
    )


def test_another_block_with_the_same_body_is_not_taken() -> None:
    """All lines but the one that says which block it is."""
    text = "switch (x) {\n  case 2:\n    open()\n    close()\n    leave()\n    break\n}\n"
    search = "  case 1:\n    open()\n    close()\n    leave()\n    break\n"
    assert refused(text, search, search.replace("open", "lock")) is NotFound


def test_two_places_that_are_equally_near_are_none() -> None:
    block = "def {}():\n    one()\n    two()\n    three()\n\n"
    text = block.format("first") + block.format("second")
    assert (
        refused(text, "def frist():\n    one()\n    two()\n    three()\n", "def frist():\n    1\n")
        is not None
    )
    assert refused(text, "    one()\n    two()\n    three()\n    four()\n", "    1\n    four()\n") is NotFound


def test_a_place_is_not_hidden_by_a_worse_reading_of_it() -> None:
    """The brackets before the second block vote for a place that has only some of its lines."""
    block = "let first;\nlet second;\nlet third;\n}\n}\ndigest = %d;\nlog();\n"
    text = block % 1 + "other();\n" * 30 + "}\n}\n}\n}\n\n" + block % 2
    search = block % 3
    assert refused(text, search, search.replace("second", "2nd")) is NotFound


@pytest.mark.parametrize("name", ["total1", "total_b", "totals", "Total"])
def test_another_name_is_no_slip_of_the_pen(name: str) -> None:
    text = "def total(items):\n    one()\n    two()\n    three()\n"
    search = text.replace("total", name)
    assert refused(text, search, search.replace("two()", "2")) is NotFound


def test_a_change_to_a_bracket_needs_a_line_with_words_next_to_it() -> None:
    text = "a(1) {\n}\nb(2) {\n}\nc(3) {\n}\nd(4) {\n}\n"
    search = "x(1) {\n}\nb(2) {\nc(3) {\n}\nd(4) {\n"
    assert refused(text, search, search.replace("}\nb", "b", 1)) in {NotFound, Differs, NotAdjacent}


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
