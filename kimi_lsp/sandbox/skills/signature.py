"""What can be read off a function without running it. Nested functions and classes are not looked into."""

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parameters(function: Function) -> list[str]:
    """Return the parameters' names in order, with their stars."""
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    names += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    names += [argument.arg for argument in arguments.kwonlyargs]
    return names + ([f"**{arguments.kwarg.arg}"] if arguments.kwarg else [])


def raised(node: ast.AST) -> list[str]:
    """Return the names of the exceptions that are raised by name, once each."""
    names: dict[str, None] = {}
    for inner in own_nodes(node):
        if isinstance(inner, ast.Raise) and inner.exc is not None:
            error = inner.exc.func if isinstance(inner.exc, ast.Call) else inner.exc
            if isinstance(error, ast.Name | ast.Attribute):
                names[ast.unparse(error)] = None
    return list(names)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes below one in the order of the text, without the insides of nested scopes."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from own_nodes(child)
