"""How many tokens a text or a request will be, guessed before anybody counts them, and corrected by who did count.

The Kimi vocabulary was measured at 3.7 to 4.2 ASCII characters for each token of code, at worst 2.3; kimi-code counts
2,000 tokens for a picture.
"""

import json
import math

from kimi_lsp.conversation.model import Request
from kimi_lsp.conversation.turns import Text

THIRTIETHS = 30
HEADROOM = 1.1
"""By how much a guess is raised where it must not be too low."""
LOWEST_RATIO, HIGHEST_RATIO = 0.5, 2.0
_ASCII, _OTHER = 10, 30
"""Thirtieths of a token for one character: a third of a token, or a whole one."""
_MEDIUM = 2_000
"""Tokens for an image or a film."""
_FADING = 0.2
"""The weight of the newest answer in the ratio; after ten more answers it has a tenth of that left."""
_LEAST = 200
"""Tokens of a request that says something about the ratio."""


def weight(text: str) -> int:
    """Return a guess in thirtieths of a token, which add up without rounding."""
    ascii_count = len(text) if text.isascii() else sum(map(str.isascii, text))
    return _ASCII * ascii_count + _OTHER * (len(text) - ascii_count)


def request_tokens(request: Request, ratio: float = 1.0) -> int:
    """Return a guess of all that is sent, in tokens: messages, thoughts, calls, tools and the answer's shape."""
    total, media = 0, 0
    for message in request.messages:
        total += weight(message.text) + weight(message.reasoning.text if message.reasoning else "")
        total += sum(weight(call.name + call.arguments) for call in message.tool_calls)
        media += sum(not isinstance(part, Text) for part in message.parts)
    for tool in request.tools:
        total += weight(tool.name + tool.description + json.dumps(dict(tool.parameters)))
    if request.answer is not None:
        total += weight(json.dumps(dict(request.answer.schema)))
    return math.ceil(total * ratio / THIRTIETHS) + media * _MEDIUM


def learned(ratio: float, guessed: int, counted: int) -> float:
    """Return the ratio of counted to guessed tokens, brought up to date with one more answer; 0.5 to 2."""
    if guessed < _LEAST or counted <= 0:
        return ratio
    newest = _bounded(counted / guessed)
    return _bounded(ratio + _FADING * (newest - ratio))


def _bounded(ratio: float) -> float:
    return min(max(ratio, LOWEST_RATIO), HIGHEST_RATIO)
