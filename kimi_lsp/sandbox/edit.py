"""From changed lines to edits as the model writes them: whole lines copied verbatim, and what replaces them.

A search holds 1 to 8 lines; neighbours are added until it occurs once, as far as that is possible.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from kimi_lsp.sandbox.document import Document

_MOST_LINES = 8


@dataclass(frozen=True, slots=True, order=True)
class LineChange:
    """Rows `start` to `end` (excluded) become these lines, which are given without their ends."""

    start: int
    end: int
    lines: tuple[str, ...]


class Edit(TypedDict):
    """One edit of the answer; `line` is the search's first line, from 1."""

    file: str
    search: str
    replace: str
    line: int


def combined(changes: Iterable[LineChange]) -> tuple[list[LineChange], list[LineChange]]:
    """Return the changes in order without repetitions, and those that were left out as they meet another one."""
    kept: list[LineChange] = []
    left_out: list[LineChange] = []
    for change in changes:
        if change not in kept:
            meets = any(_meet(change, other) for other in kept)
            (left_out if meets else kept).append(change)
    return sorted(kept, key=lambda change: (change.start, change.end)), left_out


def applied(document: Document, changes: Sequence[LineChange]) -> list[str]:
    """Return the document's lines after changes that are in order and do not meet."""
    return [line for line, _ in _replaced(document, changes, 0, len(document.lines))]


def edits(document: Document, changes: Sequence[LineChange]) -> list[Edit]:
    """Write changes that are in order and do not meet as edits."""
    groups: list[list[LineChange]] = []
    for change in changes:
        if groups and change.start == groups[-1][-1].end and _fits(groups[-1][0], change, document):
            groups[-1].append(change)
        else:
            groups.append([change])
    written: list[Edit] = []
    used = 0
    for index, group in enumerate(groups):
        # No line is shown by two edits.
        low = min(used, group[0].start)
        high = groups[index + 1][0].start if index + 1 < len(groups) else len(document.lines)
        start, end = _with_anchor(document, group, low, high)
        used = end
        replacement = _replaced(document, group, start, end)
        written.append(
            {
                "file": document.path,
                "search": _joined(document, _rows(document, start, end), start),
                "replace": _joined(document, replacement, start),
                "line": start + document.first,
            }
        )
    return written


def _meet(one: LineChange, two: LineChange) -> bool:
    if one.start == one.end or two.start == two.end:
        return one.start < two.end and two.start < one.end
    return max(one.start, two.start) < min(one.end, two.end)


def _fits(first: LineChange, change: LineChange, document: Document) -> bool:
    return change.end - first.start <= _MOST_LINES or (not change.lines and change.end == len(document.lines))


def _with_anchor(document: Document, group: Sequence[LineChange], low: int, high: int) -> tuple[int, int]:
    """Return the rows to show, of those that no other change has: the fewest that make a good search.

    Good means, the more important first: an insertion or a removal has a neighbour, the search occurs once, it does
    not start or end in a blank line, and an insertion has both its neighbours.
    """
    start, end = group[0].start, group[-1].end
    adds = any(change.lines for change in group)
    room = max(0, _MOST_LINES - (end - start))

    def rank(window: tuple[int, int]) -> tuple[bool, bool, bool, bool, int, int]:
        first, last = window
        more = (last - first) - (end - start)
        shown = document.lines[first:last]
        return (
            not more and (start == end or not adds),
            not _is_unique(document, first, last),
            not shown or not shown[0].strip() or not shown[-1].strip(),
            start == end and (first == start or last == end),
            more,
            abs((start - first) - (last - end)),
        )

    windows = [
        (start - before, end + after)
        for before in range(min(room, start - low) + 1)
        for after in range(min(room - before, high - end) + 1)
    ]
    return min(windows, key=rank)


def _is_unique(document: Document, start: int, end: int) -> bool:
    search = _joined(document, _rows(document, start, end), start)
    at = document.text.find(search)
    return document.text.find(search, at + 1) < 0


def _rows(document: Document, start: int, end: int) -> list[tuple[str, str]]:
    return list(zip(document.lines[start:end], document.ends[start:end], strict=True))


def _replaced(
    document: Document, changes: Sequence[LineChange], start: int, end: int
) -> list[tuple[str, str]]:
    """Return lines with their ends after the changes; a new line takes the end of the line at its place."""
    out: list[tuple[str, str]] = []
    at = start
    for change in changes:
        out += _rows(document, at, change.start)
        place = min(change.start, len(document.ends) - 1)
        out += [(line, document.ends[place]) for line in change.lines]
        at = change.end
    return out + _rows(document, at, end)


def _joined(document: Document, rows: Sequence[tuple[str, str]], start: int) -> str:
    """Join lines; the last one's end is left off."""
    mark = document.mark if start == 0 else ""
    return mark + "".join(line + (end or "\n") for line, end in rows[:-1]) + (rows[-1][0] if rows else "")
