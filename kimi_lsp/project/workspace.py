"""What of a workspace may be shown to the model when it asks, and the one way from a path that it names to a text.

Each path is taken apart, compared with what the folders really hold, followed and judged before anything is opened.
What the editor has open wins over the disk. Sentences name paths as the model knows them, never where they lie.
"""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PureWindowsPath

from kimi_lsp.project import languages
from kimi_lsp.project.files import MOST_BYTES, FileProblem, NotText, TooLarge, inside, read_text
from kimi_lsp.project.ignore import Judge
from kimi_lsp.text import Diagnostic, Snapshot

_LONGEST_PATH = 1024


class Withheld(FileProblem):
    """The model may not have what it asked for; `str(problem)` is the sentence that it reads."""


@dataclass(frozen=True)
class Workspace:
    """The folders that the model may look into, at one moment."""

    roots: tuple[Path, ...]
    """The one that holds the document in question first: it wins where two hold the same relative path."""
    exclude: tuple[str, ...] = ()
    """Globs of the user's, beside the ignore files."""
    documents: Mapping[Path, Snapshot] = field(default_factory=dict)
    """What the editor has open, by its file."""
    diagnostics: Mapping[Path, Sequence[Diagnostic]] = field(default_factory=dict)
    """What tools reported, by file; the spans count in the document."""

    @cached_property
    def judges(self) -> Mapping[Path, Judge]:
        """For each root the rules of what may be shown; each ignore file is read once."""
        return {root: Judge(root, self.exclude) for root in self.roots}

    def document(self, file: Path) -> Snapshot | None:
        """Return what the editor has open as a file, links followed on both sides."""
        return self._open.get(file.resolve())

    def known(self, file: Path) -> Sequence[Diagnostic]:
        """Return what tools reported in a file."""
        return self._known.get(file.resolve(), ())

    @cached_property
    def _open(self) -> Mapping[Path, Snapshot]:
        return {path.resolve(): snapshot for path, snapshot in self.documents.items()}

    @cached_property
    def _known(self) -> Mapping[Path, Sequence[Diagnostic]]:
        return {path.resolve(): found for path, found in self.diagnostics.items()}


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder that may be shown."""

    path: str
    """As the model knows it: relative to its root, with `/`; empty for the root itself."""
    file: Path
    """With all links followed."""
    root: Path


def find(workspace: Workspace, path: str, *, folder: bool = False) -> Place:
    """Return the file (or folder) that a relative path names, in the first root that has it.

    Raises Withheld where there is none, and where it may not be shown.
    """
    parts = _parts(path)
    shown = "/".join(parts)
    trouble = Withheld(f"there is no {'folder' if folder else 'file'} {shown or '.'} in the workspace")
    for root in workspace.roots:
        candidate = root.joinpath(*parts)
        try:
            opened = not folder and workspace.document(candidate) is not None
            if not opened and not _spelled(root, parts):
                continue
            if inside(candidate, (root,)) is None:
                raise Withheld(f"{shown} leads out of the workspace")
            reason = workspace.judges[root].reason(candidate, folder=folder)
            place = Place(shown, candidate.resolve(), root)
        except (OSError, RuntimeError):
            # A link that leads back to itself: OSError from Python 3.13 on, RuntimeError before.
            raise Withheld(f"{shown} could not be followed") from None
        if reason:
            raise Withheld(f"{shown} may not be read: {_without(root, reason)}")
        if not opened:
            _check_kind(place, folder=folder)
        return place
    raise trouble


def read(workspace: Workspace, place: Place, limit: int = MOST_BYTES) -> Snapshot:
    """Return a file's text, as the editor has it or else as the disk has it. Raises Withheld; `limit` is in bytes."""
    snapshot = workspace.document(place.file)
    if snapshot is None:
        try:
            # Once more, since the moment of the check has passed: what is no regular file may hang or answer.
            _check_kind(place, folder=False)
            text = read_text(place.file, limit)
        except TooLarge:
            raise Withheld(f"{place.path} is larger than {limit // 1024} KiB") from None
        except NotText:
            raise Withheld(f"{place.path} is not UTF-8 text") from None
        except Withheld:
            raise
        except FileProblem:
            raise Withheld(f"{place.path} could not be read") from None
        snapshot = Snapshot(place.file.as_uri(), None, languages.of(place.file), text)
    if "\0" in snapshot.text:
        raise Withheld(f"{place.path} is binary")
    return snapshot


def _parts(path: str) -> tuple[str, ...]:
    """Take a path apart. Raises Withheld for all that is not plainly below a folder."""
    told = ascii(path[:80])
    if len(path) > _LONGEST_PATH or any(ord(char) < 32 or "\ud800" <= char <= "\udfff" for char in path):
        raise Withheld(f"{told} is no path")
    if path.startswith("/") or "\\" in path or PureWindowsPath(path).drive:
        raise Withheld(f"{told} is not a path relative to the workspace, with / between folders")
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
    if ".." in parts:
        raise Withheld(f"{told} may not contain ..")
    return parts


def _spelled(root: Path, parts: Sequence[str]) -> bool:
    """Tell whether each part is there under exactly this name.

    Some file systems open a file by other names too (other case, short names), which no ignore rule knows.
    """
    folder = root
    for part in parts:
        try:
            if part not in os.listdir(folder):
                return False
        except OSError:
            return False
        folder /= part
    return folder.exists()


def _without(root: Path, reason: str) -> str:
    """Leave out where the workspace lies on this machine."""
    for folder in (root, root.resolve()):
        reason = reason.replace(f"{folder}{os.sep}", "")
    return reason


def _check_kind(place: Place, *, folder: bool) -> None:
    try:
        mode = place.file.stat().st_mode
    except OSError:
        raise Withheld(f"{place.path} could not be read") from None
    if folder and not stat.S_ISDIR(mode):
        raise Withheld(f"{place.path} is a file, not a folder")
    if not folder and stat.S_ISDIR(mode):
        raise Withheld(f"{place.path or '.'} is a folder, not a file")
    if not folder and not stat.S_ISREG(mode):
        raise Withheld(f"{place.path} is not a regular file")
