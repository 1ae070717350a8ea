"""Which program a word of the setting `checkers` means, and the environment that it gets.

The workspace comes from strangers: a program in it is started only where the user wrote down its full path.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath

from kimi_lsp.project.checkers.failure import InsideWorkspace, NotOnPath
from kimi_lsp.project.checkers.tools import TOOLS, Tool
from kimi_lsp.project.files import inside

_SUFFIXES = (".exe", ".cmd", ".bat")


def tool_of(checker: str) -> Tool | None:
    """Return the tool that a word of the setting names, or None where it is no tool of ours.

    A word is the tool's name or an absolute path whose file name is the tool's.
    """
    path = PurePath(checker)
    if not path.is_absolute():
        return TOOLS.get(checker)
    name = path.name.lower()
    return TOOLS.get(path.stem.lower() if name.endswith(_SUFFIXES) else name)


def find_program(checker: str, environ: Mapping[str, str], roots: Sequence[Path]) -> Path:
    """Return the program that a word of the setting means. Raises NotOnPath or InsideWorkspace."""
    if PurePath(checker).is_absolute():
        if shutil.which(checker) is None:
            raise NotOnPath(absolute=True)
        return Path(checker)
    left_out = False
    for folder in environ.get("PATH", "").split(os.pathsep):
        found = shutil.which(checker, path=folder) if folder else None
        # On Windows the current folder is looked at as well, whatever the path says.
        if found is None or Path(found).parent != Path(folder):
            continue
        if _is_outside(Path(folder), roots) and _is_outside(Path(found), roots):
            return Path(found)
        left_out = True
    raise InsideWorkspace if left_out else NotOnPath


def child_environ(environ: Mapping[str, str], roots: Sequence[Path]) -> dict[str, str]:
    """Return an environment without our key and settings, and a search path without the workspace's folders."""
    kept = {name: value for name, value in environ.items() if not _is_private(name)}
    if "PATH" in kept:
        kept["PATH"] = os.pathsep.join(_safe_folders(kept["PATH"], roots))
    return kept


def _is_private(name: str) -> bool:
    return name.upper() == "EMPIRIOLABS_API_KEY" or name.upper().startswith("KIMI_LSP_")


def _safe_folders(path: str, roots: Sequence[Path]) -> Iterator[str]:
    return (folder for folder in path.split(os.pathsep) if folder and _is_outside(Path(folder), roots))


def _is_outside(path: Path, roots: Sequence[Path]) -> bool:
    """Tell whether a path is absolute and outside of the workspace, both as written and with links followed."""
    written = Path(os.path.abspath(path))
    return (
        path.is_absolute()
        and not any(written.is_relative_to(os.path.abspath(root)) for root in roots)
        and inside(path, roots) is None
    )
