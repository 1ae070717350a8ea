"""Puts the sections of a message in their order: what is the same for all requests on a file first, the question last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kimi_lsp.prompt import instructions
from kimi_lsp.prompt.around import Layout, Piece
from kimi_lsp.prompt.budget import estimate
from kimi_lsp.prompt.context import Target, TooLarge, Window, lines_of, window
from kimi_lsp.prompt.media import Section
from kimi_lsp.prompt.redact import Redaction
from kimi_lsp.text import Lines, Span
from kimi_lsp.text.excerpt import rows_of

_REPEATED = 2_000
"""Tokens of a selection that is worth repeating after the file, so that the model sees at once what is meant."""
_NOT_REPEATED = "These lines of the file above; they are not repeated here."
_NUMBERS = 4
"""Tokens that the numbers in a section's tags may come to."""
_REASONS: Mapping[str, str] = {
    "file": "the document that you asked about",
    "task": "what kind of answer you asked for",
    "selection": "the part that you selected, or the function around the cursor",
    "problems": "the diagnostics that you asked to fix",
    "instruction": "your own words, or what is usual where you gave none",
    "cell": "another cell of the notebook",
    "tests": "where the tests go, and what stands there already",
    "diff": "what is not committed yet",
    "example": "another file of tests, which shows the project's way",
    "image": "a picture that you named",
    "video": "a film that you named",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A section, and why it is there."""

    section: Section
    reason: str


def shown_parts(
    target: Target,
    redaction: Redaction,
    told: Sequence[Section],
    used: int,
    layout: Layout,
    scopes: Sequence[Span],
) -> list[Part]:
    """Return the sections within the target's budget; `told` is the task with what goes with it, the task first.

    `redaction` is of the document and then of the layout's pieces; `used` are tokens that are spent already. What
    lies around the document is left out before anything else. Raises TooLarge.
    """
    clean = iter(redaction.more)
    before = [Part(one.section(text), one.reason) for one, text in zip(layout.before, clean, strict=False)]
    after = [Part(one.section(text), one.reason) for one, text in zip(layout.after, clean, strict=False)]
    lines = Lines.of(redaction.text)
    own = [(one, Part(one.section_in(lines), one.reason)) for one in layout.own]
    try:
        return _parts(target, lines, told, used, scopes, before, own, after)
    except TooLarge:
        return _parts(target, lines, told, used, scopes, [], [], [])


def _parts(
    target: Target,
    lines: Lines,
    told: Sequence[Section],
    used: int,
    scopes: Sequence[Span],
    before: Sequence[Part],
    own: Sequence[tuple[Piece, Part]],
    after: Sequence[Part],
) -> list[Part]:
    first, last = lines_of(target)
    repeated = rows_of(lines, (first, last))
    pairs: tuple[tuple[str, str], ...] = (("path", target.path), ("language", target.snapshot.language))
    task, *rest = told
    beside = [part.section for part in (*before, *(part for _, part in own), *after)]

    def around(selection: str) -> list[Section]:
        said = ("selection", (("first-line", str(first + 1)), ("last-line", str(last))), selection)
        return [task, *([said] if len(target.span) else []), *rest]

    def room(selection: str) -> int:
        sections = [*beside, ("file", pairs, ""), *around(selection)]
        return target.room - used - _NUMBERS * len(beside) - estimate(instructions.sections(sections))

    selection = _NOT_REPEATED
    if estimate(repeated) <= _REPEATED:
        least = lines.text if estimate(lines.text) <= room(_NOT_REPEATED) else repeated
        selection = repeated if estimate(least) <= room(repeated) else _NOT_REPEATED
    part = window(lines, first, last, room(selection), scopes)
    if part is None:
        needed = target.room - room(selection) + estimate(repeated)
        raise TooLarge(target.counted(needed), target.budget)
    if not part.whole:
        pairs = (*pairs, ("part", f"lines {part.first + 1}-{part.last}"))
    file: Section = ("file", pairs, rows_of(lines, (part.first, part.last)))
    return [
        *before,
        Part(file, _REASONS["file"]),
        *_without(own, part, lines),
        *after,
        *(Part(section, _REASONS[section[0]]) for section in around(selection)),
    ]


def _without(own: Sequence[tuple[Piece, Part]], part: Window, lines: Lines) -> list[Part]:
    """Return what is shown of the document's other lines, without those that stand in its own section."""
    left = [(piece.outside(part.first, part.last), one.reason) for piece, one in own]
    return [Part(piece.section_in(lines), reason) for piece, reason in left if piece is not None]
