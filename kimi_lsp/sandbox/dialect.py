"""How an endpoint reads a request and spells an answer. Each endpoint has files of its own that fill this form."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kimi_lsp.sandbox.asked import Asked
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.spoken import Spoken


@dataclass(frozen=True, slots=True)
class Beat:
    """One event of a stream, ready for the wire."""

    kind: Literal["opening", "reasoning", "content", "closing"]
    data: bytes
    said: str = ""
    """What of the answer it carries; empty for an event that only opens or closes something."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One endpoint."""

    endpoint: str
    format_field: str
    """The name of the field that asks for JSON, for the words of a rejection."""
    read: Callable[[Any], Asked]
    """Raises Rejected."""
    beats: Callable[[str, Asked, Spoken], Sequence[Beat]]
    """The stream of an answer, by the request's id; openings first, then reasoning, content and closings."""
    whole: Callable[[str, Asked, Spoken], dict[str, Any]]
    """The answer in one piece, with its `usage`."""
    error: Callable[[Rejected], dict[str, Any]]
    error_beat: Callable[[Rejected], bytes]
    """An error in the middle of a stream."""


def event(data: Mapping[str, Any], name: str | None = None) -> bytes:
    """Spell one event of a stream, with its name where the endpoint has names."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def openai_error(rejected: Rejected) -> dict[str, Any]:
    """Spell an error in the envelope of the two endpoints of OpenAI's family."""
    about = {"message": str(rejected), "type": rejected.kind, "param": rejected.param, "code": rejected.code}
    return {"error": about}
