"""From what a review found to what is kept with the document: lines that hang together, and a name to know it by."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kimi_lsp.edits import EditPlan, Hunk
from kimi_lsp.edits.carry import LineEdit, relied_on
from kimi_lsp.edits.sameness import digest
from kimi_lsp.features import Suggestion
from kimi_lsp.server.suggestions import Kept, Part, TextChange
from kimi_lsp.text import Encoding, Lines, Position


def kept(one: Suggestion, identity: str, encoding: Encoding) -> Kept:
    """Return a suggestion as it is kept; its plan must be one of the document as it is now."""
    lines = Lines.of(one.plan.text)
    parts = tuple(_part(group, lines, encoding) for group in _groups(one.plan, lines))
    first = parts[0]
    row = _shown_row(first)
    content = lines.content(first.first + row)
    indent = len(content) - len(content.lstrip()) if content.strip() else 0
    start = lines.position(lines.start(first.first + row) + indent, encoding).character
    end = lines.position(lines.stop(first.first + row), encoding).character
    return Kept(
        identity,
        one.reason,
        digest(one.plan),
        parts,
        (row, start),
        (row, end),
        _line_afterwards(one.plan, lines, first.first + row),
    )


@dataclass
class _Group:
    """Lines that hang together, while they are found."""

    first: int
    last: int
    edits: list[LineEdit] = field(default_factory=list)
    hunks: list[Hunk] = field(default_factory=list)


def _groups(plan: EditPlan, lines: Lines) -> list[_Group]:
    """Put lines together that an edit relies on or changes, and those that meet."""
    found: list[_Group] = []
    for one in sorted(_pieces(plan, lines), key=lambda group: (group.first, group.last)):
        if found and one.first <= found[-1].last:
            group = found[-1]
            group.last = max(group.last, one.last)
            group.edits += one.edits
            group.hunks += one.hunks
        else:
            found.append(one)
    return found


def _pieces(plan: EditPlan, lines: Lines) -> Iterator[_Group]:
    for edit in plan.edits:
        yield _Group(*relied_on(edit), edits=[edit])
    for hunk in plan.hunks:
        start, end = (lines.position(offset, "utf-32") for offset in (hunk.span.start, hunk.span.end))
        yield _Group(start.line, end.line + (end.character > 0), hunks=[hunk])


def _part(group: _Group, lines: Lines, encoding: Encoding) -> Part:
    def place(offset: int) -> tuple[int, int]:
        found: Position = lines.position(offset, encoding)
        return found.line - group.first, found.character

    changes = [TextChange(place(one.span.start), place(one.span.end), one.text) for one in group.hunks]
    edits = [replace(one, first=one.first - group.first, last=one.last - group.first) for one in group.edits]
    return Part(group.first, group.last, tuple(changes), tuple(edits))


def _shown_row(part: Part) -> int:
    """Return the line to mark, counted from the part's first: the first that changes, else the one before what is new."""
    edit = part.edits[0]
    return edit.first - edit.after if edit.inserts else edit.first


def _line_afterwards(plan: EditPlan, lines: Lines, row: int) -> str:
    """Return what a line is after a plan that changes nothing but this line, with what comes below it; else nothing."""
    if len(plan.hunks) != 1:
        return ""
    (hunk,) = plan.hunks
    start, stop = lines.start(row), lines.stop(row)
    if not start <= hunk.span.start <= hunk.span.end <= stop:
        return ""
    return plan.text[start : hunk.span.start] + hunk.text + plan.text[hunk.span.end : stop]
