"""The documents that the editor has open: an array of lines, edited in place.

LSP's own line rules hold (`text.lines`). While a job follows a document, each change is logged exactly,
so that a span of its snapshot can be carried to the present text.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from kimi_lsp.text import Change, ChangeLog, Encoding, Lines, Position, Snapshot, Span, split


class Replaced(NamedTuple):
    """Lines `first` up to, not including, `last` have become `new` lines; all others are what they were."""

    first: int
    last: int
    new: int


class Document:
    """One open document. Only the editor's notifications change it."""

    def __init__(self, uri: str, language: str, version: int, text: str) -> None:
        self.uri = uri
        self.language = language
        self.version = version
        self.in_step = True
        """False once the editor's versions went back: then nobody knows which text it has, until it sends all of it."""
        self._lines = split(text)
        self._snapshot: Snapshot | None = None
        self._log = ChangeLog()
        self._followers = 0
        self._known = (0, 0)
        """A line, and the offset where it starts: people type near where they typed before."""
        self._changed = asyncio.Event()

    @property
    def line_count(self) -> int:
        """Lines with an end, and a last one without."""
        return len(self._lines)

    def snapshot(self) -> Snapshot:
        """Return the document as it is now."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self.uri, self.version, self.language, "".join(self._lines))
        return self._snapshot

    def near(self, first: int, last: int, margin: int) -> tuple[int, Snapshot]:
        """Return lines with so many more above and below as a snapshot of their own, and the number of its first line.

        It costs what it holds, where `snapshot` costs the whole document after each change.
        """
        top = max(0, min(first, len(self._lines)) - margin)
        text = "".join(self._lines[top : last + margin + 1])
        return top, Snapshot(self.uri, self.version, self.language, text)

    @contextmanager
    def followed(self) -> Iterator[ChangeLog]:
        """Log every change while the context is open; the log reaches back to the first follower's start."""
        if self._followers == 0:
            self._log.start(self.version)
        self._followers += 1
        try:
            yield self._log
        finally:
            self._followers -= 1

    def follows(self, version: int) -> bool:
        """Tell whether changes that lead to a version may be made; versions may skip, but only ever grow (LSP)."""
        if version <= self.version:
            self.lose_step()
        return self.in_step

    def lose_step(self) -> None:
        """Give up following: a change cannot be made, so this is not the editor's text any more."""
        self.in_step = False
        self._log.lose()

    def replace(
        self, start: Position, end: Position, text: str, encoding: Encoding, version: int
    ) -> Replaced:
        """Replace a range, as an incremental didChange does. Positions past an end mean that end."""
        first = last = self._place(start, encoding)
        if end != start:
            first, last = sorted((first, self._place(end, encoding)))
        if self._followers:
            self._log.add(version, Change(self._span(first, last), text))
        replaced = self._splice(first, last, text)
        self._moved(version)
        return replaced

    def reset(self, text: str, version: int, *, compare: bool = True) -> Replaced:
        """Replace everything, as a didChange without a range does; without `compare` every line counts as another one."""
        if self._followers:
            self._log.add(version, Change.between("".join(self._lines), text))
        before, self._lines = self._lines, split(text)
        self._known = (0, 0)
        self.in_step = True
        self._moved(version)
        return _replaced(0, before, self._lines) if compare else Replaced(0, len(before), len(self._lines))

    def reach(self, version: int) -> None:
        """Take a version that came without a change, too: an edit must name the one that the editor has."""
        if self.in_step and version != self.version:
            self._moved(version)

    async def changed(self) -> None:
        """Return at the next change."""
        await self._changed.wait()

    def _moved(self, version: int) -> None:
        self.version = version
        self._snapshot = None
        self._changed.set()
        self._changed = asyncio.Event()

    def _place(self, position: Position, encoding: Encoding) -> tuple[int, int]:
        if position.line >= len(self._lines):
            end = len(self._lines) - 1
            if end < 0 or self._lines[end].endswith(("\n", "\r")):
                return len(self._lines), 0
            return end, len(self._lines[end])
        line = self._lines[position.line]
        if line.isascii():
            # Quick, since it is asked at each key: a unit is a character here, and a line has no end but its own.
            return position.line, min(position.character, len(line.rstrip("\r\n")))
        return position.line, Lines.of(line).offset(Position(0, position.character), encoding)

    def _span(self, first: tuple[int, int], last: tuple[int, int]) -> Span:
        start = self._start(first[0])
        stop = start + sum(map(len, self._lines[first[0] : last[0]]))
        self._known = (first[0], start)
        return Span(start + first[1], stop + last[1])

    def _start(self, line: int) -> int:
        known, offset = self._known
        if line >= known:
            return offset + sum(map(len, self._lines[known:line]))
        return offset - sum(map(len, self._lines[line:known]))

    def _splice(self, first: tuple[int, int], last: tuple[int, int], text: str) -> Replaced:
        lines = self._lines
        head = lines[first[0]][: first[1]] if first[0] < len(lines) else ""
        tail = lines[last[0]][last[1] :] if last[0] < len(lines) else ""
        low, high = first[0], min(last[0] + 1, len(lines))
        # A lone \r before or a lone \n after may now be half of a \r\n: those lines are split anew, too.
        if low > 0 and not head:
            low -= 1
            head = lines[low]
        if high < len(lines) and not tail:
            tail = lines[high]
            high += 1
        if low < self._known[0]:
            # Without a follower nobody needs the place, and finding it would cost the way to it.
            self._known = (low, self._start(low)) if self._followers else (0, 0)
        before, after = lines[low:high], split(head + text + tail)
        lines[low:high] = after
        return _replaced(low, before, after)


def _replaced(low: int, before: list[str], after: list[str]) -> Replaced:
    """Return which lines are others now, of those from a line on that were taken out and put in."""
    shortest = min(len(before), len(after))
    head = tail = 0
    while head < shortest and before[head] == after[head]:
        head += 1
    while tail < shortest - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return Replaced(low + head, low + len(before) - tail, len(after) - head - tail)


class Documents:
    """All open documents, by the URI that the editor uses."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}

    def open(self, uri: str, language: str, version: int, text: str) -> Document:
        """Begin to keep a document; one that was open already starts anew."""
        document = Document(uri, language, version, text)
        self._open[uri] = document
        return document

    def get(self, uri: str) -> Document | None:
        """Return an open document, or None."""
        return self._open.get(uri)

    def close(self, uri: str) -> None:
        """Forget a document."""
        self._open.pop(uri, None)

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._open.values()))
