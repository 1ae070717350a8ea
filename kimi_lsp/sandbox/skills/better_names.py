"""Better names: of Python's local names, where what they hold is written beside them; nothing is guessed."""

import ast
import builtins
import re
from collections.abc import Iterator

from kimi_lsp.sandbox.document import Document, Scope
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.skills.outcome import Outcome

_NAMED = re.compile(r"`([^\W\d]\w*)`(?:\s+(?:to|as|into|->|→)\s+`([^\W\d]\w*)`)?")
_SHORT = 2
"""Characters of a name that says nothing by itself."""


def rename(document: Document, selection: tuple[int, int] | None, instruction: str) -> Outcome:
    """Rename what the instruction quotes, else the short local names of the innermost function at the selection."""
    if document.tree is None:
        return Outcome("The text that is shown does not parse, so its names cannot be told apart.")
    scope = next((one for one in document.scopes_at(selection) if not isinstance(one, ast.ClassDef)), None)
    if scope is None:
        return Outcome("There is no function whose names could be changed.")
    asked = dict(_NAMED.findall(instruction))
    taken = set(re.findall(r"\w+", document.text)) | set(dir(builtins))
    # Callers may give a parameter by its name.
    given = {one.arg for one in ast.walk(scope) if isinstance(one, ast.arg)}
    names: dict[str, str] = {}
    for old, said in _told(scope):
        wanted = asked.get(old, "") if asked else ""
        new = wanted or said
        meant = old in asked if asked else len(old) <= _SHORT
        free = new.isidentifier() and new not in taken and new not in names.values()
        if meant and free and old not in names and old not in given:
            names[old] = new
    if not names:
        return Outcome("There is no local name for which the code itself says a better one.")
    changes = tuple(_changed(document, scope, names))
    told = ", ".join(f"`{old}` is `{new}`" for old, new in names.items())
    return Outcome(
        f"Renamed: {told}.", changes, {"names": [{"old": old, "new": new} for old, new in names.items()]}
    )


def _told(scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield local names with what the code says of them."""
    for node in ast.walk(scope):
        match node:
            case (
                ast.For(target=ast.Name(id=old), iter=ast.Name(id=many))
                | ast.comprehension(target=ast.Name(id=old), iter=ast.Name(id=many))
            ):
                yield old, many.removesuffix("s") if many.endswith("s") else f"one_of_{many}"
            case ast.Assign(targets=[ast.Name(id=old)], value=ast.Call(func=ast.Name(id=made))):
                yield old, f"{made.lower()}_result"
            case ast.Assign(targets=[ast.Name(id=old)], value=ast.Attribute(attr=made)):
                yield old, made
            case ast.Assign(targets=[ast.Name(id=old)]):
                yield old, ""


def _changed(document: Document, scope: Scope, names: dict[str, str]) -> Iterator[LineChange]:
    places: dict[int, list[tuple[int, str]]] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id in names:
            row = node.lineno - 1
            places.setdefault(row, []).append((document.column(row, node.col_offset), node.id))
    for row, found in sorted(places.items()):
        line = document.lines[row]
        for column, old in sorted(found, reverse=True):
            line = line[:column] + names[old] + line[column + len(old) :]
        yield LineChange(row, row + 1, (line,))
