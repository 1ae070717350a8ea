"""The output items of a response while they stream, so that each can be sent back as it came.

Servers leave out indexes, or give one item two ids; so a piece goes to the item with its id, else to that with its
index, else to the open item of its kind.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from kimi_lsp.kimi.wire.event import arguments_of, object_of, objects_of, text_of

Growing = Literal["text", "arguments", "summary", "content"]
"""What of an item comes in pieces: of a message, a call and (the last two) a thought."""


@dataclass(slots=True)
class _Item:
    value: dict[str, Any]
    """As it was announced, and once it is closed as it was told whole."""
    index: object = None
    closed: bool = False
    pieces: dict[Growing, list[str]] = field(default_factory=dict)

    def whole(self) -> dict[str, Any]:
        grown = {what: "".join(pieces) for what, pieces in self.pieces.items()}
        if self.closed or not grown:
            return self.value
        if "arguments" in grown:
            return {**self.value, "arguments": grown["arguments"]}
        if "text" in grown:
            part = {"type": "output_text", "text": grown["text"], "annotations": []}
            return {**self.value, "role": "assistant", "content": [part]}
        thought: dict[str, list[dict[str, str]]] = {"summary": []}
        if "summary" in grown:
            thought["summary"] = [{"type": "summary_text", "text": grown["summary"]}]
        if "content" in grown:
            thought["content"] = [{"type": "reasoning_text", "text": grown["content"]}]
        return {**self.value, **thought}


class Items:
    """The items in the order in which they began."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._final: list[dict[str, Any]] = []

    def open(self, event: dict[str, Any]) -> None:
        """Take an event that announces an item."""
        value = object_of(event.get("item"))
        if text_of(value.get("type")):
            self._items.append(_Item(value, event.get("output_index")))

    def grow(self, event: dict[str, Any], kind: str, what: Growing, piece: str) -> None:
        """Take a piece of an item of a kind; an item that was not announced begins here."""
        item = self._at(event, kind)
        if item is None:
            item = _Item({"type": kind, **_named(event)}, event.get("output_index"))
            self._items.append(item)
        item.pieces.setdefault(what, []).append(piece)

    def replace(self, event: dict[str, Any], kind: str, what: Growing, whole: str) -> None:
        """Take the whole of what came in pieces."""
        item = self._at(event, kind)
        if item is None:
            self.grow(event, kind, what, whole)
        else:
            item.pieces[what] = [whole]

    def close(self, event: dict[str, Any]) -> None:
        """Take an event that tells an item whole."""
        value = object_of(event.get("item"))
        if not text_of(value.get("type")):
            return
        found = self._find(value["type"], text_of(value.get("id")), event.get("output_index"))
        if not found:
            found = [_Item(value)]
            self._items += found
        found[0].value, found[0].closed = value, True

    def settle(self, output: object) -> None:
        """Take the list that ends the response; some servers send it empty, or with less than they streamed."""
        self._final = objects_of(output)

    def all(self) -> list[dict[str, Any]]:
        """Return all items, as they go back."""
        if len(self._final) > sum(item.closed for item in self._items):
            return self._final
        return [item.whole() for item in self._items]

    def _at(self, event: dict[str, Any], kind: str) -> _Item | None:
        found = self._find(kind, text_of(event.get("item_id")), event.get("output_index"))
        return found[-1] if found else None

    def _find(self, kind: str, identity: str, index: object) -> list[_Item]:
        """Return the item with the id, else with the index, else all that it may be: open, and of no other index."""
        same = [item for item in self._items if item.value["type"] == kind]
        named = [item for item in same if identity and item.value.get("id") == identity]
        still = [item for item in same if not item.closed]
        at_index = [item for item in still if index is not None and item.index == index]
        return named or at_index or [item for item in still if index is None or item.index is None]


def text_in(item: dict[str, Any]) -> str:
    """Return what a message's item says; nothing for items of other kinds."""
    parts = objects_of(item.get("content")) if item.get("type") == "message" else []
    return "".join(text_of(part.get("text")) for part in parts)


def thought_in(item: dict[str, Any]) -> str:
    """Return what a thought's item says: the thought itself, else its summary."""
    if item.get("type") != "reasoning":
        return ""
    parts = objects_of(item.get("content")) or objects_of(item.get("summary"))
    return "".join(text_of(part.get("text")) for part in parts)


def refusal_in(item: dict[str, Any]) -> str | None:
    """Return a message's refusal, or None where it holds none."""
    parts = objects_of(item.get("content")) if item.get("type") == "message" else []
    return next((text_of(part.get("refusal")) for part in parts if part.get("type") == "refusal"), None)


def call_in(item: dict[str, Any]) -> tuple[str, str, str] | None:
    """Return the id, name and arguments of a call's item, or None for items of other kinds."""
    name = text_of(item.get("name"))
    if item.get("type") != "function_call" or not name:
        return None
    identity = text_of(item.get("call_id")) or text_of(item.get("id"))
    return identity, name, arguments_of(item.get("arguments"))


def _named(event: dict[str, Any]) -> dict[str, str]:
    identity, name = text_of(event.get("item_id")), text_of(event.get("name"))
    return {key: value for key, value in (("id", identity), ("name", name)) if value}
