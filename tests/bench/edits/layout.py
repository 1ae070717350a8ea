"""Ends, blank lines, indentation and other things around lines that are themselves copied well."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from tests.bench.edits.copies import Kind
from tests.bench.edits.drafts import Case, Draft, draft, indent, shifted, whole

SPACED = ("Python", "TypeScript", "Rust", "YAML")


def without_final_end(rng: Random, name: str) -> Case:
    made = draft(rng, like=lambda found: bool(found.edit()["replace"].strip()))
    edit = made.edit()
    if not edit["replace"].endswith("\n\n"):
        edit = {key: text.removesuffix("\n") for key, text in edit.items()}
    return made.case(name, edit)


def ends_of_proposal(rng: Random, name: str) -> Case:
    made = draft(rng)
    return made.case(name, {key: text.replace("\n", "\r\n") for key, text in made.edit().items()})


def ends_of_document(*ends: str) -> Kind:
    def kind(rng: Random, name: str) -> Case:
        # Of two equal lines, each with its own end, either might be the one that goes.
        made = draft(rng, like=lambda found: len(set(found.block)) == len(found.block))
        # A lone carriage return before an empty line that ends in a line feed would be one end.
        drawn = [rng.choice(ends) for _ in made.lines]
        pairs = zip(drawn, [*made.lines[1:], "x"], strict=True)
        fixed = tuple("\r\n" if end == "\r" and not line else end for end, line in pairs)
        made = replace(made, ends=fixed)
        return made.case(name, made.edit())

    return kind


def byte_order_mark(rng: Random, name: str) -> Case:
    made = replace(draft(rng), lead="\ufeff")
    edit = made.edit()
    return made.case(
        name, {key: "\ufeff" + text for key, text in edit.items()} if rng.random() < 0.5 else edit
    )


def blank_line_lost(rng: Random, name: str) -> Case:
    def spare(found: Draft) -> list[int]:
        return [at for at, line in enumerate(found.block) if not line and not found.changed(at, 1)]

    made = draft(rng, size=(5, 11), like=lambda found: bool(spare(found)))
    at = rng.choice(spare(made))
    copy = [*made.block[:at], *made.block[at + 1 :]]
    return made.case(name, made.edit(copy, shifted(made.hunks, at, -1)))


def blank_line_brought(rng: Random, name: str) -> Case:
    def gaps(found: Draft) -> list[int]:
        inner = range(1, len(found.block))
        return [at for at in inner if not found.changed(at, 1) and not found.changed(at - 1, 1)]

    made = draft(rng, size=(5, 10), like=lambda found: bool(gaps(found)))
    at = rng.choice(gaps(made))
    copy = [*made.block[:at], "", *made.block[at:]]
    return made.case(name, made.edit(copy, shifted(made.hunks, at - 1, 1)))


def blank_edges(rng: Random, name: str) -> Case:
    made = draft(rng)
    lead, tail = "\n" * rng.randint(0, 2), "\n" * rng.randint(1, 2)
    return made.case(name, {key: lead + text + tail for key, text in made.edit().items()})


def everywhere(drift: Callable[[str], str], **more: tuple[str, ...]) -> Kind:
    """All lines of search and replacement are written otherwise."""

    def kind(rng: Random, name: str) -> Case:
        made = draft(
            rng,
            languages=more.get("languages", ()),
            like=lambda found: [drift(line) for line in found.block] != list(found.block) and _steps(found),
        )
        edit = {
            key: whole([drift(line) for line in text.split("\n")[:-1]]) for key, text in made.edit().items()
        }
        return made.case(name, edit)

    return kind


def first_indent_lost(rng: Random, name: str) -> Case:
    def shown(found: Draft) -> bool:
        steps = {indent(line) for line in found.block[1:] if line.strip()}
        return bool(indent(found.block[0])) and not found.changed(0) and bool(steps - {""})

    made = draft(rng, like=shown)
    return made.case(name, {key: text.lstrip(" \t") for key, text in made.edit().items()})


def no_final_end(rng: Random, name: str) -> Case:
    """The quoted lines are the document's last, and its last line has no end."""
    made = draft(rng)
    made = replace(made, lines=made.lines[: made.last], ends=made.ends[: made.last])
    return Case(name, made.text.removesuffix("\n"), (made.edit(),), made.wanted.removesuffix("\n"))


def long_lines(rng: Random, name: str) -> Case:
    made = draft(rng)
    for at, line in enumerate(made.block):
        if line.strip() and not made.changed(at):
            made = made.with_line(at, line + " " + "abcdefgh " * 1_000 + "z")
    return made.case(name, made.edit())


def _steps(found: Draft) -> bool:
    """Tell whether the block shows one step of indentation, and every new line has an indentation of the block."""
    known = {indent(line) for line in found.block if line.strip()}
    return len(known) > 1 and (found.language.indent in known or "" in known)


KINDS: Mapping[str, Kind] = {
    "no end after the last copied line": without_final_end,
    "Windows ends in the proposal": ends_of_proposal,
    "Windows ends in the document": ends_of_document("\r\n"),
    "mixed ends in the document": ends_of_document("\n", "\r\n", "\r"),
    "no end after the document's last line": no_final_end,
    "byte order mark": byte_order_mark,
    "blank line lost": blank_line_lost,
    "blank line brought": blank_line_brought,
    "blank lines around": blank_edges,
    "indented deeper": everywhere(lambda line: "    " + line if line.strip() else line, languages=SPACED),
    "first line's indentation lost": first_indent_lost,
    "spaces for tabs": everywhere(lambda line: line.replace("\t", "    "), languages=("Go",)),
    "tabs for spaces": everywhere(lambda line: line.replace("    ", "\t"), languages=("Python", "Rust")),
    "long lines": long_lines,
}
"""What each kind is called, and how a case of it is made."""
