"""What models put around or into the lines that they copy, though it is no part of them."""

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from tests.bench.edits.copies import Kind
from tests.bench.edits.drafts import Case, Draft, draft, whole


def numbered(rng: Random, name: str) -> Case:
    """The lines bear their numbers, as in a listing."""
    made = draft(rng)
    sign = rng.choice((": ", " | ", "| ", "\t", "→", ":"))
    wide = len(str(made.last + 9)) if rng.random() < 0.5 else 0

    def listed(text: str) -> str:
        lines = text.split("\n")[:-1]
        return whole([f"{made.first + 1 + at:{wide}}{sign}{line}" for at, line in enumerate(lines)])

    return made.case(name, {key: listed(text) for key, text in made.edit().items()})


def fenced(rng: Random, name: str) -> Case:
    made = draft(rng)
    opening = rng.choice(("```\n", "```python\n", "~~~\n"))
    closing = opening[:3] + rng.choice(("", "\n"))
    return made.case(name, {key: opening + text + closing for key, text in made.edit().items()})


def entities(rng: Random, name: str) -> Case:
    made = draft(rng, like=_with(lambda text: html.escape(text) != text))
    quote = rng.random() < 0.5
    if html.escape(made.edit()["search"], quote=quote) == made.edit()["search"]:
        quote = True
    return made.case(name, {key: html.escape(text, quote=quote) for key, text in made.edit().items()})


def escaped_twice(rng: Random, name: str) -> Case:
    made = draft(rng)
    return made.case(name, {key: json.dumps(text)[1:-1] for key, text in made.edit().items()})


def diff_marks(rng: Random, name: str) -> Case:
    """Search and replacement are the two sides of a diff, marks included."""
    made = draft(rng)
    edit = made.edit()
    old, new = (edit[key].split("\n")[:-1] for key in ("search", "replace"))
    search = [(" " if line in new else "-") + line for line in old]
    return made.case(
        name,
        {"search": whole(search), "replace": whole([(" " if line in old else "+") + line for line in new])},
    )


def file_name_above(rng: Random, name: str) -> Case:
    """The first line of search and replacement is the file's name, as a comment."""
    made = draft(rng, size=(4, 9))
    line = made.language.note.format("src/" + made.language.name.lower()) + "\n"
    return made.case(name, {key: line + text for key, text in made.edit().items()}, may_refuse=True)


def said_twice(rng: Random, name: str) -> Case:
    """The same edit stands in the answer twice."""
    made = draft(rng)
    case = made.case(name, made.edit())
    return replace(case, edits=case.edits * 2)


def shown_before(rng: Random, name: str) -> Case:
    """The replacement is numbered and the search is not: what is meant cannot be told."""
    made = draft(rng)
    edit = made.edit()
    lines = edit["replace"].split("\n")[:-1]
    edit["replace"] = whole([f"{made.first + 1 + at} | {line}" for at, line in enumerate(lines)])
    return Case(name, made.text, (edit,), None)


def fence_in_replacement(rng: Random, name: str) -> Case:
    made = draft(rng, languages=("Python", "TypeScript", "Go", "Rust", "YAML"))
    edit = made.edit()
    return Case(name, made.text, ({**edit, "replace": f"```\n{edit['replace']}```\n"},), None)


def _with(test: Callable[[str], bool]) -> Callable[[Draft], bool]:
    return lambda found: test(found.edit()["search"])


KINDS: Mapping[str, Kind] = {
    "line numbers copied along": numbered,
    "line numbers in the replacement alone": shown_before,
    "fence around the copy": fenced,
    "fence around the replacement alone": fence_in_replacement,
    "HTML entities": entities,
    "escaped twice": escaped_twice,
    "marks of a diff": diff_marks,
    "file name above the copy": file_name_above,
    "the same edit twice": said_twice,
}
"""What each kind is called, and how a case of it is made."""
