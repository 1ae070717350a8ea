"""What a project says of how its code is written: words for whoever works on it, and its formatters' settings."""

import re
from collections.abc import Iterator, Mapping, Sequence

from kimi_lsp.project.around.shelf import Shelf, upwards
from kimi_lsp.text import Snapshot
from kimi_lsp.text.excerpt import Excerpt, Rows, joined

_GUIDE = "AGENTS.md"
_CONTRIBUTING = ("CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md")
_SCRIPT = (
    ".prettierrc",
    ".prettierrc.json",
    ".prettierrc.yaml",
    ".prettierrc.yml",
    ".prettierrc.toml",
    "biome.json",
)
_FORMATTERS: Mapping[str, Sequence[str]] = {
    "c": (".clang-format",),
    "cpp": (".clang-format",),
    "javascript": _SCRIPT,
    "javascriptreact": _SCRIPT,
    "python": ("ruff.toml", ".ruff.toml", ".flake8"),
    "rust": ("rustfmt.toml", ".rustfmt.toml"),
    "typescript": _SCRIPT,
    "typescriptreact": _SCRIPT,
}
_TABLES = re.compile(r"\[tool\.(?:ruff|black|isort|yapf|autopep8)(?:[.\]])")
_ABOUT_CODE = re.compile(
    r"(?i)\b(?:code(?! of conduct)|coding|conventions?|format\w*|guidelines?|lint\w*|naming|rules?|style|tests?|testing)\b"
)
_MOST_GUIDE, _MOST_CONTRIBUTING, _MOST_SETTINGS = 200, 60, 60
"""Lines of each that are shown."""


def conventions(shelf: Shelf, path: str, language: str) -> tuple[Excerpt, ...]:
    """Return what holds for a file, the nearest guide first."""
    return tuple(_found(shelf, path, language))


def _found(shelf: Shelf, path: str, language: str) -> Iterator[Excerpt]:
    for base in upwards(path):
        yield from _top(shelf, f"{base}/{_GUIDE}".lstrip("/"), _MOST_GUIDE)
    yield from _top(shelf, ".editorconfig", _MOST_SETTINGS)
    for name in _FORMATTERS.get(language, ()):
        yield from _top(shelf, name, _MOST_SETTINGS)
    if language == "python":
        yield from _tables(shelf, "pyproject.toml")
    for name in _CONTRIBUTING:
        found = list(_chapters(shelf, name))
        yield from found
        if found:
            break


def _top(shelf: Shelf, path: str, most: int) -> Iterator[Excerpt]:
    snapshot = shelf.text(path)
    if snapshot is not None and snapshot.text.strip():
        yield Excerpt(path, snapshot, ((0, min(most, _count(snapshot))),))


def _chapters(shelf: Shelf, path: str) -> Iterator[Excerpt]:
    """Yield those of a Markdown file that are about code; how to file an issue is for people."""
    snapshot = shelf.text(path)
    if snapshot is None:
        return
    lines = snapshot.lines
    heads = [row for row in range(len(lines)) if lines.content(row).startswith("#")]
    rows: list[Rows] = []
    left = _MOST_CONTRIBUTING
    for first, last in zip(heads, [*heads[1:], _count(snapshot)], strict=True):
        if _ABOUT_CODE.search(lines.content(first)) and left > 0:
            rows.append((first, min(last, first + left)))
            left -= last - first
    if rows:
        yield Excerpt(path, snapshot, joined(rows))


def _tables(shelf: Shelf, path: str) -> Iterator[Excerpt]:
    """Yield the formatters' tables of a TOML file."""
    snapshot = shelf.text(path)
    rows: list[Rows] = []
    if snapshot is not None:
        lines, begun = snapshot.lines, None
        for row in range(len(lines) + 1):
            content = lines.content(row) if row < len(lines) else "["
            if content.startswith("["):
                if begun is not None:
                    rows.append((begun, row))
                begun = row if _TABLES.match(content) else None
    if snapshot is not None and rows:
        first, last = rows[0][0], rows[-1][1]
        together = ((first, last),) if last - first == sum(end - at for at, end in rows) else tuple(rows)
        yield Excerpt(path, snapshot, together)


def _count(snapshot: Snapshot) -> int:
    """Return how many lines a text has, without the empty place after the last end."""
    return len(snapshot.lines) - (snapshot.lines.start(len(snapshot.lines) - 1) == len(snapshot.text))
