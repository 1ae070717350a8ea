"""The suggestions that are kept, for editors that ask: lenses, inline completions, and diagnostics that are pulled.

Answered from memory, in plain JSON; the model is never asked.
"""

from collections.abc import Mapping
from typing import Any

from kimi_lsp.server.desk import Desk
from kimi_lsp.server.plain import field, position_of
from kimi_lsp.text import Position
from kimi_lsp.text.diagnostic import short

Json = dict[str, Any]


def code_lens(desk: Desk, params: Mapping[str, Any]) -> list[Json] | None:
    """`textDocument/codeLens`: Apply and Dismiss above each, where the user wants that. Raises InvalidParams."""
    uri = _uri(params)
    if desk.settings.suggestions != "lenses" or not desk.suggestions.of(uri):
        return None
    return [
        {
            "range": one.range(),
            "command": {"title": title, "command": command, "arguments": [{"uri": uri, "id": one.id}]},
        }
        for one in desk.suggestions.of(uri)
        for title, command in (
            (f"Kimi: {short(one.reason)} – apply", "kimi.applySuggestion"),
            ("Dismiss", "kimi.dismiss"),
        )
    ]


def inline_completion(desk: Desk, params: Mapping[str, Any]) -> Json | None:
    """`textDocument/inlineCompletion`: those that change the line of the cursor and no other. Raises InvalidParams."""
    uri, at = _uri(params), position_of(params, "position")
    document = desk.documents.get(uri)
    found = [one for one in desk.suggestions.at(uri, at.line, at.line) if one.row == at.line and one.line]
    if document is None or not document.in_step or not found:
        return None
    _, part = document.near(at.line, at.line, 0)
    content = part.lines.content(0)
    end = part.lines.position(len(content), desk.encoding).character
    line = {"start": Position(at.line, 0)._asdict(), "end": Position(at.line, end)._asdict()}
    return {"items": [{"insertText": one.line, "filterText": content, "range": line} for one in found]}


def diagnostic(desk: Desk, params: Mapping[str, Any]) -> Json:
    """`textDocument/diagnostic`, for editors that take no diagnostics unasked. Raises InvalidParams."""
    return {"kind": "full", "items": [one.diagnostic() for one in desk.suggestions.of(_uri(params))]}


def _uri(params: Mapping[str, Any]) -> str:
    return field(field(params, "textDocument", dict), "uri", str)
