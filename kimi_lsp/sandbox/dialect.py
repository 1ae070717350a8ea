"""What the endpoints share: a request as the skills see it, an answer as it will be said, and how one is spelled.

No wire shapes here: each endpoint has a file of its own that reads its requests and spells its answers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kimi_lsp.sandbox.card import cost_usd
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.tokens import pieces

Finish = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation, its text parts joined."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Format:
    """The JSON that was asked for; without a schema any object will do."""

    schema: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was found in order."""

    turns: tuple[Turn, ...]
    prompt_tokens: int
    max_tokens: int
    format: Format | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    usage_in_stream: bool = True


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer within its limits, as tokens."""

    reasoning: tuple[str, ...]
    content: tuple[str, ...]
    finish: Finish
    prompt_tokens: int

    @property
    def completion_tokens(self) -> int:
        """All generated tokens, reasoning included."""
        return len(self.reasoning) + len(self.content)

    @property
    def cost_usd(self) -> float:
        """The price of the request in US dollars."""
        return cost_usd(self.prompt_tokens, self.completion_tokens)


@dataclass(frozen=True, slots=True)
class Beat:
    """One event of a stream, ready for the wire."""

    kind: Literal["opening", "reasoning", "content", "closing"]
    data: bytes


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one endpoint reads and spells."""

    endpoint: str
    read: Callable[[Any], Asked]
    """Raises Rejected."""
    beats: Callable[[str, Asked, Spoken], Sequence[Beat]]
    """The stream of an answer, by the request's id; openings first, then reasoning, content and closings."""
    whole: Callable[[str, Spoken], dict[str, Any]]
    """The answer in one piece, with its `usage`."""
    error: Callable[[Rejected], dict[str, Any]]
    error_beat: Callable[[Rejected], bytes]
    """An error in the middle of a stream."""


def speak(asked: Asked, reasoning: str, content: str, *, empty: bool = False) -> Spoken:
    """Keep an answer within `stop` and `max_tokens`; the reasoning is counted first.

    `empty` ends it as if the limit had been reached while thinking.
    """
    ends = [at for word in asked.stop if word and (at := content.find(word)) >= 0]
    said = pieces(content[: min(ends, default=len(content))])
    thought = pieces(reasoning)
    room = asked.max_tokens - len(thought)
    cut = empty or len(said) > room
    return Spoken(
        tuple(thought[: asked.max_tokens]),
        () if empty else tuple(said[: max(0, room)]),
        "length" if cut or room < 0 else "stop",
        asked.prompt_tokens,
    )


def deltas(tokens: Sequence[str], size: int = 4) -> list[str]:
    """Return tokens in the small groups that a stream sends at once."""
    return ["".join(tokens[at : at + size]) for at in range(0, len(tokens), size)]
