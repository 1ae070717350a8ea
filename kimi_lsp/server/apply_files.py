"""From a plan over several files to the editor, in one edit: all of it checked right before, and looked for afterwards.

Nothing is written here: the editor creates, renames and deletes, and its user can undo it. Most editors stop in the
middle where one part fails, and some would overwrite what is there, so no edit is sent that cannot be made now.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

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
from kimi_lsp.server import confirm, convert, sending, uris
from kimi_lsp.server.apply import CLOSED, TRIES, UNQUIET, Applied
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.workspace_edit import CreatePart, DeletePart, Part, RenamePart, TextPart, workspace_edit
from kimi_lsp.text import ChangeLog, Snapshot, split

_LOOK_EVERY = 0.05
"""Seconds between two looks for what an editor does on the disk."""
_NOTHING = "Nothing was changed: "


class _Stale(Exception):
    """A file is not as it was when the edit was planned; `str(error)` is the sentence for the user."""


@dataclass(frozen=True)
class _Text:
    """The edit of one file, carried to what it is now."""

    step: EditFile
    path: Path
    document: Document | None
    plan: EditPlan
    before: Snapshot | None

    @property
    def part(self) -> tuple[str, int | None]:
        return (
            (self.path.as_uri(), None)
            if self.document is None
            else (self.document.uri, self.document.version)
        )


_Ready: TypeAlias = tuple[FileStep, Part, _Text | None]


async def apply_files(
    server: KimiServer,
    document: Document,
    edited: Edited,
    log: ChangeLog,
    version: int | None,
    consent: confirm.Consent = "none",
) -> Applied:
    """Bring an edit of several files, planned on a version of the document, into the editor."""
    lacking = _lacking(server.profile, edited.files)
    if lacking:
        return Applied("refused", lacking)
    no = await confirm.declined(server, edited, consent)
    if no:
        return Applied("refused", no)
    asks = confirm.editor_asks(server, edited, consent)
    for _ in range(TRIES):
        try:
            ready = _ready(server, document, edited, log, version)
        except _Stale as stale:
            return Applied("stale", str(stale))
        edit = workspace_edit(
            server.profile, [part for _, part, _ in ready], edited.label, edited.summary, asks=asks
        )
        if _closes(document, edited):
            server.jobs.outlive_document()
        answered = await sending.send(server, edit, edited.label, asks=asks)
        if answered is None or answered.applied:
            return await _looked_for(server, edited, ready)
        # What cannot be seen was not made, since the editor says so.
        missing = [step for step, _, text in ready if not _is_made(server, edited, step, text)]
        if len(missing) < len(ready) and not server.profile.takes_back:
            return _half(ready, missing, sending.told(answered))
        if asks or not any(text and _is_other_text(text) for _, _, text in ready):
            return Applied("refused", sending.told(answered))
    return Applied("stale", UNQUIET)


def _lacking(profile: ClientProfile, steps: Sequence[FileStep]) -> str:
    """Return what the editor cannot do for us, as a sentence, or nothing."""
    needed = {CreateFile: "create", RenameFile: "rename", DeleteFile: "delete"}
    missing = [verb for kind, verb in needed.items() if any(isinstance(step, kind) for step in steps)]
    missing = [verb for verb in missing if verb not in profile.resource_operations]
    if missing:
        return f"{_NOTHING}this editor cannot {' or '.join(missing)} files for a language server."
    if not profile.document_changes:
        return f"{_NOTHING}this editor cannot edit several files at once for a language server."
    return ""


def _closes(document: Document, edited: Edited) -> bool:
    """Tell whether the edit renames or deletes the document, which the editor then closes."""
    gone = (step for step in edited.files if isinstance(step, RenameFile | DeleteFile))
    return any(_is_of(document, _lexical(edited, step.path)) for step in gone)


def _ready(
    server: KimiServer, document: Document, edited: Edited, log: ChangeLog, version: int | None
) -> list[_Ready]:
    """Hold each step against what is open and on the disk now. Raises _Stale."""
    if server.documents.get(document.uri) is not document:
        raise _Stale(CLOSED)
    ready: list[_Ready] = []
    for step in edited.files:
        try:
            path = _place(edited, step.path)
            opened = document if _is_of(document, path) else _opened(server, path)
            match step:
                case EditFile():
                    text = _text(step, path, opened, log if opened is document else None, version)
                    edits = convert.text_edits(text.plan, server.protocol.encoding)
                    ready.append((step, TextPart(*text.part, edits), text))
                case CreateFile(_, new):
                    _check_free(server, path)
                    ready.append((step, CreatePart(path.as_uri(), new), None))
                case RenameFile(_, new_path):
                    to = _place(edited, new_path)
                    _check_free(server, to)
                    if opened is None:
                        _check_same(edited, step.path, path)
                    uri = opened.uri if opened else path.as_uri()
                    ready.append((step, RenamePart(uri, to.as_uri()), None))
                case DeleteFile():
                    _check_same(edited, step.path, path)
                    if opened is not None and opened.snapshot().text != files.read_text(path):
                        raise _Stale(f"{_NOTHING}{step.path} has changes that are not saved.")
                    ready.append((step, DeletePart(opened.uri if opened else path.as_uri()), None))
        except (FileProblem, Refusal) as problem:
            said = str(problem)
            raise _Stale(said if said.startswith(_NOTHING) else _NOTHING + said) from problem
    return ready


def _text(
    step: EditFile, path: Path, document: Document | None, log: ChangeLog | None, version: int | None
) -> _Text:
    """Carry one file's edit to its present text. Raises Refusal, FileProblem and _Stale."""
    if document is None:
        if files.read_text(path) != step.plan.text:
            raise files.ChangedOnDisk(path)
        return _Text(step, path, None, step.plan, None)
    now = document.snapshot()
    if log is None:
        return _Text(step, path, document, rebase_text(step.plan, now.text), now)
    changes = log.since(version)
    if changes is None:
        raise _Stale(CLOSED)
    return _Text(step, path, document, rebase(step.plan, changes, now.text), now)


