"""Explaining: what the syntax tree shows of a function, a class or a module. It says what is written, not what it is for."""

import ast
from collections.abc import Iterable, Sequence

from kimi_lsp.sandbox.document import Document, Scope, docstring, syntax_error
from kimi_lsp.sandbox.skills.signature import Function, own_nodes, parameters, raised

_LABEL = "_This is the kimi-lsp sandbox, not the model: it reads the syntax tree and cannot say what the code is for._"
_BRANCHES = ast.If | ast.IfExp | ast.Match
_LOOPS = ast.For | ast.AsyncFor | ast.While
_MOST = 12


def explain(document: Document, selection: tuple[int, int] | None) -> str:
    """Return Markdown on what is selected, or on the whole text."""
    if document.language != "python":
        language = document.language or "unknown"
        return f"(sandbox) The sandbox can only explain Python; this document's language is {language}."
    if document.tree is None:
        error = syntax_error(document.lines)
        line = (error.lineno or 1) + document.first - 1 if isinstance(error, SyntaxError) else document.first
        return (
            f"(sandbox) The text that is shown does not parse as Python; the first error is on line {line}."
        )
    scopes = document.scopes_at(selection) if selection else []
    facts = _scope(scopes[0], document) if scopes else _module(document, document.tree)
    return "\n".join([*facts, "", _LABEL, ""])


def _module(document: Document, tree: ast.Module) -> list[str]:
    out = [f"### `{document.path}` (sandbox)", "", *_described(tree)]
    imports = [
        name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _imported(node)
    ]
    out += _row("Imports", imports)
    for node in tree.body:
        if isinstance(node, Scope):
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            out.append(f"- {kind.capitalize()} `{_heading(node)}` on line {node.lineno + document.first - 1}")
    return out


def _scope(scope: Scope, document: Document) -> list[str]:
    kind = "class" if isinstance(scope, ast.ClassDef) else "function"
    if isinstance(scope, ast.AsyncFunctionDef):
        kind = "coroutine function"
    last = (scope.end_lineno or scope.lineno) + document.first - 1
    out = [f"### `{_heading(scope)}` (sandbox)", ""]
    out.append(f"A {kind} on lines {scope.lineno + document.first - 1} to {last}.")
    out += ["", *_described(scope)]
    if isinstance(scope, ast.ClassDef):
        out += _row("Bases", [ast.unparse(base) for base in scope.bases])
        out += _row("Methods", [_heading(node) for node in scope.body if isinstance(node, Function)])
        return out
    return out + _function(scope)


def _function(function: Function) -> list[str]:
    nodes = [node for statement in function.body for node in (statement, *own_nodes(statement))]
    returns = [node for node in nodes if isinstance(node, ast.Return)]
    values = [ast.unparse(node.value) if node.value else "None" for node in returns]
    out = _row("Parameters", parameters(function))
    out += _row("Calls", (ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)))
    out += [_count("Branches", sum(isinstance(node, _BRANCHES) for node in nodes))]
    out += [_count("Loops", sum(isinstance(node, _LOOPS) for node in nodes))]
    out += _row("Returns", values or ["None, as it has no return statement"])
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes):
        out.append("- Yields values: it is a generator.")
    return out + _row("Raises", raised(ast.Module(body=function.body, type_ignores=[])))


def _heading(scope: Scope) -> str:
    return scope.name if isinstance(scope, ast.ClassDef) else f"{scope.name}({', '.join(parameters(scope))})"


def _described(node: Scope | ast.Module) -> list[str]:
    if docstring(node) is None:
        return ["It has no docstring.", ""]
    text = (ast.get_docstring(node) or "").strip().partition("\n")[0]
    return [f"Its docstring begins: “{text}”", ""]


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return ["." * node.level + (node.module or "")]


def _row(title: str, items: Iterable[str]) -> list[str]:
    once: Sequence[str] = list(dict.fromkeys(items))
    if not once:
        return []
    more = f" and {len(once) - _MOST} more" if len(once) > _MOST else ""
    return [f"- {title}: {', '.join(f'`{item}`' for item in once[:_MOST])}{more}"]


def _count(title: str, number: int) -> str:
    return f"- {title}: {number or 'none'}"
