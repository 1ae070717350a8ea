"""Where else in the workspace a definition is used: only looked for where the user asked for it, since it reads many files."""

import re
from collections.abc import Iterator, Sequence

from kimi_lsp.project.around.apart import Apart
from kimi_lsp.project.around.follow import Tongue
from kimi_lsp.project.walk import OutOfReach, Reach, texts
from kimi_lsp.project.workspace import Workspace
from kimi_lsp.text import Snapshot
from kimi_lsp.text.excerpt import Excerpt, Rows, joined

_REACH = Reach(files=5_000, bytes=16 * 1024 * 1024, seconds=1.0, largest=256 * 1024)
_MOST = 12
"""Files."""
_PLACES = 3
"""In one file."""
_SHORT = 30
"""Lines of a function that is shown whole where it uses the definition; of a longer one the lines around the place."""
_NEAR = 3
_TESTS = re.compile(r"(?:\A|/)(?:tests?|spec|__tests__)/|(?:_test|\.test|\.spec|_spec)\.\w+\Z|(?:\A|/)test_")


def callers(
    workspace: Workspace, tongue: Tongue, path: str, snapshot: Snapshot, names: Sequence[str]
) -> tuple[Excerpt, ...]:
    """Return places that use one of some names in files of the same language; the nearest first, tests last."""
    if not names:
        return ()
    pattern = re.compile(rf"(?<![\w$])(?:{'|'.join(map(re.escape, names))})(?![\w$])")
    found = [
        (_distance(path, place), place, other)
        for place, other in _files(workspace)
        if place != path and other.language == snapshot.language and pattern.search(other.text)
    ]
    found.sort(key=lambda one: (one[0], one[1]))
    excerpts = []
    for _, place, other in found[:_MOST]:
        rows = list(_rows(other, tongue.apart(other), pattern))
        if rows:
            excerpts.append(Excerpt(place, other, joined(rows[:_PLACES]), ", ".join(names)))
    return tuple(excerpts)


def _files(workspace: Workspace) -> Iterator[tuple[str, Snapshot]]:
    try:
        for place, snapshot in texts(workspace, "", stop=lambda: False, reach=_REACH):
            yield place.path, snapshot
    except OutOfReach:
        return


def _distance(path: str, other: str) -> tuple[bool, int]:
    mine, theirs = path.split("/")[:-1], other.split("/")[:-1]
    same = next(
        (at for at, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b),
        min(len(mine), len(theirs)),
    )
    return _TESTS.search(other) is not None, len(mine) + len(theirs) - 2 * same


def _rows(snapshot: Snapshot, apart: Apart, pattern: re.Pattern[str]) -> Iterator[Rows]:
    """Yield the lines to show for each use that is no import."""
    lines = snapshot.lines
    first, last = apart.head
    for match in pattern.finditer(snapshot.text):
        row = lines.line_at(match.start())
        if first <= row < last:
            continue
        *_, holder = None, *apart.holders((row, row + 1))
        if holder is not None and holder.rows[1] - holder.rows[0] <= _SHORT:
            yield holder.rows
        else:
            yield max(0, row - _NEAR), min(len(lines), row + _NEAR + 1)
