"""Carry an edit onto the document's own lines: only the difference between search and replacement is taken over.

The place may have been found loosely. Here nothing is loose: every line that the difference deletes or replaces
must be matched, the lines must follow each other in the document as they do in the search, and both neighbours of
an insertion must still be neighbours. Lines that the edit does not change keep their bytes.
"""

from dataclasses import dataclass

from kimi_lsp.edits.difference import Difference, difference
from kimi_lsp.edits.folded import Document, body_of, indent_of
from kimi_lsp.edits.indentation import Indentation, learn, lost
from kimi_lsp.edits.match import Match
from kimi_lsp.edits.refusal import Differs, NotAdjacent, Refusal, UnclearIndentation
from kimi_lsp.edits.spelling import controls, respell, reword, without_noise


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Whole lines of a document that become others: `first` up to, not including, `last`; equal for an insertion."""

    first: int
    last: int
    new: tuple[str, ...]
    """The new lines, without ends."""
    after: bool = False
    """For an insertion: it follows line `first - 1`, which the edit quoted."""
    before: bool = False
    """For an insertion: it precedes line `last`, which the edit quoted."""
    file: str = ""

    @property
    def inserts(self) -> bool:
        """Whether no line is deleted or replaced."""
        return self.first == self.last


def relied_on(edit: LineEdit) -> tuple[int, int]:
    """Return the rows, the last one excluded, that an edit deletes, replaces or inserts next to."""
    if edit.inserts:
        return edit.first - edit.after, edit.last + edit.before
    return edit.first, edit.last


def carry(document: Document, match: Match) -> list[LineEdit]:
    """Return the edit as changes of whole lines of the document.

    Raises Differs, NotAdjacent or UnclearIndentation.
    """
    search, new = match.wanted.search, match.wanted.replace
    hunks = difference(search, without_noise(document.body, search, new))
    if not hunks:
        return []
    pairs = [
        (indent_of(line), indent_of(document.contents[row]))
        for line, row in zip(search, match.rows, strict=True)
        if row is not None and line.strip()
    ]
    from_first = bool(search[0].strip()) and match.rows[0] is not None
    indentation = learn(pairs, search, new, from_first=from_first)
    if indentation is None or (indentation.same and lost(search, new)):
        raise _refuse(UnclearIndentation, document, match)
    return [_carry_hunk(document, match, indentation, hunk) for hunk in hunks]


def _carry_hunk(document: Document, match: Match, indentation: Indentation, hunk: Difference) -> LineEdit:
    wanted, rows = match.wanted, match.rows[hunk.i : hunk.j]
    if hunk.i == hunk.j:
        first = last = _insertion_row(document, match, hunk.i)
    else:
        known = [row for row in rows if row is not None]
        if len(known) < len(rows):
            raise _differs(document, match, hunk)
        first, last = known[0], known[-1] + 1
        if last - first != len(known) or (match.near and not _supported(document, match, hunk)):
            raise _refuse(NotAdjacent, document, match)
        if any(
            controls(document.contents[row]) != controls(line)
            for row, line in zip(known, wanted.search[hunk.i : hunk.j], strict=True)
        ):
            raise Differs(wanted.search[hunk.i : hunk.j], document.nearest(first, 1, 0, 1), wanted.file)
    new = _render(document, match, indentation, hunk)
    if hunk.i < hunk.j:
        return LineEdit(first, last, new, file=wanted.file)
    return LineEdit(first, last, new, hunk.i > 0, hunk.i < len(wanted.search), wanted.file)


def _insertion_row(document: Document, match: Match, at: int) -> int:
    """Return the row before which to insert; the search's lines on both sides must be neighbours there."""
    left = match.rows[at - 1] if at else None
    right = match.rows[at] if at < len(match.rows) else None
    search, folds = match.wanted.search, document.folds
    # One blank line more or less does not matter on the far side of a blank line that is there.
    if left is None and at and right and not search[at - 1].strip() and not folds[right - 1]:
        return right
    if right is None and left is not None and at < len(search) and not search[at].strip():
        right = left + 1 if left + 1 < len(folds) and not folds[left + 1] else None
    if (at and left is None) or (at < len(match.rows) and right is None):
        raise _refuse(NotAdjacent, document, match)
    if left is not None and right is not None and right != left + 1:
        raise _refuse(NotAdjacent, document, match)
    if left is not None:
        return left + 1
    return 0 if right is None else right


