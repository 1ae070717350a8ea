"""The files that one look opens: each once, by the workspace's rules, and no more than the limits say."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from kimi_lsp.project.around.apart import Apart
from kimi_lsp.project.workspace import Withheld, Workspace, find, read
from kimi_lsp.text import Snapshot


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one look goes."""

    files: int = 60
    """Files that are opened."""
    bytes: int = 4 * 1024 * 1024
    """Characters that are read, all together."""
    largest: int = 512 * 1024
    """Bytes of one file; larger ones are passed over."""
    seconds: float = 3.0
    """After so long nothing more is opened; a model is waited for ten times as long."""


@dataclass(frozen=True)
class File:
    """A file of the workspace, taken apart."""

    path: str
    snapshot: Snapshot
    apart: Apart


@dataclass
class Shelf:
    """What was opened so far. For one look of one thread; not to be kept."""

    workspace: Workspace
    reach: Reach = Reach()
    _taken: dict[str, File | None] = field(default_factory=dict)
    _there: dict[str, bool] = field(default_factory=dict)
    _names: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _texts: dict[str, Snapshot | None] = field(default_factory=dict)
    _opened: int = 0
    _size: int = 0
    _begun: float = field(default_factory=time.monotonic)

    def has(self, path: str) -> bool:
        """Tell whether a file or folder of this name is there; whether it may be shown is another question."""
        if path not in self._there:
            on_disk = any(os.path.exists(os.path.join(root, path)) for root in self.workspace.roots)
            self._there[path] = on_disk or path in self.opened
        return self._there[path]

    def take(self, path: str, apart: Callable[[Snapshot], Apart]) -> File | None:
        """Return a file, or None where there is none, where it may not be shown, and past a limit."""
        if path not in self._taken:
            snapshot = self.text(path)
            self._taken[path] = None if snapshot is None else File(path, snapshot, apart(snapshot))
        return self._taken[path]

    def keep(self, file: File) -> None:
        """Put a file there that is known already."""
        self._taken[file.path] = file

    def text(self, path: str) -> Snapshot | None:
        """Return a file's text as it is, by the same rules."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def names(self, folder: str, ending: str) -> tuple[str, ...]:
        """Return the names in a folder that end so, in order."""
        if (folder, ending) not in self._names:
            self._names[folder, ending] = self._listed(folder, ending)
        return self._names[folder, ending]

    def _listed(self, folder: str, ending: str) -> tuple[str, ...]:
        for root in self.workspace.roots:
            try:
                with os.scandir(os.path.join(root, folder)) as found:
                    names = [one.name for one, _ in zip(found, range(_MOST_NAMES), strict=False)]
            except OSError:
                continue
            return tuple(sorted(name for name in names if name.endswith(ending)))
        return ()

    def _read(self, path: str) -> Snapshot | None:
        if not self.has(path):
            return None
        if self._opened >= self.reach.files or self._size > self.reach.bytes:
            return None
        if time.monotonic() - self._begun > self.reach.seconds:
            return None
        try:
            snapshot = read(self.workspace, find(self.workspace, path), self.reach.largest)
        except Withheld:
            return None
        self._opened, self._size = self._opened + 1, self._size + len(snapshot.text)
        return snapshot

    @cached_property
    def opened(self) -> frozenset[str]:
        """What the editor has open, which the disk may not have yet."""
        opened, roots = self.workspace.documents, self.workspace.roots
        return frozenset(
            file.relative_to(root).as_posix()
            for file in opened
            for root in roots
            if file.is_relative_to(root)
        )


def upwards(path: str) -> Iterator[str]:
    """Yield the folder of a file and those above it, the root, which is empty, last."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


_MOST_NAMES = 500
"""Entries of a folder that are looked at."""
