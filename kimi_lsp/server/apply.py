"""From a plan to the editor's buffer: carried through what the user typed, sent once, verified afterwards."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Literal

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from kimi_lsp.edits import EditPlan, Refusal, rebase
from kimi_lsp.features import Edited
from kimi_lsp.server import convert
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import Change, ChangeLog, Snapshot

logger = logging.getLogger(__name__)

_SEEN_WITHIN = 2.0
"""Seconds in which an editor tells of the edit that it says it made; the slowest known waits 0.15 s."""
_ANSWER_WITHIN = 30.0
"""Seconds for an editor that asks nobody; one with a confirmation open may take as long as its user likes."""
_APPLY = "Apply"
_TRIES = 3
"""Sendings: each time the user typed while an edit was on its way, it is carried on and sent again."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan; the sentence says why where it was not applied."""

    status: Literal["ok", "stale", "refused"]
    sentence: str = ""


async def apply(
    server: KimiServer, document: Document, edited: Edited, log: ChangeLog, version: int | None
) -> Applied:
    """Bring an edit that was planned on a version of the document into the editor."""
    if _wants_confirmation(server, edited) and not server.profile.needs_confirmation:
        declined = await _declined_by_message(server, edited)
        if declined:
            return Applied("refused", declined)
    for _ in range(_TRIES):
        changes = log.since(version)
        if server.documents.get(document.uri) is not document or changes is None:
            return Applied("stale", "Nothing was changed: the document was closed while Kimi was thinking.")
        now = document.snapshot()
        try:
            plan = rebase(edited.plan, changes, now.text)
        except Refusal as refusal:
            return Applied("stale", str(refusal))
        wanted = plan.apply()
        if wanted == now.text:
            return Applied("ok", "The document already reads as proposed.")
        answered = await _sent(server, document, edited, plan)
        if answered is not None and not answered.applied:
            if document.version != now.version and not _asks(server, edited):
                continue
            return Applied("refused", _declined(answered))
        if await _arrived(document, wanted, plan, now):
            return Applied("ok")
        return Applied("refused", "The editor did not make the edit: the document is as it was.")
    return Applied(
        "stale", "Nothing was changed: the document kept changing while the edit was sent. Ask again."
    )


async def _sent(
    server: KimiServer, document: Document, edited: Edited, plan: EditPlan
) -> types.ApplyWorkspaceEditResult | None:
    """Send the edit and return the answer; None for a client that will not give one."""
    params = types.ApplyWorkspaceEditParams(
        edit=_workspace_edit(server, document, edited, plan), label=edited.label
    )
    asking = asyncio.ensure_future(server.workspace_apply_edit_async(params))
    if not server.profile.apply_edit:
        asking.add_done_callback(_forget)
        return None
    try:
        return await asyncio.wait_for(asking, None if _asks(server, edited) else _ANSWER_WITHIN)
    except TimeoutError:
        logger.warning("the editor did not answer workspace/applyEdit")
        return None
    except JsonRpcException as error:
        return types.ApplyWorkspaceEditResult(applied=False, failure_reason=str(error))


def _workspace_edit(
    server: KimiServer, document: Document, edited: Edited, plan: EditPlan
) -> types.WorkspaceEdit:
    edits = convert.text_edits(plan, server.protocol.encoding)
    if not server.profile.document_changes:
        return types.WorkspaceEdit(changes={document.uri: edits})
    identity = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    if not server.profile.change_annotations:
        return types.WorkspaceEdit(
            document_changes=[types.TextDocumentEdit(text_document=identity, edits=list(edits))]
        )
    annotation = types.ChangeAnnotation(
        label=edited.label, description=edited.summary or None, needs_confirmation=_asks(server, edited)
    )
    marked = [
        types.AnnotatedTextEdit(range=edit.range, new_text=edit.new_text, annotation_id="kimi")
        for edit in edits
    ]
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(text_document=identity, edits=list(marked))],
        change_annotations={"kimi": annotation},
    )


def _asks(server: KimiServer, edited: Edited) -> bool:
    """Tell whether the editor itself asks its user before it makes the edit."""
    return _wants_confirmation(server, edited) and server.profile.needs_confirmation


def _wants_confirmation(server: KimiServer, edited: Edited) -> bool:
    preview = server.settings.preview
    return preview == "always" or (preview == "auto" and bool(edited.syntax))


async def _declined_by_message(server: KimiServer, edited: Edited) -> str:
    """Ask in a message, where the editor cannot ask about the edit itself; return why not, or nothing."""
    doubt = edited.summary
    if edited.syntax:
        found = edited.syntax[0]
        doubt = f"This edit brings a syntax error at line {found.line}: {found.message}."
    if not server.profile.apply_edit:
        # A client that does not answer requests cannot be asked.
        return f"{doubt} Nothing was changed, since this editor cannot ask you first."
    question = types.ShowMessageRequestParams(
        type=types.MessageType.Warning,
        message=f"{edited.label}. {doubt} Apply it?",
        actions=[types.MessageActionItem(title=_APPLY), types.MessageActionItem(title="Discard")],
    )
    try:
        answer = await server.window_show_message_request_async(question)
    except JsonRpcException:
        answer = None
    agreed = answer is not None and answer.title == _APPLY
    return "" if agreed else "The edit was declined; nothing was changed."


async def _arrived(document: Document, wanted: str, plan: EditPlan, before: Snapshot) -> bool:
    """Watch the document until it holds the edit; what the user types on top of it does not count against it.

    An editor that waits before it tells may tell of the edit and of its undoing at once: the version moves, the text
    does not.
    """
    deadline = asyncio.get_running_loop().time() + _SEEN_WITHIN
    while True:
        text = document.snapshot().text
        if text == wanted or (text != before.text and _holds(text, wanted, plan)):
            return True
        try:
            async with asyncio.timeout_at(deadline):
                await document.changed()
        except TimeoutError:
            return document.version != before.version


def _holds(text: str, wanted: str, plan: EditPlan) -> bool:
    typed = Change.between(wanted, text)
    shift = 0
    for hunk in plan.hunks:
        start = hunk.span.start + shift
        shift += len(hunk.text) - len(hunk.span)
        if typed.span.start < start + len(hunk.text) and start < typed.span.end:
            return False
    return len(typed.span) + len(typed.text) < len(wanted)


def _declined(answer: types.ApplyWorkspaceEditResult) -> str:
    reason = (answer.failure_reason or "").strip()
    return (
        f"The editor did not make the edit: {reason}"
        if reason
        else "The edit was declined; nothing was changed."
    )


def _forget(asking: "asyncio.Future[types.ApplyWorkspaceEditResult]") -> None:
    if not asking.cancelled() and asking.exception() is not None:
        logger.info("the editor answered workspace/applyEdit with an error")
