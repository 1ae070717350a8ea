"""Whether a text still uses a name beside the new one that it was to get. Python only; nothing is run."""

import ast
from collections.abc import Mapping

from kimi_lsp.project import python_tree

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def half_renamed(text: str, names: Mapping[str, str]) -> tuple[str, int] | None:
    """Return a name of which one function uses both the old and the new form, and a line of the old one, from 1.

    None where there is no such name, or nobody can tell.
    """
    tree = python_tree.tree_or_none(text)
    if tree is None:
        return None
    for function in (node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)):
        lines: dict[str, int] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Name):
                lines.setdefault(node.id, node.lineno)
            elif isinstance(node, ast.arg):
                lines.setdefault(node.arg, node.lineno)
        for old, new in names.items():
            if old in lines and new in lines:
                return old, lines[old]
    return None
