"""How much beside a document may be shown: a word of the settings, of commands and of the terminal."""

from typing import Literal, get_args

Width = Literal["file", "definitions", "callers", "tabs"]
"""The document, also the definitions that it uses, also what uses it, also what else is open."""
WIDTHS: tuple[Width, ...] = get_args(Width)
"""From the narrowest on."""
