"""A place where most lines agree is taken when nothing comes near it, and only lines that agree are changed there."""

import pytest

from kimi_lsp.edits import Differs, NotAdjacent, NotFound
from tests.edits.trying import made, refused


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


def test_lines_that_repeat_each_other_make_no_place() -> None:
    text = "  name\n  item\n  item\na\n"
    assert refused(text, "  item\n  name\n  item\n  item\na\n", "  item\n  item\na\n") is NotFound


def test_a_line_that_the_document_has_fewer_times_makes_no_place() -> None:
    text = "  name\n  item\n  item\nreturn a\n"
    search = "  item\n  name\n  item\n  item\nreturn a\n"
    assert refused(text, search, "  item\n  item\nreturn a\n") is NotFound


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
