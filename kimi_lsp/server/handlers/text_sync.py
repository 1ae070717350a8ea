"""`textDocument/didOpen`, `didChange` and `didClose`: the documents, as the editor tells of them.

Plain JSON: a change comes at each key. A change that cannot be made, or that comes out of order, ends the following of
its document, and that is said.
"""

import logging
from collections.abc import Mapping
from typing import Any

from kimi_lsp.server import uris
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.documents import Document, Replaced
from kimi_lsp.server.handlers import diagnostics
from kimi_lsp.server.plain import InvalidParams, field, range_of

logger = logging.getLogger(__name__)


def did_open(desk: Desk, params: Mapping[str, Any]) -> None:
    """Begin to keep a document. Raises InvalidParams."""
    item = field(params, "textDocument", dict)
    uri, language = field(item, "uri", str), field(item, "languageId", str)
    desk.reported.pop(uri, None)
    desk.suggestions.clear(uri)
    desk.documents.open(uri, language, field(item, "version", int), field(item, "text", str))


def did_change(desk: Desk, params: Mapping[str, Any]) -> None:
    """Follow the editor's changes, in order. Raises InvalidParams."""
    identity = field(params, "textDocument", dict)
    uri = field(identity, "uri", str)
    document = desk.documents.get(uri)
    if document is None:
        logger.warning("a change of a document that is not open was ignored")
        return
    was_in_step = document.in_step
    try:
        version, changes = field(identity, "version", int), field(params, "contentChanges", list)
        document.follows(version)
        for change in changes:
            before = document.line_count
            replaced = _change(desk, document, version, change)
            diagnostics.move(desk, uri, change, document.line_count - before)
            if replaced is not None:
                desk.suggestions.move(uri, replaced)
        document.reach(version)
    except Exception:
        document.lose_step()
        raise
    finally:
        if was_in_step and not document.in_step:
            _lost(desk, uri)


def did_close(desk: Desk, params: Mapping[str, Any]) -> None:
    """Forget a document and stop the work on it. Raises InvalidParams."""
    uri = field(field(params, "textDocument", dict), "uri", str)
    desk.documents.close(uri)
    desk.reported.pop(uri, None)
    desk.suggestions.clear(uri)
    desk.jobs.document_closed(uri)


def _lost(desk: Desk, uri: str) -> None:
    desk.jobs.cancel(uri=uri)
    desk.suggestions.clear(uri)
    desk.tell(
        f"{uris.name(uri)} is not followed any more, since the editor's changes came out of order. Close it and open it again."
    )


def _change(desk: Desk, document: Document, version: int, change: Any) -> Replaced | None:
    if not isinstance(change, dict):
        raise InvalidParams("contentChanges")
    text = field(change, "text", str)
    if change.get("range") is None:
        return document.reset(text, version, compare=bool(desk.suggestions.of(document.uri)))
    if not document.in_step:
        return None
    where = range_of(change)
    return document.replace(where.start, where.end, text, desk.encoding, version)
