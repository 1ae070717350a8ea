"""What the user typed meanwhile is kept, to the byte, or the edit is refused and says which lines."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kimi_lsp.edits import ChangedMeanwhile, EditPlan, Refusal, apply, plan, rebase, rebase_text
from kimi_lsp.text import Change, Lines, Span, split
from tests.edits.documents import Case, cases, proposal


@st.composite
def typing(draw: st.DrawFn, text: str) -> tuple[list[Change], str]:
    """Changes as editors send them: characters, whole lines, joined lines, line ends."""
    changes = []
    for _ in range(draw(st.integers(1, 5))):
        index = Lines.of(text)
        row = draw(st.integers(0, len(index) - 1))
        start = draw(
            st.sampled_from([index.start(row), index.stop(row), (index.start(row) + index.stop(row)) // 2])
        )
        ends = {start, index.start(row + 1), min(len(text), start + 1), index.stop(row)}
        end = draw(st.sampled_from(sorted(end for end in ends if end >= start)))
        change = Change(
            Span(start, end), draw(st.sampled_from(["", "z", "zz = 1\n", "\n", "\nzz = 1", "\r\n"]))
        )
        changes.append(change)
        text = change.apply(text)
    return changes, text


def planned(case: Case) -> EditPlan:
    try:
        made = plan(case.before, [case.proposal()])
    except Refusal:
        assume(False)
        raise
    assume(made.hunks)
    return made


@given(cases(unique=True), st.data())
def test_a_rebased_plan_makes_the_same_change_around_what_was_typed(case: Case, data: st.DataObject) -> None:
    """Told apart by brute force: the lines of the edit are marked, and the marks are looked for afterwards."""
    made = planned(case)
    changes, now = data.draw(typing(case.before))
    try:
        carried = rebase(made, changes, now)
    except ChangedMeanwhile:
        return
    assert carried.text == now
    for old, new in zip(made.edits, carried.edits, strict=True):
        before, after = Lines.of(case.before), Lines.of(now)
        if not old.inserts:
            removed = [before.content(row).removeprefix("\ufeff") for row in range(old.first, old.last)]
            assert removed == [
                after.content(row).removeprefix("\ufeff") for row in range(new.first, new.last)
            ]
        quoted = [row for row, is_quoted in ((-1, old.after), (0, old.before)) if old.inserts and is_quoted]
        for row in quoted:
            stood, stands = before.content(old.first + row), after.content(new.first + row)
            assert stood.removeprefix("\ufeff") == stands.removeprefix("\ufeff")
        assert old.new == new.new


@given(cases(unique=True), st.data())
def test_a_change_to_a_line_of_the_edit_is_never_lost(case: Case, data: st.DataObject) -> None:
    made = planned(case)
    edit = data.draw(st.sampled_from(made.edits))
    assume(not edit.inserts)
    index = Lines.of(case.before)
    row = data.draw(st.integers(edit.first, edit.last - 1))
    at = data.draw(st.integers(index.start(row) + (row == 0 and len(case.bom)), index.stop(row)))
    change = Change(Span(at, at), "typed")
    with pytest.raises(ChangedMeanwhile) as caught:
        rebase(made, [change], change.apply(case.before))
    assert row + 1 in caught.value.lines
    assert all(1 <= line <= len(index) for line in caught.value.lines)
    with pytest.raises(ChangedMeanwhile):
        rebase_text(made, change.apply(case.before))


@given(cases(unique=True), st.data())
def test_the_way_of_the_log_and_of_the_texts_agree(case: Case, data: st.DataObject) -> None:
    """But for which of several blank lines it was: the log knows the one that is meant, and the texts do not tell."""
    made = planned(case)
    changes, now = data.draw(typing(case.before))
    try:
        by_text = rebase_text(made, now).apply()
    except Refusal:
        return
    try:
        by_log = rebase(made, changes, now).apply()
    except Refusal:
        return
    assert said(by_text) == said(by_log)
    assert sorted(split(by_text)) == sorted(split(by_log))


def said(text: str) -> list[str]:
    return [line for line in split(text) if line.strip()]


@given(cases(unique=True), st.data())
def test_a_rebased_plan_is_what_would_be_planned_now(case: Case, data: st.DataObject) -> None:
    """Blank lines apart: of several the log knows the one that is meant, and the new text alone does not tell."""
    assume(all(line.strip() for line in case.block))
    made = planned(case)
    changes, now = data.draw(typing(case.before))
    try:
        carried = rebase(made, changes, now).apply()
        afresh = plan(now, [case.proposal()]).apply()
    except Refusal:
        return
    assert carried == afresh


@given(cases(unique=True), st.data())
def test_a_plan_may_be_rebased_again_and_again(case: Case, data: st.DataObject) -> None:
    made = planned(case)
    changes, now = data.draw(typing(case.before))
    step, text = made, case.before
    try:
        at_once = rebase(made, changes, now)
        for change in changes:
            text = change.apply(text)
            step = rebase(step, [change], text)
    except Refusal:
        return
    assert step.apply() == at_once.apply()


TEXT = "one\ntwo\nthree\nfour\nfive\n"


def change(old: str, new: str, text: str = TEXT) -> Change:
    at = text.index(old)
    return Change(Span(at, at + len(old)), new)


@pytest.mark.parametrize(
    ("typed", "now"),
    [
        (change("one\n", ""), "two\n3\nfour\nfive\n"),
        (change("two", "TWO"), "one\nTWO\n3\nfour\nfive\n"),
        (change("two\n", "two\nnew\n"), "one\ntwo\nnew\n3\nfour\nfive\n"),
        (change("four", "new\nfour"), "one\ntwo\n3\nnew\nfour\nfive\n"),
        (change("\nfour", "\nnew\nfour"), "one\ntwo\n3\nnew\nfour\nfive\n"),
    ],
    ids=["before", "context", "new line above", "new line below", "return at its end"],
)
def test_what_is_typed_next_to_an_edit_is_kept(typed: Change, now: str) -> None:
    made = plan(TEXT, [proposal(("two", "three", "four"), ("two", "3", "four"))])
    assert rebase(made, [typed], typed.apply(TEXT)).apply() == now
    assert rebase_text(made, typed.apply(TEXT)).apply() == now


@pytest.mark.parametrize(
    "typed",
    [
        change("two\n", "two"),
        change("three\n", "three"),
        change("three", ""),
        change("hr", "h\nr"),
        change(TEXT, ""),
    ],
    ids=["joined above", "joined below", "emptied", "split", "all deleted"],
)
def test_what_touches_an_edit_refuses_it(typed: Change) -> None:
    made = plan(TEXT, [proposal(("two", "three", "four"), ("two", "3", "four"))])
    with pytest.raises(ChangedMeanwhile):
        rebase(made, [typed], typed.apply(TEXT))
    with pytest.raises(ChangedMeanwhile):
        rebase_text(made, typed.apply(TEXT))


def test_nothing_may_come_between_the_neighbours_of_an_insertion() -> None:
    made = plan(TEXT, [proposal(("two", "three"), ("two", "new", "three"))])
    below = TEXT.index("\nthree")
    for typed in (change("three", "mine\nthree"), Change(Span(below, below), "\nmine")):
        with pytest.raises(ChangedMeanwhile, match=r"line 3 in a\.py was changed while"):
            rebase(made, [typed], typed.apply(TEXT))
        with pytest.raises(ChangedMeanwhile):
            rebase_text(made, typed.apply(TEXT))


def test_an_insertion_at_the_edge_of_its_block_stays_with_the_quoted_line() -> None:
    made = plan(TEXT, [proposal(("two",), ("two", "new"))])
    typed = change("three", "mine\nthree")
    assert rebase(made, [typed], typed.apply(TEXT)).apply() == "one\ntwo\nnew\nmine\nthree\nfour\nfive\n"


def test_a_doubled_line_leaves_two_readings_without_a_log() -> None:
    made = plan(TEXT, [proposal(("three",), ("3",))])
    typed = change("three\n", "three\nthree\n")
    with pytest.raises(ChangedMeanwhile):
        rebase_text(made, typed.apply(TEXT))
    below = Change(Span(TEXT.index("four"), TEXT.index("four")), "three\n")
    assert rebase(made, [below], below.apply(TEXT)).apply() == "one\ntwo\n3\nthree\nfour\nfive\n"


def test_a_last_line_that_got_an_end_may_be_the_one_above_it() -> None:
    made = plan("a", [proposal(("a",), ("a", "b"))])
    typed = Change(Span(1, 1), "\na")
    assert rebase(made, [typed], "a\na").apply() == "a\nb\na"
    with pytest.raises(ChangedMeanwhile):
        rebase_text(made, "a\na")


def test_a_refusal_names_a_line_that_is_there() -> None:
    with pytest.raises(ChangedMeanwhile) as caught:
        rebase_text(plan("a\n", [proposal(("a",), ("a", "b"))]), "a")
    assert caught.value.lines == (1,)


def test_a_log_that_does_not_lead_to_the_text_is_refused() -> None:
    made = plan(TEXT, [proposal(("three",), ("3",))])
    with pytest.raises(ChangedMeanwhile):
        rebase(made, [], TEXT + "more\n")


def test_a_block_that_moved_is_refused_without_a_log() -> None:
    made = plan(TEXT, [proposal(("one", "two"), ("one", "2"))])
    with pytest.raises(ChangedMeanwhile):
        rebase_text(made, "three\nfour\nfive\none\ntwo\n")


def test_apply_takes_the_text_that_the_model_saw() -> None:
    edit = {"search": "two\nthree\n", "replace": "two\n3\n"}
    assert apply("zero\n" + TEXT, [edit], base=TEXT) == "zero\none\ntwo\n3\nfour\nfive\n"
    with pytest.raises(Refusal, match="line 3 was changed while the model was at work"):
        apply(TEXT.replace("three", "3rd"), [edit], base=TEXT)
