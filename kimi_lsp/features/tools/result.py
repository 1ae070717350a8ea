"""What a tool gives back, and how much of it may be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kimi_lsp.project.workspace import Place
from kimi_lsp.prompt import Redaction
from kimi_lsp.prompt.budget import THIRTIETHS, weigh
from kimi_lsp.text import Snapshot

CUT = "… cut here; "
_LONGEST_ROW = 300
"""Code points of a line that is only quoted."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much one result may be."""

    bytes: int
    """Of UTF-8."""
    tokens: int
    """Estimated."""

    def fitting(self, rows: Sequence[str]) -> int:
        """Return how many of the first rows fit."""
        size, weight = 0, 0
        for count, row in enumerate(rows):
            size += len(row.encode("utf-8", "surrogatepass"))
            weight += weigh(row)
            if size > self.bytes or weight > self.tokens * THIRTIETHS:
                return count
        return len(rows)


@dataclass(frozen=True, slots=True)
class Seen:
    """A file whose lines the model was given, as it was then."""

    place: Place
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Result:
    """A tool's answer, without secrets."""

    text: str
    redaction: Redaction
    """Grown by what was hidden."""
    seen: Seen | None = None


def listed(rows: Sequence[str], room: Room, *, nothing: str, more: str, stopped: str = "") -> str:
    """Return rows as a text, cut where the room ends, and what to do about that.

    `nothing` is said where there is no row, `more` after a cut, and `stopped` after a look that was not finished.
    """
    count = room.fitting([f"{row}\n" for row in rows])
    told = [*rows[:count]] if rows else [nothing]
    if count < len(rows):
        told.append(f"{CUT}{more}")
    elif stopped:
        told.append(f"… stopped after {stopped}; {more}")
    return "\n".join(told)


def quoted(path: str, line: int, content: str) -> str:
    """Return the row that quotes one line of a file; a long line is cut."""
    short = content if len(content) <= _LONGEST_ROW else f"{content[:_LONGEST_ROW]}…"
    return f"{path}:{line}: {short}"


def size(rows: Iterable[str]) -> int:
    """Return the code points of rows, with their ends."""
    return sum(len(row) + 1 for row in rows)
