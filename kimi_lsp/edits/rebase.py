"""Carry a plan to the text as it is now, after the user went on typing.

With the editor's log of changes this is exact. Without it, the changes are told by comparing lines, and where
that comparison could have come out otherwise nothing is carried. A line that the edit deletes or replaces must be
untouched, and nothing may have come between the neighbours of an insertion; other lines keep what the user did.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kimi_lsp.edits.carry import LineEdit, relied_on
from kimi_lsp.edits.folded import Document, document
from kimi_lsp.edits.plan import EditPlan
from kimi_lsp.edits.refusal import ChangedMeanwhile
from kimi_lsp.text import Change, Gap, Span, carry, gaps

_NEIGHBOURS = 40
"""Lines before and after an edit among which one must be unique, where lines were compared."""


def rebase(plan: EditPlan, changes: Sequence[Change], now: str) -> EditPlan:
    """Carry a plan through the changes that led, in order, from its text to the text `now`.

    Raises ChangedMeanwhile, with line numbers of `now`, where the user changed what the edit changes, and also
    where the changes do not lead to `now`.
    """
    grown = sum(len(change.text) - len(change.span) for change in changes)
    before, after = document(plan.text), document(now)
    if len(plan.text) + grown != len(now):
        raise ChangedMeanwhile(plan.changed_lines, _file(plan))
    moved = []
    lost: list[int] = []
    for edit in plan.edits:
        carried = (
            _insertion(before, after, edit, changes) if edit.inserts else _lines(before, after, edit, changes)
        )
        if isinstance(carried, LineEdit):
            moved.append(carried)
        else:
            lost += carried
    if lost:
        raise ChangedMeanwhile(sorted(set(lost)), _file(plan))
    return EditPlan.of(now, moved)


def rebase_text(plan: EditPlan, now: str) -> EditPlan:
    """Carry a plan to the text `now` where no log tells what was changed.

    Raises ChangedMeanwhile as `rebase` does, and where two readings of the change would put the edit elsewhere.
    """
    if now == plan.text:
        return plan
    before, after = document(plan.text), document(now)
    found = _compare(before, after)
    carried = rebase(plan, _changes(before, after, found), now)
    # Whether a line is the old one does not hang on its end: a last line may have got one.
    old, new = before.contents, after.contents
    doubtful = [
        max(moved.first, 1) if moved.inserts else moved.first + 1
        for edit, moved in zip(plan.edits, carried.edits, strict=True)
        if not _is_anchored(edit, old, new, found) or not all(_is_firm(edit, old, new, gap) for gap in found)
    ]
    if doubtful:
        raise ChangedMeanwhile(doubtful, _file(plan))
    return carried


def _lines(
    before: Document, after: Document, edit: LineEdit, changes: Sequence[Change]
) -> LineEdit | list[int]:
    """Carry lines to delete or replace; return the numbers, in the new text, of those that were changed."""
    row = _new_row(before, after, range(edit.first, edit.last), changes)
    if row is not None:
        return replace(edit, first=row, last=row + edit.last - edit.first)
    single = range(edit.first, edit.last)
    lost = [row for row in single if _new_row(before, after, range(row, row + 1), changes) is None]
    return _numbers(before, after, lost or single[1:], changes)


def _insertion(
    before: Document, after: Document, edit: LineEdit, changes: Sequence[Change]
) -> LineEdit | list[int]:
    """Carry an insertion along with the quoted lines next to it, which must be as they were and neighbours."""
    if not edit.after and not edit.before:
        return [1] if after.body else edit
    rows = []
    for row in range(*relied_on(edit)):
        new = _new_row(before, after, range(row, row + 1), changes)
        if new is None:
            return _numbers(before, after, [row], changes)
        rows.append(new)
    if rows[-1] - rows[0] != len(rows) - 1:
        return list(range(rows[0] + 2, rows[-1] + 1))
    return replace(edit, first=rows[0] + edit.after, last=rows[0] + edit.after)


def _new_row(before: Document, after: Document, rows: range, changes: Sequence[Change]) -> int | None:
    """Return the row of the first of some lines, if they are still whole lines, together and with the same content."""
    first, last = rows[0], rows[-1]
    # Without the last one's end, after which a new line may be begun; a blank line has only its end.
    stop = before.starts[last] + len(before.contents[last])
    span = carry(
        Span(before.starts[first], stop if before.contents[last] else before.starts[last + 1]), changes
    )
    if span is None:
        return None
    row = _row_at(after, span.start)
    same = after.contents[row : row + len(rows)] == before.contents[first : last + 1]
    return row if same and after.starts[row] == span.start else None


def _numbers(before: Document, after: Document, rows: Iterable[int], changes: Sequence[Change]) -> list[int]:
    """Return the numbers, from 1, of the places in the new text where some lines are or were."""
    return sorted({_row_at(after, _follow(before.starts[row], changes)) + 1 for row in rows})


def _follow(offset: int, changes: Sequence[Change]) -> int:
    """Carry an offset; one inside of what was replaced goes to its beginning."""
    for change in changes:
        if change.span.end <= offset:
            offset += len(change.text) - len(change.span)
        elif change.span.start < offset:
            offset = change.span.start
    return offset


def _row_at(lines: Document, offset: int) -> int:
    return max(0, min(bisect_right(lines.starts, offset), max(1, len(lines.contents))) - 1)


def _compare(before: Document, after: Document) -> list[Gap]:
    """Return which lines became which. Only what lies between the texts' common beginning and end is compared."""
    change = Change.between(before.text, after.text)
    start = change.span.start
    low = _row_at(before, max(0, start - 1)) if before.contents and after.contents else 0
    # One line more than differs, so that no `\r\n` is taken apart.
    old_stop = bisect_left(before.starts, change.span.end) + 1
    new_stop = bisect_left(after.starts, start + len(change.text)) + 1
    if len(before.contents) - old_stop != len(after.contents) - new_stop or old_stop > len(before.contents):
        old_stop, new_stop = len(before.contents), len(after.contents)
    old = [_whole(before, row, row + 1) for row in range(low, old_stop)]
    new = [_whole(after, row, row + 1) for row in range(low, new_stop)]
    return [Gap(gap.i + low, gap.j + low, gap.k + low, gap.m + low) for gap in gaps(old, new)]


