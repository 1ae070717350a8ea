"""LSP's parameters as plain JSON, for the few messages that come at each key and each move of the cursor.

What has not the shape that the specification asks for is InvalidParams, with the name of the field.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from kimi_lsp.text import Position

_Kind = TypeVar("_Kind")


class InvalidParams(Exception):
    """`str(error)` names what is wrong."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is missing or has the wrong form")


class Range(NamedTuple):
    """A range in the negotiated units."""

    start: Position
    end: Position


def is_identity(value: object) -> bool:
    """Tell whether a value can be the id of a request: JSON's `true` and `false` are no numbers."""
    return isinstance(value, int | str) and not isinstance(value, bool)


def field(place: Mapping[str, Any], name: str, kind: type[_Kind]) -> _Kind:
    """Return a field of a kind. Raises InvalidParams."""
    value = place.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InvalidParams(name)
    return value


def range_of(place: Mapping[str, Any]) -> Range:
    """Return the field `range`. Raises InvalidParams."""
    found = field(place, "range", dict)
    return Range(position_of(found, "start"), position_of(found, "end"))


def strings(place: Mapping[str, Any], name: str) -> list[str] | None:
    """Return a list of strings, or None where there is none. Raises InvalidParams."""
    value = place.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidParams(name)
    return value


def position_of(place: Mapping[str, Any], name: str) -> Position:
    """Return a field that is a position. Raises InvalidParams."""
    found = field(place, name, dict)
    line, character = field(found, "line", int), field(found, "character", int)
    if line < 0 or character < 0:
        raise InvalidParams(name)
    return Position(line, character)
