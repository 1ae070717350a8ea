"""Tool calls, put together from the pieces in which they stream."""

from dataclasses import dataclass

from kimi_lsp.conversation import ToolCall
from kimi_lsp.kimi.wire.event import arguments_of, object_of, objects_of, text_of


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
        for piece in objects_of(pieces):
            named, index = text_of(piece.get("id")), piece.get("index")
            if isinstance(index, int):
                self._last = index
            elif named:
                self._last = named
            call = self._calls.setdefault(self._last, _Call())
            function = object_of(piece.get("function"))
            call.id = call.id or named
            call.name = text_of(function.get("name")) or call.name
            call.arguments += arguments_of(function.get("arguments"))

    def all(self) -> tuple[ToolCall, ...]:
        """Return the calls in the order in which they began."""
        return tuple(
            ToolCall(call.id, call.name, call.arguments) for call in self._calls.values() if call.name
        )
