"""What a server says about usage, in whichever place and spelling it says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Tokens:
    """The server's own figures."""

    prompt: int = 0
    """All tokens of the request, cached ones included."""
    completion: int = 0
    """All generated tokens, reasoning included."""
    reasoning: int = 0
    cached: int = 0
    tools: Mapping[str, int] = field(default_factory=dict)
    """Calls of built-in tools."""
    cost_usd: float | None = None
    """US dollars, the tools' cost included; None where the server does not say."""

    @property
    def counted(self) -> bool:
        """Whether the server counted at all: some send zeros until, or instead of, the real figures."""
        return self.prompt > 0 or self.completion > 0

    def over(self, before: "Tokens | None") -> "Tokens":
        """Return these figures, newer than those before, which stay where these say nothing."""
        if before is None:
            return self
        newest = self if self.counted else before
        return replace(
            newest,
            cached=newest.cached or before.cached,
            tools=self.tools or before.tools,
            cost_usd=before.cost_usd if self.cost_usd is None else self.cost_usd,
        )


def read_tokens(place: Mapping[str, Any]) -> Tokens | None:
    """Read the usage that an event, or its choice, holds; None where it holds none."""
    usage = place.get("usage")
    cost = _money(place.get("cost_usd"))
    tools = _counts(place.get("tool_usage"))
    if not isinstance(usage, dict):
        return Tokens(tools=tools, cost_usd=cost) if tools or cost is not None else None
    within_prompt, within_completion = (
        _object(usage, "prompt_tokens_details"),
        _object(usage, "completion_tokens_details"),
    )
    inside = _money(usage.get("cost_usd"))
    return Tokens(
        prompt=_count(usage.get("prompt_tokens")),
        completion=_count(usage.get("completion_tokens")),
        reasoning=_count(within_completion.get("reasoning_tokens")) or _count(usage.get("reasoning_tokens")),
        cached=_count(usage.get("cached_tokens")) or _count(within_prompt.get("cached_tokens")),
        tools=_counts(usage.get("tool_usage")) or tools,
        cost_usd=cost if inside is None else inside,
    )


def _object(usage: dict[str, Any], name: str) -> dict[str, Any]:
    value = usage.get(name)
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 <= value < 1e12 else 0


def _money(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1e6 else None


def _counts(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    return {
        name: _count(number) for name, number in value.items() if isinstance(name, str) and _count(number)
    }
