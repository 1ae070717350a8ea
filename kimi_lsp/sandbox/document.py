r"""The file as the skills work on it: its lines, its syntax tree, and places in both.

Rows count from 0 within the part that is shown. Lines end at \n, \r\n and \r only, as in editors and in Python.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r)|([^\r\n]+)\Z")
_BOM = "\ufeff"
_TRIES = 20
"""At a tree; the other thread is done, or past the place where they meet, after one or two."""

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Document:
    """A file or a part of one."""

    path: str
    language: str
    lines: tuple[str, ...]
    """Without their ends, and without a byte order mark."""
    ends: tuple[str, ...]
    mark: str
    """The byte order mark, or nothing."""
    first: int
    """The number, from 1, that the first line has in the whole file."""

    @classmethod
    def of(cls, path: str, language: str, text: str, first: int = 1) -> "Document":
        """Split a text."""
        mark = _BOM if text.startswith(_BOM) else ""
        found = _LINE.findall(text.removeprefix(_BOM))
        lines = tuple(line or last for line, _, last in found)
        return cls(path, language, lines, tuple(end for _, end, _ in found), mark, first)

    @cached_property
    def text(self) -> str:
        """The text as it came."""
        return self.mark + "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree, or None where the text is not Python as it stands."""
        return parse(self.lines) if self.language == "python" else None

    @property
    def starts_at_the_top(self) -> bool:
        """Whether the head of the file is shown."""
        return self.first == 1

    def row(self, number: int) -> int | None:
        """Return the row of a line's number in the whole file, or None where that line is not shown."""
        row = number - self.first
        return row if 0 <= row < len(self.lines) else None

    def column(self, row: int, byte: int) -> int:
        """Turn the tree's column, which counts UTF-8 bytes, into one of characters."""
        return len(self.lines[row].encode()[:byte].decode(errors="ignore"))

    def source(self, node: ast.expr | ast.stmt) -> str | None:
        """Return what a node is written as, or None where it takes more than one line."""
        if node.end_lineno != node.lineno or node.end_col_offset is None:
            return None
        row = node.lineno - 1
        return self.lines[row][self.column(row, node.col_offset) : self.column(row, node.end_col_offset)]

    def indent(self, row: int) -> str:
        """Return the white space that a line starts with."""
        line = self.lines[row]
        return line[: len(line) - len(line.lstrip(" \t\f"))]

    def scopes(self) -> Iterator[Scope]:
        """Yield all functions and classes in the order of their first lines."""
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, Scope)] if self.tree else []
        yield from sorted(nodes, key=lambda node: node.lineno)

    def scopes_at(self, selection: tuple[int, int] | None) -> list[Scope]:
        """Return what a selection means: the scopes around it, innermost first, else those that start in it.

        Without a selection all of them are meant.
        """
        if selection is None:
            return list(self.scopes())
        low, high = selection[0] - self.first + 1, selection[1] - self.first + 1
        around = [
            node
            for node in self.scopes()
            if first_line(node) <= low and high <= (node.end_lineno or node.lineno)
        ]
        return around[::-1] or [node for node in self.scopes() if low <= node.lineno <= high]

    def body_top(self, node: Scope) -> int | None:
        """Return the row where a first line of a body can be put in, or None where the body has no line of its own."""
        row = first_line(node.body[0]) - 1
        if self.lines[row][: self.column(row, node.body[0].col_offset)].strip(" \t\f@"):
            return None
        while row > node.lineno and (
            not self.lines[row - 1].strip() or self.lines[row - 1].lstrip().startswith("#")
        ):
            row -= 1
        return row


def first_line(node: ast.stmt) -> int:
    """Return the number of the line where a statement starts, decorators included."""
    decorators = node.decorator_list if isinstance(node, Scope) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def docstring(node: Scope | ast.Module) -> ast.Expr | None:
    """Return the statement that is a scope's docstring."""
    top = node.body[0] if node.body else None
    if isinstance(top, ast.Expr) and isinstance(top.value, ast.Constant) and isinstance(top.value.value, str):
        return top
    return None


def parse(lines: tuple[str, ...] | list[str]) -> ast.Module | None:
    """Parse lines as Python, or return None where they are not."""
    tree = syntax_error(lines)
    return tree if isinstance(tree, ast.Module) else None


def syntax_error(lines: tuple[str, ...] | list[str]) -> ast.Module | SyntaxError:
    """Parse lines as Python, or return the first error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _tree("\n".join(lines) + "\n")
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError) as error:
            return SyntaxError(str(error))


def _tree(text: str) -> ast.Module:
    # CPython 3.11 counts nesting for all threads together, so another one that parses may disturb this one.
    for _ in range(_TRIES):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)
