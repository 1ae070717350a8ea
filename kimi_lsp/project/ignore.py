"""Whether a file may be shown to the model: ignore files, the user's globs, and names that are never sent.

Only the ignore files on the way from the repository's root (or the workspace's) down to the file are read, at each
call anew, or once for a look at a whole tree (`Judge`). Each name (`.gitignore`, `.kimiignore`, `.aiignore`) is
judged by itself with git's rules, and one that excludes the file is enough. An ignore file that cannot be read
withholds what lies under it.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property, partial
from pathlib import Path

from pathspec.patterns.gitignore.base import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from kimi_lsp.project.files import FileProblem, Missing, read_text
from kimi_lsp.text.twin import twin

IGNORE_FILES = (".gitignore", ".kimiignore", ".aiignore")

_MOST_BYTES = 1024 * 1024
_SECRET_NAMES = (
    ".env*", ".git-credentials", ".htpasswd", ".netrc", "_netrc", ".npmrc", ".pgpass", ".pypirc",
    "*.env",
)  # fmt: skip
_KEY_NAMES = (
    "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_rsa",
    "*.jks", "*.kdbx", "*.key", "*.keystore", "*.p12", "*.pem", "*.pfx", "*.ppk",
)  # fmt: skip
_TRAILING_SPACES = re.compile(r"(?<![\\ ]) +\Z")
_DESCENT = "ps_d"
"""The group that pathspec's expression sets where a path matches only because a folder above it does."""


def is_ignored(path: Path, root: Path, exclude: Sequence[str]) -> str | None:
    """Return why a file may not be sent, for example `secrets.py is excluded by .kimiignore`, or None if it may.

    `exclude` are globs with gitignore's rules, relative to `root`. A link is judged by its own name and by the file
    that it leads to, and by the name that its folder gives it. A file outside of the root is judged from its own folder or
    repository.
    """
    judge = Judge(root, exclude)
    return judge.reason(path) or judge.reason(_spelled(path, root))


@dataclass(frozen=True)
class Judge:
    """`is_ignored` for many files of one tree at one moment: each ignore file is read once. Not to be kept."""

    root: Path
    exclude: Sequence[str]
    _read: "Callable[[Path, str, tuple[str, ...]], list[_Rules]]" = field(
        default_factory=lambda: cache(_rules), repr=False, compare=False
    )

    def reason(self, path: Path, *, folder: bool = False) -> str | None:
        """Return why a file, or all that lies in a folder, may not be sent, or None if it may."""
        # Both names: a harmless one may lead to a secret, and a secret one to a harmless file.
        for candidate in dict.fromkeys((Path(os.path.abspath(path)), path.resolve())):
            reason = _never_sent(candidate, folder=folder) or self._excluded(candidate, folder=folder)
            if reason:
                return reason
        return None

    def _excluded(self, path: Path, *, folder: bool) -> str | None:
        root = _root_of(path, self.root)
        parts, shown = path.relative_to(root).parts, path.relative_to(root).as_posix()
        globs = _Rules("the setting `exclude`", 0, self._globs)
        if _excluding(parts, lambda above: [] if above else [globs], folder=folder):
            return f"{shown} is excluded by {globs.name}"
        top = _repository(root)
        for name in IGNORE_FILES:
            try:
                below = path.relative_to(top).parts
                found = _excluding(below, partial(self._read, top, name), folder=folder)
            except FileProblem as problem:
                told = str(problem).rstrip(".")
                return f"{shown} is withheld, because an ignore file could not be read ({told})"
            if found:
                return f"{shown} is excluded by {found.name}"
        return None

    @cached_property
    def _globs(self) -> "tuple[_Pattern, ...]":
        return _patterns(self.exclude)


@dataclass(frozen=True)
class _Pattern:
    matcher: GitIgnoreSpecPattern
    negated: bool
    anchored: bool
    """Matches the path from the ignore file's folder on; others match a name at any depth."""
    folders_only: bool

    def matches(self, parts: Sequence[str], *, folder: bool) -> bool:
        if self.folders_only and not folder:
            return False
        found = self.matcher.match_file("/".join(parts) if self.anchored else parts[-1])
        # A match by descent is no match here: the folders above have been judged before.
        return found is not None and not found.match.groupdict().get(_DESCENT)


