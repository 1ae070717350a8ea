"""Several files changed together: all of them, or none and every file as it was.

Everything that can be known beforehand is looked at first, and new texts lie ready beside their places before the
first name changes. What fails after that is taken back, last change first.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from kimi_lsp.project.file_problem import AlreadyExists, ChangedOnDisk, NoAccess, NotText, ReadOnly, Undone
from kimi_lsp.project.files import FileProblem, digest


@dataclass(frozen=True, slots=True)
class Create:
    """A new file; folders above it are made where they are missing."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Write:
    """A file's new text, if its old one is still as expected."""

    path: Path
    text: str
    expected: str
    """SHA-256 of the bytes that it must have."""


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for a file."""

    path: Path
    new_path: Path
    expected: str
    """SHA-256 of the bytes that it must have, before any other change of this file."""


@dataclass(frozen=True, slots=True)
class Delete:
    """A file that goes away."""

    path: Path
    expected: str
    """SHA-256 of the bytes that it must have."""


Change: TypeAlias = Create | Write | Rename | Delete


def write_all(changes: Sequence[Change]) -> None:
    """Make the changes in order. Paths are as `files.locate` gives them.

    Raises FileProblem: the first trouble that was seen before anything was changed, or Undone for one that came
    while the changes were made.
    """
    for change in changes:
        _check(change)
    work = _Work()
    for step in (work.prepare, work.make):
        for change in changes:
            try:
                step(change)
            except FileProblem as problem:
                raise work.taken_back(problem) from problem
            except OSError as error:
                raise work.taken_back(NoAccess(change.path, error)) from error
    work.finish()


def _check(change: Change) -> None:
    """Look whether a change can be made. Raises FileProblem."""
    match change:
        case Create(path) | Rename(_, path):
            if os.path.lexists(path):
                raise AlreadyExists(path)
    if isinstance(change, Create | Write):
        _encoded(change)
    if isinstance(change, Write | Rename | Delete):
        if digest(change.path) != change.expected:
            raise ChangedOnDisk(change.path)
        if not change.path.stat().st_mode & stat.S_IWUSR:
            raise ReadOnly(change.path)


@dataclass
class _Work:
    """What was done so far, and how each of it is taken back."""

    ready: dict[Path, Path] = field(default_factory=dict)
    """New texts in files of their own, by the place where they belong."""
    folders: list[Path] = field(default_factory=list)
    """Those that were made, outermost first."""
    backs: list[tuple[Path, Callable[[], object]]] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)
    """Old files under passing names, until all is done."""

    def prepare(self, change: Change) -> None:
        """Write the new text down beside its place, in folders that may be new."""
        if isinstance(change, Create):
            self._make_folders(change.path.parent)
        if isinstance(change, Rename):
            self._make_folders(change.new_path.parent)
        if isinstance(change, Create | Write):
            name = self.ready[change.path] = _passing_name(change.path)
            with name.open("xb") as file:
                file.write(_encoded(change))
                file.flush()
                os.fsync(file.fileno())
            if isinstance(change, Write):
                name.chmod(stat.S_IMODE(change.path.stat().st_mode))

    def make(self, change: Change) -> None:
        """Give names: the only part that others see."""
        match change:
            case Create(path):
                _name_anew(self.ready[path], path)
                del self.ready[path]
                self.backs.append((path, path.unlink))
            case Write(path, _, expected):
                if digest(path) != expected:
                    raise ChangedOnDisk(path)
                kept = self._keep(path)
                self.ready[path].replace(path)
                del self.ready[path]
                self.backs.append((path, lambda: kept.replace(path)))
            case Rename(path, new_path):
                _name_anew(path, new_path)
                self.backs.append((path, lambda: _name_anew(new_path, path)))
            case Delete(path, expected):
                if digest(path) != expected:
                    raise ChangedOnDisk(path)
                kept = self._keep(path)
                path.unlink()
                self.backs.append((path, lambda: kept.replace(path)))

    def taken_back(self, problem: FileProblem) -> FileProblem:
        """Take everything back; return what is to be raised."""
        left = []
        made = bool(self.backs)
        for path, back in reversed(self.backs):
            try:
                back()
            except (OSError, FileProblem):
                left.append(path)
        self._drop([*self.ready.values(), *(() if left else self.aside)])
        for folder in reversed(self.folders):
            # One that somebody else has put a file into meanwhile stays.
            with suppress(OSError):
                folder.rmdir()
        return Undone(problem, left) if made else problem

    def finish(self) -> None:
        """Forget the old files."""
        self._drop(self.aside)

    def _keep(self, path: Path) -> Path:
        """Give the old file a second name, by which it can come back, and return it."""
        name = _passing_name(path)
        try:
            os.link(path, name)
        except OSError:
            # Some file systems know no second names.
            shutil.copy2(path, name)
        self.aside.append(name)
        return name

    def _make_folders(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            one.mkdir()
            self.folders.append(one)

    def _drop(self, names: Sequence[Path]) -> None:
        for name in names:
            with suppress(OSError):
                name.unlink(missing_ok=True)


def _name_anew(path: Path, new_path: Path) -> None:
    """Rename, where the new name must be free at that moment too. Raises AlreadyExists and OSError."""
    try:
        # A second name fails where the name is taken; a rename would replace what has it.
        os.link(path, new_path)
    except FileExistsError:
        raise AlreadyExists(new_path) from None
    except OSError:
        if os.path.lexists(new_path):
            raise AlreadyExists(new_path) from None
        path.rename(new_path)
    else:
        try:
            path.unlink()
        except OSError:
            new_path.unlink()
            raise


def _passing_name(path: Path) -> Path:
    """Return a name beside a file that nobody has."""
    while True:
        name = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")
        if not os.path.lexists(name):
            return name


def _encoded(change: Create | Write) -> bytes:
    try:
        return change.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotText(change.path, " (half of a surrogate pair)") from error
