"""Parts of documents that go along with the one that is asked about: whole lines, and why they are worth showing."""

from dataclasses import dataclass

from kimi_lsp.text.lines import Lines
from kimi_lsp.text.snapshot import Snapshot, Span

Rows = tuple[int, int]
"""Lines from 0, the last one excluded."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some whole lines of a file."""

    path: str
    """As the model is shown it: relative, with `/`."""
    snapshot: Snapshot
    rows: tuple[Rows, ...]
    """Ascending and apart from each other."""
    what: str = ""
    """A few words on what it is, for example the name that it defines."""

    @property
    def text(self) -> str:
        """The lines themselves, one part after the other."""
        lines = self.snapshot.lines
        return "".join(rows_of(lines, one) for one in self.rows)


@dataclass(frozen=True, slots=True)
class Used:
    """A definition that a document uses."""

    whole: Excerpt
    brief: Excerpt
    """What says how it is used: the signature, and of a class the members that the document names."""
    least: Excerpt
    """The same, of a class with no members but those that the part in question names."""
    direct: bool
    """Whether the part that is meant uses it, and not only the rest of the document."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What may be shown beside a document, found once for a request."""

    scopes: tuple[Span, ...] = ()
    """The functions and classes around the part that is meant, from the inside out."""
    used: tuple[Used, ...] = ()
    """In other files; the more telling first."""
    own: tuple[Used, ...] = ()
    """In the document itself, for where not all of it fits."""
    conventions: tuple[Excerpt, ...] = ()
    """What the project says of how its code is written."""
    related: tuple[Excerpt, ...] = ()
    """Where a problem's related information points."""
    callers: tuple[Excerpt, ...] = ()
    """Places that use what is meant."""
    opened: tuple[Excerpt, ...] = ()
    """Other documents that the editor has open."""


NOTHING = Surroundings()


def rows_of(lines: Lines, rows: Rows) -> str:
    """Return some lines of a text."""
    return lines.text[lines.start(rows[0]) : lines.start(rows[1])]


def joined(rows: list[Rows]) -> tuple[Rows, ...]:
    """Put rows in order, and those together that touch each other or have one line between them."""
    out: list[Rows] = []
    for first, last in sorted(rows):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)
