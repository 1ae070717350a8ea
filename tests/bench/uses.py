"""Which of a package's own definitions each of its functions uses, by Python's syntax trees alone.

It shares nothing with the code that it is held against: names are resolved over imports, re-exports, modules as
attributes, and `self` over the classes above a class.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Statement = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Definition:
    path: str
    name: str
    first: int
    """Lines from 1, both included."""
    line: int
    """Where the name itself stands."""
    last: int


@dataclass(frozen=True)
class Function:
    path: str
    name: str
    first: int
    last: int
    uses: frozenset[Definition]


@dataclass
class _Module:
    path: str
    tree: ast.Module
    is_package: bool
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)


class Package:
    """A package's modules by their dotted names."""

    def __init__(self, root: Path, package: str) -> None:
        self.modules: dict[str, _Module] = {}
        for file in sorted((root / package).rglob("*.py")):
            parts = list(file.relative_to(root).with_suffix("").parts)
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            module = _Module(
                file.relative_to(root).as_posix(), ast.parse(file.read_text("utf-8")), is_package
            )
            self.modules[name] = module
        for name, module in self.modules.items():
            self._read(name, module, module.tree.body)

    def functions(self) -> Iterator[Function]:
        """Yield every function and method that uses something of the package's beside itself."""
        for name, module in self.modules.items():
            for node in _flat(module.tree.body):
                if isinstance(node, Statement):
                    yield from self._function(name, module, node, None)
                elif isinstance(node, ast.ClassDef):
                    for inner in node.body:
                        if isinstance(inner, Statement):
                            yield from self._function(name, module, inner, node)

    def _function(
        self, name: str, module: _Module, node: Statement, holder: ast.ClassDef | None
    ) -> Iterator[Function]:
        own = _definition(module, node, f"{holder.name}.{node.name}" if holder else node.name)
        around = holder and _definition(module, holder, holder.name)
        uses = set(self._names(name, node)) | set(self._members(name, node, holder))
        uses -= {own, around}
        if uses:
            yield Function(own.path, own.name, own.first, own.last, frozenset(uses))

    def _names(self, name: str, node: Statement) -> Iterator[Definition]:
        local = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
        local |= {
            one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) and one.id not in local:
                yield from self._resolved(name, one.id)
            elif isinstance(one, ast.Attribute):
                chain = _chain(one)
                if chain and chain[0] not in local:
                    yield from self._over_modules(name, chain)
        for annotation in _annotations(node):
            for one in ast.walk(annotation):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield from self._in_words(name, one.value)

    def _in_words(self, name: str, words: str) -> Iterator[Definition]:
        try:
            tree = ast.parse(words, mode="eval")
        except SyntaxError:
            return
        for one in ast.walk(tree):
            if isinstance(one, ast.Name):
                yield from self._resolved(name, one.id)

    def _members(self, name: str, node: Statement, holder: ast.ClassDef | None) -> Iterator[Definition]:
        if holder is None or not node.args.args:
            return
        this = node.args.args[0].arg
        for one in ast.walk(node):
            if not isinstance(one, ast.Attribute):
                continue
            is_this = isinstance(one.value, ast.Name) and one.value.id == this
            is_super = (
                isinstance(one.value, ast.Call)
                and isinstance(one.value.func, ast.Name)
                and one.value.func.id == "super"
            )
            if is_this or is_super:
                yield from self._member(name, holder, one.attr, above=is_super, seen=set())

    def _member(
        self, name: str, holder: ast.ClassDef, member: str, *, above: bool, seen: set[tuple[str, str]]
    ) -> Iterator[Definition]:
        if (name, holder.name) in seen:
            return
        seen.add((name, holder.name))
        found = [one for one in holder.body if isinstance(one, Statement) and one.name == member]
        if found and not above:
            yield _definition(self.modules[name], found[-1], f"{holder.name}.{member}")
            return
        for base in holder.bases:
            chain = _chain(base.value if isinstance(base, ast.Subscript) else base)
            for where, node in self._found(name, chain) if chain else ():
                if isinstance(node, ast.ClassDef):
                    yield from self._member(where, node, member, above=False, seen=seen)

    def _over_modules(self, name: str, chain: list[str]) -> Iterator[Definition]:
        for where, node in self._found(name, chain):
            yield _definition(self.modules[where], node, getattr(node, "name", chain[-1]))

    def _found(self, name: str, chain: list[str]) -> list[tuple[str, ast.stmt]]:
        """Follow names with dots between them, of which all but the last are modules."""
        where = name
        for at, one in enumerate(chain):
            found = self._lookup(where, one, set())
            if isinstance(found, str):
                where = found
            elif found is not None:
                return found if at == len(chain) - 1 else []
            else:
                return []
        return []

    def _resolved(self, name: str, word: str) -> Iterator[Definition]:
        found = self._lookup(name, word, set())
        for where, node in found if isinstance(found, list) else ():
            yield _definition(self.modules[where], node, getattr(node, "name", word))

    def _lookup(
        self, name: str, word: str, seen: set[tuple[str, str]]
    ) -> "list[tuple[str, ast.stmt]] | str | None":
        """Return definitions, the dotted name of a module, or None."""
        module = self.modules.get(name)
        if module is None or (name, word) in seen:
            return None
        seen.add((name, word))
        if word in module.definitions:
            return [(name, module.definitions[word][-1])]
        if word in module.imports:
            where, taken = module.imports[word]
            if not taken:
                return where if where in self.modules else None
            return self._lookup(where, taken, seen) or (
                f"{where}.{taken}" if f"{where}.{taken}" in self.modules else None
            )
        for star in module.stars:
            found = self._lookup(star, word, seen)
            if found:
                return found
        inner = f"{name}.{word}"
        return inner if module.is_package and inner in self.modules else None

    def _read(self, name: str, module: _Module, body: list[ast.stmt]) -> None:
        for node in _flat(body):
            if isinstance(node, _DEFINES):
                module.definitions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for one in (inner for target in targets for inner in ast.walk(target)):
                    if isinstance(one, ast.Name):
                        module.definitions.setdefault(one.id, []).append(node)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    where = alias.name if alias.asname else alias.name.partition(".")[0]
                    module.imports[alias.asname or where] = (where, "")
            elif isinstance(node, ast.ImportFrom):
                where = self._absolute(name, module, node)
                for alias in node.names:
                    if alias.name == "*":
                        module.stars.append(where)
                    else:
                        module.imports[alias.asname or alias.name] = (where, alias.name)

    @staticmethod
    def _absolute(name: str, module: _Module, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = name.split(".")
        parts = parts[: len(parts) - node.level + (1 if module.is_package else 0)]
        return ".".join([*parts, *([node.module] if node.module else [])])


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, those in blocks at the top too."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _flat(node.body)
            yield from _flat(getattr(node, "orelse", []))
            for handler in getattr(node, "handlers", []):
                yield from _flat(handler.body)


def _definition(module: _Module, node: ast.stmt, name: str) -> Definition:
    decorators = [one.lineno for one in getattr(node, "decorator_list", [])]
    return Definition(
        module.path, name, min([node.lineno, *decorators]), node.lineno, node.end_lineno or node.lineno
    )


def _annotations(node: Statement) -> Iterator[ast.expr]:
    for one in ast.walk(node):
        if isinstance(one, ast.arg | ast.AnnAssign) and one.annotation is not None:
            yield one.annotation
    if node.returns is not None:
        yield node.returns


def _chain(node: ast.expr) -> list[str]:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []
