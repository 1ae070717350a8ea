"""`notebookDocument/didOpen`, `didChange` and `didClose`: each cell is a document like any other.

Plain JSON, since a change comes at each key. A client that tells of cells as `textDocument` needs none of this.
"""

from collections.abc import Mapping
from typing import Any

from kimi_lsp.server.desk import Desk
from kimi_lsp.server.handlers import text_sync
from kimi_lsp.server.plain import InvalidParams, field


def did_open(desk: Desk, params: Mapping[str, Any]) -> None:
    """Begin to keep a notebook's cells. Raises InvalidParams."""
    _open(desk, _uri(params), field(params, "cellTextDocuments", list))


def did_change(desk: Desk, params: Mapping[str, Any]) -> None:
    """Follow cells that come, change and go. Raises InvalidParams."""
    cells = field(params, "change", dict).get("cells")
    if cells is None:
        return
    if not isinstance(cells, dict):
        raise InvalidParams("cells")
    structure = cells.get("structure") or {}
    if not isinstance(structure, dict):
        raise InvalidParams("structure")
    _close(desk, structure.get("didClose") or [])
    _open(desk, _uri(params), structure.get("didOpen") or [])
    for change in _tables(cells.get("textContent") or []):
        made = {"textDocument": change.get("document"), "contentChanges": change.get("changes")}
        text_sync.did_change(desk, made)


def did_close(desk: Desk, params: Mapping[str, Any]) -> None:
    """Forget a notebook's cells and stop the work on them. Raises InvalidParams."""
    _close(desk, field(params, "cellTextDocuments", list))


def _open(desk: Desk, notebook: str, items: Any) -> None:
    for item in _tables(items):
        text_sync.did_open(desk, {"textDocument": item})
        desk.notebooks[field(item, "uri", str)] = notebook


def _close(desk: Desk, identities: Any) -> None:
    for identity in _tables(identities):
        text_sync.did_close(desk, {"textDocument": identity})
        desk.notebooks.pop(field(identity, "uri", str), None)


def _uri(params: Mapping[str, Any]) -> str:
    return field(field(params, "notebookDocument", dict), "uri", str)


def _tables(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise InvalidParams("cells")
    return value