def _changes(before: Document, after: Document, found: Sequence[Gap]) -> list[Change]:
    """Return gaps as changes, last first, so that each one's offsets hold when its turn comes."""
    changes = []
    for gap in reversed(found):
        change = Change.between(_whole(before, gap.i, gap.j), _whole(after, gap.k, gap.m))
        at = before.starts[gap.i] if gap.i else 0
        changes.append(Change(Span(at + change.span.start, at + change.span.end), change.text))
    return changes


def _whole(lines: Document, first: int, last: int) -> str:
    """Return lines with their ends; a byte order mark belongs to the first."""
    return lines.text[lines.starts[first] if first else 0 : lines.starts[last] if last else 0]


def _is_firm(edit: LineEdit, old: Sequence[str], new: Sequence[str], gap: Gap) -> bool:
    """Tell whether the lines that an edit relies on are the old ones for certain, as far as one gap goes.

    Between them and the gap must stand a line, or be among them, that the gap itself does not have on either side:
    else the user may have typed that very line again, and the old one be the other.
    """
    first, last = relied_on(edit)
    touched = {*old[gap.i : gap.j], *new[gap.k : gap.m]}
    between = old[gap.j : first + 1] if gap.j <= first else old[last - 1 : gap.i]
    return any(line not in touched for line in between)


def _is_anchored(edit: LineEdit, old: Sequence[str], new: Sequence[str], found: Sequence[Gap]) -> bool:
    """Tell whether the equal lines around an edit are held by the text's beginning or end or by a unique line."""
    first, _ = relied_on(edit)
    low = max((gap.j for gap in found if gap.j <= first), default=0)
    high = min((gap.i for gap in found if gap.i > first), default=len(old))
    if not low or high == len(old):
        return True
    near = range(max(low, first - _NEIGHBOURS), min(high, first + _NEIGHBOURS))
    return any(old.count(old[row]) == 1 == new.count(old[row]) for row in near)


def _file(plan: EditPlan) -> str:
    return next((edit.file for edit in plan.edits if edit.file), "")
