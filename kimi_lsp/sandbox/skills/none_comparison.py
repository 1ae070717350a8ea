"""Fix: `== None` and `!= None` become `is None` and `is not None`."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.reader import Problem
from kimi_lsp.sandbox.skills.outcome import Outcome

SUBJECT = "a comparison with None"

_WORDING = re.compile(r"comparison\W.*\bNone\b", re.IGNORECASE)
_WORDS = {"==": "is", "!=": "is not"}


def concerns(problem: Problem) -> bool:
    """Tell whether a checker complains of a comparison with None by `==` or `!=`."""
    return problem.is_one_of("E711") or _WORDING.search(problem.message) is not None


def repair(document: Document, problems: Sequence[Problem]) -> Outcome:
    """Change every such comparison on the lines of the problems."""
    if document.tree is None:
        return Outcome(
            "The text that is shown does not parse, so the comparison cannot be told from other text."
        )
    rows = {row for problem in problems if (row := document.row(problem.line)) is not None}
    places: dict[int, list[tuple[int, str]]] = {}
    for row, column, operator in _operators(document, document.tree):
        places.setdefault(row, []).append((column, operator))
    changes: list[LineChange] = []
    for row in sorted(rows & places.keys()):
        line = document.lines[row]
        for column, operator in sorted(places[row], reverse=True):
            head, tail = line[:column], line[column + len(operator) :]
            before = "" if head[-1:].isspace() or not head else " "
            line = head + before + _WORDS[operator] + ("" if tail[:1].isspace() else " ") + tail
        changes.append(LineChange(row, row + 1, (line.rstrip() if not tail else line,)))
    if not changes:
        return Outcome(f"Line {problems[0].line} has no comparison with None by == or !=.")
    return Outcome("Compared with None by identity.", tuple(changes))


def rows(document: Document) -> set[int]:
    """Return the rows that have such a comparison."""
    return {row for row, _, _ in _operators(document, document.tree)} if document.tree else set()


def _operators(document: Document, tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and spelling of each `==` or `!=` that has None on one side."""
    text = "\n".join(document.lines) + "\n"
    tokens = [
        token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.string in _WORDS
    ]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.Eq | ast.NotEq) and (_is_none(left) or _is_none(right)):
                low = _place(document, left.end_lineno, left.end_col_offset)
                high = _place(document, right.lineno, right.col_offset)
                for token in tokens:
                    if low <= (token.start[0] - 1, token.start[1]) < high:
                        yield token.start[0] - 1, token.start[1], token.string
            left = right


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _place(document: Document, number: int | None, byte: int | None) -> tuple[int, int]:
    row = (number or 1) - 1
    return row, document.column(row, byte or 0)
