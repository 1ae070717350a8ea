"""The names that a text uses, as far as words tell. Strings and comments count: they often speak of what is meant."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kimi_lsp.project.around.apart import Chain

# What follows a dot is a member of something, unless there are three, as before what is spread.
_CHAIN = re.compile(
    r"(?<![\w$])(?<![^.]\.)[^\W\d][\w$]*(?:\s{0,20}(?:\?\.|\.|::|->)\s{0,20}[^\W\d][\w$]*){0,8}"
)
_NAME = re.compile(r"[^\W\d][\w$]*")
_MEMBER = re.compile(r"(?:\.|::|->)\s{0,20}([^\W\d][\w$]*)")
_OWN = re.compile(r"\b(?:self|cls|this|Self|super\([^()\n]{0,80}\)|super)(?:\?\.|\.|::)([^\W\d][\w$]*)")


@dataclass(frozen=True, slots=True)
class Words:
    """The names in a text."""

    chains: Mapping[Chain, None]
    """In the order of their first use."""
    members: frozenset[str]
    """Names behind a dot."""
    own: Mapping[str, None]
    """Names that the object itself has, by `self` and its like, in the order of their first use."""


def words(text: str) -> Words:
    """Return the names that a text uses."""
    chains = dict.fromkeys(match[0] for match in _CHAIN.finditer(text))
    return Words(
        dict.fromkeys(_split(chains)),
        frozenset(_MEMBER.findall(text)),
        dict.fromkeys(_OWN.findall(text)),
    )


def _split(chains: Mapping[str, None]) -> Iterator[Chain]:
    for chain in chains:
        yield (chain,) if chain.isidentifier() else tuple(_NAME.findall(chain))
