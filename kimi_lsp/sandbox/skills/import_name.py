"""Fix: an undefined name that belongs to the standard library is imported.

A module is imported only where the name is used as one (`os.path`), so that a mistyped variable is left alone.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from kimi_lsp.sandbox.document import Document, docstring, first_line
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.reader import Problem
from kimi_lsp.sandbox.skills.known_names import DATETIME_METHODS, KNOWN, MODULES
from kimi_lsp.sandbox.skills.outcome import Outcome

SUBJECT = "an undefined name of the standard library"

_CODES = ("F821", "E0602", "undefined-variable", "reportUndefinedVariable", "name-defined")
_WORDING = re.compile(r"undefined (?:name|variable)|\bis not defined", re.IGNORECASE)
_NAME = re.compile(r"""[`'"‘“](\w+)[`'"’”]|undefined (?:name|variable):? (\w+)""", re.IGNORECASE)
_CODING = re.compile(r"[ \t\f]*#(?:!|.*?coding[:=])")
_LINE_LIMIT = 88
_Import = ast.Import | ast.ImportFrom


def concerns(problem: Problem) -> bool:
    """Tell whether a checker complains of an undefined name."""
    return problem.is_one_of(*_CODES) or _WORDING.search(problem.message) is not None


def homeless(document: Document, problems: Sequence[Problem]) -> list[str]:
    """Return the undefined names whose module is not known without a look around."""
    names = dict.fromkeys(_undefined(problem) for problem in problems if concerns(problem))
    tree = document.tree
    return [name for name in names if tree and name and _home(tree, name, {}) == (None, None)]


def repair(
    document: Document, problems: Sequence[Problem], found: Mapping[str, str] = MappingProxyType({})
) -> Outcome:
    """Import every name of the problems that is known; `found` gives the modules of others."""
    if document.tree is None or not document.starts_at_the_top:
        return Outcome("Without the head of a file that parses there is no place for an import.")
    wanted: dict[str, list[str]] = {}
    unknown: list[str] = []
    for name in dict.fromkeys(_undefined(problem) for problem in problems):
        module, member = _home(document.tree, name, found)
        if module is None:
            unknown.append(f"`{name}`")
        elif member is None:
            wanted[module] = []
        else:
            wanted.setdefault(f"from {module}", []).append(member)
    refused = f" It does not know where {', '.join(unknown)} comes from." if unknown else ""
    if not wanted:
        return Outcome(refused.strip())
    changes = _placed(document, document.tree, wanted)
    new = ", ".join(f"`{_statement(key, names)}`" for key, names in wanted.items())
    return Outcome(f"Added {new}.{refused}", tuple(changes))


def _undefined(problem: Problem) -> str:
    match = _NAME.search(problem.message)
    return (match[1] or match[2]) if match else ""


def _home(tree: ast.Module, name: str, found: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the module of a name, and the name within it unless it is the module itself."""
    if name in found:
        return found[name], name
    used_with = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }
    called = any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(tree)
    )
    if name in KNOWN:
        return KNOWN[name], name
    if name == "datetime" and (called or used_with & DATETIME_METHODS):
        return (None, None) if used_with - DATETIME_METHODS else ("datetime", "datetime")
    if name in MODULES and used_with and not called:
        return name, None
    return None, None


def _statement(key: str, names: Sequence[str]) -> str:
    return f"{key} import {', '.join(sorted(names))}" if names else f"import {key}"


def _placed(document: Document, tree: ast.Module, wanted: Mapping[str, list[str]]) -> list[LineChange]:
    group = _first_group(document, tree)
    changes: list[LineChange] = []
    new: list[tuple[tuple[bool, str], str]] = []
    for key, names in wanted.items():
        longer = next((change for node in group for change in _extended(document, node, key, names)), None)
        if longer:
            changes.append(longer)
        else:
            new.append(((bool(names), key.removeprefix("from ")), _statement(key, names)))
    new.sort()
    if new and group and all(_order(node)[1].partition(".")[0] in MODULES for node in group):
        for order, line in new:
            before = next((node for node in group if _order(node) > order), None)
            row = before.lineno - 1 if before else group[-1].end_lineno or group[-1].lineno
            changes.append(LineChange(row, row, (line,)))
    elif new:
        changes.append(_own_block(document, tree, [line for _, line in new], above=group))
    return _gathered(changes)


def _first_group(document: Document, tree: ast.Module) -> list[_Import]:
    """Return the first imports of the module that follow each other without a line between them."""
    group: list[_Import] = []
    for node in _after_head(tree):
        if not isinstance(node, _Import) or (group and node.lineno != (group[-1].end_lineno or 0) + 1):
            break
        group.append(node)
    return group


def _after_head(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the module's statements after its docstring and its `__future__` imports."""
    for node in tree.body:
        if node is not docstring(tree) and not _is_future(node):
            yield node


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _order(node: _Import) -> tuple[bool, str]:
    if isinstance(node, ast.Import):
        return False, node.names[0].name
    return True, "." * node.level + (node.module or "")


def _extended(document: Document, node: _Import, key: str, names: Sequence[str]) -> Iterator[LineChange]:
    """Yield the statement with more names, where it imports from the same module and is written on one line."""
    if not isinstance(node, ast.ImportFrom) or node.level or key != f"from {node.module}":
        return
    row = node.lineno - 1
    written = [alias.name for alias in node.names]
    if (
        document.lines[row].strip() != ast.unparse(node)
        or "*" in written
        or any(a.asname for a in node.names)
    ):
        return
    longer = f"{key} import {', '.join(sorted({*written, *names}))}"
    if len(longer) <= _LINE_LIMIT:
        yield LineChange(row, row + 1, (longer,))


def _own_block(
    document: Document, tree: ast.Module, lines: Sequence[str], above: Sequence[_Import]
) -> LineChange:
    """Return the imports as a block of their own, with blank lines around it."""
    head = [node for node in tree.body if node is docstring(tree) or _is_future(node)]
    if above:
        row = above[0].lineno - 1
        return LineChange(row, row, (*lines, ""))
    row = (head[-1].end_lineno or head[-1].lineno) if head else _below_comments(document)
    before = [""] if row > 0 and document.lines[row - 1].strip() else []
    if before and not head and _CODING.match(document.lines[row - 1]):
        before = []
    follower = next(_after_head(tree), None)
    after: list[str] = []
    if row < len(document.lines) and document.lines[row].strip():
        is_scope = isinstance(follower, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        at_follower = follower is not None and first_line(follower) - 1 == row
        after = ["", ""] if is_scope and at_follower else [""]
    return LineChange(row, row, (*before, *lines, *after))


def _below_comments(document: Document) -> int:
    """Return the row after a shebang, a coding line, and a head of comments that a blank line closes."""
    row = 0
    while row < min(2, len(document.lines)) and _CODING.match(document.lines[row]):
        row += 1
    end = row
    while end < len(document.lines) and document.lines[end].startswith("#"):
        end += 1
    closed = end < len(document.lines) and not document.lines[end].strip()
    row = end if closed else row
    while row and row < len(document.lines) and not document.lines[row].strip():
        row += 1
    return row


def _gathered(changes: Sequence[LineChange]) -> list[LineChange]:
    """Join what goes in at the same place, and names added to the same statement."""
    rows: dict[tuple[int, int], list[str]] = {}
    for change in changes:
        rows.setdefault((change.start, change.end), []).extend(change.lines)
    return [LineChange(start, end, tuple(lines)) for (start, end), lines in rows.items()]
