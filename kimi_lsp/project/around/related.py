"""The lines that a problem's own explanation points to, in the file in question or in others of the workspace."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from kimi_lsp.project.around.shelf import Shelf
from kimi_lsp.text import Diagnostic
from kimi_lsp.text.excerpt import Excerpt, Rows, joined

_NEAR = 4
"""Lines above and below."""


def related(shelf: Shelf, path: str, problems: Sequence[Diagnostic]) -> tuple[Excerpt, ...]:
    """Return them by file; those of the file in question are shown with it."""
    places: dict[str, list[int]] = {}
    for one in (other for problem in problems for other in problem.related):
        for place in _places(shelf, one.file):
            if place != path:
                places.setdefault(place, []).append(one.line)
    return tuple(_excerpts(shelf, places))


def _places(shelf: Shelf, file: str) -> Iterator[str]:
    """Yield a file's path in the first root that holds it."""
    for root in shelf.workspace.roots if file else ():
        for base in (root, root.resolve()):
            if Path(file).is_relative_to(base):
                yield Path(file).relative_to(base).as_posix()
                return


def _excerpts(shelf: Shelf, places: dict[str, list[int]]) -> Iterator[Excerpt]:
    for place, lines in places.items():
        snapshot = shelf.text(place)
        if snapshot is None:
            continue
        count = len(snapshot.lines)
        rows: list[Rows] = [
            (max(0, line - _NEAR), min(count, line + _NEAR + 1)) for line in lines if line < count
        ]
        if rows:
            yield Excerpt(place, snapshot, joined(rows))
