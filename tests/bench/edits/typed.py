"""The user went on typing while the model was at work: the edit was made for the text as it was before."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from tests.bench.edits.copies import Kind
from tests.bench.edits.documents import note
from tests.bench.edits.drafts import Case, Draft, draft, indent, renamed


def elsewhere(rng: Random, name: str) -> Case:
    """Lines above are deleted or added, and some below."""
    made = draft(rng, like=lambda found: found.first > 6 and found.last + 6 < len(found.lines))
    top = rng.randrange(1, made.first - 2)
    low = rng.randrange(made.last + 3, len(made.lines))
    mine = tuple(note(rng, made.language, 0) + f" {at}" for at in range(rng.randint(0, 3)))
    now = _spliced(_spliced(made, low, low + 1, mine), top, top + 1, mine[::-1])
    return Case(name, now.text, (made.edit(),), now.wanted, base=made.text)


def next_to_it(rng: Random, name: str) -> Case:
    """A line directly above or below the quoted ones."""
    made = draft(
        rng, like=lambda found: not found.changed(0, 1) and not found.changed(len(found.block) - 1, 1)
    )
    at = rng.choice((made.first, made.last))
    now = _spliced(made, at, at, (indent(made.block[0]) + note(rng, made.language, 0),))
    return Case(name, now.text, (made.edit(),), now.wanted, base=made.text)


def context_line(rng: Random, name: str) -> Case:
    """A quoted line that the edit leaves alone."""
    made = draft(rng, size=(5, 10), like=lambda found: bool(found.still(1)))
    at = rng.choice(made.still(1))
    now = made.with_line(at, renamed(rng, made.block[at]))
    return Case(name, now.text, (made.edit(),), now.wanted, base=made.text, may_refuse=True)


def changed_line(rng: Random, name: str) -> Case:
    made = draft(rng, like=lambda found: found.hunks[0][0] < found.hunks[0][1])
    at = made.hunks[0][0]
    now = made.with_line(at, made.block[at] + rng.choice((" typed", ";", "1")))
    return Case(name, now.text, (made.edit(),), None, base=made.text)


def between_neighbours(rng: Random, name: str) -> Case:
    """A line exactly where the edit inserts."""
    made = draft(rng, like=lambda found: 0 < found.hunks[0][0] == found.hunks[0][1] < len(found.block))
    at = made.first + made.hunks[0][0]
    now = _spliced(made, at, at, (note(rng, made.language, 1),))
    return Case(name, now.text, (made.edit(),), None, base=made.text)


def deleted(rng: Random, name: str) -> Case:
    made = draft(rng)
    now = _spliced(made, made.first, made.last, ())
    return Case(name, now.text, (made.edit(),), None, base=made.text)


def indented_meanwhile(rng: Random, name: str) -> Case:
    """The user put the whole block one step deeper."""
    made = draft(rng)
    now = made
    for at, line in enumerate(made.block):
        now = now.with_line(at, made.language.indent + line if line.strip() else line)
    return Case(name, now.text, (made.edit(),), None, base=made.text)


def copied_above(rng: Random, name: str) -> Case:
    """The user pasted the same block above: which of the two is the old one cannot be told from the texts."""
    made = draft(rng, like=lambda found: found.first > 4)
    now = _spliced(made, made.first, made.first, made.block)
    return Case(name, now.text, (made.edit(),), None, base=made.text)


def _spliced(made: Draft, first: int, last: int, lines: tuple[str, ...]) -> Draft:
    """Return the draft with other lines outside the quoted ones, which move along."""
    by = len(lines) - (last - first) if last <= made.first else 0
    text = (*made.lines[:first], *lines, *made.lines[last:])
    return replace(made, lines=text, ends=("\n",) * len(text), first=made.first + by, last=made.last + by)


KINDS: Mapping[str, Kind] = {
    "typed elsewhere": elsewhere,
    "typed next to it": next_to_it,
    "typed in a line that stays": context_line,
    "typed in a line that changes": changed_line,
    "typed where lines are inserted": between_neighbours,
    "deleted meanwhile": deleted,
    "indented meanwhile": indented_meanwhile,
    "copied above meanwhile": copied_above,
}
"""What each kind is called, and how a case of it is made."""
