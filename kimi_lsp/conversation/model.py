"""The one protocol between the features and whatever answers them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

from kimi_lsp.conversation.turns import Message, Schema, Tool
from kimi_lsp.conversation.usage import Usage

Finish = Literal["stop", "length", "tool_calls", "content_filter"]


class ModelError(Exception):
    """A model did not answer. `str(error)` is the one sentence that the user reads; it never holds a key.

    The rooms that talk to a model derive their own trees from this one; features let it pass.
    """


@dataclass(frozen=True, slots=True)
class Request:
    """All that is said to the model for one answer. Sampling parameters do not exist: the service fixes them."""

    messages: tuple[Message, ...]
    answer: Schema | None = None
    """The JSON shape asked for, or None for free text."""
    max_tokens: int = 16_384
    """Upper limit of generated tokens, reasoning included: 1 to 131,072 (the model card)."""
    stop: tuple[str, ...] = ()
    """At most 4 strings (the model card), each of at most 32 bytes. The responses endpoint has none: not sent there."""
    tools: tuple[Tool, ...] = ()
    web_search: bool = False
    kind: str = ""
    """What it is for, such as `fix`: for our own books, and never sent."""
    language: str = ""
    """Of the document, as its editor names it; never sent either."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is being generated yet, and why: a sentence for the progress line."""

    reason: str
    cause: ModelError | None = None
    """The failure after which the request is sent again; None where it is still to be sent."""


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of what the model thinks."""

    text: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole answer; always the last thing that a stream yields."""

    message: Message
    finish: Finish
    usage: Usage
    model: str = ""
    """The name that the server gave itself."""


Delta = Waiting | ReasoningDelta | TextDelta | Reply


class Model(Protocol):
    """Something that answers. Closing the generator, or cancelling its task, stops the paid request at once."""

    def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Yield deltas and, last, exactly one Reply. Raises ModelError, never anything else but CancelledError."""
        ...
