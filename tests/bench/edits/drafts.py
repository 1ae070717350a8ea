"""A document with one edit that somebody has in mind, before any model has written it down.

From a draft come the text before, the text that is wanted, and the search and replacement that a perfect copy has.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.bench.edits.documents import LANGUAGES, Language, document, statement

Hunk = tuple[int, int, tuple[str, ...]]
"""Rows `first` up to, not including, `last` of the quoted block become these lines."""


@dataclass(frozen=True)
class Case:
    """One text, what a model answered, and what shall come of it."""

    kind: str
    text: str
    edits: tuple[Mapping[str, Any], ...]
    wanted: str | None
    """The text that shall come out; None where the edits must be refused."""
    base: str | None = None
    """What the model saw, where the text has changed since."""
    may_refuse: bool = False
    """Whether a refusal is as good as the wanted text."""


@dataclass(frozen=True)
class Draft:
    """A document, the rows that the edit quotes, and what shall become of some of them."""

    language: Language
    lines: tuple[str, ...]
    ends: tuple[str, ...]
    first: int
    last: int
    hunks: tuple[Hunk, ...]
    lead: str = ""

    @property
    def text(self) -> str:
        """The document."""
        return self.lead + "".join(map("".join, zip(self.lines, self.ends, strict=True)))

    @property
    def block(self) -> tuple[str, ...]:
        """The quoted lines as they stand in the document."""
        return self.lines[self.first : self.last]

    @property
    def wanted(self) -> str:
        """The document after the edit: each new line has the end of the line that it replaces or follows."""
        rows = list(zip(self.lines, self.ends, strict=True))
        for first, last, new in reversed(self.hunks):
            low, high = self.first + first, self.first + last
            follows = [
                min(low + step, max(low, high) - 1) if high > low else low - 1 for step in range(len(new))
            ]
            made = [(line, rows[row][1]) for line, row in zip(new, follows, strict=True)]
            rows[low:high] = made
        return self.lead + "".join(map("".join, rows))

    def changed(self, at: int, gap: int = 0) -> bool:
        """Tell whether a quoted line is changed, or stands within so many lines of a change."""
        return any(first - gap <= at < max(last, first) + gap for first, last, _ in self.hunks)

    def still(self, gap: int = 0, like: Callable[[str], bool] = str.strip) -> list[int]:  # type: ignore[assignment]
        """Return the quoted lines, by number, that stay as they are."""
        return [at for at, line in enumerate(self.block) if like(line) and not self.changed(at, gap)]

    def with_line(self, at: int, line: str) -> "Draft":
        """Return the draft with another quoted line in the document."""
        row = self.first + at
        return replace(self, lines=(*self.lines[:row], line, *self.lines[row + 1 :]))

    def edit(self, copy: Sequence[str] | None = None, hunks: Sequence[Hunk] | None = None) -> dict[str, Any]:
        """Return search and replacement as whole lines, from a copy of the quoted lines that may be bad."""
        search = list(self.block if copy is None else copy)
        new = list(search)
        for first, last, lines in reversed(self.hunks if hunks is None else hunks):
            new[first:last] = lines
        return {"search": whole(search), "replace": whole(new)}

    def case(self, kind: str, edit: Mapping[str, Any], *, may_refuse: bool = False) -> Case:
        """Return the case in which the wanted text shall come out."""
        return Case(kind, self.text, (edit,), self.wanted, may_refuse=may_refuse)


def whole(lines: Sequence[str]) -> str:
    """Return lines as a text, each with an end."""
    return "".join(line + "\n" for line in lines)


def draft(
    rng: Random,
    *,
    languages: Sequence[str] = (),
    size: tuple[int, int] = (3, 9),
    length: int = 120,
    like: Callable[[Draft], bool] = lambda _: True,
) -> Draft:
    """Return a draft whose quoted lines stand at one place only, however loosely they are read."""
    while True:
        language = LANGUAGES[rng.choice(languages or tuple(LANGUAGES))]
        lines = document(rng, language, rng.randint(length // 2, length))
        count = rng.randint(*size)
        first = rng.randrange(2, max(3, len(lines) - count - 2))
        block = lines[first : first + count]
        if len(block) < size[0] or not block[0].strip() or not block[-1].strip():
            continue
        if not _stands_alone(lines, block, first) or any(
            line and not line.strip("\x0c `-") for line in block
        ):
            continue
        made = Draft(
            language,
            tuple(lines),
            ("\n",) * len(lines),
            first,
            first + len(block),
            _intent(rng, language, block),
        )
        if made.text != made.wanted and like(made):
            return made


def indent(line: str) -> str:
    """Return the blanks that a line starts with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def renamed(rng: Random, line: str) -> str:
    """Return a line with one of its words changed."""
    words = [
        word for word in line.replace("(", " ").replace(".", " ").replace(",", " ").split() if word.isalpha()
    ]
    words = [word for word in words if len(word) > 3] or [line.strip()]
    word = rng.choice(words)
    return line.replace(word, word + rng.choice(("_v2", "X", "_all", "77")), 1)


def shifted(hunks: tuple[Hunk, ...], at: int, by: int) -> tuple[Hunk, ...]:
    """Return hunks moved, where they stand after a line, by the number of lines that were put or left out there."""
    return tuple(
        (first + by * (first > at), last + by * (last > at and first > at), new) for first, last, new in hunks
    )


def _intent(rng: Random, language: Language, block: Sequence[str]) -> tuple[Hunk, ...]:
    at = rng.choice([row for row, line in enumerate(block) if any(map(str.isalnum, line))])
    pad = indent(block[at])
    fresh = tuple(pad + statement(rng, language) for _ in range(rng.randint(1, 3)))
    action = rng.choice(("change", "change", "insert", "delete", "split"))
    if action == "insert" and not block[at].endswith((":", "{")):
        return ((at + 1, at + 1, fresh),)
    if action == "delete" and len(block) > 2:
        return ((at, at + 1, ()),)
    if action == "split":
        return ((at, at + 1, (*fresh, renamed(rng, block[at]))),)
    return ((at, at + 1, (renamed(rng, block[at]),)),)


def _stands_alone(lines: Sequence[str], block: Sequence[str], first: int) -> bool:
    """Tell whether no other place agrees with as much as two in five of the lines."""
    said = [(row, line.strip()) for row, line in enumerate(block) if line.strip()]
    votes: dict[int, int] = {}
    for row, line in said:
        for other, real in enumerate(lines):
            if real.strip() == line and other - row != first:
                votes[other - row] = votes.get(other - row, 0) + 1
    solid = sum(any(char.isalnum() for char in line) for _, line in said)
    return max(votes.values(), default=0) <= 0.4 * len(said) and solid >= max(2, len(block) // 2)
