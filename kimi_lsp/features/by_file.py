"""What an edit of several files does to each of them, in a few words for people."""

from collections.abc import Sequence

from kimi_lsp.edits import CreateFile, DeleteFile, EditFile, FileStep, RenameFile
from kimi_lsp.text import split

_MOST = 12
"""Files that are named; a message is no list."""


def told_by_file(steps: Sequence[FileStep]) -> str:
    """Return what becomes of each file, as in `a.py: 3 changes; b.py: new file, 1 line.`; empty without a step."""
    told: dict[str, list[str]] = {}
    for step in steps:
        told.setdefault(step.path, []).append(_words(step))
    parts = [f"{path}: {', '.join(words)}" for path, words in told.items()]
    if len(parts) > _MOST:
        parts[_MOST - 1 :] = [f"and {len(parts) - _MOST + 1} files more"]
    return f"{'; '.join(parts)}." if parts else ""


def _words(step: FileStep) -> str:
    match step:
        case CreateFile(_, text):
            return f"new file, {_count(len(split(text)), 'line')}"
        case EditFile(_, plan):
            return _count(len(plan.edits), "change")
        case RenameFile(_, new_path):
            return f"renamed to {new_path}"
        case DeleteFile():
            return "deleted"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
