"""One place among several, several edits at once, and the edges of a document."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from tests.bench.edits.copies import Kind
from tests.bench.edits.documents import statement
from tests.bench.edits.drafts import Case, Draft, draft, indent, whole

_FAR = 40
"""Lines between two equal blocks."""


def twins(rng: Random, name: str) -> Case:
    made, _ = _doubled(rng)
    return Case(name, made.text, (made.edit(),), None)


def twins_and_hint(rng: Random, name: str) -> Case:
    made, _ = _doubled(rng)
    line = made.first + 1 + rng.choice((0, 0, 0, -1, 2))
    return made.case(name, {**made.edit(), "line": line})


def twins_and_vague_hint(rng: Random, name: str) -> Case:
    made, other = _doubled(rng)
    line = (made.first + other) // 2 + rng.randint(-4, 4)
    return Case(name, made.text, ({**made.edit(), "line": line},), None)


def twins_and_context(rng: Random, name: str) -> Case:
    """More lines are quoted, and those tell the places apart."""
    while True:
        made, _ = _doubled(rng)
        wider = replace(
            made,
            first=made.first - 2,
            hunks=tuple((first + 2, last + 2, new) for first, last, new in made.hunks),
        )
        if wider.block[0].strip() and wider.text.count(whole(wider.block)) == 1:
            return wider.case(name, wider.edit())


def hint_is_wrong(rng: Random, name: str) -> Case:
    """There is one place only, and the hint says another."""
    made = draft(rng)
    return made.case(name, {**made.edit(), "line": rng.randint(1, len(made.lines) + 50)})


def many(rng: Random, name: str) -> Case:
    """Several edits, in no order."""
    made = _several(rng, rng.randint(3, 5))
    edits = [one.edit() for one in made]
    rng.shuffle(edits)
    return Case(name, made[0].text, tuple(edits), _wanted(made))


def one_of_many_absent(rng: Random, name: str) -> Case:
    made = _several(rng, 3)
    edits = [one.edit() for one in made]
    stranger = draft(rng).edit()
    edits.insert(rng.randint(0, 3), {key: text.replace("_", "__").upper() for key, text in stranger.items()})
    return Case(name, made[0].text, tuple(edits), None)


def adjacent(rng: Random, name: str) -> Case:
    """Two edits quote blocks that touch, and change lines that do not."""
    while True:
        whole_block = draft(rng, size=(6, 9))
        cut = whole_block.first + 3
        upper = _with_change(rng, replace(whole_block, last=cut), 0)
        lower = _with_change(rng, replace(whole_block, first=cut), whole_block.last - cut - 1)
        if _alone(upper) and _alone(lower):
            edits = [lower.edit(), upper.edit()]
            return Case(name, upper.text, tuple(edits), _wanted([upper, lower]))


def overlapping(rng: Random, name: str) -> Case:
    """Two edits change the same line in different ways."""
    while True:
        block = draft(rng, size=(5, 8))
        upper, lower = replace(block, last=block.first + 3), replace(block, first=block.first + 2)
        upper, lower = _with_change(rng, upper, 2), _with_change(rng, lower, 0)
        if _alone(upper) and _alone(lower) and upper.hunks[0][2] != lower.hunks[0][2]:
            return Case(name, block.text, (upper.edit(), lower.edit()), None)


def one_after_the_other(rng: Random, name: str) -> Case:
    """The second edit quotes what the first one brings."""
    made = draft(rng, like=lambda found: any(new for _, _, new in found.hunks))
    first, last, _ = made.hunks[0]
    new = (indent(made.block[first - (first == len(made.block))]) + "freshly_brought(1)",)
    one = replace(made, hunks=((first, last, new),)).edit()
    two = {"search": new[0] + "\n", "replace": new[0] + "\n" + new[0].replace("1", "2") + "\n"}
    return Case(name, made.text, (one, two), None)


def at_the_edges(rng: Random, name: str) -> Case:
    """The first line of a document, or its last."""
    while True:
        made = draft(rng)
        last = rng.random() < 0.5
        first = len(made.lines) - 2 if last else 0
        made = replace(made, first=first, last=first + 2)
        if not all(map(str.strip, made.block)) or not _alone(made):
            continue
        new = (statement(rng, made.language),)
        made = replace(made, hunks=((2, 2, new),) if last else ((0, 0, new),))
        wanted = "".join([*new, "\n", made.text]) if not last else made.wanted
        return Case(name, made.text, (made.edit(),), wanted)


def _with_change(rng: Random, made: Draft, at: int) -> Draft:
    line = made.block[at]
    return replace(made, hunks=((at, at + 1, (indent(line) + statement(rng, made.language),)),))


def _alone(made: Draft) -> bool:
    """Tell whether the quoted lines stand once, indentation aside, and begin and end with words."""
    bare = [line.strip() for line in made.lines]
    block = [line.strip() for line in made.block]
    places = sum(bare[at : at + len(block)] == block for at in range(len(bare)))
    return places == 1 and all(any(map(str.isalnum, line)) for line in (block[0], block[-1]))


def _doubled(rng: Random) -> tuple[Draft, int]:
    """Return a draft whose block stands a second time, above or below, and the row of the other."""
    made = draft(rng, like=lambda found: found.first > 4)
    extra = tuple(f"{made.language.note.format('part')}{at}" for at in range(_FAR))
    between = (*extra, "")
    if rng.random() < 0.5:
        lines = (*made.lines[: made.last], *between, *made.block, *made.lines[made.last :])
        return replace(made, lines=lines, ends=("\n",) * len(lines)), made.last + len(between)
    lines = (*made.lines[: made.first], *made.block, *between, *made.lines[made.first :])
    moved = len(made.block) + len(between)
    doubled = replace(
        made, lines=lines, ends=("\n",) * len(lines), first=made.first + moved, last=made.last + moved
    )
    return doubled, made.first


def _several(rng: Random, count: int) -> list[Draft]:
    """Return edits of one document, apart from each other."""
    while True:
        found = [draft(rng, length=220)]
        lines = found[0].lines
        for _ in range(200):
            first = rng.randrange(2, len(lines) - 6)
            one = replace(found[0], first=first, last=first + rng.randint(2, 4))
            apart = all(one.last + 1 < other.first or other.last + 1 < one.first for other in found)
            if apart and all(map(str.strip, one.block)) and _alone(one):
                found.append(_with_change(rng, one, rng.randrange(len(one.block))))
            if len(found) == count:
                return found


def _wanted(made: list[Draft]) -> str:
    ordered = sorted(made, key=lambda one: -one.first)
    lines = list(ordered[0].lines)
    for one in ordered:
        for first, last, new in one.hunks:
            lines[one.first + first : one.first + last] = new
    return whole(lines)


KINDS: Mapping[str, Kind] = {
    "two equal places": twins,
    "two equal places and a hint": twins_and_hint,
    "two equal places and a vague hint": twins_and_vague_hint,
    "two equal places told apart by context": twins_and_context,
    "one place and a wrong hint": hint_is_wrong,
    "several edits": many,
    "several edits, one absent": one_of_many_absent,
    "adjacent edits": adjacent,
    "overlapping edits": overlapping,
    "an edit of another edit's result": one_after_the_other,
    "first or last line": at_the_edges,
}
"""What each kind is called, and how a case of it is made."""
