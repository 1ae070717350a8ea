"""Syntax errors of a text, and those that an edit would bring in. Nothing is run and no tool is started.

Python, JSON and TOML are parsed by Python's own library, other languages by tree-sitter where it is installed.
A text is looked at while the model thinks; then an edit of Python, and of tree-sitter's languages, costs what it
touches and not the whole text.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kimi_lsp.project import python_pieces
from kimi_lsp.project.grammar import Parsed, parse, parse_again
from kimi_lsp.project.python_pieces import Edit, Fault, Pause, Pieces
from kimi_lsp.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_PROBLEMS = 100
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)\Z")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """One place where a text is not valid in its language."""

    line: int
    """From 1."""
    message: str


@dataclass(frozen=True)
class Known:
    """What is known of a text before it is edited."""

    text: str
    language: str
    found: tuple[SyntaxProblem, ...] | None
    """Its syntax errors; None where nothing can tell."""
    pieces: Pieces | None = field(default=None, repr=False)
    parsed: Parsed | None = field(default=None, repr=False)


def no_pause() -> None:
    """Go on at once."""


def look(text: str, language: str, pause: Pause = no_pause) -> Known:
    """Look at a text as it is before an edit.

    `pause` is called every millisecond or so where the parser allows it, so that a thread can let others go first;
    what it raises ends the work.
    """
    if language == "python":
        found = python_pieces.pieces(text, pause)
        return Known(text, language, _told(found.fault), pieces=found)
    parsed = parse(text, language, pause)
    if parsed is not None:
        return Known(text, language, tuple(_errors(parsed)), parsed=parsed)
    return Known(text, language, problems(text, language))


def problems(text: str, language: str) -> tuple[SyntaxProblem, ...] | None:
    """Return the syntax errors of a text in order, or None where there is no parser for the language.

    Python, JSON and TOML tell the first error only; of the others at most 100 are told.
    """
    if language in _PARSERS:
        return _told(_PARSERS[language](text.removeprefix("\ufeff")))
    parsed = parse(text, language)
    return None if parsed is None else tuple(_errors(parsed))


def new_problems(known: Known, edits: Sequence[Edit]) -> tuple[SyntaxProblem, ...]:
    """Return the errors that edits, in order and apart, bring into a text; empty where nothing can tell.

    Lines count in the text after them. The same message counts as the same error, wherever it moved to.
    """
    if not edits or known.found is None:
        return ()
    if known.pieces is not None:
        return tuple(
            SyntaxProblem(one.line, one.message) for one in python_pieces.new_faults(known.pieces, edits)
        )
    span = Span(edits[0][0].start, edits[-1][0].end)
    part, at = [], span.start
    for one, new in edits:
        part += [known.text[at : one.start], new]
        at = one.end
    put = "".join(part)
    if known.parsed is not None:
        parsed = parse_again(known.parsed, known.text, span, put, known.language)
        now = None if parsed is None else tuple(_errors(parsed))
    else:
        now = problems(known.text[: span.start] + put + known.text[span.end :], known.language)
    before = Counter(problem.message for problem in known.found)
    found = []
    for problem in now or ():
        if before[problem.message]:
            before[problem.message] -= 1
        else:
            found.append(problem)
    return tuple(found)


def _told(fault: Fault | None) -> tuple[SyntaxProblem, ...]:
    return () if fault is None else (SyntaxProblem(fault.line, fault.message),)


def _json(text: str) -> Fault | None:
    try:
        # Numbers stay text: a number with thousands of digits is valid JSON, and slow to convert.
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        return Fault(_line(text, error.pos), error.msg)
    except RecursionError:
        return Fault(1, "nested too deeply to be parsed")
    return None


def _toml(text: str) -> Fault | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else _line(text, len(text))
        return Fault(line, _TOML_PLACE.sub("", str(error)))
    except RecursionError:
        return Fault(1, "nested too deeply to be parsed")
    return None


_PARSERS: Mapping[str, Callable[[str], Fault | None]] = {
    "json": _json,
    "python": python_pieces.fault,
    "toml": _toml,
}


def _errors(parsed: Parsed) -> Iterator[SyntaxProblem]:
    """Yield the outermost error nodes in order; the tree may be deep, so no recursion."""
    waiting, told = [parsed.root], 0
    while waiting and told < _MOST_PROBLEMS:
        node = waiting.pop()
        if node.is_missing or node.is_error:
            told += 1
            yield SyntaxProblem(node.start_point[0] + 1, _near(parsed, node))
        elif node.has_error:
            waiting += reversed(node.children)


def _near(parsed: Parsed, node: "Node") -> str:
    if node.is_missing:
        return f"`{node.type}` is missing"
    words = parsed.text(node).split()
    near = " ".join(words[:4])[:40]
    return f"invalid syntax near `{near}`" if near else "invalid syntax"


def _line(text: str, offset: int) -> int:
    return sum(1 for _ in _LINE_END.finditer(text, 0, offset)) + 1
