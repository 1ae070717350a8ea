"""What an answer used and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, built-in tools and money of one answer, or of several added up."""

    prompt_tokens: int = 0
    """All tokens of the request, cached ones included."""
    completion_tokens: int = 0
    """All generated tokens, reasoning included."""
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    tool_usage: Mapping[str, int] = field(default_factory=dict)
    """Calls of built-in tools by name; `cost_usd` contains them already."""
    cost_usd: float = 0.0
    """US dollars."""
    estimated: bool = False
    """True where the service did not say and the figures are our own estimate."""

    def __add__(self, other: "Usage") -> "Usage":
        names = {**self.tool_usage, **other.tool_usage}
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            tool_usage={name: self.tool_usage.get(name, 0) + other.tool_usage.get(name, 0) for name in names},
            cost_usd=self.cost_usd + other.cost_usd,
            estimated=self.estimated or other.estimated,
        )

    def sentence(self) -> str:
        """Return the figures as a person reads them, for example `1,204 in, 350 out (280 thinking), $0.0025`.

        Cached tokens and web searches are told where there are any.
        """
        about = "about " if self.estimated else ""
        cached = f" ({self.cached_tokens:,} cached)" if self.cached_tokens else ""
        thinking = f" ({self.reasoning_tokens:,} thinking)" if self.reasoning_tokens else ""
        parts = [
            f"{about}{self.prompt_tokens:,} in{cached}",
            f"{self.completion_tokens:,} out{thinking}",
        ]
        if self.searches:
            parts.append(f"{self.searches:,} web search{'' if self.searches == 1 else 'es'}")
        return ", ".join([*parts, f"${self.cost_usd:.4f}"])

    @property
    def searches(self) -> int:
        """Web searches among the built-in tools' calls."""
        return sum(count for name, count in self.tool_usage.items() if "search" in name)