@dataclass(frozen=True)
class _Rules:
    """The patterns of one ignore file."""

    name: str
    depth: int
    """How many folders below the base the file lies."""
    patterns: tuple[_Pattern, ...]

    def verdict(self, parts: Sequence[str], *, folder: bool) -> bool | None:
        """Tell whether the last pattern that matches excludes or includes; None where none matches."""
        below = parts[self.depth :]
        for pattern in reversed(self.patterns):
            if pattern.matches(below, folder=folder):
                return not pattern.negated
        return None


def _never_sent(path: Path, *, folder: bool) -> str | None:
    name = path.name.lower()
    if ".git" in (part.lower() for part in path.parts):
        return f"{path.name} lies in .git, which is never sent"
    if folder:
        # The names below are those of files: `.env` may be the folder of a virtual environment.
        return None
    if any(fnmatchcase(name, glob) for glob in _KEY_NAMES):
        return f"{path.name} is never sent, because it looks like a private key"
    if any(fnmatchcase(name, glob) for glob in _SECRET_NAMES):
        return f"{path.name} is never sent, because such files hold secrets"
    return None


def _excluding(
    parts: tuple[str, ...], rules_in: Callable[[tuple[str, ...]], Iterable[_Rules]], *, folder: bool
) -> _Rules | None:
    """Return the rules that exclude a path or a folder above it, judged from the top down as git does."""
    known: list[_Rules] = []
    for depth in range(len(parts)):
        known += rules_in(parts[:depth])
        is_folder = folder or depth + 1 < len(parts)
        for rules in reversed(known):
            verdict = rules.verdict(parts[: depth + 1], folder=is_folder)
            if verdict:
                return rules
            if verdict is not None:
                break
    return None


def _rules(top: Path, name: str, folders: tuple[str, ...]) -> list[_Rules]:
    """Read the ignore files of one folder; what comes later weighs more. Raises FileProblem."""
    places = [top.joinpath(*folders, name)]
    if name == ".gitignore" and not folders:
        places.insert(0, top / ".git" / "info" / "exclude")
    found = []
    for place in places:
        try:
            text = read_text(place, _MOST_BYTES)
        except Missing:
            continue
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        found.append(_Rules(place.relative_to(top).as_posix(), len(folders), _patterns(lines)))
    return found


def _patterns(lines: Iterable[str]) -> tuple[_Pattern, ...]:
    return tuple(pattern for line in lines if (pattern := _pattern(line)) is not None)


def _pattern(line: str) -> _Pattern | None:
    """Read one line; None for a comment, a blank line and what git does not understand either."""
    body = _TRAILING_SPACES.sub("", line)
    if body.startswith("#"):
        return None
    negated = body.startswith("!")
    body = body[negated:]
    folders_only = body.endswith("/")
    body = body[:-1] if folders_only else body
    if not body:
        return None
    # An escape keeps a second `!` or `#`, which is a plain character here, from being read as a sign.
    try:
        matcher = GitIgnoreSpecPattern("\\" + body if body.startswith(("!", "#")) else body)
    except (GitIgnorePatternError, re.error):
        return None
    return _Pattern(matcher, negated, "/" in body, folders_only) if matcher.include is not None else None


def _root_of(path: Path, root: Path) -> Path:
    for folder in (Path(os.path.abspath(root)), root.resolve()):
        if path.is_relative_to(folder):
            return folder
    return path.parent


def _spelled(path: Path, root: Path) -> Path:
    """Return a path as the folders spell it: where case does not count, a file opens by names that no rule knows."""
    path = Path(os.path.abspath(path))
    folder = _root_of(path, root)
    for part in path.relative_to(folder).parts:
        folder /= _listed(folder, part)
    return folder


def _listed(folder: Path, part: str) -> str:
    try:
        names = os.listdir(folder)
    except OSError:
        return part
    if part in names or not os.path.lexists(folder / part):
        return part
    return next((name for name in names if twin(name) == twin(part)), part)


def _repository(root: Path) -> Path:
    """Return the folder of the repository that holds a workspace, or the workspace's own."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
