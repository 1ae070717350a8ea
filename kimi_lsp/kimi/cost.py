"""What an answer used and cost: the server's own figures where it gives them, else the rates, else an estimate."""

import json
from dataclasses import dataclass

from kimi_lsp.conversation import Message, Request, Text, Usage
from kimi_lsp.kimi.wire.tokens import Tokens

_CHARACTERS_PER_TOKEN = 4
"""Of ASCII text; measured on code with the Kimi vocabulary: 3.7 to 4.2. Anything else counts one token a character."""
_TOKENS_PER_MEDIUM = 2000
"""For an image or a film; their real count is known to the service only."""
NANO = 1_000_000_000
"""Nanodollars in a US dollar: at the model card's prices each token, and each search, is a whole number of them."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices in US dollars. There is no rate for cached tokens: the model card gives no discount."""

    prompt: float
    """Per 1M prompt tokens."""
    completion: float
    """Per 1M generated tokens, reasoning included."""
    search: float
    """Per invoked web search."""


CARD_RATES = Rates(prompt=0.95, completion=4.00, search=0.015)
"""The model card's prices of kimi-k2-7-code."""
NO_RATES = Rates(prompt=0.0, completion=0.0, search=0.0)
"""For a model whose prices nobody told us, such as one on this machine."""


def measure(
    request: Request, generated: str, tokens: Tokens | None, rates: Rates, *, ended: bool = True
) -> Usage:
    """Return the usage of an answer; where the server did not count, an estimate that is marked as one.

    So it is where the answer did not come to its end: a count within it is not the last one. A search that was
    allowed is then taken for one that was made, since nobody tells.
    """
    said = tokens or Tokens()
    if said.counted and ended:
        return _usage(said, rates, estimated=False)
    guessed = Tokens(
        prompt=said.prompt or _prompt_tokens(request),
        completion=max(said.completion, _estimate(generated)),
        cached=said.cached,
        tools=said.tools or ({"web_search": 1} if request.web_search else {}),
        cost_usd=said.cost_usd if ended else None,
    )
    return _usage(guessed, rates, estimated=True)


def nanodollars(usd: float) -> int:
    """Return an amount of US dollars in nanodollars, the unit in which sums are exact."""
    return round(usd * NANO)


def dollars(nanos: int) -> str:
    """Return an amount of nanodollars as a person reads it, for example `$0.0175`."""
    return f"${nanos / NANO:,.4f}"


def _usage(tokens: Tokens, rates: Rates, *, estimated: bool) -> Usage:
    # The server's cost contains the tools already; ours has to add them.
    cost = tokens.cost_usd
    if cost is None:
        searches = sum(count for name, count in tokens.tools.items() if "search" in name)
        cost = (tokens.prompt * rates.prompt + tokens.completion * rates.completion) / 1e6
        cost += searches * rates.search
    return Usage(
        prompt_tokens=tokens.prompt,
        completion_tokens=tokens.completion,
        reasoning_tokens=tokens.reasoning,
        cached_tokens=tokens.cached,
        tool_usage=dict(tokens.tools),
        cost_usd=cost,
        estimated=estimated,
    )


def _prompt_tokens(request: Request) -> int:
    total = 0
    for tool in request.tools:
        total += _estimate(
            tool.name + tool.description + json.dumps(dict(tool.parameters), ensure_ascii=False)
        )
    for message in request.messages:
        media = sum(not isinstance(part, Text) for part in message.parts)
        total += _estimate(_said(message)) + media * _TOKENS_PER_MEDIUM
    return total


def _said(message: Message) -> str:
    thought = message.reasoning
    if thought is not None and thought.field in ("output", "content"):
        # The kept list holds the text and the calls already.
        return thought.text
    calls = "".join(call.name + call.arguments for call in message.tool_calls)
    return f"{thought.text if thought else ''}{message.text}{calls}"


def _estimate(text: str) -> int:
    ascii_characters = sum(char.isascii() for char in text)
    return -(-ascii_characters // _CHARACTERS_PER_TOKEN) + len(text) - ascii_characters
