"""The files of a workspace, one after another, for whoever looks through them: within limits, and stopped at once.

Links are passed over: what they lead to is found in its own place, if it is in the workspace. These functions wait
for the disk, so they are run in a thread.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.project.ignore import Judge
from kimi_lsp.project.workspace import Place, Withheld, Workspace, find, read
from kimi_lsp.text import Snapshot

Stop = Callable[[], bool]
"""Tells whether whoever asked has gone; looked at before each file."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one look through a tree goes."""

    files: int = 20_000
    """Entries of folders that are looked at."""
    bytes: int = 64 * 1024 * 1024
    """Bytes (of a text in the editor: code points) that are read."""
    seconds: float = 5.0
    largest: int = 512 * 1024
    """Bytes of a file that is read; larger ones are passed over."""


class OutOfReach(Exception):
    """The look ended before the tree did; `str(error)` says by which limit."""


def entries(workspace: Workspace, path: str, most: int) -> list[str]:
    """Return what lies in one folder, in order, folders with a `/` at the end. Raises Withheld.

    The root's own path is empty; where there are several roots, what lies in each. Of a very large folder at most
    `most` entries are looked at.
    """
    places = [find(workspace, path, folder=True)]
    if not places[0].path:
        places += [Place("", root.resolve(), root) for root in workspace.roots if root != places[0].root]
    found: dict[str, None] = {}
    for place in places:
        judge = workspace.judges[place.root]
        folders, files = _scan(place, judge, most)
        found.update(dict.fromkeys([one.path for one in files] + [f"{one.path}/" for one in folders]))
    return sorted(found)


def texts(
    workspace: Workspace, path: str, *, stop: Stop, reach: Reach | None = None
) -> Iterator[tuple[Place, Snapshot]]:
    """Yield each file below a folder that may be shown, with its text: open ones first, then in order.

    Raises Withheld for the folder itself, and OutOfReach at a limit; ends early once `stop` tells so. Files that are
    not text, or too large, are passed over.
    """
    reach = reach or Reach()
    start = find(workspace, path, folder=True)
    ends = time.monotonic() + reach.seconds
    size = 0
    for place in _all(workspace, start, reach, stop):
        if stop():
            return
        if time.monotonic() > ends:
            raise OutOfReach(f"{reach.seconds:g} seconds")
        try:
            snapshot = read(workspace, place, reach.largest)
        except Withheld:
            continue
        size += len(snapshot.text)
        if size > reach.bytes:
            raise OutOfReach(f"{reach.bytes // 2**20} MiB")
        yield place, snapshot


def _all(workspace: Workspace, start: Place, reach: Reach, stop: Stop) -> Iterator[Place]:
    seen: set[str] = set()
    roots = [start] + [
        Place("", root, root) for root in workspace.roots if root != start.root and not start.path
    ]
    for place in _opened(workspace, [root.root for root in roots], start.path):
        seen.add(place.path)
        yield place
    looked = 0
    for root in roots:
        waiting = [root]
        while waiting:
            if stop():
                return
            folders, files = _scan(waiting.pop(), workspace.judges[root.root], reach.files)
            looked += len(folders) + len(files) + 1
            if looked > reach.files:
                raise OutOfReach(f"{reach.files:,} files")
            for place in files:
                # The first root that has a path is the one that the path means.
                if place.path not in seen:
                    seen.add(place.path)
                    yield place
            waiting += reversed(folders)


def _opened(workspace: Workspace, roots: list[Path], below: str) -> Iterator[Place]:
    for file in sorted(workspace.documents):
        for root in roots:
            real, base = file.resolve(), root.resolve()
            if not real.is_relative_to(base):
                continue
            path = real.relative_to(base).as_posix()
            if below and not path.startswith(f"{below}/"):
                continue
            try:
                yield find(workspace, path)
            except Withheld:
                continue
            break


def _scan(place: Place, judge: Judge, most: int) -> tuple[list[Place], list[Place]]:
    """Return the folders and the regular files of a folder that may be shown, each in order."""
    folders, files = list[Place](), list[Place]()
    try:
        with os.scandir(place.file) as scanned:
            for _, entry in zip(range(most), scanned, strict=False):
                is_folder = entry.is_dir(follow_symlinks=False)
                is_file = entry.is_file(follow_symlinks=False)
                # A name that `find` would not take, or that breaks a line, is nothing to tell of.
                if not (is_folder or is_file) or not entry.name.isprintable() or "\\" in entry.name:
                    continue
                path = f"{place.path}/{entry.name}" if place.path else entry.name
                if judge.reason(Path(entry.path), folder=is_folder) is None:
                    (folders if is_folder else files).append(Place(path, Path(entry.path), place.root))
    except OSError:
        # A folder that may not be listed, or is gone by now, has nothing to show.
        return folders, files
    return sorted(folders, key=_path), sorted(files, key=_path)


def _path(place: Place) -> str:
    return place.path
