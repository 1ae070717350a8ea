"""Fix: a mutable default argument becomes None, and the value is made where the body starts."""

import ast
import re
from collections.abc import Iterator, Sequence

from kimi_lsp.sandbox.document import Document, docstring
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.reader import Problem
from kimi_lsp.sandbox.skills.outcome import Outcome

SUBJECT = "a mutable default argument"

_WORDING = re.compile(r"mutable (?:data structure|default|argument)|dangerous default value", re.IGNORECASE)
_MUTABLE_TYPES = ("bytearray", "Counter", "defaultdict", "deque", "dict", "list", "OrderedDict", "set")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def concerns(problem: Problem) -> bool:
    """Tell whether a checker complains of a mutable default."""
    codes = ("B006", "W0102", "dangerous-default-value")
    return problem.is_one_of(*codes) or _WORDING.search(problem.message) is not None


def repair(document: Document, problems: Sequence[Problem]) -> Outcome:
    """Change the mutable defaults that the problems point at."""
    if document.tree is None:
        return Outcome("The text that is shown does not parse, so the function cannot be read.")
    changes: list[LineChange] = []
    said = ""
    for function in document.scopes():
        if isinstance(function, ast.ClassDef):
            continue
        marked = _marked(document, function, problems)
        if not marked:
            continue
        top = _below_docstring(document, function)
        if top is None or any(document.source(default) is None for _, default in marked):
            said = f"`{function.name}` has its body on the line of `def`, or a default over several lines."
            continue
        changes += _signature(document, marked)
        changes.append(LineChange(top, top, tuple(_guards(document, function, marked))))
    if not changes:
        return Outcome(said or f"Line {problems[0].line} has no mutable default that can be moved.")
    return Outcome(
        "Replaced the mutable default by None and made the value inside the function.", tuple(changes)
    )


def places(document: Document) -> Iterator[tuple[int, int]]:
    """Yield line, from 1 within what is shown, and column, from 1, of each mutable default."""
    for function in document.scopes():
        if not isinstance(function, ast.ClassDef):
            for _, default in _defaults(function):
                yield default.lineno, document.column(default.lineno - 1, default.col_offset) + 1


def _marked(
    document: Document, function: _Function, problems: Sequence[Problem]
) -> list[tuple[ast.arg, ast.expr]]:
    """Return the defaults that the problems point at; one that points at none means all that start on its line."""
    marked: dict[int, tuple[ast.arg, ast.expr]] = {}
    for problem in problems:
        row = document.row(problem.line)
        near = [
            (argument, default)
            for argument, default in _defaults(function)
            if row is not None and row in (argument.lineno - 1, default.lineno - 1, function.lineno - 1)
        ]
        exact = [pair for pair in near if _covers(document, pair[1], row, problem.column - 1)]
        on_line = [pair for pair in near if row == pair[1].lineno - 1 or row == function.lineno - 1]
        marked.update((id(pair[1]), pair) for pair in exact or on_line or near)
    return [pair for pair in _defaults(function) if id(pair[1]) in marked]


def _covers(document: Document, node: ast.expr, row: int | None, column: int) -> bool:
    if row != node.lineno - 1 or row != (node.end_lineno or 0) - 1:
        return False
    return document.column(row, node.col_offset) <= column < document.column(row, node.end_col_offset or 0)


def _defaults(function: _Function) -> Iterator[tuple[ast.arg, ast.expr]]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    pairs = [*zip(with_default, arguments.defaults, strict=True)]
    pairs += [
        (name, value)
        for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if value
    ]
    for argument, default in pairs:
        if _is_mutable(default):
            yield argument, default


def _is_mutable(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).rpartition(".")[2] in _MUTABLE_TYPES
    return isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def _below_docstring(document: Document, function: _Function) -> int | None:
    text = docstring(function)
    top = document.body_top(function)
    return text.end_lineno if text and top is not None else top


def _signature(document: Document, marked: Sequence[tuple[ast.arg, ast.expr]]) -> list[LineChange]:
    """Return the lines of the signature with None for the defaults, and with it in their annotations."""
    places: dict[int, list[tuple[int, int, str]]] = {}
    for argument, default in marked:
        row = default.lineno - 1
        start, end = (
            document.column(row, byte or 0) for byte in (default.col_offset, default.end_col_offset)
        )
        places.setdefault(row, []).append((start, end, "None"))
        annotation = argument.annotation
        if (
            annotation is not None
            and not _allows_none(annotation)
            and document.source(annotation) is not None
        ):
            row = annotation.lineno - 1
            start = document.column(row, annotation.col_offset)
            end = document.column(row, annotation.end_col_offset or 0)
            written = document.lines[row][start:end]
            is_text = isinstance(annotation, ast.Constant)
            wider = f"{written[:-1]} | None{written[-1]}" if is_text else f"{written} | None"
            places.setdefault(row, []).append((start, end, wider))
    changes: list[LineChange] = []
    for row, found in places.items():
        line = document.lines[row]
        for start, end, text in sorted(found, reverse=True):
            line = line[:start] + text + line[end:]
        changes.append(LineChange(row, row + 1, (line,)))
    return changes


def _allows_none(annotation: ast.expr) -> bool:
    return any(word in ast.unparse(annotation) for word in ("None", "Optional", "Any"))


def _guards(
    document: Document, function: _Function, marked: Sequence[tuple[ast.arg, ast.expr]]
) -> Iterator[str]:
    outer = document.indent(function.lineno - 1)
    inner = document.indent(function.body[0].lineno - 1)
    step = inner.removeprefix(outer) or "    "
    for argument, default in marked:
        yield f"{inner}if {argument.arg} is None:"
        yield f"{inner}{step}{argument.arg} = {document.source(default)}"
