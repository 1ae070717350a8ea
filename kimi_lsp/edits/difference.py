"""What an edit changes: the hunks between its search and its replacement, a few lines each.

Which line of the replacement is a line of the search decides whose bytes stand in the document afterwards, so lines
that say something are matched first; blank lines and brackets only between them.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.edits.folded import is_solid
from kimi_lsp.text import gaps


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines `i:j` of the search become lines `k:m` of the replacement."""

    i: int
    j: int
    k: int
    m: int


def difference(search: Sequence[str], replace: Sequence[str]) -> list[Difference]:
    """Return the hunks, in order; all lines outside of them are equal."""
    head = 0
    shortest = min(len(search), len(replace))
    while head < shortest and search[head] == replace[head]:
        head += 1
    tail = 0
    while tail < shortest - head and search[-1 - tail] == replace[-1 - tail]:
        tail += 1
    ours, theirs = search[head : len(search) - tail], replace[head : len(replace) - tail]
    found: list[Difference] = []
    for gap in gaps(_apart(ours, "search"), _apart(theirs, "replace")):
        matcher = difflib.SequenceMatcher(None, ours[gap.i : gap.j], theirs[gap.k : gap.m], autojunk=False)
        low, high = head + gap.i, head + gap.k
        found += [
            Difference(low + i, low + j, high + k, high + m)
            for tag, i, j, k, m in matcher.get_opcodes()
            if tag != "equal"
        ]
    return found


def _apart(lines: Sequence[str], side: str) -> list[str]:
    """Make the lines that say nothing equal to no other, so that only the rest is matched."""
    return [line if is_solid(line) else f"{side} {row}\n" for row, line in enumerate(lines)]
