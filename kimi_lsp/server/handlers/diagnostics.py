"""`kimi/didChangeDiagnostics`: the problems that all tools of an editor report in a document.

For editors that show a server only its own diagnostics. They are kept for the menu and for `kimi.fix`, moved with the
lines that the user types, and dropped once their own lines change: they are never older than what they speak of.
Plain JSON, since every change of a document comes by here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kimi_lsp.server.desk import Desk
from kimi_lsp.server.plain import InvalidParams, Range, field, range_of

Json = dict[str, Any]

_MOST = 1_000
"""Diagnostics of one document that are kept; nobody fixes so many by hand."""


def did_change_diagnostics(desk: Desk, params: Mapping[str, Any]) -> None:
    """Take the diagnostics of one document, in place of those before. Raises InvalidParams."""
    uri, version = field(params, "uri", str), field(params, "version", int)
    found = field(params, "diagnostics", list)
    for one in found:
        if not isinstance(one, dict):
            raise InvalidParams("diagnostics")
        range_of(one)
    document = desk.documents.get(uri)
    if document is None or document.version != version:
        # Where they stand in the text of now is not known; the editor tells of them again.
        return
    desk.reported[uri] = found[:_MOST]


def move(desk: Desk, uri: str, change: Mapping[str, Any], lines: int) -> None:
    """Move what is kept of a document past one change, which made it longer by so many lines. Raises InvalidParams."""
    kept = desk.reported.get(uri)
    if not kept:
        return
    if change.get("range") is None:
        del desk.reported[uri]
        return
    where = range_of(change)
    desk.reported[uri] = [moved for one in kept if (moved := _moved(one, where, lines))]


def all_of(desk: Desk, uri: str, own: Sequence[Json]) -> list[Json]:
    """Return diagnostics that the editor named, and those kept of the document that are not among them."""
    kept = desk.reported.get(uri)
    if not kept:
        # Most editors tell all in the menu itself, which is asked for at each move of the cursor.
        return list(own)
    seen = {_identity(one) for one in own}
    return [*own, *(one for one in kept if _identity(one) not in seen)]


def _moved(one: Json, where: Range, lines: int) -> Json | None:
    at = range_of(one)
    if at.end.line < where.start.line:
        return one
    if at.start.line <= where.end.line:
        return None
    return {**one, "range": {name: _lower(getattr(at, name), lines) for name in ("start", "end")}}


def _lower(place: Any, lines: int) -> Json:
    return {"line": place.line + lines, "character": place.character}


def _identity(one: Json) -> tuple[object, ...]:
    return range_of(one), str(one.get("code")), str(one.get("message"))
