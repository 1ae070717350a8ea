"""Refactoring: a function or class gets a docstring with what its signature and its body show, and nothing more."""

import ast
import re

from kimi_lsp.sandbox.document import Document, Scope, docstring
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.skills.outcome import Outcome
from kimi_lsp.sandbox.skills.signature import parameters, raised

SUBJECT = "a docstring"
WORDS = re.compile(r"doc-?string|document(?:ation)?\b", re.IGNORECASE)


def rework(document: Document, selection: tuple[int, int] | None, _instruction: str) -> Outcome:
    """Write a docstring for the innermost function or class at the selection."""
    if document.tree is None:
        return Outcome("The text that is shown does not parse, so the signature cannot be read.")
    for scope in document.scopes_at(selection):
        if docstring(scope) is not None:
            if selection is None:
                continue
            return Outcome(f"`{scope.name}` has a docstring already.")
        change = _change(document, scope)
        if change is None:
            return Outcome(f"`{scope.name}` has its body on the line of its header.")
        return Outcome(f"Wrote a docstring for `{scope.name}`.", (change,))
    return Outcome("There is no function or class without a docstring.")


def document(document: Document, selection: tuple[int, int] | None) -> Outcome:
    """Write a docstring for every function and class that is selected and has none, else for the one around."""
    if document.tree is None:
        return Outcome("The text that is shown does not parse, so no signature can be read.")
    low, high = selection or (document.first, document.first + len(document.lines) - 1)
    inside = [one for one in document.scopes() if low <= one.lineno + document.first - 1 <= high]
    bare = [one for one in inside or document.scopes_at(selection)[:1] if docstring(one) is None]
    made = [(one.name, change) for one in bare if (change := _change(document, one)) is not None]
    if not made:
        return Outcome("There is no function or class without a docstring.")
    names = ", ".join(f"`{name}`" for name, _ in made)
    count = "a docstring" if len(made) == 1 else f"{len(made)} docstrings"
    return Outcome(f"Wrote {count}: {names}.", tuple(change for _, change in made))


def _change(document: Document, scope: Scope) -> LineChange | None:
    row = document.body_top(scope)
    if row is None:
        return None
    indent = document.indent(scope.body[0].lineno - 1)
    return LineChange(row, row, tuple(indent + line if line else "" for line in _text(scope)))


def _text(scope: Scope) -> list[str]:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", " ", scope.name).strip().lower() or scope.name
    head = f'"""{words[:1].upper()}{words[1:]} (drafted by the sandbox from the signature).'
    facts: list[str] = []
    if not isinstance(scope, ast.ClassDef):
        names = [name for name in parameters(scope) if name not in ("self", "cls")]
        facts += [f"Parameters: {', '.join(names)}."] if names else []
        facts += [f"Raises: {', '.join(raised(scope))}."] if raised(scope) else []
    return [head, "", *facts, '"""'] if facts else [f'{head}"""']
