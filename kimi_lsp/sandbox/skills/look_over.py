"""Review: what the sandbox can find by itself, each with the edit that one of its other skills makes of it.

Found in the syntax tree and never guessed; in JavaScript and TypeScript a forgotten `debugger` is all that it knows.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kimi_lsp.sandbox.document import Document, parse
from kimi_lsp.sandbox.edit import Edit, LineChange, applied, combined, edits
from kimi_lsp.sandbox.reader import Problem
from kimi_lsp.sandbox.skills import (
    bare_except,
    guard_clauses,
    mutable_default,
    none_comparison,
    unused_import,
)
from kimi_lsp.sandbox.skills.outcome import Outcome, Repair

SUBJECT = "unused imports, bare excepts, comparisons with None, mutable defaults, nested ifs; in JavaScript `debugger`"

_DEBUGGER = re.compile(r"[ \t]*debugger[ \t]*;?[ \t]*")
_SCRIPTS = ("javascript", "javascriptreact", "typescript", "typescriptreact")


@dataclass(frozen=True, slots=True)
class Found:
    """One place, why it is worth a change, and the change."""

    row: int
    reason: str
    changes: tuple[LineChange, ...]


def look_over(
    document: Document, selection: tuple[int, int] | None, changed: frozenset[int] | None
) -> list[dict[str, object]]:
    """Return suggestions about what is selected and, where lines are named that changed, about those only."""
    found = [*_python(document), *_script(document)]
    suggestions: list[dict[str, object]] = []
    for one in sorted(found, key=lambda found: found.row):
        number = one.row + document.first
        meant = selection is None or selection[0] <= number <= selection[1]
        if meant and (changed is None or number in changed):
            made = _made(document, one.changes)
            suggestions += [{"reason": f"{one.reason} (sandbox)", "edits": made}] if made else []
    return suggestions


def _made(document: Document, changes: Sequence[LineChange]) -> list[Edit]:
    kept, left_out = combined(changes)
    if left_out or (document.tree is not None and parse(applied(document, kept)) is None):
        return []
    return edits(document, kept)


def _python(document: Document) -> Iterator[Found]:
    tree = document.tree
    if tree is None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield from _repaired(
                document, bare_except, node.lineno, "E722", "A bare except also catches an interruption"
            )
    for row in sorted(none_comparison.rows(document)):
        yield from _repaired(
            document,
            none_comparison,
            row + 1,
            "E711",
            "A class may say what `==` None means; compare by `is`",
        )
    for line, name in _unused(tree):
        # Each name by itself: two of one statement are two suggestions about the same line.
        message = f"`{name}` imported but unused"
        yield from _repaired(
            document, unused_import, line, "F401", f"`{name}` is imported but not used", message
        )
    for line, column in mutable_default.places(document):
        reason = "All calls share this mutable default"
        yield from _repaired(document, mutable_default, line, "B006", reason, column=column)
    for scope in document.scopes():
        at = scope.lineno - 1 + document.first
        outcome = guard_clauses.rework(document, (at, at), "")
        if outcome.changes and f"`{scope.name}`" in outcome.said:
            yield Found(
                scope.lineno - 1, f"The nested ifs of `{scope.name}` can leave early", outcome.changes
            )


def _repaired(
    document: Document, skill: Repair, line: int, code: str, reason: str, message: str = "", column: int = 1
) -> Iterator[Found]:
    """Yield what a skill makes of a problem at a line of the document, which counts from 1."""
    outcome: Outcome = skill.repair(document, [Problem(line - 1 + document.first, column, message, (code,))])
    if outcome.changes:
        yield Found(line - 1, reason, outcome.changes)


def _unused(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of each import at the top of the module that nothing in it uses."""
    if any(_exports(node) for node in tree.body):
        return
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    # A name in a string may be an annotation that is read later.
    words = {
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in re.findall(r"\w+", node.value)
    }
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) or getattr(node, "module", "") == "__future__":
            continue
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            again = alias.asname is not None and alias.asname == alias.name
            if bound != "*" and not again and bound not in used | words:
                yield node.lineno, alias.asname or alias.name


def _exports(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _script(document: Document) -> Iterator[Found]:
    if document.language not in _SCRIPTS:
        return
    for row, line in enumerate(document.lines):
        if _DEBUGGER.fullmatch(line):
            yield Found(row, "A `debugger` was left behind", (LineChange(row, row + 1, ()),))
