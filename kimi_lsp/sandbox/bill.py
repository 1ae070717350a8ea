"""What a request comes to on the sandbox's own account: the prompt, and what was generated until it ended."""

from dataclasses import dataclass
from typing import Any

from kimi_lsp.sandbox.card import cost_usd


@dataclass(frozen=True, slots=True)
class Bill:
    """Of one request, or of several added up."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """All generated tokens, reasoning included."""
    searches: int = 0

    def __add__(self, other: "Bill") -> "Bill":
        return Bill(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.searches + other.searches,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the figures, with the price in US dollars."""
        return {
            "requests": self.requests,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "tool_usage": {"web_search": self.searches} if self.searches else {},
            "cost_usd": cost_usd(self.prompt_tokens, self.completion_tokens, self.searches),
        }
