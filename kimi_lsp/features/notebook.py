"""What goes along with a notebook's cell: the other cells, since its names come from there."""

from collections.abc import Sequence
from dataclasses import replace

from kimi_lsp.features.asking import Wish
from kimi_lsp.prompt import Section, estimate
from kimi_lsp.text import Snapshot

_SHARE = 3
"""The other cells may take one part in this many of the request."""


def with_cells(wish: Wish, cells: Sequence[Snapshot]) -> Wish:
    """Return a wish that shows the other cells of its notebook, the nearest first where not all of them fit.

    `cells` are all cells in their order, the one that is meant among them.
    """
    own = next((at for at, one in enumerate(cells) if one.uri == wish.target.snapshot.uri), None)
    if own is None:
        return wish
    left, chosen = wish.target.room // _SHARE, dict[int, Section]()
    for at in sorted((at for at in range(len(cells)) if at != own), key=lambda at: (abs(at - own), at)):
        text = cells[at].text
        left -= estimate(text)
        if left < 0:
            break
        if text.strip():
            place = "above" if at < own else "below"
            chosen[at] = ("cell", (("place", place), ("language", cells[at].language)), text)
    return replace(wish, more=(*(chosen[at] for at in sorted(chosen)), *wish.more))
