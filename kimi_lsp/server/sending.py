"""One edit on its way to the editor: sent, answered or not, and watched until the document holds it."""

import asyncio
import logging

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from kimi_lsp.edits import EditPlan
from kimi_lsp.server import confirm
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import Change, Snapshot, harmless

logger = logging.getLogger(__name__)

SEEN_WITHIN = 2.0
"""Seconds in which an editor tells of the edit that it says it made; the slowest known waits 0.15 s."""
ANSWER_WITHIN = 30.0
"""Seconds for an editor that asks nobody."""


async def send(
    server: KimiServer, edit: types.WorkspaceEdit, label: str, *, asks: bool
) -> types.ApplyWorkspaceEditResult | None:
    """Send an edit and return the answer; None for a client that will not give one."""
    params = types.ApplyWorkspaceEditParams(edit=edit, label=harmless.message(label))
    asking = asyncio.ensure_future(server.workspace_apply_edit_async(params))
    if not server.profile.apply_edit:
        asking.add_done_callback(_forget)
        asyncio.get_running_loop().call_later(ANSWER_WITHIN, asking.cancel)
        return None
    try:
        return await asyncio.wait_for(asking, confirm.DECIDED_WITHIN if asks else ANSWER_WITHIN)
    except TimeoutError:
        logger.warning("the editor did not answer workspace/applyEdit")
        return None
    except JsonRpcException as error:
        return types.ApplyWorkspaceEditResult(applied=False, failure_reason=str(error))


def told(answer: types.ApplyWorkspaceEditResult) -> str:
    """Return the sentence for an answer that says no."""
    reason = (answer.failure_reason or "").strip()
    if reason:
        return f"The editor did not make the edit: {reason}"
    return confirm.DECLINED


async def arrived(document: Document, wanted: str, plan: EditPlan, before: Snapshot) -> bool:
    """Watch the document until it holds the edit; what the user types on top of it does not count against it.

    An editor that waits before it tells may tell of the edit and of its undoing at once: the version moves, the text
    does not.
    """
    deadline = asyncio.get_running_loop().time() + SEEN_WITHIN
    while True:
        if holds(document, wanted, plan, before):
            return True
        try:
            async with asyncio.timeout_at(deadline):
                await document.changed()
        except TimeoutError:
            return document.version != before.version


def holds(document: Document, wanted: str, plan: EditPlan, before: Snapshot) -> bool:
    """Tell whether a document holds an edit now, whatever was typed beside it."""
    text = document.snapshot().text
    return text == wanted or (text != before.text and _survives(text, wanted, plan))


def _survives(text: str, wanted: str, plan: EditPlan) -> bool:
    typed = Change.between(wanted, text)
    shift = 0
    for hunk in plan.hunks:
        start = hunk.span.start + shift
        shift += len(hunk.text) - len(hunk.span)
        if typed.span.start < start + len(hunk.text) and start < typed.span.end:
            return False
    return len(typed.span) + len(typed.text) < len(wanted)


def _forget(asking: "asyncio.Future[types.ApplyWorkspaceEditResult]") -> None:
    if not asking.cancelled() and asking.exception() is not None:
        logger.info("the editor answered workspace/applyEdit with an error")
