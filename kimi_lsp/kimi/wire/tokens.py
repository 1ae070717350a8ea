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
    """Read the usage that a part of an event holds, in any endpoint's spelling; None where it holds none."""
    usage = place.get("usage")
    cost = _money(place.get("cost_usd"))
    tools = _counts(place.get("tool_usage"))
    if not isinstance(usage, dict):
        return Tokens(tools=tools, cost_usd=cost) if tools or cost is not None else None
    inside = _money(usage.get("cost_usd"))
    prompt, cached = _prompt(usage)
    details = _object(usage, "completion_tokens_details") or _object(usage, "output_tokens_details")
    counts = (details.get("reasoning_tokens"), details.get("thinking_tokens"), usage.get("reasoning_tokens"))
    return Tokens(
        prompt=prompt,
        completion=_count(usage.get("completion_tokens")) or _count(usage.get("output_tokens")),
        reasoning=next((_count(count) for count in counts if _count(count)), 0),
        cached=cached,
        tools=_counts(usage.get("tool_usage")) or tools or _searches(usage),
        cost_usd=cost if inside is None else inside,
    )


def _prompt(usage: dict[str, Any]) -> tuple[int, int]:
    """Return the tokens of the request, and how many of them were cached."""
    details = _object(usage, "prompt_tokens_details") or _object(usage, "input_tokens_details")
    cached = _count(usage.get("cached_tokens")) or _count(details.get("cached_tokens"))
    prompt = _count(usage.get("prompt_tokens"))
    if prompt:
        return prompt, cached
    # The messages endpoint counts cached tokens beside the others, and not among them.
    read, written = (_count(usage.get(f"cache_{name}_input_tokens")) for name in ("read", "creation"))
    return _count(usage.get("input_tokens")) + read + written, cached or read


def _searches(usage: dict[str, Any]) -> dict[str, int]:
    return _counts({"web_search": _object(usage, "server_tool_use").get("web_search_requests")})


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
