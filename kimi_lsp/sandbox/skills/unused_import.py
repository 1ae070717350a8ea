"""Fix: an unused import is taken out, the rest of its statement stays."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.reader import Problem
from kimi_lsp.sandbox.skills.outcome import Outcome

SUBJECT = "an unused import"

_WORDING = re.compile(
    r"imported but unused|unused import|^(?:import )?\W[\w.]+\W is not accessed|unused .* imported",
    re.IGNORECASE,
)
_NAME = re.compile(r"""[`'"‘“]([\w.]+)(?: as (\w+))?[`'"’”]|unused (?:import )?([\w.]+)""", re.IGNORECASE)
_Import = ast.Import | ast.ImportFrom


def concerns(problem: Problem) -> bool:
    """Tell whether a checker complains of an unused import."""
    codes = ("F401", "W0611", "unused-import", "reportUnusedImport")
    return problem.is_one_of(*codes) or _WORDING.search(problem.message) is not None


def repair(document: Document, problems: Sequence[Problem]) -> Outcome:
    """Take out every import that the problems name."""
    if document.tree is None:
        return Outcome("The text that is shown does not parse, so the import cannot be told from other text.")
    changes: list[LineChange] = []
    kept: list[str] = []
    gone: Counter[int] = Counter()
    for block, node in _imports(document.tree):
        unused = [
            alias
            for alias in node.names
            if any(_names(problem, node, alias, document) for problem in problems)
        ]
        if not unused:
            continue
        gone[id(block[1])] += len(unused) == len(node.names)
        found = _without(document, block, node, unused, gone[id(block[1])])
        if isinstance(found, str):
            kept.append(found)
        else:
            changes += found
    if not changes:
        reason = f"No import that the checker names stands on line {problems[0].line}."
        return Outcome(" ".join(kept) or reason)
    return Outcome(" ".join(["Removed what is imported but not used.", *kept]), tuple(changes))


def _imports(tree: ast.Module) -> Iterator[tuple[tuple[ast.AST, list[ast.stmt]], _Import]]:
    """Yield each import with the node and the block that it stands in."""
    for parent in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            found = getattr(parent, name, None)
            block: list[ast.stmt] = found if isinstance(found, list) else []
            for node in block:
                if isinstance(node, _Import):
                    yield (parent, block), node


def _names(problem: Problem, node: _Import, alias: ast.alias, document: Document) -> bool:
    row = document.row(problem.line)
    if row is None or not node.lineno <= row + 1 <= (node.end_lineno or node.lineno):
        return False
    match = _NAME.search(problem.message)
    if match is None:
        return len(node.names) == 1
    named = match[1] or match[3]
    module = f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else ""
    full = f"{module}{'' if module.endswith('.') else '.'}{alias.name}"
    return named in (alias.asname, alias.name, full, full.lstrip(".")) or (
        alias.asname is None and isinstance(node, ast.Import) and alias.name.startswith(f"{named}.")
    )


def _without(
    document: Document,
    block: tuple[ast.AST, list[ast.stmt]],
    node: _Import,
    unused: Sequence[ast.alias],
    gone: int,
) -> list[LineChange] | str:
    """Return the changes, or the reason why there are none; `gone` statements of the block are not to stay."""
    parent, statements = block
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    lines = document.lines[first : last + 1]
    head = lines[0][: document.column(first, node.col_offset)]
    tail = lines[-1][document.column(last, node.end_col_offset or 0) :].strip()
    if head.strip() or (tail and not tail.startswith("#")):
        return "The import shares its line with other code."
    left = [alias for alias in node.names if alias not in unused]
    if left:
        return _rest(document, node, unused, left, tail)
    if len(statements) > gone or isinstance(parent, ast.Module):
        end = last + 1
        if not any(line.strip() for line in document.lines[:first]):
            while end < len(document.lines) and not document.lines[end].strip():
                end += 1
        return [LineChange(first, end, ())]
    if isinstance(parent, ast.Try):
        return "The import is all that its `try` does, perhaps to find out whether the module is there."
    return [LineChange(first, last + 1, (f"{head}pass",))]


def _rest(
    document: Document, node: _Import, unused: Sequence[ast.alias], left: Sequence[ast.alias], tail: str
) -> list[LineChange] | str:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    head = document.indent(first)
    if first == last:
        kept = ast.unparse(_copy(node, left))
        return [LineChange(first, last + 1, (f"{head}{kept}{'  ' + tail if tail else ''}",))]
    rows = [alias.lineno - 1 for alias in node.names]
    if len(set(rows)) == len(rows) and first not in rows and last not in rows:
        return [LineChange(alias.lineno - 1, alias.lineno, ()) for alias in unused]
    if any("#" in line for line in document.lines[first : last + 1]):
        return "The import has comments between its names."
    kept = ast.unparse(_copy(node, left))
    if isinstance(node, ast.ImportFrom) and len(head + kept) > 88:
        lead = kept.partition(" import ")[0]
        names = [f"{head}    {ast.unparse(alias)}," for alias in left]
        return [LineChange(first, last + 1, (f"{head}{lead} import (", *names, f"{head})"))]
    return [LineChange(first, last + 1, (head + kept,))]


def _copy(node: _Import, names: Sequence[ast.alias]) -> _Import:
    if isinstance(node, ast.Import):
        return ast.Import(names=list(names))
    return ast.ImportFrom(module=node.module, names=list(names), level=node.level)
