"""For any document and any edit: the text that was meant, or a refusal, and never a mixture."""

import itertools
from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.edits import EditPlan, Proposal, Refusal, plan
from kimi_lsp.edits.folded import fold
from kimi_lsp.text import split
from tests.edits.strategies import Edited, contents, edited, lines, proposals, texts, written


def planned(text: str, edits: list[Proposal]) -> EditPlan | None:
    try:
        return plan(text, edits)
    except Refusal:
        return None


def made(text: str, edits: list[Proposal]) -> str | None:
    found = planned(text, edits)
    return None if found is None else found.apply()


@given(edited())
def test_what_is_quoted_exactly_becomes_what_was_meant_or_nothing_does(case: Edited) -> None:
    result = made(case.text, [case.proposal()])
    if result is None:
        return
    assert contents(result) == case.left
    if case.places > 1:
        assert result == case.text


@given(edited())
def test_lines_outside_the_quoted_ones_keep_their_bytes(case: Edited) -> None:
    result = made(case.text, [case.proposal()])
    if result is None:
        return
    whole = split(case.text)
    before, after = "".join(whole[: case.first]), "".join(whole[case.last :])
    # Where the quoted lines go and were the last, the end before them may go too.
    assert result.startswith(before if after else before.rstrip("\r\n"))
    assert result.endswith(after)


@given(st.data())
def test_a_plan_brings_and_takes_exactly_what_the_edit_does(data: st.DataObject) -> None:
    """Counted line by line, folded: so no line that nobody named is lost, doubled or brought."""
    text = data.draw(texts())
    edit = data.draw(proposals(text))
    result = made(text, [edit])
    if result is None or result == text:
        return
    search, new = contents(edit.search), contents(edit.replace)
    before, after, ours, theirs = (
        Counter(fold(line) for line in side) for side in (contents(text), contents(result), search, new)
    )
    for line in {*before, *after, *ours, *theirs}:
        grown = after[line] - before[line]
        if line and grown != theirs[line] - ours[line]:
            assert len(search) == 1
            assert is_a_piece("\n".join(contents(text)), "\n".join(contents(result)), search[0], new)
            return


def is_a_piece(text: str, result: str, search: str, new: list[str]) -> bool:
    """Whether one occurrence of the search's only line became the replacement, and nothing else was changed."""
    starts = [at for at in range(len(text)) if text.startswith(search, at)]
    return result in {text[:at] + "\n".join(new) + text[at + len(search) :] for at in starts}


@given(st.data())
def test_the_order_of_any_edits_does_not_matter(data: st.DataObject) -> None:
    text = data.draw(texts())
    edits = data.draw(st.lists(proposals(text), min_size=2, max_size=3))
    results = {made(text, list(order)) for order in itertools.permutations(edits)}
    assert len(results) == 1


@given(st.data())
def test_several_edits_do_what_each_does_alone(data: st.DataObject) -> None:
    text = data.draw(texts())
    edits = data.draw(st.lists(proposals(text), min_size=2, max_size=3))
    together = planned(text, edits)
    if together is None:
        return
    alone = [planned(text, [edit]) for edit in edits]
    assert {edit for one in alone if one for edit in one.edits} == set(together.edits)
    assert None not in alone


@given(st.data())
def test_one_edit_that_is_not_there_refuses_all(data: st.DataObject) -> None:
    case = data.draw(edited())
    absent = written(("nowhere at all", "nor this one"), ("x",))
    edits = data.draw(st.permutations([case.proposal(), absent]))
    assert made(case.text, list(edits)) is None


@given(st.data())
def test_hunks_are_ordered_apart_and_as_small_as_can_be(data: st.DataObject) -> None:
    text = data.draw(texts())
    found = planned(text, data.draw(st.lists(proposals(text), min_size=1, max_size=3)))
    if found is None:
        return
    at = 0
    for hunk in found.hunks:
        old, new = hunk.span.of(text), hunk.text
        assert at <= hunk.span.start
        assert old != new
        at = hunk.span.end
        assert not cuts(text, hunk.span.start)
        assert not cuts(text, hunk.span.end)
        if old and new:
            assert old[0] != new[0] or cuts(old, 1) or cuts(new, 1)
            assert old[-1] != new[-1] or cuts(old, len(old) - 1) or cuts(new, len(new) - 1)


def cuts(text: str, at: int) -> bool:
    return text[max(0, at - 1) : at + 1] == "\r\n"


@given(
    st.text(st.sampled_from("ab \t\n\r\x0c\u2028\ufeff“é😀."), max_size=24),
    st.lists(st.tuples(*[st.text(st.sampled_from("ab \t\n\r\x0c\ufeff“é😀."), max_size=12)] * 2), max_size=3),
    st.none() | st.integers(-3, 9),
)
def test_nothing_but_a_refusal_is_ever_raised(
    text: str, pairs: list[tuple[str, str]], hint: int | None
) -> None:
    edits = [Proposal(file="", search=search, replace=new, line=hint) for search, new in pairs]
    found = planned(text, edits)
    if found is not None and not found.hunks:
        assert found.apply() == text


@given(edited())
def test_what_was_done_once_is_never_done_again(case: Edited) -> None:
    """Where what the edit looks for does not stand elsewhere, be it copied loosely or inside of longer lines."""
    once = made(case.text, [case.proposal()])
    if once is not None and folded(case.block) not in folded(contents(once)):
        assert made(once, [case.proposal()]) in {None, once}


def folded(among: Iterable[str]) -> str:
    return " ".join(line for line in map(fold, among) if line)


@given(st.lists(lines, min_size=1, max_size=4).filter(lambda drawn: any(map(str.strip, drawn))), st.data())
def test_a_line_hint_never_makes_a_place(search: list[str], data: st.DataObject) -> None:
    text = data.draw(texts())
    edit = written(tuple(search), ("entirely new",))
    without = made(text, [edit])
    hinted = made(text, [edit.model_copy(update={"line": data.draw(st.integers(1, 13))})])
    if without is not None:
        assert hinted == without
