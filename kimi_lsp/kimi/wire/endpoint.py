"""What the three endpoints have in common: one value that says how to ask, and one protocol that reads the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kimi_lsp.conversation import Message, ReasoningDelta, Request, TextDelta
from kimi_lsp.conversation.model import Finish
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.tokens import Tokens

News = list[ReasoningDelta | TextDelta]
"""What one event adds to an answer."""


class Decoder(Protocol):
    """Reads one stream. `feed` gives what is new; the rest is what the whole answer came to so far."""

    done: bool
    """Whether the server said that nothing follows."""
    finish: Finish | None
    tokens: Tokens | None
    """The last usage that the server gave, or None."""
    model: str
    """The name that the server gave itself."""
    refusal: str
    """The model's own words for why it does not answer, where the endpoint has a place for them."""

    @property
    def complete(self) -> bool:
        """Whether the answer came to its end; a stream that stops before was cut."""
        ...

    @property
    def generated(self) -> str:
        """All that the model wrote, thinking included; for an estimate where the server gives no usage."""
        ...

    def feed(self, data: str) -> News | None:
        """Take the data of one event; None says that it only keeps the connection open.

        Raises Malformed, or FaultInStream for an error in mid-stream.
        """
        ...

    def message(self) -> Message:
        """Return the assistant's turn as it has to be said again."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way to ask."""

    path: str
    """Below `/v1/`."""
    encode: Callable[[Request, str, Dialect], dict[str, Any]]
    """Gives the body for a request, a model's name and a dialect."""
    decoder: Callable[[Request], Decoder]
    """Gives a new decoder for the answer to a request."""
    replays: frozenset[str]
    """The names of `Reasoning.field` that this endpoint gives and takes back."""
    dialect: Dialect = field(default_factory=Dialect)
    """The optional fields that it has."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent besides those of every request."""
