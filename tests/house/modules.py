"""The modules of a tree, read and parsed but never imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Module:
    """One Python file."""

    path: str
    """Relative to the tree's root, with `/`."""
    source: str

    @property
    def room(self) -> str:
        """The part of the house that it belongs to: `text`, `server`, or `connect` for a file of its own."""
        parts = self.path.removesuffix(".py").split("/")
        return parts[1] if len(parts) > 1 else ""

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> tuple[tuple[str, int], ...]:
        """Every name imported anywhere in the file, inside functions too, as a dotted path, with its line."""
        return tuple(_imports(self.nodes))

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        return tuple(node for node in self.nodes if isinstance(node, ast.Call))

    @cached_property
    def attributes(self) -> tuple[ast.Attribute, ...]:
        return tuple(node for node in self.nodes if isinstance(node, ast.Attribute))


def modules(root: Path, folder: str = "kimi_lsp") -> list[Module]:
    """Read every Python file of a folder, in the order of their paths."""
    return [
        Module(path.relative_to(root).as_posix(), path.read_text("utf-8"))
        for path in sorted((root / folder).rglob("*.py"))
    ]


def is_or_is_in(name: str, package: str) -> bool:
    """Tell whether a dotted name is a package or something inside it."""
    return name == package or name.startswith(f"{package}.")


def _imports(nodes: tuple[ast.AST, ...]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
        elif isinstance(node, ast.Call) and _called(node) in {"__import__", "import_module"} and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, node.lineno


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
