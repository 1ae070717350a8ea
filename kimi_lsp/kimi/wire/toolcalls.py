"""Tool calls, put together from the pieces in which they stream."""

import json
from dataclasses import dataclass

from kimi_lsp.conversation import ToolCall


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""


class ToolCalls:
    """One buffer per index. Where a server leaves the index out, a new id starts a call and all else continues the last."""

    def __init__(self) -> None:
        self._calls: dict[int | str, _Call] = {}
        self._last: int | str = 0

    def feed(self, pieces: object) -> None:
        """Take the `tool_calls` of one event; ids stay byte for byte as they came."""
        for piece in pieces if isinstance(pieces, list) else ():
            if not isinstance(piece, dict):
                continue
            named, index = piece.get("id"), piece.get("index")
            if isinstance(index, int):
                self._last = index
            elif isinstance(named, str) and named:
                self._last = named
            call = self._calls.setdefault(self._last, _Call())
            function = piece.get("function")
            function = function if isinstance(function, dict) else {}
            if isinstance(named, str) and named:
                call.id = call.id or named
            name, arguments = function.get("name"), function.get("arguments")
            if isinstance(name, str) and name:
                call.name = name
            if isinstance(arguments, str):
                call.arguments += arguments
            elif isinstance(arguments, dict):
                call.arguments += json.dumps(arguments, ensure_ascii=False)

    def all(self) -> tuple[ToolCall, ...]:
        """Return the calls in the order in which they began."""
        return tuple(
            ToolCall(call.id, call.name, call.arguments) for call in self._calls.values() if call.name
        )
