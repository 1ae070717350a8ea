"""A request as the skills see it, whichever endpoint it came to, and what it counts in tokens. No wire shapes here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kimi_lsp.sandbox.media import Media
from kimi_lsp.sandbox.tokens import count

MEDIA_TOKENS = 2_000
"""What an image or a video counts, whatever its size."""
_TURN_TOKENS = 4


@dataclass(frozen=True, slots=True)
class Call:
    """A function that is to be called; the arguments are JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation, its text parts joined."""

    role: str
    text: str
    reasoning: str | None = None
    """What the assistant thought on this turn, as it was sent back."""
    media: tuple[Media, ...] = ()
    calls: tuple[Call, ...] = ()
    answers: str = ""
    """On a tool's turn: the id of the call."""
    place: int = 0
    """The index in the list that was sent."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A function that the model may ask for."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """The JSON that was asked for; without a schema any object will do."""

    schema: Mapping[str, Any] | None


@dataclass(frozen=True)
class Asked:
    """A request that was found in order."""

    turns: tuple[Turn, ...]
    max_tokens: int
    format: Format | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    usage_in_stream: bool = True
    offers: tuple[Offer, ...] = ()
    may_call: bool = True
    """Whether tools may be used; false for the tool_choice "none"."""
    parallel: bool = True
    """Whether one turn may hold several calls."""
    web_search: bool = False
    echo: Mapping[str, Any] = field(default_factory=dict)
    """What an endpoint repeats of the request in its answer."""

    @cached_property
    def segments(self) -> tuple[tuple[str, int], ...]:
        """The prompt in pieces, each with its tokens, in the order in which a model would read them."""
        pieces: list[tuple[str, int]] = []
        if self.offers:
            shown = [[offer.name, offer.description, offer.parameters] for offer in self.offers]
            pieces.append(_piece(json.dumps(shown, ensure_ascii=False)))
        for turn in self.turns:
            calls = "".join(call.name + call.arguments for call in turn.calls)
            pieces.append((f"<{turn.role} {turn.answers}>", _TURN_TOKENS))
            pieces += [(media.digest, MEDIA_TOKENS) for media in turn.media]
            pieces += [_piece(text) for text in (turn.reasoning, turn.text, calls) if text]
        return tuple(pieces)

    @property
    def prompt_tokens(self) -> int:
        """All tokens of the prompt."""
        return sum(tokens for _, tokens in self.segments)


def _piece(text: str) -> tuple[str, int]:
    return text, count(text)
