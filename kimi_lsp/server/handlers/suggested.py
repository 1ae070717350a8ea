"""`kimi.applySuggestion` and `kimi.dismiss`: what a user does with what a review suggested. No model is asked."""

import attrs
from lsprotocol import types

from kimi_lsp.conversation import Usage
from kimi_lsp.edits import EditPlan
from kimi_lsp.features import Edited
from kimi_lsp.kimi import StateUnusable
from kimi_lsp.server import confirm, preview
from kimi_lsp.server.apply import apply
from kimi_lsp.server.documents import Document
from kimi_lsp.server.handlers.commands import Result, failure
from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.suggestions import Kept


@attrs.frozen
class Which:
    """One suggestion by its id; without one, those at some lines; without these, all of the document."""

    uri: str
    id: str = ""
    range: types.Range | None = None


_NONE = "There is no suggestion here; what it was about may have changed."


async def apply_suggestion(server: KimiServer, which: Which) -> Result:
    """Make the edit of a suggestion, the first one that is meant."""
    # Whether the user is to be asked first is a setting.
    await server.asking.answered()
    document, found = server.documents.get(which.uri), _meant(server, which)
    if document is None or not document.in_step or not found:
        return failure(server, "refused", _NONE)
    return await _applied(server, document, found[0])


async def dismiss(server: KimiServer, which: Which) -> Result:
    """Forget suggestions, and do not show them again, wherever the same lines would become the same."""
    found = _meant(server, which)
    if not found:
        return failure(server, "refused", _NONE)
    digests = {one.digest for one in found}
    server.desk.suggestions.drop(which.uri, lambda one: one.digest in digests)
    told = f"Dismissed “{found[0].reason}”." if len(found) == 1 else f"{len(found)} suggestions dismissed."
    try:
        await server.dismissed.add(digests)
    except StateUnusable as trouble:
        told = f"{told} They may come back: {trouble}"
        server.tell(told)
    return {"status": "ok", "message": told}


def _meant(server: KimiServer, which: Which) -> list[Kept]:
    suggestions = server.desk.suggestions
    if which.id:
        return [one for one in suggestions.of(which.uri) if one.id == which.id]
    if which.range is None:
        return list(suggestions.of(which.uri))
    first, last = sorted((which.range.start.line, which.range.end.line))
    return suggestions.at(which.uri, first, last)


async def _applied(server: KimiServer, document: Document, one: Kept) -> Result:
    consent: confirm.Consent = "none"
    with document.followed() as log:
        now = document.snapshot()
        plan = EditPlan.of(now.text, one.line_edits())
        edited = Edited(plan, "Kimi: Apply suggestion", one.reason, Usage())
        if server.profile.previews and confirm.is_wanted(server, edited, consent):
            decision = await preview.decide(server, "", document.uri, edited)
            if isinstance(decision, preview.Declined):
                return {"status": "refused", "message": decision.sentence}
            if isinstance(decision, preview.Again):
                return failure(
                    server, "refused", "Nothing was changed: a suggestion cannot be asked for again."
                )
            edited, consent = decision.edited, "seen"
        applied = await apply(server, document, edited, log, now.version, consent)
    if applied.status != "ok":
        return failure(server, applied.status, applied.sentence)
    return {"status": "ok", "message": applied.sentence or f"Applied “{one.reason}”."}
