"""Which lines of one text became which of another.

Lines that stand once on both sides hold the comparison together, and between them again, so that the cost follows
the length of the text even where all of it changed. Nothing is matched on likeness.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, order=True, slots=True)
class Gap:
    """Lines `i:j` of the old text became lines `k:m` of the new one; all lines outside gaps are equal, in order."""

    i: int
    j: int
    k: int
    m: int


def gaps(old: Sequence[str], new: Sequence[str]) -> list[Gap]:
    """Return the gaps in order. Where no line tells what became what, a gap stays as wide as it is."""
    found: list[Gap] = []
    waiting = [Gap(0, len(old), 0, len(new))]
    while waiting:
        gap = _trim(old, new, waiting.pop())
        if gap.i == gap.j or gap.k == gap.m:
            if gap.i < gap.j or gap.k < gap.m:
                found.append(gap)
            continue
        anchors = _anchors(old, new, gap)
        if not anchors:
            found.append(gap)
            continue
        i, k = gap.i, gap.k
        for row, other in anchors:
            if i < row or k < other:
                waiting.append(Gap(i, row, k, other))
            i, k = row + 1, other + 1
        waiting.append(Gap(i, gap.j, k, gap.m))
    return sorted(found)


def _trim(old: Sequence[str], new: Sequence[str], gap: Gap) -> Gap:
    i, j, k, m = gap.i, gap.j, gap.k, gap.m
    while i < j and k < m and old[i] == new[k]:
        i, k = i + 1, k + 1
    while i < j and k < m and old[j - 1] == new[m - 1]:
        j, m = j - 1, m - 1
    return Gap(i, j, k, m)


def _anchors(old: Sequence[str], new: Sequence[str], gap: Gap) -> list[tuple[int, int]]:
    """Return the longest rising row of lines that are unique on both sides of a gap."""
    theirs = Counter(new[gap.k : gap.m])
    single = {new[row]: row for row in range(gap.k, gap.m) if theirs[new[row]] == 1}
    ours = Counter(old[gap.i : gap.j])
    pairs = [
        (row, single[old[row]]) for row in range(gap.i, gap.j) if ours[old[row]] == 1 and old[row] in single
    ]
    return pairs if all(one[1] < two[1] for one, two in pairwise(pairs)) else _rising(pairs)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of pairs, which rise in the first number, that rises in the second too."""
    ends: list[int] = []
    last: list[int] = []
    before = [-1] * len(pairs)
    for index, (_, row) in enumerate(pairs):
        at = bisect_left(ends, row)
        before[index] = last[at - 1] if at else -1
        if at == len(ends):
            ends.append(row)
            last.append(index)
        else:
            ends[at], last[at] = row, index
    chain: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]
