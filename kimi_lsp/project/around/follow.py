"""From a name in a file to its definition, over imports, re-exports and modules, as far as the workspace has them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kimi_lsp.project.around.apart import Apart, Chain, Import, Part
from kimi_lsp.project.around.shelf import File, Shelf
from kimi_lsp.text import Snapshot
from kimi_lsp.text.excerpt import Rows

_MOST_STEPS = 8
"""Re-exports that are followed, one after the other."""


@dataclass(frozen=True, slots=True)
class Module:
    """What an import means: some files that one name stands for."""

    stem: str
    """Where it lies, without an ending; languages with modules in modules go on from here."""
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A definition, and the file that it is in."""

    file: File
    parts: tuple[Part, ...]
    """Its pieces; most have one."""

    @property
    def key(self) -> tuple[str, Rows]:
        """What no other definition has."""
        return self.file.path, self.parts[0].rows

    @property
    def is_class(self) -> bool:
        """Whether it may have members."""
        return any(part.kind == "class" for part in self.parts)


def _no_inner(_shelf: Shelf, _module: Module, _name: str) -> Module | None:
    return None


def _alone(_shelf: Shelf, _file: File) -> Sequence[File]:
    return ()


@dataclass(frozen=True, slots=True)
class Tongue:
    """What is different between languages."""

    apart: Callable[[Snapshot], Apart]
    module: Callable[[Shelf, File, str], Module | None]
    """From an import's module, as a file writes it, to what it means there."""
    inner: Callable[[Shelf, Module, str], Module | None] = _no_inner
    """A module in a module."""
    beside: Callable[[Shelf, File], Sequence[File]] = _alone
    """The files whose names a file has without an import."""


def follow(shelf: Shelf, tongue: Tongue, file: File, chain: Chain) -> Found | None:
    """Return what names with dots between them stand for in a file, or None; of a class's member it is the class."""
    found: Found | Module | None = _name(shelf, tongue, file, chain[0], _MOST_STEPS)
    for name in chain[1:]:
        if not isinstance(found, Module):
            break
        found = _in_module(shelf, tongue, found, name, _MOST_STEPS)
    return found if isinstance(found, Found) else None


def _name(shelf: Shelf, tongue: Tongue, file: File, name: str, steps: int) -> Found | Module | None:
    if name in file.apart.parts:
        return Found(file, file.apart.parts[name])
    taken = file.apart.imports.get(name)
    if taken is not None:
        return _import(shelf, tongue, file, taken, steps)
    for other in tongue.beside(shelf, file):
        if name in other.apart.parts:
            return Found(other, other.apart.parts[name])
    for star in file.apart.stars if steps else ():
        module = tongue.module(shelf, file, star.module)
        found = module and _in_module(shelf, tongue, module, name, steps - 1)
        if found:
            return found
    return None


def _import(shelf: Shelf, tongue: Tongue, file: File, taken: Import, steps: int) -> Found | Module | None:
    module = tongue.module(shelf, file, taken.module)
    if module is None or not taken.name:
        return module
    return _in_module(shelf, tongue, module, taken.name, steps - 1) if steps else None


def _in_module(shelf: Shelf, tongue: Tongue, module: Module, name: str, steps: int) -> Found | Module | None:
    for file in module.files:
        found = _name(shelf, tongue, file, name, steps) if steps else None
        if found:
            return found
    return tongue.inner(shelf, module, name)
