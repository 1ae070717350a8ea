"""A text of Python taken apart by its lines: quick, also where it does not parse, and a few milliseconds for the longest.

Statements are told by where they begin; imports, and blocks such as `if TYPE_CHECKING:`, are parsed one by one. A whole
file is not parsed: that would hold up all else for longer than a menu may wait.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache, partial

from kimi_lsp.project.around.apart import Apart, Chain, Import, Part, Parts
from kimi_lsp.project.python_tree import tree_or_none
from kimi_lsp.text import Lines, Snapshot
from kimi_lsp.text.excerpt import Rows, rows_of

_GOES_ON = re.compile(r"(?:else|elif|except|finally)\b")
_WORD = re.compile(r"[^\W\d]\w*")
_DEFINES = re.compile(r"(?P<kind>(?:async[ \t]+)?def|class)[ \t]+(?P<name>[^\W\d]\w*)")
_GIVES = re.compile(
    r"(?:type[ \t]+)?(?P<names>[^\W\d]\w*(?:[ \t]*,[ \t]*[^\W\d]\w*)*)[ \t]*(?:\[[^\]\n]*\][ \t]*)?(?::(?!=)|=(?!=))"
)
_BLOCKS = {"if", "try", "with", "for", "while"}
_BEGINS = ('"', "'", "@")
_TRIPLES = ('"""', "'''")
_MOST_JOINED = 200
"""Beginnings that may lie in one long string."""
_MOST_PARSED = 20_000
"""Characters of a block that is parsed."""
_MOST_HEAD = 60
"""Lines of a signature."""
_MOST_DOC = 4
"""Lines of documentation that are shown with a signature."""
_NEAR = 3
"""Lines between imports that stand together."""
_OPENS, _CLOSES = "([{", ")]}"


def apart(snapshot: Snapshot) -> Apart:
    """Take a text apart."""
    lines = snapshot.lines
    parts: dict[str, list[Part]] = {}
    imports: dict[str, Import] = {}
    stars: list[Import] = []
    head = (0, 0)
    for rows in _statements(lines, 0, len(lines), ""):
        first = lines.content(rows[0])
        word = _WORD.match(first)
        said = word[0] if word else ""
        if said in ("from", "import"):
            if not head[1] or rows[0] - head[1] <= _NEAR:
                head = (head[0] if head[1] else rows[0], rows[1])
            _import(tree_or_none(rows_of(lines, rows)), imports, stars)
        elif said in _BLOCKS and not first.startswith("if __name__"):
            _block(lines, rows, parts, imports, stars)
        else:
            for part in _parts(lines, rows):
                parts.setdefault(part.name, []).append(part)
    kept = {name: tuple(found) for name, found in parts.items()}
    return Apart(kept, imports, tuple(stars), cache(partial(_members, lines)), head)


def _statements(lines: Lines, first: int, last: int, indent: str) -> Iterator[Rows]:
    """Yield the rows of the statements that begin at an indentation, without blank lines after them."""
    text, depth, places = lines.text, len(indent), lines.starts
    starts = []
    for row in range(first, last):
        at = places[row] + depth
        letter = text[at : at + 1]
        if row == 0 and letter == "\ufeff":
            at, letter = at + 1, text[at + 1 : at + 2]
        if (
            (letter.isidentifier() or letter in _BEGINS)
            and text.startswith(indent, places[row])
            and not _GOES_ON.match(text, at)
        ):
            starts.append(row)
    at = 0
    while at < len(starts):
        end = _end(lines, starts, at, last, indent)
        stop = starts[end] if end < len(starts) else last
        while stop > starts[at] + 1 and _is_bare(lines.content(stop - 1)):
            stop -= 1
        yield starts[at], stop
        at = end


def _end(lines: Lines, starts: list[int], at: int, last: int, indent: str) -> int:
    """Return the number of the beginning that follows a statement: decorators and long strings hold some in between."""
    end = at + 1
    depth = len(indent)
    while end < len(starts) and lines.text.startswith("@", lines.start(starts[end - 1]) + depth):
        end += 1

    def text(to: int) -> str:
        return rows_of(lines, (starts[at], starts[to] if to < len(starts) else last))

    if not _is_odd(text(end)) or (not indent and tree_or_none(text(end)) is not None):
        return end
    for to in range(end + 1, min(len(starts), end + _MOST_JOINED) + 1):
        if not _is_odd(text(to)):
            return to
    return end


def _is_odd(text: str) -> bool:
    return any(text.count(one) % 2 for one in _TRIPLES)


def _is_bare(content: str) -> bool:
    stripped = content.strip()
    return not stripped or stripped.startswith("#")


