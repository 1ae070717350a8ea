"""What the user did to a document since a version, and a span carried through it.

Each change is exact, as the editor told it: no text is compared here and nothing is guessed.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from kimi_lsp.text.snapshot import Span


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement. The span's offsets count in the text as it was right before this change."""

    span: Span
    text: str

    def apply(self, text: str) -> str:
        """Return the text after the change."""
        return text[: self.span.start] + self.text + text[self.span.end :]

    @classmethod
    def between(cls, before: str, after: str) -> "Change":
        """Return the one smallest replacement that leads from one text to another."""
        start = _common(before, after)
        room = min(len(before), len(after)) - start
        tail = min(room, _common(before[::-1], after[::-1])) if room else 0
        return cls(Span(start, len(before) - tail), after[start : len(after) - tail])


class ChangeLog:
    """The changes of one open document, oldest first, at most `limit` of them.

    The owner is the document; whoever holds a snapshot asks for what came after its version.
    """

    def __init__(self, limit: int = 10_000) -> None:
        self._entries: deque[tuple[int, Change]] = deque(maxlen=limit)
        self._floor: int | None = None

    def start(self, version: int) -> None:
        """Begin anew: nothing before this version can be followed."""
        self._entries.clear()
        self._floor = version

    def lose(self) -> None:
        """Give up: the editor's versions cannot be put in order, so nothing can be followed from here."""
        self._entries.clear()
        self._floor = None

    def add(self, version: int, change: Change) -> None:
        """Note a change that led to a version; a version may have several, in order."""
        if len(self._entries) == self._entries.maxlen:
            self._floor = self._entries[0][0]
        self._entries.append((version, change))

    def since(self, version: int | None) -> tuple[Change, ...] | None:
        """Return what came after a version, oldest first, or None where the log does not reach back to it."""
        if version is None or self._floor is None or version < self._floor:
            return None
        return tuple(change for after, change in self._entries if after > version)


def carry(span: Span, changes: Iterable[Change]) -> Span | None:
    """Carry a span through changes, or return None where one of them changed the inside of it.

    A change that ends where the span starts shifts it, one that starts where it ends leaves it. Text inserted
    exactly at the edge of a span stays outside; for an empty span it stays after, so the span keeps its left neighbour.
    """
    for change in changes:
        past = _past(span, change)
        if past is None:
            return None
        span = past
    return span


def grown(span: Span, changes: Iterable[Change]) -> Span:
    """Carry a span through changes, taking in what one of them did to its inside or across its edge.

    Where `carry` returns a span, this is the same one.
    """
    for change in changes:
        past = _past(span, change)
        if past is None:
            old, delta = change.span, len(change.text) - len(change.span)
            past = Span(min(span.start, old.start), max(span.end, old.end) + delta)
        span = past
    return span


def _past(span: Span, change: Change) -> Span | None:
    """Carry a span past one change, or return None where it changed the inside."""
    old, delta = change.span, len(change.text) - len(change.span)
    if old.start >= span.end:
        return span
    return Span(span.start + delta, span.end + delta) if old.end <= span.start else None


def _common(one: str, two: str) -> int:
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
