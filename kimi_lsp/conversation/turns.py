"""Messages and what they are made of. A turn of the model's is kept so that it can be said again byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture, as its file's bytes."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Video:
    """A film, as its file's bytes."""

    media_type: str
    data: bytes


Part = Text | Image | Video


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the model wants called. The id goes back exactly as it came."""

    id: str
    name: str
    arguments: str
    """JSON text, as the model wrote it."""


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the model thought on one turn; Kimi requires it back, unchanged, whenever that turn is replayed.

    On the endpoints whose turns are lists (`responses`: `output`, `messages`: `content`), the whole list is kept, for
    its order counts too, and it goes back in the place of the message's own text and calls. A conversation that was
    begun over one endpoint can only be continued over it.
    """

    text: str
    """The thought itself, or the JSON of the list."""
    field: str = "reasoning_content"
    """The wire's own name for it, so that it returns under the key it came with."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn."""

    role: Role
    parts: tuple[Part, ...] = ()
    reasoning: Reasoning | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    """On a tool's turn: the call that it answers."""

    @classmethod
    def of(cls, role: Role, text: str) -> "Message":
        """Return a turn of plain text."""
        return cls(role, (Text(text),))

    @property
    def text(self) -> str:
        """All text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True)
class Schema:
    """The shape that an answer must have: a JSON schema in the subset that all three endpoints take."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may ask for."""

    name: str
    description: str
    parameters: Mapping[str, Any]
