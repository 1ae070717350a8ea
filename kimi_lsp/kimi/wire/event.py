"""The data of one event, read; and JSON values taken as what they should be, or else as empty.

Everything that a server sends goes through here, so that a field of an unexpected kind is passed over and never breaks.
"""

import json
from typing import Any

from kimi_lsp.kimi.wire.fault import FaultInStream, Malformed, from_json

KEEP_ALIVE = ("ping", "keepalive")
"""Types of events that say only that the connection is still open."""


def is_end(data: str) -> bool:
    """Tell whether the data is the mark after the last event, which is no JSON; only chat must send it."""
    return data.strip() == "[DONE]"


def read_event(data: str) -> dict[str, Any]:
    """Return the JSON object of an event.

    Raises Malformed for anything else, and FaultInStream for an error in whichever endpoint's shape.
    """
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("an event that is not JSON") from None
    if not isinstance(event, dict):
        raise Malformed("an event that is not a JSON object")
    if event.get("error") or "error" in (event.get("object"), event.get("type")):
        raise FaultInStream(from_json(event))
    return event


def text_of(value: object) -> str:
    """Return a text, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def object_of(value: object) -> dict[str, Any]:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; anything else holds none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def arguments_of(value: object) -> str:
    """Return a tool call's arguments as JSON text; some servers send them as an object."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else text_of(value)
