"""From a plan to the editor's buffer: carried through what the user typed, sent once, verified afterwards."""

from dataclasses import dataclass
from typing import Literal

from kimi_lsp.edits import Refusal, rebase
from kimi_lsp.features import Edited
from kimi_lsp.server import confirm, convert, sending
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.workspace_edit import TextPart, workspace_edit
from kimi_lsp.text import ChangeLog

TRIES = 3
"""Sendings: each time the user typed while an edit was on its way, it is carried on and sent again."""
CLOSED = "Nothing was changed: the document was closed while Kimi was thinking."
UNQUIET = "Nothing was changed: the document kept changing while the edit was sent. Ask again."


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan; the sentence says why where it was not applied."""

    status: Literal["ok", "stale", "refused", "failed"]
    sentence: str = ""


async def apply(
    server: KimiServer,
    document: Document,
    edited: Edited,
    log: ChangeLog,
    version: int | None,
    consent: confirm.Consent = "none",
) -> Applied:
    """Bring an edit of one document, planned on a version of it, into the editor."""
    no = await confirm.declined(server, edited, consent)
    if no:
        return Applied("refused", no)
    asks = confirm.editor_asks(server, edited, consent)
    for _ in range(TRIES):
        changes = log.since(version)
        if server.documents.get(document.uri) is not document or changes is None:
            return Applied("stale", CLOSED)
        now = document.snapshot()
        try:
            plan = rebase(edited.plan, changes, now.text)
        except Refusal as refusal:
            return Applied("stale", str(refusal))
        wanted = plan.apply()
        if wanted == now.text:
            return Applied("ok", "The document already reads as proposed.")
        part = TextPart(document.uri, document.version, convert.text_edits(plan, server.protocol.encoding))
        edit = workspace_edit(server.profile, [part], edited.label, edited.summary, asks=asks)
        answered = await sending.send(server, edit, edited.label, asks=asks)
        if answered is not None and not answered.applied:
            if document.version != now.version and not asks:
                continue
            return Applied("refused", sending.told(answered))
        if await sending.arrived(document, wanted, plan, now):
            return Applied("ok")
        return Applied("refused", "The editor did not make the edit: the document is as it was.")
    return Applied("stale", UNQUIET)
