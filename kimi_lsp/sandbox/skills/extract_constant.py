"""Refactoring: a literal that is repeated becomes a constant of the module."""

import ast
import re
from collections.abc import Iterator

from kimi_lsp.sandbox.document import Document, docstring
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.skills.outcome import Outcome

SUBJECT = "a repeated literal to a constant"
WORDS = re.compile(r"constant|literal|magic (?:number|string|value)|repeated|duplicat", re.IGNORECASE)

_GIVEN_NAME = re.compile(r"\b[A-Z][A-Z0-9]*_?[A-Z0-9_]+\b")
_TOO_COMMON = (0, 1, -1, 2, "", " ")


def rework(document: Document, selection: tuple[int, int] | None, instruction: str) -> Outcome:
    """Name the literal that occurs most often, of those in the selection where there is one."""
    tree = document.tree
    if tree is None or not document.starts_at_the_top:
        return Outcome("Without the head of a file that parses there is no place for a constant.")
    top = _below_imports(document, tree)
    found: dict[tuple[type, object], list[ast.Constant]] = {}
    for node in _literals(document, tree):
        if node.lineno - 1 >= top:
            found.setdefault((type(node.value), node.value), []).append(node)
    repeated = [nodes for nodes in found.values() if len(nodes) > 1]
    if selection is not None:
        low, high = selection
        repeated = [nodes for nodes in repeated if any(low <= node.lineno <= high for node in nodes)]
    if not repeated:
        return Outcome("No literal there occurs more than once.")
    chosen = max(repeated, key=lambda nodes: (len(nodes), -nodes[0].lineno, -nodes[0].col_offset))
    name = _name(document, instruction, chosen[0].value)
    literal = document.source(chosen[0]) or repr(chosen[0].value)
    changes = [_definition(document, top, f"{name} = {literal}")]
    for row in sorted({node.lineno - 1 for node in chosen}):
        line = document.lines[row]
        for node in sorted((n for n in chosen if n.lineno - 1 == row), key=lambda n: -n.col_offset):
            start, end = (document.column(row, byte or 0) for byte in (node.col_offset, node.end_col_offset))
            line = line[:start] + _spaced(line[:start], name, line[end:]) + line[end:]
        changes.append(LineChange(row, row + 1, (line,)))
    return Outcome(f"Named the literal {literal} `{name}`; it occurred {len(chosen)} times.", tuple(changes))


def _literals(document: Document, tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the literals that a name can stand for, in the order of the text."""
    barred: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            barred.update(map(id, [node.value]))
        elif isinstance(node, ast.JoinedStr | ast.MatchValue) or _is_type(node):
            barred.update(id(inner) for inner in ast.walk(node))
        elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            barred.update(id(inner) for inner in ast.walk(node.annotation))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            barred.update(id(inner) for inner in ast.walk(node.returns))
    literals = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and id(node) not in barred
        and isinstance(node.value, str | bytes | int | float)
        and not isinstance(node.value, bool)
        and node.value not in _TOO_COMMON
        and _is_one_token(document.source(node))
    ]
    yield from sorted(literals, key=lambda node: (node.lineno, node.col_offset))


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] in (
        "Literal",
        "Annotated",
    )


def _is_one_token(written: str | None) -> bool:
    return written is not None and re.fullmatch(r"\w*(['\"])(?:\\.|(?!\1).)*\1|[\w.]+", written) is not None


def _name(document: Document, instruction: str, value: object) -> str:
    """Return the name that the instruction gives, else one made of the value; never one that occurs already."""
    taken = set(re.findall(r"\w+", document.text))
    given: list[str] = _GIVEN_NAME.findall(instruction)
    free = next((word for word in given if word not in taken), None)
    if free is not None:
        return free
    words = re.sub(r"[^A-Za-z0-9]+", "_", value if isinstance(value, str) else f"VALUE_{value}")
    name = words.strip("_").upper()[:40].rstrip("_") or "TEXT"
    if not name[0].isalpha():
        name = f"TEXT_{name}"
    number = 1
    while (f"{name}_{number}" if number > 1 else name) in taken:
        number += 1
    return f"{name}_{number}" if number > 1 else name


def _below_imports(document: Document, tree: ast.Module) -> int:
    row = 0
    for node in tree.body:
        if node is not docstring(tree) and not isinstance(node, ast.Import | ast.ImportFrom):
            break
        row = node.end_lineno or node.lineno
    while row == 0 and tree.body and row < len(document.lines) and document.lines[row].startswith("#"):
        row += 1
    return row


def _definition(document: Document, row: int, line: str) -> LineChange:
    before = [""] if row else []
    after = [] if row < len(document.lines) and not document.lines[row].strip() else ["", ""]
    return LineChange(row, row, (*before, line, *after))


def _spaced(before: str, name: str, after: str) -> str:
    """Return the name with blanks where it would grow together with a word beside it (`return"x"`)."""
    left = " " if before[-1:].isalnum() or before[-1:] == "_" else ""
    return f"{left}{name}{' ' if after[:1].isalnum() or after[:1] == '_' else ''}"
