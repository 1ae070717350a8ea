"""One rule explains the indentation of the lines that agree, or nothing is derived from it."""

import pytest

from kimi_lsp.edits.indentation import Pair, learn

S2, S4, S6, S8 = "  ", "    ", "      ", "        "


def derived(
    pairs: list[Pair], line: str, *, first: bool = False, replace: tuple[str, ...] = ()
) -> str | None:
    search = tuple(ours + "x" for ours, _ in pairs)
    rule = learn(pairs, search, replace or (*search, line), from_first=True)
    assert rule is not None
    return rule.of(line, first=first)


@pytest.mark.parametrize(
    ("pairs", "line", "indent"),
    [
        ([(S4, S4)], S8 + "y", S8),
        ([("", S4), (S4, S8)], "y", S4),
        ([("", S4), (S4, S8)], S4 + "y", S8),
        ([(S8, S4), (S4, "")], S8 + "y", S4),
        ([("", ""), (S4, "\t"), (S8, "\t\t")], S4 * 3 + "y", "\t\t\t"),
        ([("\t", S2), ("\t\t", S4)], "\t\t\ty", S6),
        ([("", ""), (S2, S4), (S4, S8)], S6 + "y", S4 * 3),
        ([("", S4), (S8, S8)], "y", S4),
    ],
    ids=["same", "added", "added deeper", "removed", "tabs", "spaces", "wider", "first line stripped"],
)
def test_a_rule_is_learnt(pairs: list[Pair], line: str, indent: str) -> None:
    first = pairs == [("", S4), (S8, S8)]
    assert derived(pairs, line, first=first) == indent


@pytest.mark.parametrize(
    ("pairs", "line"),
    [
        ([(S2, S4)], S4 + "y"),
        ([("", S4)], S4 + "y"),
        ([("\t\t", S4)], "\ty"),
        ([("", ""), (S4, "\t")], S6 + "y"),
        ([("", S4), (S4, S8)], "\ty"),
    ],
    ids=["shifted or wider", "shifted or as it stands", "how wide a tab", "half a step", "tabs after spaces"],
)
def test_what_two_rules_indent_differently_is_not_derived(pairs: list[Pair], line: str) -> None:
    assert derived(pairs, line) is None


def test_no_rule_explains_everything() -> None:
    assert learn([("", S4), ("", S8)], (), (), from_first=False) is None
    assert learn([(S4, S2), (S4, S4)], (), (), from_first=False) is None


def test_a_new_line_at_the_searchs_own_depth_shows_that_all_are_shifted() -> None:
    pairs = [("", S4)]
    new = ("if ready:", S4 + "run()", "x")
    rule = learn(pairs, ("x",), new, from_first=False)
    assert rule is not None
    assert [rule.of(line, first=False) for line in new] == [S4, S8, S4]


def test_a_blank_line_gets_no_indentation() -> None:
    assert derived([("", S4), (S4, S8)], "  ") == ""