async def _looked_for(server: KimiServer, edited: Edited, ready: Sequence[_Ready]) -> Applied:
    """Look until everything is there, for a bounded time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + sending.SEEN_WITHIN
    while True:
        missing = [step for step, _, text in ready if _is_made(server, edited, step, text) is False]
        if not missing:
            return Applied("ok")
        if loop.time() >= deadline:
            break
        await asyncio.sleep(_LOOK_EVERY)
    # A document that moved may have been edited and undone before its editor told of either.
    missing = [step for step, _, text in ready if step in missing and not (text and _moved(text))]
    if not missing:
        return Applied("ok")
    if len(missing) == len(ready):
        return Applied("refused", "The editor did not make the edit: every file is as it was.")
    return _half(ready, missing, "The editor made only a part of it.")


def _is_made(server: KimiServer, edited: Edited, step: FileStep, text: _Text | None) -> bool | None:
    """Tell whether one step was made; None for the edit of a file that no editor shows us."""
    path = _lexical(edited, step.path)
    match step:
        case EditFile():
            if text is None or text.document is None or text.before is None:
                opened = _opened(server, path)
                return None if opened is None else opened.snapshot().text == step.plan.apply()
            if server.documents.get(text.document.uri) is not text.document:
                # It was renamed, which is a step of its own.
                return any(isinstance(one, RenameFile) and one.path == step.path for one in edited.files)
            return sending.holds(text.document, text.plan.apply(), text.plan, text.before)
        case CreateFile(_, new):
            opened = _opened(server, path)
            return os.path.lexists(path) if opened is None else _same_lines(opened.snapshot().text, new)
        case RenameFile(_, new_path):
            return os.path.lexists(_lexical(edited, new_path)) and not os.path.lexists(path)
        case DeleteFile():
            return not os.path.lexists(path)


def _half(ready: Sequence[_Ready], missing: Sequence[FileStep], why: str) -> Applied:
    made = ", ".join(step.path for step, _, _ in ready if step not in missing)
    left = ", ".join(step.path for step in missing)
    return Applied("failed", f"{why} Changed: {made}. Not changed: {left}. Undo in the editor takes it back.")


def _is_other_text(text: _Text) -> bool:
    return (
        text.document is not None
        and text.before is not None
        and text.document.snapshot().text != text.before.text
    )


def _moved(text: _Text) -> bool:
    return (
        text.document is not None and text.before is not None and text.document.version != text.before.version
    )


def _same_lines(one: str, other: str) -> bool:
    """Compare texts of a new file, to which an editor may give line ends, and a last one, of its own."""
    first, second = ([line.rstrip("\r\n") for line in split(text.rstrip("\r\n"))] for text in (one, other))
    return first == second


def _place(edited: Edited, path: str) -> Path:
    """Return where a step happens, in the editor's own spelling. Raises FileProblem where that leads out by now."""
    if edited.root is not None:
        files.locate(edited.root, path)
    return _lexical(edited, path)


def _lexical(edited: Edited, path: str) -> Path:
    return (edited.root or Path()).joinpath(*path.split("/"))


def _opened(server: KimiServer, path: Path) -> Document | None:
    return next((document for document in server.documents if _is_of(document, path)), None)


def _is_of(document: Document, path: Path) -> bool:
    own = uris.path(document.uri)
    return own is not None and own.resolve() == path.resolve()


def _check_free(server: KimiServer, path: Path) -> None:
    if os.path.lexists(path) or _opened(server, path) is not None:
        raise files.AlreadyExists(path)


def _check_same(edited: Edited, name: str, path: Path) -> None:
    if files.digest(path) != edited.digests.get(name):
        raise files.ChangedOnDisk(path)
