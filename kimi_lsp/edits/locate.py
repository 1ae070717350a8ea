"""Where in a document an edit belongs: exactly one place, or a refusal.

Tiers, from strict to loose; the first with a place decides, and a tier with several places refuses unless the
line hint is clearly nearer to one of them:

    whole lines, equal but for their line ends
    the same once line numbers, fences and the like are taken off (`wrapping`)
    whole lines, equal once folded (blanks, quotes, dashes, accents), with the document's indentation
    the same with one consistent change of indentation, or a piece of one line on whole words
    several whole lines of which the first or last is cut short
    parts around `...`, each in order after the one before
    most lines equal, and nothing else near (`near`)

Nothing is changed here, and what is looser in the search is never copied into the document: see `carry`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kimi_lsp.edits.folded import Document, fold
from kimi_lsp.edits.match import (
    Match,
    Wanted,
    exact,
    indents_alike,
    indents_consistently,
    occurrences,
    pick,
    whole,
)
from kimi_lsp.edits.near import Place, choose, places
from kimi_lsp.edits.omission import is_marker
from kimi_lsp.edits.parts import parts
from kimi_lsp.edits.piece import cut_short, piece, pieces
from kimi_lsp.edits.refusal import NotFound, UnclearIndentation
from kimi_lsp.edits.wrapping import readings

_MOST_SEEN = 20
_WORDS = re.compile(r"\w{4,}")


def locate(document: Document, wanted: Wanted, *, in_pieces: bool = True) -> tuple[Match, ...]:
    """Find an edit's place; an edit with `...` gives a match for each of its parts.

    Without `in_pieces`, only whole lines are a place. Raises NotFound, Ambiguous, Differs, UnclearIndentation or
    AlreadyThere.
    """
    if rows := exact(document, wanted.search):
        return (whole(document, wanted, pick(rows, wanted)),)
    for reading in readings(wanted):
        said = any(line.strip() for line in reading.search)
        if said and (rows := exact(document, reading.search)):
            return (whole(document, reading, pick(rows, reading)),)
    if match := _folded(document, wanted, in_pieces) or (in_pieces and cut_short(document, wanted)):
        return (match,)
    trimmed = _without_blank_edges(wanted)
    if trimmed != wanted:
        # A line that was quoted below or above a blank one was quoted whole.
        return locate(document, trimmed, in_pieces=False)
    if any(is_marker(line) for line in wanted.search):
        if found_parts := parts(document, wanted):
            return found_parts
        raise not_found(document, wanted, places(document, wanted.search))
    found = places(document, wanted.search)
    place = choose(document, wanted.search, found)
    if place is None:
        raise not_found(document, wanted, found)
    return (Match(wanted, place.rows, near=True),)


def not_found(document: Document, wanted: Wanted, found: Sequence[Place]) -> NotFound:
    """Return the refusal, with the best of the places that were looked at, or else one that has the rarest words."""
    size = len(wanted.search)
    if found:
        best = found[0]
        row = next((row for row in best.rows if row is not None), max(0, best.first))
        return NotFound(wanted.search, document.nearest(row, size, best.agree, best.of), wanted.file)
    likely = _likely_row(document, wanted.search)
    nearest = None if likely is None else document.nearest(likely, size, 0, size)
    return NotFound(wanted.search, nearest, wanted.file)


def _likely_row(document: Document, search: Sequence[str]) -> int | None:
    """Return where most of the search's longest words stand close together: a place to show, not one to change."""
    words = sorted({word for line in search for word in _WORDS.findall(line)}, key=len)[-8:]
    votes: Counter[int] = Counter()
    for word in words:
        at, seen = document.body.find(word), 0
        while at >= 0 and seen < _MOST_SEEN:
            row = document.row_at(at)
            votes.update(range(max(0, row - len(search) + 1), row + 1))
            at, seen = document.body.find(word, at + len(word)), seen + 1
    return max(votes, key=lambda row: (votes[row], -row)) if votes else None


def _folded(document: Document, wanted: Wanted, in_pieces: bool) -> Match | None:
    """Match whole folded lines, and for a single line also a piece of one."""
    folds = [fold(line) for line in wanted.search]
    rows = occurrences(document, folds)
    same = [row for row in rows if indents_alike(document, wanted, row)]
    if same:
        return whole(document, wanted, pick(same, wanted))
    shifted = [row for row in rows if indents_consistently(document, wanted, row)]
    starts = pieces(document, wanted) if in_pieces and len(folds) == 1 else []
    inside = [(row, start) for start in starts if (row := document.row_at(start)) not in shifted]
    if shifted or inside:
        row = pick(sorted([*shifted, *(row for row, _ in inside)]), wanted)
        return whole(document, wanted, row) if row in shifted else piece(document, wanted, dict(inside)[row])
    if rows:
        raise UnclearIndentation(document.nearest(rows[0], len(folds), len(folds), len(folds)), wanted.file)
    return None


def _without_blank_edges(wanted: Wanted) -> Wanted:
    """Drop blank lines that search and replacement both begin or both end with."""
    ours, theirs = list(wanted.search), list(wanted.replace)
    hint = wanted.hint
    while len(ours) > 1 and theirs and not ours[0].strip() and not theirs[0].strip():
        del ours[0], theirs[0]
        hint = None if hint is None else hint + 1
    while len(ours) > 1 and theirs and not ours[-1].strip() and not theirs[-1].strip():
        del ours[-1], theirs[-1]
    return replace(wanted, search=tuple(ours), replace=tuple(theirs), hint=hint)
