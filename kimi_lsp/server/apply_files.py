"""From a plan over several files to the editor, in one edit: all of it checked right before, and looked for afterwards.

Nothing is written here: the editor creates, renames and deletes, and its user can undo it. Most editors stop in the
middle where one part fails, and some would overwrite what is there, so no edit is sent that cannot be made now.
"""

import asyncio
import os
from collections.abc import Sequence

from kimi_lsp.edits import CreateFile, DeleteFile, EditFile, FileStep, RenameFile
from kimi_lsp.features import Edited
from kimi_lsp.server import confirm, sending, steps, uris
from kimi_lsp.server.apply import TRIES, UNQUIET, Applied
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.steps import NOTHING, Opened, Ready, Stale, Text
from kimi_lsp.server.workspace_edit import workspace_edit
from kimi_lsp.text import ChangeLog

_LOOK_EVERY = 0.05
"""Seconds between two looks for what an editor does on the disk."""


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
    # A file that is not open may change while an editor asks, and nobody would see it: we ask then, and look afterwards.
    blind = steps.is_blind(server, edited)
    no = await confirm.declined(server, edited, consent, here=blind)
    if no:
        return Applied("refused", no)
    asks = not blind and confirm.editor_asks(server, edited, consent)
    said = " ".join(part for part in (edited.summary, edited.told()) if part)
    for _ in range(TRIES):
        try:
            ready = steps.ready(server, document, edited, log, version)
        except Stale as stale:
            return Applied("stale", str(stale))
        edit = workspace_edit(server.profile, [one.part for one in ready], edited.label, said, asks=asks)
        if _closes(document, edited):
            server.jobs.outlive_document()
        answered = await sending.send(server, edit, edited.label, asks=asks)
        if answered is None or answered.applied:
            return await _looked_for(server, edited, ready)
        # What cannot be seen was not made, since the editor says so.
        known = steps.opened(server)
        missing = [one.step for one in ready if not _is_made(server, edited, one, known)]
        if len(missing) < len(ready) and not server.profile.takes_back:
            return _half(ready, missing, sending.told(answered))
        if asks or not any(one.text and _is_other_text(one.text) for one in ready):
            return Applied("refused", sending.told(answered))
    return Applied("stale", UNQUIET)


def _lacking(profile: ClientProfile, changes: Sequence[FileStep]) -> str:
    """Return what the editor cannot do for us, as a sentence, or nothing."""
    needed = {CreateFile: "create", RenameFile: "rename", DeleteFile: "delete"}
    missing = [verb for kind, verb in needed.items() if any(isinstance(step, kind) for step in changes)]
    missing = [verb for verb in missing if verb not in profile.resource_operations]
    if missing:
        return f"{NOTHING}this editor cannot {' or '.join(missing)} files for a language server."
    if not profile.document_changes:
        return f"{NOTHING}this editor cannot edit several files at once for a language server."
    return ""


def _closes(document: Document, edited: Edited) -> bool:
    """Tell whether the edit renames or deletes the document, which the editor then closes."""
    own = uris.path(document.uri)
    gone = (step for step in edited.files if isinstance(step, RenameFile | DeleteFile))
    return own is not None and any(edited.place(step.path).resolve() == own.resolve() for step in gone)


async def _looked_for(server: KimiServer, edited: Edited, ready: Sequence[Ready]) -> Applied:
    """Look until everything is there, for a bounded time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + sending.SEEN_WITHIN
    while True:
        known = steps.opened(server)
        missing = [one for one in ready if _is_made(server, edited, one, known) is False]
        if not missing:
            return Applied("ok")
        if loop.time() >= deadline:
            break
        await asyncio.sleep(_LOOK_EVERY)
    # A document that moved may have been edited and undone before its editor told of either.
    missing = [one for one in missing if not (one.text and _moved(one.text))]
    if not missing:
        return Applied("ok")
    if len(missing) == len(ready):
        return Applied("refused", "The editor did not make the edit: every file is as it was.")
    return _half(ready, [one.step for one in missing], "The editor made only a part of it.")


def _is_made(server: KimiServer, edited: Edited, one: Ready, known: Opened) -> bool | None:
    """Tell whether one step was made; None for the edit of a file that no editor shows us."""
    text, path = one.text, edited.place(one.step.path)
    match one.step:
        case EditFile():
            if text is None or text.document is None or text.before is None:
                opened = known.get(path.resolve())
                return (
                    None
                    if opened is None
                    else steps.same_lines(opened.snapshot().text, one.step.plan.apply())
                )
            if server.documents.get(text.document.uri) is not text.document:
                # It was renamed, which is a step of its own.
                return any(
                    isinstance(step, RenameFile) and step.path == one.step.path for step in edited.files
                )
            return sending.holds(text.document, text.plan.apply(), text.plan, text.before)
        case CreateFile(_, new):
            opened = known.get(path.resolve())
            return os.path.lexists(path) if opened is None else steps.same_lines(opened.snapshot().text, new)
        case RenameFile(_, new_path):
            return os.path.lexists(edited.place(new_path)) and not os.path.lexists(path)
        case DeleteFile():
            return not os.path.lexists(path)


def _half(ready: Sequence[Ready], missing: Sequence[FileStep], why: str) -> Applied:
    made = ", ".join(one.step.path for one in ready if one.step not in missing)
    left = ", ".join(step.path for step in missing)
    return Applied("failed", f"{why} Changed: {made}. Not changed: {left}. Undo in the editor takes it back.")


def _is_other_text(text: Text) -> bool:
    return (
        text.document is not None
        and text.before is not None
        and text.document.snapshot().text != text.before.text
    )


def _moved(text: Text) -> bool:
    return (
        text.document is not None and text.before is not None and text.document.version != text.before.version
    )
