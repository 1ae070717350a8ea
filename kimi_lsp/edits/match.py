"""An edit as lines, the places where whole lines of it stand, and the choice of one of them.

Lines are compared here byte for byte or folded, never by likeness.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.edits.folded import Document, fold, indent_of
from kimi_lsp.edits.indentation import Pair, learn
from kimi_lsp.edits.refusal import AlreadyThere, Ambiguous

HINT_REACH = 60
"""Lines from the hint beyond which it says nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An edit as lines without ends."""

    search: tuple[str, ...]
    replace: tuple[str, ...]
    hint: int | None = None
    """Row, from 0, at which the search is said to begin."""
    file: str = ""
    ends: bool = False
    """Whether the search's last line is quoted with its end."""


@dataclass(frozen=True, slots=True)
class Match:
    """An edit with its place: which row of the document each line of the search is, None for unmatched ones."""

    wanted: Wanted
    rows: tuple[int | None, ...]
    near: bool = False
    """Whether only most lines agree."""


def pick(rows: Sequence[int], wanted: Wanted) -> int:
    """Choose among equally good places: there is one, or the hint is clearly nearer to one."""
    if len(rows) == 1:
        return rows[0]
    if wanted.hint is not None:
        hint = wanted.hint
        nearest, second = sorted(rows, key=lambda row: abs(row - hint))[:2]
        distance = abs(nearest - hint)
        if distance <= HINT_REACH and distance * 3 + 3 <= abs(second - hint):
            return nearest
    raise Ambiguous(wanted.search, [row + 1 for row in rows], wanted.file)


def exact(document: Document, search: Sequence[str]) -> list[int]:
    """Return the rows at which these whole lines stand, byte for byte but for their ends."""
    body, text = document.body, "\n".join(search)
    rows: list[int] = []
    at = body.find(text)
    while at >= 0:
        stop = at + len(text)
        if (at == 0 or body[at - 1] == "\n") and (stop == len(body) or body[stop] == "\n"):
            row = document.row_at(at)
            if row + len(search) <= len(document.contents):
                rows.append(row)
        at = body.find(text, at + 1)
    return rows


def occurrences(document: Document, folds: Sequence[str]) -> list[int]:
    """Return the rows at which these folded lines stand, found by the rarest of them."""
    stands = [(document.index.get(line, ()), row) for row, line in enumerate(folds) if line]
    if not stands:
        return []
    rare, offset = min(stands, key=lambda item: len(item[0]))
    wanted = list(folds)
    starts = (row - offset for row in rare if row >= offset)
    return [row for row in starts if document.folds[row : row + len(wanted)] == wanted]


def whole(document: Document, wanted: Wanted, row: int) -> Match:
    """Return the match of whole lines, unless the replacement's new lines stand around them already."""
    extra = len(wanted.replace) - len(wanted.search)
    if extra > 0:
        ours = [fold(line) for line in wanted.search]
        new = [fold(line) for line in wanted.replace]
        for at in range(extra + 1):
            if new[at : at + len(ours)] != ours or not _says(new[:at] + new[at + len(ours) :]):
                continue
            low = row - at
            if low >= 0 and [fold(line) for line in document.contents[low : low + len(new)]] == new:
                raise AlreadyThere(low + 1, wanted.file)
    return Match(wanted, tuple(range(row, row + len(wanted.search))))


def indents(document: Document, search: Sequence[str], row: int) -> list[Pair]:
    """Return how the lines that are not blank are indented, in the search and in the document."""
    return [
        (indent_of(line), indent_of(document.contents[row + step]))
        for step, line in enumerate(search)
        if line.strip()
    ]


def indents_alike(document: Document, wanted: Wanted, row: int) -> bool:
    """Tell whether the search is indented as the document is there."""
    return all(ours == theirs for ours, theirs in indents(document, wanted.search, row))


def indents_consistently(document: Document, wanted: Wanted, row: int) -> bool:
    """Tell whether one rule makes the search's indentation the document's."""
    from_first = bool(wanted.search[0].strip())
    return (
        learn(indents(document, wanted.search, row), wanted.search, wanted.replace, from_first=from_first)
        is not None
    )


def _says(lines: Sequence[str]) -> bool:
    """Tell whether lines are more than blanks and brackets, of which there may well be one more."""
    return any(char.isalnum() for line in lines for char in line)
