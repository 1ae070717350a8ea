"""What Python's imports mean in a workspace. The interpreter's own path is not looked at: only what lies in the roots."""

from collections.abc import Iterator, Sequence

from kimi_lsp.project.around.follow import Module, Tongue
from kimi_lsp.project.around.python_text import apart
from kimi_lsp.project.around.shelf import File, Shelf

_SOURCES = ("", "src", "lib", "python")
_ENDINGS = (".py", "/__init__.py", ".pyi", "/__init__.pyi")


def _module(shelf: Shelf, file: File, written: str) -> Module | None:
    dots = len(written) - len(written.lstrip("."))
    parts = [part for part in written[dots:].split(".") if part]
    folders = file.path.split("/")[:-1]
    if dots:
        if dots - 1 > len(folders):
            return None
        return _at(shelf, "/".join([*folders[: len(folders) - dots + 1], *parts]))
    for base in _bases(shelf, folders):
        top = f"{base}/{parts[0]}" if base else parts[0]
        if _is_there(shelf, top):
            return _at(shelf, "/".join([top, *parts[1:]]))
    return None


def _bases(shelf: Shelf, folders: Sequence[str]) -> Iterator[str]:
    """Yield the folders from which absolute imports may count."""
    yield from _SOURCES
    for depth in range(1, len(folders) + 1):
        folder = "/".join(folders[:depth])
        # Inside of a package, imports count from outside of it.
        if not shelf.has(f"{folder}/__init__.py"):
            yield folder
            yield f"{folder}/src"


def _is_there(shelf: Shelf, stem: str) -> bool:
    return shelf.has(stem) or any(shelf.has(stem + ending) for ending in _ENDINGS)


def _at(shelf: Shelf, stem: str) -> Module | None:
    for ending in _ENDINGS:
        file = shelf.take((stem + ending).lstrip("/"), apart) if shelf.has(stem + ending) else None
        if file is not None:
            return Module(stem, (file,))
    # A package may do without a file of its own.
    return Module(stem, ()) if stem and shelf.has(stem) else None


def _inner(shelf: Shelf, module: Module, name: str) -> Module | None:
    return _at(shelf, f"{module.stem}/{name}" if module.stem else name)


PYTHON = Tongue(apart, _module, _inner)
