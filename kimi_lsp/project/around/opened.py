"""Other documents that the editor has open, the nearest first."""

from kimi_lsp.project.around.shelf import Shelf
from kimi_lsp.text.excerpt import Excerpt

_MOST = 8


def opened(shelf: Shelf, path: str, language: str) -> tuple[Excerpt, ...]:
    """Return them whole: those of the same language and folder first, and no more than a few."""
    folder = path.rpartition("/")[0]
    found = []
    for other in shelf.opened:
        snapshot = shelf.text(other) if other != path else None
        if snapshot is not None and snapshot.text.strip():
            near = (snapshot.language != language, other.rpartition("/")[0] != folder, other)
            found.append((near, Excerpt(other, snapshot, ((0, len(snapshot.lines)),))))
    found.sort(key=lambda one: one[0])
    return tuple(excerpt for _, excerpt in found[:_MOST])
