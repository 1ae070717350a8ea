"""What is shown of a document: all of it where it fits, else the lines around the target; never less than the target."""

from dataclasses import dataclass

from kimi_lsp.prompt.budget import estimate
from kimi_lsp.text import Snapshot, Span


class PromptError(Exception):
    """Nothing was sent; `str(error)` is the sentence that the user reads."""


class TooLarge(PromptError):
    """The part that is meant does not fit into what may be sent."""

    def __init__(self, tokens: int, budget: int) -> None:
        super().__init__(
            f"Nothing was sent: the part to work on is about {tokens:,} tokens and {budget:,} may be sent; "
            "select less, or raise context_tokens in your settings."
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
    """Tokens of context that may be sent."""


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


def window(target: Target) -> Window:
    """Choose the lines to show: grown evenly around the target until the budget is used. Raises TooLarge."""
    lines = target.snapshot.lines
    count = len(lines)
    if estimate(target.snapshot.text) <= target.budget:
        return Window(0, count, whole=True)
    first, last = lines_of(target)
    used = estimate(target.snapshot.text[lines.start(first) : lines.start(last)])
    if used > target.budget:
        raise TooLarge(used, target.budget)
    grows = True
    while grows:
        grows = False
        for above in (True, False):
            line = first - 1 if above else last
            if not 0 <= line < count:
                continue
            cost = estimate(target.snapshot.text[lines.start(line) : lines.start(line + 1)]) + 1
            if used + cost <= target.budget:
                used, grows = used + cost, True
                first, last = (first - 1, last) if above else (first, last + 1)
    return Window(first, last, whole=False)


def lines_of(target: Target) -> tuple[int, int]:
    """Return the target's whole lines, from 0, the last one excluded."""
    lines, span = target.snapshot.lines, target.span
    first, last = lines.line_at(span.start), lines.line_at(span.end)
    ends_before_line = last > first and span.end == lines.start(last)
    return first, last if ends_before_line else last + 1
