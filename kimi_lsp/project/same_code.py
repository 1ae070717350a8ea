"""Whether two texts are the same code, whatever their comments and docstrings say. Nothing is run."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kimi_lsp.project import python_tree
from kimi_lsp.project.grammar import Parsed, parse

if TYPE_CHECKING:
    from tree_sitter import Node

_SCOPES = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def same_code(before: str, after: str, language: str) -> bool | None:
    """Return None where nobody can tell: there is no parser, or the first text does not parse.

    A text that does not parse any more is other code.
    """
    if language == "python":
        first, second = _python(before), _python(after)
        return None if first is None else first == second
    one, two = parse(before, language), parse(after, language)
    if one is None or two is None or one.root.has_error:
        return None
    return list(_words(one)) == list(_words(two))


def _python(text: str) -> str | None:
    try:
        tree = python_tree.tree(text)
        for node in ast.walk(tree):
            if isinstance(node, _SCOPES) and _has_docstring(node):
                del node.body[0]
            # A function of nothing but a docstring and one of nothing but `...` or `pass` do the same.
            if isinstance(node, _SCOPES):
                node.body = [one for one in node.body if not _is_nothing(one)]
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _has_docstring(node: _SCOPES) -> bool:
    first = node.body[0] if node.body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )


def _is_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is Ellipsis
    )


def _words(parsed: Parsed) -> Iterator[str]:
    """Yield the leaves of a tree, comments left out; the tree may be deep, so no recursion."""
    waiting: list[Node] = [parsed.root]
    while waiting:
        node = waiting.pop()
        if "comment" in node.type:
            continue
        if node.child_count:
            waiting += reversed(node.children)
        elif text := parsed.text(node).strip():
            yield text
