"""`kimi.review`: suggestions that stay with the text. Nothing is changed, and nothing is asked for by itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from kimi_lsp import features
from kimi_lsp.edits import Refusal, rebase
from kimi_lsp.edits.sameness import digest
from kimi_lsp.features import FEATURES, Report, Reviewed, Suggestion
from kimi_lsp.server import keeping
from kimi_lsp.server.handlers.asked import Asked, Place, wanted
from kimi_lsp.server.handlers.commands import Result, about_document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.suggestions import Kept
from kimi_lsp.text import Change, Snapshot, grown

_TRIES = 20
"""Times that suggestions are brought to the text of now while the user types on."""
_MOVED_ON = "The document was closed or changed too much meanwhile, so that no suggestion fits."


async def review(server: KimiServer, place: Place) -> Result:
    """Ask for suggestions and keep those that fit with the document, in place of those before."""
    return await about_document(server, place, "review", FEATURES["review"].title, partial(_work, server))


async def _work(server: KimiServer, asked: Asked, _job: str, report: Report) -> Result:
    found, told = await reviewed(server, asked, report)
    return {
        "status": "ok",
        "message": f"{told} ({found.usage.sentence()})",
        "suggestions": [
            {"id": one.id, "reason": one.reason, "range": one.range()}
            for one in server.desk.suggestions.of(asked.document.uri)
        ],
    }


async def reviewed(server: KimiServer, asked: Asked, report: Report) -> tuple[Reviewed, str]:
    """Ask, keep what fits the document as it is by then, and return what came and what is to be said of it."""
    what = await wanted(server, asked, "review")
    model = await server.model()
    what = what.counted(model.ratio(what.target.snapshot.language))
    found = await features.review(model, what, report)
    digests = await asyncio.to_thread(lambda: [digest(one.plan) for one in found.suggestions])
    dismissed = await server.dismissed.among(digests)
    pairs = zip(found.suggestions, digests, strict=True)
    wanted_still = [one for one, name in pairs if name not in dismissed]
    new = await _brought(server, asked, wanted_still)
    if new is None:
        return found, _MOVED_ON
    # No await from here on: what is kept is kept for this very text.
    server.hints.begin()
    server.desk.suggestions.put(asked.document.uri, [*_stay(server, asked, new), *new])
    lost = len(wanted_still) - len(new)
    kept = replace(found, suggestions=tuple(wanted_still[: len(new)]))
    said = [kept.told() if new or found.dropped else f"No suggestions. {found.summary}".strip()]
    said += [f"{lost} about lines that have changed meanwhile."] if lost else []
    said += [f"{len(found.suggestions) - len(wanted_still)} dismissed before."] if dismissed else []
    return found, " ".join(said)


async def _brought(server: KimiServer, asked: Asked, found: Sequence[Suggestion]) -> list[Kept] | None:
    """Bring suggestions to the document as it is now; None where that cannot be done."""
    document, before = asked.document, asked.source.snapshot.version
    for _ in range(_TRIES):
        changes = asked.log.since(before)
        if server.documents.get(document.uri) is not document or not document.in_step or changes is None:
            return None
        now = document.snapshot()
        kept = await asyncio.to_thread(_carried, server, found, changes, now)
        if document.version == now.version and server.documents.get(document.uri) is document:
            return kept
    return None


def _carried(
    server: KimiServer, found: Sequence[Suggestion], changes: Sequence[Change], now: Snapshot
) -> list[Kept]:
    kept = []
    for one in found:
        try:
            plan = rebase(one.plan, changes, now.text) if changes else one.plan
        except Refusal:
            # The user was quicker: the lines that it is about are others now.
            continue
        if plan.hunks:
            identity = f"kimi-suggestion-{next(server.suggestion_ids)}"
            kept.append(keeping.kept(replace(one, plan=plan), identity, server.protocol.encoding))
    return kept


def _stay(server: KimiServer, asked: Asked, new: Sequence[Kept]) -> list[Kept]:
    """Return which of a document's suggestions stay: after a review of a selection, those about other lines."""
    changes = asked.log.since(asked.source.snapshot.version)
    if not len(asked.span) or changes is None:
        return []
    span, lines = grown(asked.span, changes), asked.document.snapshot().lines
    first, last = lines.line_at(span.start), lines.line_at(max(span.start, span.end - 1))
    known = {one.digest for one in new}
    return [
        one
        for one in server.desk.suggestions.of(asked.document.uri)
        if not one.touches(first, last) and one.digest not in known
    ]
