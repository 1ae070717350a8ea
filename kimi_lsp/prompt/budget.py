"""How many tokens a text will be. Deliberately high: what is estimated to fit, fits.

A ratio, learned from what the service counted in a language, makes the estimate closer; its headroom stays.
"""

import math

from kimi_lsp.conversation.estimate import THIRTIETHS, weight

__all__ = ["THIRTIETHS", "estimate", "weigh"]


def estimate(text: str, ratio: float = 1.0) -> int:
    """Return an upper estimate in tokens, rounded up: parts never come to less than the whole.

    `ratio` is of counted to guessed tokens: 0.5 to 2, and 1 as long as nothing is known.
    """
    return -(-weigh(text, ratio) // THIRTIETHS)


def weigh(text: str, ratio: float = 1.0) -> int:
    """Return the same in thirtieths of a token, which add up to no less than the whole."""
    # Eleven tenths, as integers: as a float, 1.1 would round a whole number up.
    return math.ceil(weight(text) * 11 / 10 * ratio)
