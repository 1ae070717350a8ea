"""What is shown of a document: all of it where it fits, else the lines around the target; never less than the target."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.prompt.budget import THIRTIETHS, estimate, weigh
from kimi_lsp.text import Lines, Snapshot, Span
from kimi_lsp.text.excerpt import rows_of


class PromptError(Exception):
    """Nothing was sent; `str(error)` is the sentence that the user reads."""


class TooLarge(PromptError):
    """The part that is meant does not fit into what may be sent."""

    def __init__(self, tokens: int, budget: int) -> None:
        super().__init__(
            f"Nothing was sent: the part to work on and what is said about it are about {tokens:,} tokens, and "
            f"{budget:,} may be sent; select less, or raise context_tokens in your settings."
        )


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about."""

    snapshot: Snapshot
    span: Span
    """The part that is meant; empty where only the document is."""
    path: str
    """As shown to the model: relative, with `/`."""
    budget: int = 64_000
    """Tokens that one request may be, estimated."""
    max_tokens: int = 16_384
    """Tokens that the answer may be, reasoning included."""
    web_search: bool = False
    """Whether the model may search the web, which costs extra."""
    ratio: float = 1.0
    """Counted over estimated tokens, as it was learned for the language: 0.5 to 2."""

    @property
    def room(self) -> int:
        """The budget in tokens as they are estimated without that ratio."""
        return int(self.budget / self.ratio)

    def counted(self, tokens: int) -> int:
        """Return what an estimate comes to with the ratio, in tokens, rounded up."""
        return math.ceil(tokens * self.ratio)


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of the prompt, for the user who wants to know what is sent."""

    name: str
    reason: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Window:
    """Whole lines of the document, from 0, the last one excluded."""

    first: int
    last: int
    whole: bool


def window(lines: Lines, first: int, last: int, room: int, scopes: Sequence[Span] = ()) -> Window | None:
    """Choose the lines to show: all, else those meant with the scopes around them that fit, grown evenly on both sides.

    `first` and `last` are the lines meant, from 0, the last one excluded; `room` is in tokens; `scopes` go from the
    inside out. None where not even the lines meant have room.
    """
    if estimate(lines.text) <= room:
        return Window(0, len(lines), whole=True)
    left = room * THIRTIETHS - weigh(rows_of(lines, (first, last)))
    if left < 0:
        return None
    for scope in scopes:
        top, end = (
            min(first, lines.line_at(scope.start)),
            max(last, lines.line_at(max(scope.start, scope.end - 1)) + 1),
        )
        cost = weigh(rows_of(lines, (top, first))) + weigh(rows_of(lines, (last, end)))
        if cost > left:
            break
        first, last, left = top, end, left - cost
    return _grown(lines, first, last, left)


def _grown(lines: Lines, first: int, last: int, left: int) -> Window:
    """Take in one line above and one below in turn; a side at whose next line the room ends grows no more."""
    above = below = True
    while above or below:
        if above:
            cost = weigh(rows_of(lines, (first - 1, first))) if first else left + 1
            above = cost <= left
            first, left = (first - 1, left - cost) if above else (first, left)
        if below:
            cost = weigh(rows_of(lines, (last, last + 1))) if last < len(lines) else left + 1
            below = cost <= left
            last, left = (last + 1, left - cost) if below else (last, left)
    return Window(first, last, whole=False)


def lines_of(target: Target) -> tuple[int, int]:
    """Return the target's whole lines, from 0, the last one excluded."""
    lines, span = target.snapshot.lines, target.span
    first, last = lines.line_at(span.start), lines.line_at(span.end)
    ends_before_line = last > first and span.end == lines.start(last)
    return first, last if ends_before_line else last + 1
