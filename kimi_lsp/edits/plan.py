"""From proposals to the exact changes of one text: all of them, or none and the reason.

All offsets and rows count in the text that the plan was made on; edits do not see each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kimi_lsp.edits.carry import LineEdit, carry
from kimi_lsp.edits.folded import Document, document, lines_of
from kimi_lsp.edits.locate import locate
from kimi_lsp.edits.match import Wanted
from kimi_lsp.edits.omission import new_marker
from kimi_lsp.edits.proposal import Proposal
from kimi_lsp.edits.refusal import EmptySearch, Omission, Overlap, Wrapped
from kimi_lsp.edits.wrapping import stray
from kimi_lsp.text import Span

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Hunk:
    """The smallest replacement; its span counts code points of the text that was planned on."""

    span: Span
    text: str


@dataclass(frozen=True)
class EditPlan:
    """Exact changes of one text, in order and apart from each other."""

    text: str
    """The text that was planned on."""
    edits: tuple[LineEdit, ...]
    """The same changes as whole lines: what `rebase` carries along."""
    hunks: tuple[Hunk, ...]

    @classmethod
    def of(cls, text: str, edits: Iterable[LineEdit]) -> "EditPlan":
        """Make a plan of changes of lines. Raises Overlap where two of them meet."""
        ordered = sorted(edits, key=_order)
        for one, two in pairwise(ordered):
            if _collide(one, two):
                raise Overlap(two.first + 1, two.file)
        lines = document(text)
        made = (_hunk(lines, edit) for edit in _with_last_line(lines, ordered))
        return cls(text, tuple(ordered), _apart(text, [hunk for hunk in made if hunk is not None]))

    def apply(self) -> str:
        """Return the new text."""
        parts = []
        at = 0
        for hunk in self.hunks:
            parts += [self.text[at : hunk.span.start], hunk.text]
            at = hunk.span.end
        return "".join([*parts, self.text[at:]])

    def without_mark(self) -> "EditPlan":
        """Return the same for the text without its byte order mark, as editors have it."""
        return EditPlan.of(self.text.removeprefix(_BOM), self.edits) if self.text.startswith(_BOM) else self

    @property
    def changed_lines(self) -> tuple[int, ...]:
        """Numbers, from 1 and ascending, of the lines deleted or replaced; of the line before for an insertion."""
        rows: set[int] = set()
        for edit in self.edits:
            rows.update([max(edit.first, 1)] if edit.inserts else range(edit.first + 1, edit.last + 1))
        return tuple(sorted(rows))


def plan(text: str, proposals: Sequence[Proposal]) -> EditPlan:
    """Find the place of every proposal and carry it onto the text's own lines.

    Raises a Refusal for the first that cannot be made exactly; then none of them is.
    """
    lines = document(text)
    edits: list[LineEdit] = []
    # A model that says the same edit twice means it once.
    for proposal in dict.fromkeys(proposals):
        edits += _edits(lines, proposal)
    return EditPlan.of(text, edits)


def _edits(lines: Document, proposal: Proposal) -> list[LineEdit]:
    search, new = lines_of(proposal.search), lines_of(proposal.replace)
    if search == new:
        return []
    if not any(line.strip() for line in search):
        if lines.body or search:
            raise EmptySearch(proposal.file)
        return [LineEdit(0, 0, tuple(new), file=proposal.file)]
    if marker := new_marker(search, new):
        raise Omission(marker, proposal.file)
    hint = proposal.line - 1 if proposal.line is not None and proposal.line > 0 else None
    ends = proposal.search.endswith(("\n", "\r"))
    wanted = Wanted(tuple(search), tuple(new), hint, proposal.file, ends)
    matches = locate(lines, wanted)
    if line := stray(wanted, matches, lines.body):
        raise Wrapped(line, proposal.file)
    return [edit for match in matches for edit in carry(lines, match)]


def _order(edit: LineEdit) -> tuple[int, int, int]:
    """Insertions come before what is replaced from the same row on; one that follows a quoted line comes first."""
    return edit.first, edit.last, 0 if edit.after and not edit.before else 1


def _collide(one: LineEdit, two: LineEdit) -> bool:
    """Tell whether two edits, in order, meet: the same lines, the same gap, or a line that the other relies on."""
    if two.first < one.last:
        return True
    if two.first > one.last:
        return False
    if one.inserts and two.inserts:
        return not (one.after and not one.before and two.before and not two.after)
    if one.inserts:
        return one.before
    return two.inserts and two.after


def _with_last_line(lines: Document, ordered: Sequence[LineEdit]) -> list[LineEdit]:
    """Put an edit that deletes a last line without an end together with one right before: both need the end between."""
    made = list(ordered)
    count = len(lines.contents)
    while len(made) > 1 and made[-1].last == count > 0 and not made[-1].new and not lines.end(count - 1):
        one, two = made[-2:]
        if one.last < two.first:
            break
        made[-2:] = [replace(one, last=count, after=False, before=False)]
    return made


def _hunk(lines: Document, edit: LineEdit) -> Hunk | None:
    """Return the smallest change of characters, or None where the lines are what they shall be already."""
    text, start, end = lines.text, lines.starts[edit.first], lines.starts[edit.last]
    count = len(lines.contents)
    open_end = edit.last == count and count > 0 and not lines.end(count - 1)
    if open_end and not edit.new and edit.first:
        start -= len(lines.end(edit.first - 1))
    made = _neighbour_end(lines, edit.first - 1) if open_end and edit.inserts else ""
    before = text[max(0, start - 1) : start]
    for step, line in enumerate(edit.new):
        end_of_line = "" if open_end and step == len(edit.new) - 1 else _end(lines, edit, step)
        # A lone carriage return and a line feed that meet would be one end: two lines would become one.
        if end_of_line == "\n" and not line and (made or before).endswith("\r"):
            end_of_line = "\r\n"
        made += line + end_of_line
    if (made or before).endswith("\r") and text.startswith("\n", end):
        made += "\n"
    return _smallest(text, Span(start, end), made)


def _apart(text: str, hunks: Iterable[Hunk]) -> tuple[Hunk, ...]:
    """Make one of two hunks that begin at the same place: which comes first is not for an editor to choose."""
    found: list[Hunk] = []
    for hunk in hunks:
        if found and found[-1].span.start == hunk.span.start:
            both = _smallest(text, Span(hunk.span.start, hunk.span.end), found.pop().text + hunk.text)
            found += [both] if both else []
        else:
            found.append(hunk)
    return tuple(found)


def _end(lines: Document, edit: LineEdit, step: int) -> str:
    """Return the end of a new line: that of the line it replaces or follows."""
    row = edit.first - 1 if edit.inserts else min(edit.first + step, edit.last - 1)
    return _neighbour_end(lines, max(0, row))


def _neighbour_end(lines: Document, row: int) -> str:
    if row >= len(lines.contents):
        return lines.eol
    return lines.end(row) or (lines.end(row - 1) if row else "") or lines.eol


def _smallest(text: str, span: Span, new: str) -> Hunk | None:
    r"""Take off what stays at both ends, but never half of a `\r\n` or of a surrogate pair."""
    old = span.of(text)
    if old == new:
        return None
    shortest = min(len(old), len(new))
    head = 0
    while head < shortest and old[head] == new[head]:
        head += 1
    while head and (_splits(old, head) or _splits(new, head)):
        head -= 1
    tail = 0
    while tail < shortest - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    while tail and (_splits(old, len(old) - tail) or _splits(new, len(new) - tail)):
        tail -= 1
    return Hunk(Span(span.start + head, span.end - tail), new[head : len(new) - tail])


def _splits(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    return (left == "\r" and right == "\n") or (
        "\ud800" <= left <= "\udbff" and "\udc00" <= right <= "\udfff"
    )
