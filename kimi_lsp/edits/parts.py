"""A search with `...` in it: parts that stand in order, each of those to change at one place only.

The replacement must have the same `...`, so that what they stand for stays.
"""

from collections.abc import Sequence
from dataclasses import replace

from kimi_lsp.edits.folded import Document, fold, is_solid
from kimi_lsp.edits.indentation import learn
from kimi_lsp.edits.match import Match, Wanted, exact, indents, indents_consistently, occurrences, whole
from kimi_lsp.edits.omission import segments
from kimi_lsp.edits.refusal import Ambiguous

MOST_SKIPPED = 400
"""Lines that one `...` may stand for."""
_MOST_CHAINS = 1_000


def parts(document: Document, wanted: Wanted) -> tuple[Match, ...] | None:
    """Match the parts around `...`: in order, each changed one at the only place after the one before.

    None where they are not there, in order and indented by one rule. Raises Ambiguous or AlreadyThere.
    """
    ours, markers = segments(wanted.search)
    theirs, kept = segments(wanted.replace)
    changed = [a for a, b in zip(ours, theirs, strict=False) if a != b]
    if markers != kept or not all(any(is_solid(fold(line)) for line in part) for part in changed):
        return None
    edges = {mark for part, mark in ((ours[0], markers[0]), (ours[-1], markers[-1])) if not part}
    # Dots at the edge stand for nothing that was quoted; where the document has such a line, they may be that line.
    if any(mark in document.index for mark in edges):
        return None
    spots = [exact(document, part) if part else [] for part in ours]
    if any(part and not rows for part, rows in zip(ours, spots, strict=True)):
        spots = [_loosely(document, replace(wanted, search=tuple(part))) if part else [] for part in ours]
    chains = _chains(ours, spots)
    chains = [chain for chain in chains if _fits_together(document, ours, chain)]
    if not chains or _passes_dots(document, ours, markers, chains):
        return None
    for at, part in enumerate(ours):
        choices = sorted({chain[at] for chain in chains})
        if part != theirs[at] and len(choices) > 1:
            raise Ambiguous(wanted.search, [row + 1 for row in choices], wanted.file)
    return tuple(
        whole(document, replace(wanted, search=tuple(a), replace=tuple(b)), row)
        for a, b, row in zip(ours, theirs, chains[0], strict=True)
        if a != b
    )


def _loosely(document: Document, part: Wanted) -> list[int]:
    rows = occurrences(document, [fold(line) for line in part.search])
    return [row for row in rows if indents_consistently(document, part, row)]


def _chains(parts: Sequence[Sequence[str]], spots: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return all ways to choose a row for each part so that they are in order; -1 for a part that is empty."""
    chains: list[list[int]] = [[]]
    previous: int | None = None
    for at, rows in enumerate(spots):
        if not parts[at]:
            chains = [[*chain, -1] for chain in chains]
            continue
        grown = []
        for chain in chains:
            end = None if previous is None else chain[previous] + len(parts[previous])
            grown += [[*chain, row] for row in rows if end is None or end <= row <= end + MOST_SKIPPED]
        if len(grown) > _MOST_CHAINS:
            return []
        chains, previous = grown, at
    return chains


def _passes_dots(
    document: Document,
    parts: Sequence[Sequence[str]],
    markers: Sequence[str],
    chains: Sequence[Sequence[int]],
) -> bool:
    """Tell whether the document has such dots itself where the parts stand: then those may have been quoted."""
    dots = [row for mark in set(markers) for row in document.index.get(mark, ())]
    for chain in chains if dots else ():
        placed = [(row, row + len(part)) for part, row in zip(parts, chain, strict=True) if part]
        if any(placed[0][0] <= row < placed[-1][1] for row in dots):
            return True
    return False


def _fits_together(document: Document, parts: Sequence[Sequence[str]], chain: Sequence[int]) -> bool:
    """Tell whether one rule makes the indentation of all parts the document's."""
    placed = [(part, row) for part, row in zip(parts, chain, strict=True) if part]
    pairs = [pair for part, row in placed for pair in indents(document, part, row)]
    return learn(pairs, (), (), from_first=False) is not None
