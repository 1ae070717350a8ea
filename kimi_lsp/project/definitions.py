"""Where a name is defined in a text, and what a text defines, as lines with names.

What a parser knows counts; for constants, and for languages without a parser, it is the words of a declaration.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from kimi_lsp.project import python_tree
from kimi_lsp.project.outline import Scope, outline
from kimi_lsp.text import Lines, Snapshot

_NAME = re.compile(r"[^\W\d][\w$]*")
_VALUES = "const|let|var|val|static|type|namespace|macro_rules!"
_WORDS = (
    _VALUES + "|async|def|defp|fn|func|fun|function|sub|proc|class|struct|enum|union|interface|trait|module|"
    "object|record|protocol|typedef|define"
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that a text defines."""

    line: int
    """From 1: the line on which the name itself stands."""
    kind: str
    """`function`, `class` or `name`."""
    name: str
    """With what holds it, for example `Cart.total`."""


def defined(snapshot: Snapshot) -> tuple[Definition, ...] | None:
    """Return the functions and classes of a text in order, or None where there is no parser for its language."""
    scopes = outline(snapshot.text, snapshot.language)
    return None if scopes is None else tuple(_named(snapshot, scopes))


def places(snapshot: Snapshot, name: str) -> tuple[Definition, ...]:
    """Return where a text defines a name, in order. `Cart.total` (or `Cart::total`) is the `total` of a `Cart`."""
    parts = _NAME.findall(name)
    if not parts or parts[-1] not in snapshot.text:
        return ()
    if snapshot.language == "python" and not _may_define(snapshot.text, parts[-1]):
        return ()
    wanted = f".{'.'.join(parts)}"
    known = defined(snapshot)
    found = {one.line: one for one in known or () if f".{one.name}".endswith(wanted)}
    for line in _declared(snapshot, parts[-1], parsed=known is not None) if len(parts) == 1 else ():
        found.setdefault(line, Definition(line, "name", parts[-1]))
    return tuple(found[line] for line in sorted(found))


def _may_define(text: str, name: str) -> bool:
    """Tell whether Python may define a name, by the words alone: parsing every file that says it would take long."""
    word = re.escape(name)
    stated = rf"\b(?:def|class)[ \t]+{word}(?!\w)|^[^#\r\n]*(?<![\w.]){word}(?!\w)[^=\r\n(]*[=:]"
    return re.search(stated, text, re.MULTILINE) is not None


def _named(snapshot: Snapshot, scopes: tuple[Scope, ...]) -> Iterator[Definition]:
    around: list[Scope] = []
    for scope in scopes:
        while around and scope.span.end > around[-1].span.end:
            around.pop()
        around.append(scope)
        at = _word(snapshot.text, scope.name, scope.span.start, scope.span.end)
        line = snapshot.lines.line_at(scope.span.start if at is None else at) + 1
        yield Definition(line, scope.kind, ".".join(one.name for one in around))


def _word(text: str, word: str, start: int, end: int) -> int | None:
    """Return where a scope's name stands; decorators and comments in front of it rarely hold the same word."""
    declared = re.compile(rf"\b(?:{_WORDS})[ \t]+{re.escape(word)}(?!\w)").search(text, start, end)
    found = declared or re.compile(rf"(?<!\w){re.escape(word)}(?!\w)").search(text, start, end)
    return found and found.end() - len(word)


def _declared(snapshot: Snapshot, name: str, *, parsed: bool) -> Iterator[int]:
    if snapshot.language == "python":
        yield from _assigned(snapshot.text, name)
        return
    words = _VALUES if parsed else _WORDS
    pattern = re.compile(
        rf"^[ \t]*(?:\w+[ \t]+){{0,4}}#?(?:{words})[ \t]+(?:mut[ \t]+)?{re.escape(name)}(?![\w$])"
    )
    lines = snapshot.lines
    for line in sorted(_lines_with(lines, name)):
        if pattern.match(lines.content(line)):
            yield line + 1


def _lines_with(lines: Lines, word: str) -> set[int]:
    found, at = set[int](), lines.text.find(word)
    while at >= 0:
        found.add(lines.line_at(at))
        at = lines.text.find(word, at + len(word))
    return found


def _assigned(text: str, name: str) -> Iterator[int]:
    """Yield the lines on which a module or class of Python gives a value to a name."""
    tree = python_tree.tree_or_none(text)
    if tree is None:
        return
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    for statement in (one for body in bodies for one in body):
        match statement:
            case ast.Assign(targets=targets):
                pass
            case ast.AnnAssign(target=target):
                targets = [target]
            case _:
                continue
        if name in {one.id for target in targets for one in ast.walk(target) if _is_given(one)}:
            yield statement.lineno


def _is_given(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
