"""What the user types meanwhile: an edit goes along with its very own lines, or it is refused."""

from collections.abc import Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from kimi_lsp.edits import ChangedMeanwhile, EditPlan, Overlap, Refusal, plan, rebase, rebase_text
from kimi_lsp.text import Change, ChangeLog, Lines
from tests.edits.strategies import edited, proposals, texts, typing

Traced = list[tuple[str, int | None]]
"""Each character with its offset in the old text; None for one that was typed."""


def trace(text: str, changes: Sequence[Change]) -> Traced:
    traced: Traced = [(char, at) for at, char in enumerate(text)]
    for change in changes:
        traced[change.span.start : change.span.end] = [(char, None) for char in change.text]
    return traced


def joined(traced: Traced) -> str:
    return "".join(char for char, _ in traced)


@st.composite
def planned(draw: st.DrawFn) -> EditPlan:
    case = draw(edited())
    extra = draw(st.lists(proposals(case.text), max_size=1))
    try:
        made = plan(case.text, [case.proposal(), *extra])
    except Refusal:
        assume(False)
        raise
    assume(made.hunks)
    return made


def carried(made: EditPlan, changes: Sequence[Change], now: str) -> EditPlan | None:
    try:
        return rebase(made, changes, now)
    except Refusal:
        return None


@given(planned(), st.data())
def test_every_line_that_goes_is_the_old_one_itself(made: EditPlan, data: st.DataObject) -> None:
    """Each character is followed by its identity, so that an equal line elsewhere is not taken for it."""
    changes = data.draw(typing(made.text))
    traced = trace(made.text, changes)
    now = joined(traced)
    moved = carried(made, changes, now)
    if moved is None:
        return
    assert moved.text == now
    old, new = Lines.of(made.text), Lines.of(now)
    for before, after in zip(made.edits, moved.edits, strict=True):
        assert (before.new, before.inserts) == (after.new, after.inserts)
        quoted = range(before.first - before.after, before.last + before.before)
        for row in quoted if before.inserts else range(before.first, before.last):
            at = row - before.first + after.first
            lead = row == 0 and made.text.startswith("\ufeff")
            whole = list(range(old.start(row) + lead, old.stop(row)))
            stands = traced[new.start(at) : new.stop(at)]
            mark = at == 0 and now.startswith("\ufeff")
            assert [origin for _, origin in stands[mark:]] == whole


@given(planned(), st.data())
def test_what_the_user_typed_stays_whatever_the_edit_does(made: EditPlan, data: st.DataObject) -> None:
    changes = data.draw(typing(made.text))
    traced = trace(made.text, changes)
    moved = carried(made, changes, joined(traced))
    if moved is None:
        return
    for hunk in moved.hunks:
        typed = [char for char, origin in traced[hunk.span.start : hunk.span.end] if origin is None]
        assert not "".join(typed).strip("\r\n")


@given(planned(), st.data())
def test_comparing_the_texts_never_contradicts_the_log(made: EditPlan, data: st.DataObject) -> None:
    """As long as nobody types the very lines again that the edit relies on: the texts would be the same then."""
    changes = data.draw(typing(made.text))
    traced = trace(made.text, changes)
    now = joined(traced)
    old, new = Lines.of(made.text), Lines.of(now)
    kept = {tuple(range(old.start(row), old.start(row + 1))) for row in range(len(old))}
    rows = {
        row: tuple(at for _, at in traced[new.start(row) : new.start(row + 1)]) for row in range(len(new))
    }
    typed = {new.content(row) for row, origins in rows.items() if origins not in kept}
    relied = {
        old.content(row)
        for edit in made.edits
        for row in range(edit.first - edit.after, edit.last + edit.before)
    }
    moved = carried(made, changes, now)
    if moved is None or typed & relied:
        return
    try:
        assert rebase_text(made, now).apply() == moved.apply()
    except ChangedMeanwhile:
        return


@given(planned(), st.data())
def test_a_log_of_many_versions_is_followed_like_its_changes(made: EditPlan, data: st.DataObject) -> None:
    changes = data.draw(typing(made.text))
    log = ChangeLog()
    log.start(7)
    text, step = made.text, made
    try:
        for number, change in enumerate(changes):
            log.add(8 + number, change)
            text = change.apply(text)
            step = rebase(step, [change], text)
    except Refusal:
        return
    since = log.since(7)
    assert since is not None
    whole = carried(made, since, text)
    assert whole is None or whole.apply() == step.apply()


def lines_refused(made: EditPlan, now: str, changes: Sequence[Change] | None) -> tuple[int, ...] | None:
    """The lines that a refusal names; None where there is none or the edits only came to meet."""
    try:
        moved = rebase_text(made, now) if changes is None else rebase(made, changes, now)
    except ChangedMeanwhile as refusal:
        return refusal.lines
    except Overlap:
        return None
    assert moved.text == now
    return None


@given(planned(), texts())
def test_any_other_text_gives_a_plan_of_it_or_names_lines_that_it_has(made: EditPlan, now: str) -> None:
    lines = lines_refused(made, now, None)
    if lines is not None:
        assert lines
        assert all(1 <= line <= len(Lines.of(now)) for line in lines)


@given(planned(), st.data())
def test_a_refusal_names_lines_that_the_text_has(made: EditPlan, data: st.DataObject) -> None:
    changes = data.draw(typing(made.text))
    now = joined(trace(made.text, changes))
    lines = lines_refused(made, now, changes)
    if lines is not None:
        assert lines
        assert list(lines) == sorted(set(lines))
        assert all(1 <= line <= len(Lines.of(now)) for line in lines)
