"""Python's own syntax tree of a text. The one place of the room that asks for it.

CPython 3.11 and 3.12 count how deep a tree is nested for all threads together: where two of them parse at once, one may be
told of a mismatch that is not in its text (SystemError). It asks again; nothing about the text is learned from that.
"""

import ast

_TRIES = 20
"""The other thread is done, or past the place where they meet, after one or two."""


def tree(text: str) -> ast.Module:
    """Parse a text. Raises what `ast.parse` raises for a text that is no Python: SyntaxError, ValueError and kin."""
    for _ in range(_TRIES):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)
