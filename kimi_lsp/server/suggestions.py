"""The suggestions of reviews, kept with the open documents: moved with their lines, gone once these change.

Light and plain on purpose: each key that is typed comes by here, and menus are answered from here, before LSP's library
is even loaded. A suggestion counts in lines, and the characters of a line that nobody touched stay what they are.
Nothing is asked of the model, sent or read here.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import is_not
from typing import TYPE_CHECKING, Any

from kimi_lsp.server.documents import Replaced

if TYPE_CHECKING:
    from kimi_lsp.edits.carry import LineEdit

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TextChange:
    """One replacement; its lines count from the first line of its part, its characters are the negotiated units."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str

    def json(self, first: int) -> Json:
        """Return LSP's TextEdit, where the part begins at a line."""
        return {"range": range_json(first, self.start, self.end), "newText": self.text}


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that hang together, `first` up to, not including, `last`, and what shall become of them."""

    first: int
    last: int
    changes: tuple[TextChange, ...]
    edits: "tuple[LineEdit, ...]"
    """The same as whole lines, which count from `first`."""

    def moved(self, by: Replaced) -> "Part | None":
        """Return where it is after lines were replaced; None where these were its own, or came between them."""
        if self.first == self.last:
            # Of an empty document: there is no line to stay with.
            return None
        if self.last <= by.first:
            return self
        if self.first >= by.last:
            shift = by.new - (by.last - by.first)
            return Part(self.first + shift, self.last + shift, self.changes, self.edits) if shift else self
        return None


@dataclass(frozen=True, slots=True)
class Kept:
    """One suggestion, at the lines where it stands now."""

    id: str
    reason: str
    digest: str
    """Of what it changes and into what: by this it is known again after it was dismissed."""
    parts: tuple[Part, ...]
    """In order, the first being where it is shown."""
    start: tuple[int, int]
    end: tuple[int, int]
    """What is marked of it; the lines count from its first part."""
    line: str
    """What the marked line is afterwards, where the whole edit is one of this line and of new lines below it; else empty."""

    def moved(self, by: Replaced) -> "Kept | None":
        """Return it after lines were replaced; None where its own were."""
        parts: list[Part] = []
        same = True
        for part in self.parts:
            moved = part.moved(by)
            if moved is None:
                return None
            same = same and moved is part
            parts.append(moved)
        if same:
            return self
        return Kept(self.id, self.reason, self.digest, tuple(parts), self.start, self.end, self.line)

    @property
    def row(self) -> int:
        """The line that is marked."""
        return self.parts[0].first + self.start[0]

    def touches(self, first: int, last: int) -> bool:
        """Tell whether it is shown at lines of this range, both included, or changes some of them."""
        return any(part.first <= last and first < max(part.last, part.first + 1) for part in self.parts)

    def range(self) -> Json:
        """Return what is marked, as LSP's Range."""
        return range_json(self.parts[0].first, self.start, self.end)

    def diagnostic(self) -> Json:
        """Return it as LSP's Diagnostic: a hint."""
        return {
            "range": self.range(),
            "severity": _HINT,
            "source": SOURCE,
            "message": self.reason,
            "data": {"id": self.id},
        }

    def text_edits(self) -> list[Json]:
        """Return the whole edit as LSP's TextEdits."""
        return [change.json(part.first) for part in self.parts for change in part.changes]

    def line_edits(self) -> "list[LineEdit]":
        """Return the whole edit as changes of lines of the document as it is now."""
        return [
            replace(edit, first=edit.first + part.first, last=edit.last + part.first)
            for part in self.parts
            for edit in part.edits
        ]


SOURCE = "kimi"
"""Of our diagnostics; what bears this name is never a problem to be fixed."""
_HINT = 4
"""DiagnosticSeverity.Hint."""


class Suggestions:
    """Those of all open documents, by the URI that the editor uses."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Kept, ...]] = {}
        self._rows: dict[str, tuple[list[int], list[int]]] = {}
        """Of each document, the first and the last rows of what is apart and in order: a key that is typed is no search."""
        self._unseen: set[str] = set()
        self._changed = asyncio.Event()

    def of(self, uri: str) -> tuple[Kept, ...]:
        """Return those of a document, in the order of their lines."""
        return self._kept.get(uri, ())

    def at(self, uri: str, first: int, last: int) -> list[Kept]:
        """Return those that are about lines of a range, both included."""
        kept = self._kept.get(uri)
        return [one for one in kept if one.touches(first, last)] if kept else []

    def put(self, uri: str, kept: Iterable[Kept]) -> None:
        """Keep these for a document, in place of those before."""
        before, ordered = self.of(uri), tuple(sorted(kept, key=lambda one: one.row))
        if ordered == before:
            return
        if ordered:
            self._kept[uri], self._rows[uri] = ordered, _rows(ordered)
        else:
            del self._kept[uri], self._rows[uri]
        self._unseen.add(uri)
        self._changed.set()

    def move(self, uri: str, by: Replaced) -> None:
        """Follow a change of a document: quick where it is one within a line that nothing is about."""
        kept = self._kept.get(uri)
        if not kept:
            return
        firsts, lasts = self._rows[uri]
        near = bisect_right(lasts, by.first)
        below = by.last if by.new == by.last - by.first else None
        if near == len(lasts) or (below is not None and firsts[near] >= below):
            return
        moved = [one.moved(by) for one in kept]
        if any(map(is_not, moved, kept)):
            self.put(uri, [one for one in moved if one is not None])

    def drop(self, uri: str, fits: Callable[[Kept], bool]) -> None:
        """Forget some of a document's."""
        self.put(uri, [one for one in self.of(uri) if not fits(one)])

    def clear(self, uri: str) -> None:
        """Forget all of a document's."""
        self.put(uri, ())

    async def changed(self) -> None:
        """Return once there is a document whose suggestions are not as they were taken last."""
        await self._changed.wait()

    def taken(self) -> Sequence[str]:
        """Return the documents whose suggestions have changed since this was asked last."""
        unseen, self._unseen = sorted(self._unseen), set()
        self._changed.clear()
        return unseen


def _rows(kept: Iterable[Kept]) -> tuple[list[int], list[int]]:
    """Return first and last rows, the latter excluded, of all parts; those that meet are one."""
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted(
        (part.first, max(part.last, part.first + 1)) for one in kept for part in one.parts
    ):
        if lasts and first <= lasts[-1]:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts


def range_json(first: int, start: tuple[int, int], end: tuple[int, int]) -> Json:
    """Return LSP's Range for places whose lines count from a first one."""
    return {
        name: {"line": first + line, "character": character}
        for name, (line, character) in (("start", start), ("end", end))
    }
