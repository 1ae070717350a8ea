"""An answer as it will be said: within `stop` and `max_tokens`, cut into tokens, and priced. No wire shapes here."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kimi_lsp.sandbox.asked import Asked, Call
from kimi_lsp.sandbox.card import cost_usd
from kimi_lsp.sandbox.tokens import count, pieces

Finish = Literal["stop", "length", "tool_calls", "refusal"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer within its limits, as tokens."""

    reasoning: tuple[str, ...]
    content: tuple[str, ...]
    finish: Finish
    prompt_tokens: int
    cached_tokens: int = 0
    calls: tuple[Call, ...] = ()
    stop_word: str | None = None
    """The stop word that ended the content."""
    searches: int = 0

    @property
    def thought(self) -> str:
        """The reasoning in one piece."""
        return "".join(self.reasoning)

    @property
    def text(self) -> str:
        """The content in one piece."""
        return "".join(self.content)

    @property
    def completion_tokens(self) -> int:
        """All generated tokens, reasoning and calls included."""
        called = sum(count(call.name) + count(call.arguments) for call in self.calls)
        return len(self.reasoning) + len(self.content) + called

    @property
    def total_tokens(self) -> int:
        """Prompt and generated tokens."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def cost_usd(self) -> float:
        """The price of the request in US dollars, searches included."""
        return cost_usd(self.prompt_tokens, self.completion_tokens, self.searches)

    @property
    def billing(self) -> Mapping[str, object]:
        """What every endpoint's usage holds besides the tokens."""
        searched = {"tool_usage": {"web_search": self.searches}} if self.searches else {}
        return {**searched, "cost_usd": self.cost_usd}


def speak(
    asked: Asked,
    reasoning: str,
    content: str,
    *,
    calls: Sequence[Call] = (),
    cached_tokens: int = 0,
    finish: Finish | None = None,
) -> Spoken:
    """Keep an answer within `stop` and `max_tokens`; the reasoning is counted first.

    Calls that do not fit any more are left out. `finish` says how it ends in any case: `length` leaves nothing but
    the reasoning, as if the limit had been reached while thinking.
    """
    ends = {at: word for word in reversed(asked.stop) if word and (at := content.find(word)) >= 0}
    end = min(ends, default=None)
    said = pieces(content[:end])
    thought = pieces(reasoning)
    room = asked.max_tokens - len(thought) - len(said)
    made: list[Call] = []
    for call in calls:
        room -= count(call.name) + count(call.arguments)
        made += [call] if room >= 0 and finish is None else []
    ending: Finish = "length" if room < 0 else "tool_calls" if made else "stop"
    return Spoken(
        tuple(thought[: asked.max_tokens]),
        () if finish == "length" else tuple(said[: max(0, asked.max_tokens - len(thought))]),
        finish or ending,
        asked.prompt_tokens,
        cached_tokens,
        tuple(made),
        ends[end] if end is not None and (finish or ending) == "stop" else None,
        int(asked.web_search),
    )


def deltas(tokens: Sequence[str], size: int = 4) -> list[str]:
    """Return tokens in the small groups that a stream sends at once."""
    return ["".join(tokens[at : at + size]) for at in range(0, len(tokens), size)]


def seal(reasoning: str) -> str:
    """Return what the sandbox signs a thought with; one that was changed has another seal."""
    return f"sandbox-{hashlib.sha256(reasoning.encode()).hexdigest()[:32]}"
