"""Refactoring: nested ifs at the end of a function become guard clauses that leave early.

Done only where the function does nothing after the ifs but return a plain value, so that leaving early is the same.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.skills.outcome import Outcome

SUBJECT = "nested ifs to guard clauses"
WORDS = re.compile(r"guard|nest|flatten|early (?:return|exit)|return early|invert", re.IGNORECASE)

_SWAPPED: dict[type[ast.cmpop], str] = {
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Eq: "!=",
    ast.NotEq: "==",
}
_LEAVES = ast.Return | ast.Raise | ast.Continue | ast.Break
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def rework(document: Document, selection: tuple[int, int] | None, _instruction: str) -> Outcome:
    """Flatten the innermost function at the selection that has such ifs."""
    if document.tree is None:
        return Outcome("The text that is shown does not parse, so the ifs cannot be read.")
    for function in document.scopes_at(selection):
        if isinstance(function, _Function):
            changes = _flattened(document, function)
            if changes:
                return Outcome(
                    f"Turned the nested ifs of `{function.name}` into guard clauses.", tuple(changes)
                )
    return Outcome("No function there ends in nested ifs that can leave early.")


@dataclass
class _Work:
    document: Document
    exit: str
    frozen: frozenset[int]
    """Rows that start inside a string and may not be shifted."""
    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """What becomes of each row that changes."""
    guards: int = 0


def _flattened(document: Document, function: _Function) -> list[LineChange]:
    body = list(function.body)
    leave = "return"
    tail: ast.Return | None = None
    last = body[-1]
    if isinstance(last, ast.Return) and len(body) > 1:
        tail = last
        body.pop()
        if tail.value is not None and not isinstance(tail.value, ast.Constant | ast.Name):
            return []
        leave = document.source(tail) or "return"
    work = _Work(document, leave, _frozen(function))
    falls_through = _flatten(work, body, "")
    if not work.guards:
        return []
    if tail is not None and not falls_through:
        row = tail.lineno - 1
        start = row
        while start > 0 and not document.lines[start - 1].strip():
            start -= 1
        work.rows.update(dict.fromkeys(range(start, row + 1), ()))
    return [LineChange(row, row + 1, lines) for row, lines in sorted(work.rows.items())]


def _flatten(work: _Work, block: Sequence[ast.stmt], shift: str) -> bool:
    """Flatten the last statement of a block that is moved left by `shift`; tell whether its end is reached."""
    last = block[-1]
    parts = _parts(work, last) if isinstance(last, ast.If) else None
    if not isinstance(last, ast.If) or parts is None:
        return not isinstance(last, _LEAVES) and not _always_leaves(last)
    condition, comment, first, end, alternative = parts
    document = work.document
    outer, inner = document.indent(last.lineno - 1), document.indent(last.body[0].lineno - 1)
    step = inner.removeprefix(outer)
    moved = outer.removesuffix(shift) if shift else outer
    leave = [f"{moved}{step}{work.exit}"]
    if alternative is not None:
        leave = [_moved(document.lines[row], shift) for row in range(alternative[0], alternative[1])]
        work.rows.update(dict.fromkeys(range(alternative[0] - 1, alternative[1]), ()))
    work.rows[last.lineno - 1] = (f"{moved}if {condition}:{comment}", *leave)
    for row in range(first, end):
        if row not in work.frozen:
            work.rows[row] = (_moved(document.lines[row], shift + step),)
    work.guards += 1
    return _flatten(work, last.body, shift + step)


def _parts(work: _Work, node: ast.If) -> tuple[str, str, int, int, tuple[int, int] | None] | None:
    """Return the opposite condition, the header's comment, the body's rows and those of an else that leaves."""
    document = work.document
    header = document.lines[node.lineno - 1]
    condition = document.source(node.test)
    if condition is None or node.test.end_lineno != node.lineno or node.body[0].lineno == node.lineno:
        return None
    if not header.lstrip().startswith("if"):
        return None
    after = header[document.column(node.lineno - 1, node.test.end_col_offset or 0) :].lstrip(" )\t")
    remark = after.removeprefix(":").strip()
    comment = f"  {remark}" if remark else ""
    if not node.orelse:
        return _opposite(document, node.test), comment, node.lineno, node.end_lineno or node.lineno, None
    other = node.orelse[0].lineno - 2
    is_else = document.lines[other].strip() == "else:"
    rows = range(node.orelse[0].lineno - 1, node.orelse[-1].end_lineno or 0)
    if not is_else or not isinstance(node.orelse[-1], _LEAVES) or any(row in work.frozen for row in rows):
        return None
    return _opposite(document, node.test), comment, node.lineno, other, (other + 1, rows.stop)


def _opposite(document: Document, test: ast.expr) -> str:
    written = document.source(test) or ast.unparse(test)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return document.source(test.operand) or ast.unparse(test.operand)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _SWAPPED:
        left, right = document.source(test.left), document.source(test.comparators[0])
        if left and right and "(" not in written:
            return f"{left} {_SWAPPED[type(test.ops[0])]} {right}"
    if isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant):
        return f"not {written}"
    return f"not ({written})"


def _always_leaves(node: ast.stmt) -> bool:
    if isinstance(node, ast.If):
        return bool(node.orelse) and all(
            isinstance(block[-1], _LEAVES) or _always_leaves(block[-1]) for block in (node.body, node.orelse)
        )
    return False


def _moved(line: str, step: str) -> str:
    if line.startswith(step) or not line.strip():
        return line.removeprefix(step)
    return line.lstrip(" \t")


def _frozen(function: _Function) -> frozenset[int]:
    rows: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        ):
            rows.update(range(node.lineno, node.end_lineno or node.lineno))
    return frozenset(rows)
