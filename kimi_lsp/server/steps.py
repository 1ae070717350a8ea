"""The steps of an edit of several files, held against what is open and on the disk at this moment. Nothing is sent here.

What is open is carried through what was typed; of what is not, the text must be the one that was planned on, byte for
byte. One step that cannot be made stops all of them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.edits import (
    CreateFile,
    DeleteFile,
    EditFile,
    EditPlan,
    FileStep,
    Refusal,
    RenameFile,
    rebase,
    rebase_text,
)
from kimi_lsp.features import Edited
from kimi_lsp.project import files
from kimi_lsp.project.files import FileProblem
from kimi_lsp.server import convert, uris
from kimi_lsp.server.apply import CLOSED
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.workspace_edit import CreatePart, DeletePart, Part, RenamePart, TextPart
from kimi_lsp.text import ChangeLog, Encoding, Snapshot, split

NOTHING = "Nothing was changed: "


class Stale(Exception):
    """A file is not as it was when the edit was planned; `str(error)` is the sentence for the user."""


@dataclass(frozen=True)
class Text:
    """The edit of one file, carried to what it is now."""

    step: EditFile
    path: Path
    document: Document | None
    """None for what no editor has open."""
    plan: EditPlan
    before: Snapshot | None
    """The document as the plan takes it to be."""

    def part(self, encoding: Encoding) -> TextPart:
        """Return what is sent for it."""
        edits = convert.text_edits(self.plan, encoding)
        if self.document is None:
            return TextPart(self.path.as_uri(), None, edits)
        return TextPart(self.document.uri, self.document.version, edits)


@dataclass(frozen=True, slots=True)
class Ready:
    """One step that can be made now."""

    step: FileStep
    part: Part
    text: Text | None = None
    """For the edit of a file."""


Opened = Mapping[Path, Document]


def opened(server: KimiServer) -> Opened:
    """Return what the editor has open by its file, links followed."""
    found = ((uris.path(document.uri), document) for document in server.documents)
    return {path.resolve(): document for path, document in found if path is not None}


def is_blind(server: KimiServer, edited: Edited) -> bool:
    """Tell whether the edit changes a file that no editor has open, and whose versions therefore nobody compares."""
    known = opened(server)
    return any(
        not isinstance(step, CreateFile) and edited.place(step.path).resolve() not in known
        for step in edited.files
    )


def ready(
    server: KimiServer, document: Document, edited: Edited, log: ChangeLog, version: int | None
) -> list[Ready]:
    """Return each step as it can be made now; `log` and `version` are those of the document. Raises Stale."""
    if server.documents.get(document.uri) is not document:
        raise Stale(CLOSED)
    known = opened(server)
    made = []
    for step in edited.files:
        try:
            path = edited.place(step.path)
            own = uris.path(document.uri)
            is_own = own is not None and own.resolve() == path.resolve()
            there = document if is_own else known.get(path.resolve())
            if isinstance(step, EditFile):
                text = _text(edited, step, there, log if is_own else None, version)
                made.append(Ready(step, text.part(server.protocol.encoding), text))
            else:
                made.append(Ready(step, _part(edited, step, there, known)))
        except (FileProblem, Refusal) as problem:
            said = str(problem)
            raise Stale(said if said.startswith(NOTHING) else NOTHING + said) from problem
    return made


def same_lines(one: str, other: str) -> bool:
    """Compare texts but for a byte order mark, line ends and a last one, to which an editor may give its own."""
    return _lines(one.rstrip("\r\n")) == _lines(other.rstrip("\r\n"))


def _text(
    edited: Edited, step: EditFile, document: Document | None, log: ChangeLog | None, version: int | None
) -> Text:
    """Carry one file's edit to its present text. Raises Refusal, FileProblem and Stale."""
    path = edited.place(step.path)
    real = files.followed(edited.home(step.path), step.path)
    if document is None:
        bare = step.plan.without_mark()
        if files.read_text(real).removeprefix(_BOM) != bare.text:
            raise files.ChangedOnDisk(path)
        files.check_changeable(real)
        return Text(step, path, None, bare, None)
    now = document.snapshot()
    if log is None:
        plan = step.plan if now.text.startswith(_BOM) else step.plan.without_mark()
        return Text(step, path, document, rebase_text(plan, now.text), now)
    changes = log.since(version)
    if changes is None:
        raise Stale(CLOSED)
    return Text(step, path, document, rebase(step.plan, changes, now.text), now)


def _part(
    edited: Edited, step: CreateFile | RenameFile | DeleteFile, document: Document | None, known: Opened
) -> Part:
    """Return what is sent for a step that is no edit. Raises FileProblem and Stale."""
    path = edited.place(step.path)
    real = files.locate(edited.home(step.path), step.path)
    match step:
        case CreateFile(_, text):
            _check_free(path, known)
            files.check_folder(real)
            return CreatePart(path.as_uri(), text)
        case RenameFile(_, new_path):
            to = edited.place(new_path)
            real_to = files.locate(edited.home(new_path), new_path)
            _check_free(to, known)
            _check_movable(edited, step.path, real, document)
            files.check_folder(real_to)
            return RenamePart(document.uri if document else path.as_uri(), to.as_uri())
        case DeleteFile():
            _check_movable(edited, step.path, real, None)
            if document is not None and _lines(document.snapshot().text) != _lines(files.read_text(path)):
                raise Stale(f"{NOTHING}{step.path} has changes that are not saved.")
            return DeletePart(document.uri if document else path.as_uri())


def _check_free(path: Path, known: Opened) -> None:
    if os.path.lexists(path) or path.resolve() in known:
        raise files.AlreadyExists(path)


def _check_movable(edited: Edited, name: str, real: Path, document: Document | None) -> None:
    """Check that a file is there, as it was where no editor has it, and may leave its place. Raises FileProblem."""
    files.check_changeable(real)
    if document is None and files.digest(real) != edited.digests.get(name):
        raise files.ChangedOnDisk(real)
    files.check_folder(real)


def _lines(text: str) -> list[str]:
    return [line.rstrip("\r\n") for line in split(text.removeprefix(_BOM))]


_BOM = "\ufeff"
