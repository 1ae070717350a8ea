"""Which line of a search is which line of a part of the document, where only some of them agree.

Only what every best alignment has in common counts as known. Lines are compared folded, never by likeness.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from kimi_lsp.edits.folded import is_solid


def align(folds: Sequence[str], window: Sequence[str], low: int) -> tuple[tuple[int | None, ...], int]:
    """Match lines in order and return their rows and how many agree.

    Lines with words come first, as many as can be, but only those matches count as known that every best alignment
    has. Brackets and blank lines say nothing by themselves and are known only next to a line that is.
    """
    rows: list[int | None] = [None] * len(folds)
    ours = [row for row, line in enumerate(folds) if is_solid(line)]
    theirs = [row for row, line in enumerate(window) if is_solid(line)]
    best, forced = _common([folds[row] for row in ours], [window[row] for row in theirs])
    for i, j in forced:
        rows[ours[i]] = theirs[j]
    _extend(rows, folds, window)
    _add_blanks(rows, folds, window)
    weak = sum(rows[row] is not None and not is_solid(line) for row, line in enumerate(folds) if line)
    return tuple(None if row is None else low + row for row in rows), best + weak


def _common(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, list[tuple[int, int]]]:
    """Return the length of the longest common subsequence, and the pairs that all of that length have."""
    high, wide = len(ours), len(theirs)
    ahead = [[0] * (wide + 1) for _ in range(high + 1)]
    for i, line in enumerate(ours):
        above, here = ahead[i], ahead[i + 1]
        for j, other in enumerate(theirs):
            here[j + 1] = above[j] + 1 if line == other else max(here[j], above[j + 1])
    behind = [[0] * (wide + 1) for _ in range(high + 1)]
    for i in range(high - 1, -1, -1):
        line, below, here = ours[i], behind[i + 1], behind[i]
        for j in range(wide - 1, -1, -1):
            here[j] = below[j + 1] + 1 if line == theirs[j] else max(here[j + 1], below[j])
    best = ahead[high][wide]
    forced = []
    for i, line in enumerate(ours):
        fits = [
            j
            for j, other in enumerate(theirs)
            if line == other and ahead[i][j] + 1 + behind[i + 1][j + 1] == best
        ]
        skippable = any(ahead[i][j] + behind[i + 1][j] == best for j in range(wide + 1))
        if len(fits) == 1 and not skippable:
            forced.append((i, fits[0]))
    return best, forced


def _extend(rows: list[int | None], folds: Sequence[str], window: Sequence[str]) -> None:
    """Match lines that follow a known one directly on both sides, blank lines passed over.

    A line that the two directions place differently, or two lines that would become the same, stay unknown.
    """
    ours = [row for row, line in enumerate(folds) if line]
    theirs = [row for row, line in enumerate(window) if line]
    place = {row: at for at, row in enumerate(theirs)}
    choices: dict[int, set[int]] = {row: set() for row in ours if rows[row] is None}
    for step, walk in ((1, ours), (-1, ours[::-1])):
        at: int | None = None
        for row in walk:
            real = rows[row]
            if real is not None:
                at = place[real]
                continue
            at = None if at is None else at + step
            if at is None or not 0 <= at < len(theirs) or window[theirs[at]] != folds[row]:
                at = None
                continue
            choices[row].add(theirs[at])
    claims = Counter(real for choice in choices.values() for real in choice)
    claims.update(row for row in rows if row is not None)
    for row, choice in choices.items():
        if len(choice) == 1 and claims[min(choice)] == 1:
            rows[row] = min(choice)


def _add_blanks(rows: list[int | None], folds: Sequence[str], window: Sequence[str]) -> None:
    """Match blank lines between known lines that are equally far apart, and those directly next to a known line.

    A blank line that could be either of two stays unknown.
    """
    known = [(row, real) for row, real in enumerate(rows) if real is not None]
    for (row, real), (next_row, next_real) in pairwise(known):
        if next_row - row == next_real - real:
            for step in range(1, next_row - row):
                if not folds[row + step] and not window[real + step]:
                    rows[row + step] = real + step
    claims: dict[int, set[int]] = {}
    for row, real in known:
        for step in (1, -1):
            at, stands = row + step, real + step
            while 0 <= at < len(folds) and 0 <= stands < len(window) and not folds[at] and not window[stands]:
                claims.setdefault(at, set()).add(stands)
                at, stands = at + step, stands + step
    claimed = Counter(stands for choice in claims.values() for stands in choice)
    for at, choice in claims.items():
        if len(choice) == 1 and claimed[min(choice)] == 1:
            rows[at] = min(choice)
