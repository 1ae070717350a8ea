"""`reasoning_details`: reasoning as a list of objects, which some gateways send and want back as it was."""

import json
from typing import Any

from kimi_lsp.conversation import Reasoning

_GROWING = ("text", "summary", "data")
"""Fields that come in pieces."""


class Details:
    """The list as it grows; pieces of one entry are joined."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []

    def __bool__(self) -> bool:
        return bool(self._entries)

    def feed(self, value: object) -> str:
        """Take what one event holds and return the thought in it; anything but a list of objects is not ours."""
        if not isinstance(value, list):
            return ""
        thought = ""
        for piece in value:
            if not isinstance(piece, dict):
                continue
            thought += next(
                (piece[name] for name in ("text", "summary") if isinstance(piece.get(name), str)), ""
            )
            self._add(piece)
        return thought

    def dump(self) -> str:
        """Return the list as JSON text, for `Reasoning.text`."""
        return json.dumps(self._entries, ensure_ascii=False)

    def _add(self, piece: dict[str, Any]) -> None:
        last = self._entries[-1] if self._entries else None
        index = piece.get("index")
        if (
            last is None
            or index is None
            or (last.get("index"), last.get("type")) != (index, piece.get("type"))
        ):
            self._entries.append(dict(piece))
            return
        for name, value in piece.items():
            if name in _GROWING and isinstance(value, str):
                last[name] = (last.get(name) or "") + value
            elif value is not None:
                last[name] = value


def to_wire(reasoning: Reasoning) -> object:
    """Return what goes back under the reasoning's own key: the list where it came as one, else the text."""
    if reasoning.field == "reasoning_details" and reasoning.text.startswith("["):
        try:
            return json.loads(reasoning.text)
        except ValueError:
            return reasoning.text
    return reasoning.text
