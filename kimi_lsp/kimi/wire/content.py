"""What the endpoints' bodies share: instructions, pictures and films as text, and kept JSON."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from kimi_lsp.conversation import Image, Message, Reasoning, Video


def system_text(messages: Iterable[Message]) -> str:
    """Return what the system's turns say, for endpoints where it has a field of its own."""
    return "\n\n".join(message.text for message in messages if message.role == "system")


def base64_text(medium: Image | Video) -> str:
    """Return a picture or film in base64."""
    return base64.b64encode(medium.data).decode("ascii")


def data_url(medium: Image | Video) -> str:
    """Return a picture or film as a `data:` URL."""
    return f"data:{medium.media_type};base64,{base64_text(medium)}"


def keep(turn: list[dict[str, Any]], field: str) -> Reasoning:
    """Keep a turn's own JSON, in its order, so that it goes back as it came."""
    return Reasoning(json.dumps(turn, ensure_ascii=False), field)


def kept(message: Message, field: str) -> list[dict[str, Any]] | None:
    """Return the JSON that was kept of a turn, or None where nothing had to be kept."""
    if message.reasoning is None or message.reasoning.field != field:
        return None
    turn: list[dict[str, Any]] = json.loads(message.reasoning.text)
    return turn