def _supported(document: Document, match: Match, hunk: Difference) -> bool:
    """Tell whether a line next to the hunk stands next to it in the document too, blank lines apart."""
    first, last = match.rows[hunk.i], match.rows[hunk.j - 1]
    if first is None or last is None:
        return False
    known = [(at, row) for at, row in enumerate(match.rows) if row is not None]
    said = [at for at, line in enumerate(match.wanted.search) if line.strip()]
    above = {hunk.i - 1, *[at for at in said if at < hunk.i][-1:]}
    below = {hunk.j, *[at for at in said if at >= hunk.j][:1]}
    folds = document.folds
    return any(
        (at in above and not any(folds[row + 1 : first])) or (at in below and not any(folds[last + 1 : row]))
        for at, row in known
    )


def _render(document: Document, match: Match, indentation: Indentation, hunk: Difference) -> tuple[str, ...]:
    """Return a hunk's new lines: the replacement's, in the document's indentation and spelling."""
    ours = match.wanted.search[hunk.i : hunk.j]
    new = match.wanted.replace[hunk.k : hunk.m]
    real = [document.contents[row] for row in match.rows[hunk.i : hunk.j] if row is not None]
    indents = []
    for step, line in enumerate(new):
        indent = indentation.of(line, first=hunk.k + step == 0)
        if indent is None or (line.strip() and _is_foreign(document, match, indent)):
            raise _refuse(UnclearIndentation, document, match)
        indents.append(indent)
    pairs = [
        (line, document.contents[row])
        for line, row in zip(match.wanted.search, match.rows, strict=True)
        if row is not None
    ]
    bodies: list[str] | None = respell(pairs, document.body, ours, new)
    if bodies is not None and [body_of(line) for line in ours] != [body_of(line) for line in real]:
        bodies = reword(ours, real, bodies)
    elif bodies is not None:
        bodies = [body_of(line) for line in bodies]
    if bodies is None:
        nearest = document.nearest(_some_row(match), len(match.rows), 0, len(ours) or len(new))
        raise Differs(ours or new, nearest, match.wanted.file)
    return tuple(indent + body for indent, body in zip(indents, bodies, strict=True))


def _is_foreign(document: Document, match: Match, indent: str) -> bool:
    """Tell whether an indentation would bring tabs among spaces, spaces among tabs, or odd blanks.

    The lines around decide where they are indented themselves, else the whole document.
    """
    around = {indent_of(document.contents[row]) for row in match.rows if row is not None} - {""}
    if not indent or indent in around:
        return False
    if indent.strip(" \t"):
        return True
    tabs = any("\t" in other for other in around) if around else document.tabs
    spaces = any(len(other.lstrip("\t")) > 1 for other in around) if around else document.spaces
    return spaces and not tabs if indent.startswith("\t") else len(indent) > 1 and tabs and not spaces


def _some_row(match: Match) -> int:
    return next((row for row in match.rows if row is not None), 0)


def _differs(document: Document, match: Match, hunk: Difference) -> Differs:
    """Return the refusal for a hunk with an unmatched line, with the place where that line ought to be."""
    at = next(at for at in range(hunk.i, hunk.j) if match.rows[at] is None)
    above = next((row + 1 for row in reversed(match.rows[:at]) if row is not None), None)
    below = next((row - 1 for row in match.rows[at:] if row is not None), 0)
    row = min(max(0, below if above is None else above), max(0, len(document.contents) - 1))
    known = sum(row is not None for row in match.rows[hunk.i : hunk.j])
    nearest = document.nearest(row, hunk.j - at, known, hunk.j - hunk.i)
    return Differs(match.wanted.search[hunk.i : hunk.j], nearest, match.wanted.file)


def _refuse(leaf: type[NotAdjacent | UnclearIndentation], document: Document, match: Match) -> Refusal:
    agree = sum(row is not None for row in match.rows)
    nearest = document.nearest(_some_row(match), len(match.rows), agree, len(match.rows))
    return leaf(nearest, match.wanted.file)
