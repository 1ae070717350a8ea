"""Whether a change of a text changes names, and nothing else. Pure."""

import re
from collections.abc import Mapping

_PART = re.compile(r"\w+|\W")
_NAME = re.compile(r"[^\W\d]\w*\Z")


def is_name(word: str) -> bool:
    """Tell whether a word can be a name in most languages."""
    return _NAME.match(word) is not None


def only_renames(before: str, after: str, names: Mapping[str, str]) -> bool:
    """Tell whether a text differs from another only in whole words that `names` maps to their new form."""
    old, new = _PART.findall(before), _PART.findall(after)
    return len(old) == len(new) and all(
        one == two or names.get(one) == two for one, two in zip(old, new, strict=True)
    )


def holds(text: str, word: str) -> bool:
    """Tell whether a word stands in a text as a whole."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
