"""Python's own syntax tree of a text. The one place of the room that asks for it.

CPython 3.11 and 3.12 count how deep a tree is nested for all threads together: where two of them parse at once, one may be
told of a mismatch that is not in its text (SystemError). It asks again; nothing about the text is learned from that.
"""

import ast
import warnings

_TRIES = 20
"""The other thread is done, or past the place where they meet, after one or two."""


def tree(text: str) -> ast.Module:
    """Parse a text, with or without a byte order mark, of which the tree knows nothing.

    Raises what `ast.parse` raises for a text that is no Python: SyntaxError, and for a NUL, half a surrogate pair or too
    deep a nesting ValueError, RecursionError or MemoryError.
    """
    with warnings.catch_warnings():
        # Parsing warns of things like "\d" in a plain string, which nobody asked about here.
        warnings.simplefilter("ignore")
        return _asked(text.removeprefix("\ufeff"))


def tree_or_none(text: str) -> ast.Module | None:
    """Parse a text; None where it is no Python."""
    try:
        return tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _asked(text: str) -> ast.Module:
    for _ in range(_TRIES):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)
