"""Rules of form: how long a module may be, what it is called, and what no file of the repository may hold."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

from tests.house.modules import modules

MOST_LINES = 400
EMPTY_NAMES = {"base", "common", "core", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}

# Written so that no pattern matches its own text.
_FOREIGN = {
    "a path of one machine": re.compile(
        r"(?<![\w.])/(?:hom[e]|Users|roo[t]|wor[k]|op[t]|tmp/v)/|[A-Z]:\\Users"
    ),
    "the host of a registry": re.compile(
        r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|proxy\.golang\.org)\b|--(?:extra-)?index-[u]rl"
    ),
}

_HIDDEN = re.compile(r"(?:^|/)(?:\.(?!ci/)[^/]*|__pycache__)/")


def modules_are_described(root: Path) -> list[str]:
    """Every module says in its docstring what it is for."""
    return [
        f"{module.path} has no docstring"
        for module in modules(root)
        if not (ast.get_docstring(module.tree) or "").strip()
    ]


def modules_stay_short(root: Path) -> list[str]:
    """A file past 400 lines holds more than one subject, in the tests as well."""
    return [
        f"{module.path} has {length} lines"
        for folder in ("kimi_lsp", "tests")
        for module in modules(root, folder)
        if (length := len(module.source.split("\n")) - 1) > MOST_LINES
    ]


def modules_are_named_for_what_they_hold(root: Path) -> list[str]:
    """No drawer for odds and ends."""
    return [
        f"{module.path} is named for nothing"
        for folder in ("kimi_lsp", "tests")
        for module in modules(root, folder)
        if EMPTY_NAMES & set(module.path.removesuffix(".py").split("/"))
    ]


def no_foreign_address(root: Path) -> list[str]:
    """No file that goes into the repository names one machine's folders or a package registry's host."""
    found = []
    for path in repository_files(root):
        try:
            text = (root / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [
            f"{path}:{text.count(chr(10), 0, match.start()) + 1} holds {what}: {match.group()}"
            for what, pattern in _FOREIGN.items()
            for match in pattern.finditer(text)
        ]
    return found


def repository_files(root: Path) -> list[str]:
    """Return what git tracks or would add; without git, every file outside of hidden folders (but for `.ci`)."""
    if not (root / ".git").exists() or shutil.which("git") is None:
        names = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
        return sorted(name.as_posix() for name in names if not _HIDDEN.search(name.as_posix()))
    listed = subprocess.run(
        # A checkout that another user made is read all the same.
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted(name for name in listed.stdout.split("\0") if name and (root / name).is_file())
