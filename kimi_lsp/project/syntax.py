"""Syntax errors of a text, and those that an edit would bring in. Nothing is run and no tool is started.

Python, JSON and TOML are parsed by Python's own library, other languages by tree-sitter where it is installed.
"""

import ast
import json
import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_lsp.project.grammar import Parsed, parse

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


def problems(text: str, language: str) -> tuple[SyntaxProblem, ...] | None:
    """Return the syntax errors of a text in order, or None where there is no parser for the language.

    Python, JSON and TOML tell the first error only; of the others at most 100 are told.
    """
    if language in _PARSERS:
        found = _PARSERS[language](text.removeprefix("\ufeff"))
        return () if found is None else (found,)
    parsed = parse(text, language)
    return None if parsed is None else tuple(_errors(parsed))


def new_problems(before: str, after: str, language: str) -> tuple[SyntaxProblem, ...]:
    """Return the errors of `after` that `before` has not; empty where nothing can tell.

    The same message counts as the same error, wherever it moved to.
    """
    now = problems(after, language)
    if not now:
        return ()
    known = Counter(problem.message for problem in problems(before, language) or ())
    found = []
    for problem in now:
        if known[problem.message]:
            known[problem.message] -= 1
        else:
            found.append(problem)
    return tuple(found)


def _python(text: str) -> SyntaxProblem | None:
    try:
        with warnings.catch_warnings():
            # Parsing warns of things like "\d" in a plain string; those are not errors.
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return SyntaxProblem(error.lineno or 1, error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        # A NUL, half a surrogate pair, or nested too deeply.
        return SyntaxProblem(1, str(error) or "nested too deeply to be parsed")
    return None


def _json(text: str) -> SyntaxProblem | None:
    try:
        # Numbers stay text: a number with thousands of digits is valid JSON, and slow to convert.
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        return SyntaxProblem(_line(text, error.pos), error.msg)
    except RecursionError:
        return SyntaxProblem(1, "nested too deeply to be parsed")
    return None


def _toml(text: str) -> SyntaxProblem | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else _line(text, len(text))
        return SyntaxProblem(line, _TOML_PLACE.sub("", str(error)))
    except RecursionError:
        return SyntaxProblem(1, "nested too deeply to be parsed")
    return None


_PARSERS: Mapping[str, Callable[[str], SyntaxProblem | None]] = {
    "json": _json,
    "python": _python,
    "toml": _toml,
}


def _errors(parsed: Parsed) -> Iterator[SyntaxProblem]:
    """Yield the outermost error nodes in order; the tree may be deep, so no recursion."""
    waiting, told = [parsed.root], 0
    while waiting and told < _MOST_PROBLEMS:
        node = waiting.pop()
        if node.is_missing or node.is_error:
            told += 1
            yield SyntaxProblem(node.start_point[0] + 1, _told(parsed, node))
        elif node.has_error:
            waiting += reversed(node.children)


def _told(parsed: Parsed, node: "Node") -> str:
    if node.is_missing:
        return f"`{node.type}` is missing"
    words = parsed.text(node).split()
    near = " ".join(words[:4])[:40]
    return f"invalid syntax near `{near}`" if near else "invalid syntax"


def _line(text: str, offset: int) -> int:
    return sum(1 for _ in _LINE_END.finditer(text, 0, offset)) + 1
