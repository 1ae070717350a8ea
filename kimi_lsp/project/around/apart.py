"""A file taken apart, whatever its language: what it defines, and what it takes from elsewhere. Values only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kimi_lsp.text.excerpt import Rows

Chain = tuple[str, ...]
"""Names with dots between them: `("os", "path", "join")`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A definition."""

    name: str
    kind: Literal["function", "class", "name"]
    rows: Rows
    """All of it, decorators included."""
    head: Rows
    """Its signature, with the first words of its documentation."""
    bases: tuple[Chain, ...] = ()
    """What a class is made from."""

    def holds(self, rows: Rows) -> bool:
        """Tell whether rows lie in it."""
        return self.rows[0] <= rows[0] and rows[1] <= self.rows[1]


Parts = Mapping[str, tuple[Part, ...]]
"""By name; a name may be defined in several pieces, as overloads and methods of Go are."""


@dataclass(frozen=True, slots=True)
class Import:
    """A name that comes from elsewhere."""

    module: str
    """As it is written; what it means is the language's matter."""
    name: str = ""
    """What is taken from there; empty where the name stands for the module itself."""


def _no_members(_part: Part) -> Parts:
    return {}


@dataclass(frozen=True)
class Apart:
    """What a file holds at its top."""

    parts: Parts = field(default_factory=dict)
    imports: Mapping[str, Import] = field(default_factory=dict)
    stars: tuple[Import, ...] = ()
    """Modules all of whose names are taken."""
    members: Callable[[Part], Parts] = _no_members
    """What a class holds."""
    head: Rows = (0, 0)
    """Where the imports stand."""

    def holders(self, rows: Rows) -> Iterator[Part]:
        """Yield the definitions that hold some rows, from the outside in."""
        parts = self.parts
        while parts:
            holding = [one for same in parts.values() for one in same if one.holds(rows)]
            if not holding:
                return
            # What has a value on these rows may be inside of what is defined there, never around it.
            holder = min(holding, key=lambda one: one.kind == "name")
            yield holder
            parts = self.members(holder)