def _import(tree: ast.AST | None, imports: dict[str, Import], stars: list[Import]) -> None:
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for one in node.names:
                if one.name == "*":
                    stars.append(Import(module))
                else:
                    imports[one.asname or one.name] = Import(module, one.name)
        elif isinstance(node, ast.Import):
            for one in node.names:
                if one.asname:
                    imports[one.asname] = Import(one.name)
                else:
                    top = one.name.partition(".")[0]
                    imports[top] = Import(top)


def _block(
    lines: Lines, rows: Rows, parts: dict[str, list[Part]], imports: dict[str, Import], stars: list[Import]
) -> None:
    """Take in what a block at the top of a file defines or imports."""
    text = rows_of(lines, rows)
    tree = tree_or_none(text) if len(text) <= _MOST_PARSED else None
    waiting: list[ast.stmt] = list(tree.body) if tree else []
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Import | ast.ImportFrom):
            _import(node, imports, stars)
        elif isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
        ):
            own = [one.lineno for one in getattr(node, "decorator_list", ())]
            first = rows[0] + min([node.lineno, *own]) - 1
            for part in _parts(lines, (first, rows[0] + (node.end_lineno or node.lineno))):
                parts.setdefault(part.name, []).append(part)
        else:
            waiting += [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
            for handler in getattr(node, "handlers", ()):
                waiting += handler.body


def _parts(lines: Lines, rows: Rows) -> Iterator[Part]:
    """Yield what a statement defines."""
    row = rows[0]
    while row < rows[1] - 1 and not _DEFINES.match(lines.content(row).lstrip()):
        if not lines.content(rows[0]).lstrip().startswith("@"):
            break
        row += 1
    content = lines.content(row).lstrip("\ufeff \t\f")
    defines = _DEFINES.match(content)
    if defines:
        after = _after_header(lines, row, rows[1])
        bases = _bases(rows_of(lines, (row, after))) if defines["kind"] == "class" else ()
        head = (rows[0], _after_doc(lines, after, rows[1]))
        yield Part(defines["name"], "class" if defines["kind"] == "class" else "function", rows, head, bases)
        return
    gives = _GIVES.match(content)
    if gives:
        head = (rows[0], min(rows[1], rows[0] + _MOST_DOC))
        for name in _WORD.findall(gives["names"]):
            yield Part(name, "name", rows, head)


def _after_header(lines: Lines, row: int, last: int) -> int:
    """Return the row after a header: the first that ends with a colon outside of all brackets."""
    depth = 0
    for at in range(row, min(last, row + _MOST_HEAD)):
        content = lines.content(at)
        depth += sum(map(content.count, _OPENS)) - sum(map(content.count, _CLOSES))
        if depth <= 0 and (":" in content or at > row):
            return at + 1
    return min(last, row + 1)


def _after_doc(lines: Lines, row: int, last: int) -> int:
    """Return the row after the first words of a docstring that begins at a row."""
    start = lines.content(row).strip().lstrip("rRuU") if row < last else ""
    mark = next((one for one in (*_TRIPLES, '"', "'") if start.startswith(one)), "")
    if not mark:
        return row
    if start.find(mark, len(mark)) >= 0:
        return row + 1
    for at in range(row + 1, min(last, row + _MOST_DOC)):
        content = lines.content(at).strip()
        if mark in content:
            return at + 1
        if not content and (at > row + 1 or start != mark):
            return at
    return min(last, row + _MOST_DOC)


def _bases(header: str) -> tuple[Chain, ...]:
    inside = header.partition("(")[2].rpartition(")")[0]
    found = re.findall(r"(?<![\w.=])[^\W\d]\w*(?:\.[^\W\d]\w*)*(?![\w.]*\s*=)", inside)
    return tuple(tuple(one.split(".")) for one in found)


def _members(lines: Lines, part: Part) -> Parts:
    """Return what a class holds: its methods, fields and inner classes."""
    row, last = part.head[0], part.rows[1]
    while row < last and not _DEFINES.match(lines.content(row).lstrip()):
        row += 1
    row = _after_header(lines, row, last)
    while row < last and _is_bare(lines.content(row)):
        row += 1
    if part.kind != "class" or row >= last:
        return {}
    content = lines.content(row)
    indent = content[: len(content) - len(content.lstrip(" \t"))]
    found: dict[str, list[Part]] = {}
    for rows in _statements(lines, row, last, indent) if indent else ():
        for one in _parts(lines, rows):
            found.setdefault(one.name, []).append(one)
    return {name: tuple(parts) for name, parts in found.items()}
