"""The content blocks of a message while they stream, so that each can be sent back as it came.

A piece goes to the block with its index, else to the last one; where that is of another type, a new block begins.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from kimi_lsp.conversation import ToolCall
from kimi_lsp.kimi.wire.event import arguments_of, object_of, objects_of, text_of

_GROWS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
    "input_json_delta": ("partial_json", "input"),
}
"""Types of pieces, where each stands, and the field of a block that it makes longer."""
_BEGINS = {"text_delta": "text", "thinking_delta": "thinking"}
"""Types of pieces that a block which was not announced can begin with, and its type."""

_FITS = {
    "text_delta": ("text",),
    "citations_delta": ("text",),
    "thinking_delta": ("thinking",),
    "signature_delta": ("thinking",),
}
"""Types of pieces, and of the blocks that they belong to."""


@dataclass(slots=True)
class _Block:
    value: dict[str, Any]
    """As it was announced."""
    pieces: dict[str, list[str]] = field(default_factory=dict)
    """What made its fields longer; under `input`, the JSON text of a call's arguments."""

    @property
    def takes_input(self) -> bool:
        """Tell whether this is a call, of one of our tools or of one of the service's."""
        return text_of(self.value.get("type")).endswith("tool_use")

    @property
    def arguments(self) -> str:
        return "".join(self.pieces.get("input", ())) or arguments_of(self.value.get("input")) or "{}"

    def whole(self) -> dict[str, Any]:
        if self.takes_input:
            return {**self.value, "input": input_of(self.arguments)}
        grown = {
            name: text_of(self.value.get(name)) + "".join(pieces) for name, pieces in self.pieces.items()
        }
        return {**self.value, **grown}


class Blocks:
    """The blocks in the order in which they began."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._by_index: dict[object, _Block] = {}

    def open(self, event: dict[str, Any]) -> dict[str, str]:
        """Take an event that announces a block; return what it holds of text and thought, by these names."""
        value = dict(object_of(event.get("content_block")))
        if not text_of(value.get("type")):
            return {}
        self._begin(_Block(value), event.get("index"))
        return {name: text_of(value.get(name)) for name in ("text", "thinking") if value["type"] == name}

    def grow(self, event: dict[str, Any]) -> dict[str, str]:
        """Take a piece; return what it holds of text, thought, or a call's input, by these names."""
        delta = object_of(event.get("delta"))
        kind = text_of(delta.get("type"))
        block = self._at(event.get("index"), kind)
        if block is None:
            return {}
        if kind == "citations_delta":
            block.value["citations"] = [*objects_of(block.value.get("citations")), delta.get("citation")]
            return {}
        place, grows = _GROWS[kind]
        piece = text_of(delta.get(place))
        block.pieces.setdefault(grows, []).append(piece)
        return {grows: piece}

    def all(self) -> list[dict[str, Any]]:
        """Return all blocks, as they go back; a text without a character would be rejected, and says nothing."""
        wholes = (block.whole() for block in self._blocks)
        return [whole for whole in wholes if whole["type"] != "text" or text_of(whole.get("text"))]

    def calls(self) -> tuple[ToolCall, ...]:
        """Return the calls of our own tools."""
        return tuple(
            ToolCall(text_of(block.value.get("id")), name, block.arguments)
            for block in self._blocks
            if block.value["type"] == "tool_use" and (name := text_of(block.value.get("name")))
        )

    def _begin(self, block: _Block, index: object) -> None:
        self._blocks.append(block)
        if isinstance(index, int):
            self._by_index[index] = block

    def _at(self, index: object, kind: str) -> _Block | None:
        """Return the block that a piece of this kind belongs to, or None where the piece is of no use."""
        last = self._blocks[-1] if self._blocks else None
        block = self._by_index.get(index) if isinstance(index, int) else last
        if block is not None and _fits(block, kind):
            return block
        if kind not in _BEGINS:
            return None
        block = _Block({"type": _BEGINS[kind]})
        self._begin(block, index)
        return block


def input_of(arguments: str) -> dict[str, Any]:
    """Return a call's arguments as this endpoint wants them back: an object.

    What is no JSON object cannot go back as it was and becomes an empty one; the call's result says what was wrong.
    """
    try:
        value = json.loads(arguments)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return {}
    return object_of(value)


def _fits(block: _Block, kind: str) -> bool:
    if kind == "input_json_delta":
        return block.takes_input
    return block.value["type"] in _FITS.get(kind, ())
