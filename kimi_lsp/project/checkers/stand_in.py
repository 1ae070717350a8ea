"""What a tool is given in place of the file on disk, so that it looks at a text that is not saved anywhere.

Two ways, beside the standard input: Go's overlay, a JSON file that names another file for the document; and a copy
of the project in a temporary folder, in which only the document is a file of its own, and all that lies beside it and
beside the folders above it is linked. The workspace is never written to.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from kimi_lsp.project.checkers.failure import NoProject, NotLaid
from kimi_lsp.project.files import find_root

Way = Literal["stdin", "overlay", "copy"]

_TEMPORARY = "kimi-lsp-"
_SECONDS = 2**31
"""Of the times that every file system is able to keep, from 1970."""
_LEFT_OUT = frozenset({".git", "target"})
"""Not linked into a copy: a tool or a build script could write there."""
_COPIED = frozenset({"Cargo.lock"})
"""Not linked either, for the same reason, but needed."""
_MOST_LINKS = 20_000
_CACHES_KEPT = 5
"""Workspaces whose tools' caches are kept; those of a compiler may be hundreds of megabytes."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Where a tool finds things."""

    document: Path
    """The document, as the tool is told of it."""
    folder: Path
    """The project's folder, where the tool is started."""
    base: Path
    """The outermost folder that belongs to it."""
    cache: Path
    """A folder of ours for what the tool keeps between two looks. It exists only for tools that are told of it."""
    written: Path | None = None
    """The file that holds the text; None where it goes through the standard input."""
    overlay: Path | None = None
    """The JSON file that says which file stands for the document."""

    def write(self, text: bytes) -> None:
        """Lay a text before the tool. Raises NotLaid."""
        if self.written is not None:
            try:
                self.written.write_bytes(text)
                # Some tools take a file of the same size and second for unchanged; each text has its own second.
                second = int.from_bytes(hashlib.sha256(text).digest()[:8]) % _SECONDS
                os.utime(self.written, (second, second))
            except OSError as error:
                raise NotLaid(_told(error)) from error

    def named(self, file: str) -> str:
        """Return the path that a tool means by a name. Of an overlay it may remember the folder of an earlier look."""
        path = os.path.normpath(self.folder / file)
        folder, name = os.path.split(path)
        if self.overlay is not None and os.path.basename(folder).startswith(_TEMPORARY):
            return str(self.document.parent / name)
        return path


def base_of(document: Path, roots: Sequence[Path]) -> Path:
    """Return the outermost folder that belongs to a document: the repository's, else the workspace's."""
    document = Path(os.path.abspath(document))
    holding = [Path(os.path.abspath(root)) for root in roots]
    base = next((root for root in holding if document.is_relative_to(root)), None) or find_root(document)
    return next((folder for folder in (base, *base.parents) if (folder / ".git").exists()), base)


def project_of(document: Path, base: Path, marks: Sequence[str], required: bool) -> Path:
    """Return the nearest folder above a document, up to the base, that holds one of the marks; else the base.

    Raises NoProject where a mark is required and there is none.
    """
    above = [folder for folder in Path(os.path.abspath(document)).parents if folder.is_relative_to(base)]
    found = next((folder for folder in above if any((folder / mark).is_file() for mark in marks)), None)
    if found is None and required:
        raise NoProject(marks)
    return found or base


@contextmanager
def laid(way: Way, document: Path, folder: Path, base: Path) -> Iterator[Laid]:
    """Make what a tool is given, and take it away again. Raises NotLaid."""
    document = Path(os.path.abspath(document))
    cache = platformdirs.user_cache_path("kimi-lsp", appauthor=False) / "checks" / _key(base)
    if way == "stdin":
        yield Laid(document, folder, base, cache)
        return
    try:
        temporary = Path(tempfile.mkdtemp(prefix=_TEMPORARY)).resolve()
    except OSError as error:
        raise NotLaid(_told(error)) from error
    try:
        if way == "copy":
            copy = _copy(document, base, temporary / "copy")
            place = temporary / "copy" / folder.relative_to(base)
            yield Laid(copy, place, temporary / "copy", cache, copy)
        else:
            written = temporary / document.name
            overlay = temporary / "overlay.json"
            overlay.write_text(json.dumps({"Replace": {str(document): str(written)}}), "utf-8")
            yield Laid(document, folder, base, cache, written, overlay)
    finally:
        # Links are removed, never followed. What Windows holds on to, its own cleaning takes.
        shutil.rmtree(temporary, ignore_errors=True)


def keep_cache(cache: Path) -> None:
    """Make a cache folder, readable by its owner only, and drop those of the workspaces looked at longest ago.

    Raises NotLaid.
    """
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.utime(cache)
        newest_first = sorted(cache.parent.iterdir(), key=lambda path: -path.stat().st_mtime_ns)
    except OSError as error:
        raise NotLaid(_told(error)) from error
    for old in newest_first[_CACHES_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _copy(document: Path, base: Path, into: Path) -> Path:
    """Link all that lies beside a document and beside the folders above it, and return the document's place."""
    here, there, links = base, into, 0
    try:
        for part in document.relative_to(base).parts:
            there.mkdir()
            for entry in _entries(here):
                links += 1
                if links > _MOST_LINKS:
                    raise NotLaid("there are too many files beside this one")
                if entry.name == part or entry.name in _LEFT_OUT:
                    continue
                if entry.name in _COPIED and entry.is_file():
                    shutil.copyfile(entry.path, there / entry.name)
                else:
                    (there / entry.name).symlink_to(entry.path, target_is_directory=entry.is_dir())
            here, there = here / part, there / part
    except OSError as error:
        raise NotLaid(_told(error)) from error
    return there


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    # A new file's folder may not be there yet.
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from entries


def _key(base: Path) -> str:
    return hashlib.sha256(os.fsencode(base)).hexdigest()[:16]


def _told(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
