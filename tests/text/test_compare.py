"""Gaps account for all of both texts, and cost what the texts are long."""

from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.text import Gap, gaps

lines = st.lists(st.sampled_from("abcdefgh"), max_size=14)


@given(lines, lines)
def test_what_is_outside_the_gaps_is_equal(old: list[str], new: list[str]) -> None:
    made: list[str] = []
    at = other = 0
    for gap in gaps(old, new):
        assert old[at : gap.i] == new[other : gap.k]
        assert gap.i < gap.j or gap.k < gap.m
        made += old[at : gap.i] + new[gap.k : gap.m]
        at, other = gap.j, gap.m
    assert made + old[at:] == new
    assert old[at:] == new[other:]


@given(lines)
def test_equal_texts_have_no_gaps(old: list[str]) -> None:
    assert gaps(old, list(old)) == []


def test_unique_lines_hold_the_comparison() -> None:
    old = ["def f():", "  x", "", "def g():", "  y", ""]
    new = ["def f():", "  x2", "", "def h():", "  z", "", "def g():", "  y", ""]
    assert gaps(old, new) == [Gap(1, 2, 1, 5)]


def test_lines_that_tell_nothing_stay_in_one_gap() -> None:
    assert gaps(["a", "x", "x", "b"], ["c", "x", "x", "x", "d"]) == [Gap(0, 4, 0, 5)]


def test_two_changes_far_apart_in_a_long_text_stay_apart() -> None:
    old = ["}" if row % 3 == 0 else f"line {row // 2}" for row in range(30_000)]
    new = ["first", *old[1:-1], "last"]
    assert gaps(old, new) == [Gap(0, 1, 0, 1), Gap(29_999, 30_000, 29_999, 30_000)]
