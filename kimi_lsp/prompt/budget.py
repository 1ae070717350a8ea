"""How many tokens a text will be. Deliberately high: what is estimated to fit, fits."""

_ASCII_PER_TOKEN = 3
"""Characters; the Kimi vocabulary was measured at 3.7 to 4.2 on code, at worst 2.3."""
_HEADROOM = 1.1


def estimate(text: str) -> int:
    """Return an upper estimate in tokens: a third of the ASCII characters, one for each other, and a tenth more."""
    ascii_count = len(text) if text.isascii() else sum(map(str.isascii, text))
    return round((ascii_count / _ASCII_PER_TOKEN + len(text) - ascii_count) * _HEADROOM)
