"""Answers that must be refused: nothing in the document is what they take it for, or they would destroy something."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from tests.bench.edits.copies import Kind, typo
from tests.bench.edits.documents import statement
from tests.bench.edits.drafts import Case, Draft, draft, indent, renamed, whole


def absent(rng: Random, name: str) -> Case:
    """Lines of another document."""
    while True:
        made, other = draft(rng), draft(rng)
        if not set(map(str.strip, other.block)) & set(map(str.strip, made.lines)) - {"", "}"}:
            return Case(name, made.text, (other.edit(),), None)


def invented_inside(rng: Random, name: str) -> Case:
    """First and last line are there, all between them is made up, and that is what changes."""
    made = draft(rng, size=(5, 9))
    inner = [indent(line) + statement(rng, made.language) for line in made.block[1:-1]]
    copy = [made.block[0], *inner, made.block[-1]]
    return Case(name, made.text, (_changed(made, copy, 2, "made_up()"),), None)


def older_version(rng: Random, name: str) -> Case:
    """The model remembers most of the lines otherwise."""
    made = draft(rng, size=(4, 9))
    copy = [renamed(rng, line) if line.strip() else line for line in made.block]
    return Case(name, made.text, (_changed(made, copy, 1, "next_step()"),), None)


def slip_in_the_changed_line(rng: Random, name: str) -> Case:
    """The line that goes is not the one that stands there."""
    made = draft(rng, size=(4, 8), like=_replaces)
    at = made.hunks[0][0]
    copy = list(made.block)
    copy[at] = typo(rng, copy[at])
    return Case(name, made.text, (made.edit(copy),), None)


def other_case(rng: Random, name: str) -> Case:
    made = draft(rng, like=_replaces)
    at = made.hunks[0][0]
    copy = list(made.block)
    copy[at] = copy[at].swapcase()
    return Case(name, made.text, (made.edit(copy),), None)


def left_out(rng: Random, name: str) -> Case:
    """The replacement has a placeholder where lines stand."""
    made = draft(rng, size=(6, 12), like=_replaces)
    edit = made.edit()
    words = rng.choice(("... existing code ...", "...", "rest of the code unchanged", "[...]"))
    lines = edit["replace"].split("\n")[:-1]
    mark = indent(lines[2]) + made.language.note.format(words)
    return Case(name, made.text, ({**edit, "replace": whole([*lines[:2], mark, lines[-1]])},), None)


def done_already(rng: Random, name: str) -> Case:
    """The document holds the result; the model was shown an older one."""
    made = draft(rng)
    return Case(name, made.wanted, (made.edit(),), None)


def joined_lines(rng: Random, name: str) -> Case:
    """Two lines are quoted as one, and that one changes."""
    made = draft(rng, size=(3, 6), like=lambda found: all(map(str.strip, found.block[:2])))
    one = made.block[0] + " " + made.block[1].strip()
    new = [renamed(rng, one), *made.block[2:]]
    return Case(name, made.text, ({"search": whole([one, *made.block[2:]]), "replace": whole(new)},), None)


def flattened(rng: Random, name: str) -> Case:
    """All indentation is lost, although the lines have several depths."""
    made = draft(rng, languages=("Python", "Rust", "TypeScript", "Go"), like=_deep)
    edit = {key: whole([line.strip() for line in text.split("\n")[:-1]]) for key, text in made.edit().items()}
    return Case(name, made.text, (edit,), None)


def replacement_without_indentation(rng: Random, name: str) -> Case:
    """The search is copied well; the replacement, all new, begins at the margin."""
    made = draft(rng, languages=("Python", "Rust", "Go"), size=(1, 2), like=_indented)
    new = [renamed(rng, line.strip()) for line in made.block]
    return Case(name, made.text, ({"search": whole(made.block), "replace": whole(new)},), None)


def part_of_a_name(rng: Random, name: str) -> Case:
    """The document has longer names that begin with what the edit looks for."""
    made = draft(rng, size=(1, 2))
    plain = made.block[0].strip() + "end"
    made = replace(made, first=made.first, last=made.first + 1).with_line(0, made.block[0] + "ends")
    return Case(name, made.text, ({"search": plain, "replace": plain.replace("end", "stop")},), None)


def one_of_two_like_it(rng: Random, name: str) -> Case:
    """Two blocks differ in one line, and the quoted one has neither's."""
    made = draft(rng, size=(4, 7), like=lambda found: bool(found.still(1)))
    at = rng.choice(made.still(1))
    variants = [renamed(rng, made.block[at]) + sign for sign in ("1", "2", "3")]
    twin = made.with_line(at, variants[0]).block
    made = made.with_line(at, variants[1])
    lines = (*made.lines, "", *twin)
    made = replace(made, lines=lines, ends=("\n",) * len(lines))
    copy = list(made.block)
    copy[at] = variants[2]
    return Case(name, made.text, (made.edit(copy),), None)


def nothing_to_look_for(rng: Random, name: str) -> Case:
    made = draft(rng)
    search = rng.choice(("", "\n", "   \n"))
    return Case(name, made.text, ({"search": search, "replace": statement(rng, made.language) + "\n"},), None)


def _changed(made: Draft, copy: list[str], at: int, new: str) -> dict[str, str]:
    lines = [*copy[:at], indent(copy[at]) + new, *copy[at + 1 :]]
    return {"search": whole(copy), "replace": whole(lines)}


def _replaces(found: Draft) -> bool:
    """Tell whether a line with a word of some length is deleted or replaced, without being kept below new ones."""
    first, last, _ = found.hunks[0]
    return last > first and typo(Random(0), found.block[first]).strip() != found.block[first].strip() + "x"


def _deep(found: Draft) -> bool:
    depths = {indent(line) for line in found.block if line.strip()}
    first, last, new = found.hunks[0]
    return len(depths - {""}) > 1 and first < last and bool(new) and bool(indent(found.block[first]))


def _indented(found: Draft) -> bool:
    return all(indent(line) for line in found.block)


KINDS: Mapping[str, Kind] = {
    "lines of another document": absent,
    "made up between real lines": invented_inside,
    "an older version": older_version,
    "typo in the line that changes": slip_in_the_changed_line,
    "other case": other_case,
    "left out in the replacement": left_out,
    "done already": done_already,
    "two lines joined": joined_lines,
    "all indentation lost": flattened,
    "replacement without its indentation": replacement_without_indentation,
    "part of a longer name": part_of_a_name,
    "one of two like it": one_of_two_like_it,
    "nothing to look for": nothing_to_look_for,
}
"""What each kind is called, and how a case of it is made."""
