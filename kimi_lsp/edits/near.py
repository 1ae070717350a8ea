"""Find the place that agrees with most lines of a search, where no place agrees with all.

This only says where. Lines that do not agree stay unmatched, and `carry` touches matched lines only.
A place is taken when nothing else comes near it and when each match in it could not have been another.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.edits.align import align
from kimi_lsp.edits.folded import Document, fold, indent_of, is_solid

LEAST_LINES = 3
"""Different lines with words that must agree."""
LEAST_SHARE = 0.6
"""Of the search's lines, this many must agree."""
SECOND_SHARE = 0.6
"""Of the best place's agreement, this much may the second best have."""
EXPLAINED_SHARE = 0.8
"""Of the search's lines, this many must agree or at least resemble what the document has there."""
_LONGEST = 400
_COMMON = 64
_PLACES = 6
_ALIKE = 0.6
_COMMENT = re.compile(r"(?:#|//|/\*|\*|--|;|<!--|\"\"\"|''')")
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Place:
    """One possible place: which of the document's lines each line of the search is."""

    rows: tuple[int | None, ...]
    agree: int
    of: int
    first: int
    """Row in the document at which the search would begin."""


def places(document: Document, search: Sequence[str]) -> list[Place]:
    """Return the most promising places, best first."""
    folds = [fold(line) for line in search]
    wanted = [(row, line) for row, line in enumerate(folds) if line]
    if len(wanted) > _LONGEST:
        return []
    slack = max(4, len(search) // 2)
    readings = []
    for at in _candidates(document, wanted, slack):
        low, high = max(0, at - slack), min(len(document.folds), at + len(search) + slack)
        rows, agree = align(folds, document.folds[low:high], low)
        readings.append(Place(rows, agree, len(wanted), at))
    # Several readings of the same lines are one place: the best of them.
    found: list[Place] = []
    for reading in sorted(readings, key=lambda place: -place.agree):
        if not any(_shared(place.rows, reading.rows) for place in found):
            found.append(reading)
    return found


def choose(document: Document, search: Sequence[str], found: Sequence[Place]) -> Place | None:
    """Return the one place that is near enough and alone, or None."""
    if not found or found[0].agree < LEAST_SHARE * found[0].of:
        return None
    whole = [place for place in found if _is_whole(document, place)]
    if whole:
        solid = sum(map(is_solid, {fold(line) for line in search}))
        return whole[0] if len(whole) == 1 and solid > 1 else None
    slips = [_slips(document, search, place) for place in found]
    order = sorted(range(len(found)), key=lambda at: -min(found[at].of, found[at].agree + len(slips[at])))
    best, typos = found[order[0]], slips[order[0]]
    agree = min(best.of, best.agree + len(typos))
    if len(order) > 1 and found[order[1]].agree + len(slips[order[1]]) > SECOND_SHARE * agree:
        return None
    # Lines that repeat each other say no more about the place than one of them.
    known = {document.folds[row] for row in best.rows if row is not None}
    solid = sum(map(is_solid, known))
    if (
        solid + len(typos) < LEAST_LINES
        or best.agree < LEAST_SHARE * best.of
        or not _is_compact(best, len(search))
    ):
        return None
    others = [row for row in _unmatched(search, best) if row not in typos]
    if any(_opens_block(search, row) for row in others):
        return None
    # A line that the document has fewer times than the search: the edit may be made already, in part.
    if any(is_solid(line) and line in known for line in (fold(search[row]) for row in others)):
        return None
    alike = sum(_is_alike(document, search, best, row) for row in others)
    return best if agree + alike >= EXPLAINED_SHARE * best.of else None


def _is_whole(document: Document, place: Place) -> bool:
    """Tell whether nothing but blank lines is missing or too many."""
    real = [row for row in place.rows if row is not None and document.folds[row]]
    if len(real) < place.of:
        return False
    return sum(map(bool, document.folds[real[0] : real[-1] + 1])) == place.of


def _candidates(document: Document, wanted: Sequence[tuple[int, str]], slack: int) -> list[int]:
    """Let each line of the search vote for where the search would begin; return the best supported rows."""
    stands = [(row, document.index.get(line, [])) for row, line in wanted]
    rare = [item for item in stands if 0 < len(item[1]) <= _COMMON] or stands
    votes: dict[int, int] = {}
    for row, rows in rare:
        for real in rows:
            votes[real - row] = votes.get(real - row, 0) + 1
    groups: list[tuple[int, int]] = []
    ordered = sorted(votes)
    index = 0
    while index < len(ordered):
        last = index
        while last + 1 < len(ordered) and ordered[last + 1] - ordered[index] <= slack:
            last += 1
        group = ordered[index : last + 1]
        groups.append((sum(votes[at] for at in group), max(group, key=lambda at: votes[at])))
        index = last + 1
    return [at for _, at in sorted(groups, key=lambda item: -item[0])[:_PLACES]]


def _shared(one: Sequence[int | None], two: Sequence[int | None]) -> bool:
    return not {row for row in one if row is not None}.isdisjoint(row for row in two if row is not None)


def _is_compact(place: Place, length: int) -> bool:
    real = [row for row in place.rows if row is not None]
    return bool(real) and real[-1] - real[0] < 2 * length + 6


def _opens_block(search: Sequence[str], row: int) -> bool:
    """Tell whether the next line that is not blank is indented deeper: then the line says what the block is."""
    after = next((line for line in search[row + 1 :] if line.strip()), "")
    return len(indent_of(after)) > len(indent_of(search[row]))


def _unmatched(search: Sequence[str], place: Place) -> list[int]:
    return [row for row, line in enumerate(search) if place.rows[row] is None and line.strip()]


def _slips(document: Document, search: Sequence[str], place: Place) -> set[int]:
    """Return the unmatched lines of a search that are what the document has there but for a slip of the pen."""
    if place.agree == place.of:
        return set()
    return {
        row
        for row in _unmatched(search, place)
        if any(_is_typo(fold(search[row]), other) for other in _opposite(document, place, row))
    }


def _opposite(document: Document, place: Place, row: int) -> list[str]:
    """Return what the document has between the matched lines around an unmatched one, folded."""
    before = next((real for real in reversed(place.rows[:row]) if real is not None), None)
    after = next((real for real in place.rows[row + 1 :] if real is not None), None)
    low = before + 1 if before is not None else max(0, (after or 0) - len(place.rows))
    high = after if after is not None else low + len(place.rows)
    return [other for other in document.folds[low:high] if other]


def _is_alike(document: Document, search: Sequence[str], place: Place, row: int) -> bool:
    """Tell whether an unmatched line resembles something that the document has in its place."""
    line, real = fold(search[row]), _opposite(document, place, row)
    if _COMMENT.match(line) and (not real or any(_COMMENT.match(other) for other in real)):
        return True
    matcher = difflib.SequenceMatcher(None, "", line, autojunk=False)
    for other in real:
        matcher.set_seq1(other)
        if matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE:
            return True
    return False


def _is_typo(one: str, two: str) -> bool:
    """Tell whether two lines differ in one word, by one letter inside it or two swapped: never by a name's end."""
    if abs(len(one) - len(two)) > 1:
        return False
    ours, theirs = _WORD.findall(one), _WORD.findall(two)
    if len(ours) != len(theirs):
        return False
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if len(pairs) != 1:
        return False
    short, long = sorted(pairs[0], key=len)
    if len(short) < 3 or short[0] != long[0] or not (short + long).replace("_", "").isalnum():
        return False
    if any(char.isdigit() for char in set(short) ^ set(long)):
        return False
    if len(short) == len(long):
        off = [at for at in range(len(short)) if short[at] != long[at]]
        return (
            len(off) == 2
            and off[1] == off[0] + 1
            and short[off[0]] == long[off[1]]
            and short[off[1]] == long[off[0]]
        )
    return len(long) == len(short) + 1 and any(
        long[:at] + long[at + 1 :] == short for at in range(1, len(long) - 1)
    )
