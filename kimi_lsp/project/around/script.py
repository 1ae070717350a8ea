"""JavaScript and TypeScript: what an import takes, and the file that it means. Packages outside of the workspace are not looked at."""

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kimi_lsp.project.around import trees
from kimi_lsp.project.around.apart import Apart, Import
from kimi_lsp.project.around.follow import Module, Tongue
from kimi_lsp.project.around.shelf import File, Shelf
from kimi_lsp.project.around.trees import Imports
from kimi_lsp.project.grammar import Parsed
from kimi_lsp.text import Snapshot

if TYPE_CHECKING:
    from tree_sitter import Node

_ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs")
_COMPILED = re.compile(r"\.(?:js|jsx|mjs)\Z")
_ALIASES = ("@/", "~/", "#/")
"""By which projects usually name the folder of their sources."""
_SOURCES = ("src", "app", "")
_DEFAULT = "default"


def _apart(snapshot: Snapshot) -> Apart:
    return trees.apart(snapshot, _imports)


def _imports(parsed: Parsed) -> Imports:
    named: dict[str, Import] = {}
    stars: list[Import] = []
    for node in parsed.root.named_children:
        source = node.child_by_field_name("source")
        if source is not None:
            for name, taken in _taken(parsed, node, parsed.text(source)[1:-1]):
                if name == "*":
                    stars.append(taken)
                else:
                    named[name] = taken
        elif node.type in {"lexical_declaration", "variable_declaration"}:
            named.update(_required(parsed, node))
    return named, stars


def _taken(parsed: Parsed, node: "Node", module: str) -> Iterator[tuple[str, Import]]:
    """Yield what an import, or an export from elsewhere, brings into a file."""
    waiting = list(node.named_children)
    bare = node.type == "export_statement"
    while waiting:
        one = waiting.pop(0)
        match one.type:
            case "import_clause" | "named_imports" | "export_clause":
                bare = False
                waiting += one.named_children
            case "identifier":
                yield parsed.text(one), Import(module, _DEFAULT)
            case "namespace_import" | "namespace_export":
                bare = False
                yield parsed.text(one.named_children[0]), Import(module)
            case "import_specifier" | "export_specifier":
                name, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
                if name is not None:
                    yield parsed.text(alias or name), Import(module, parsed.text(name))
    if bare:
        yield "*", Import(module)


_REQUIRE = re.compile(r"(?:const|let|var)\s+(\w+|\{[^{}]*\})\s*=\s*require\(\s*[\"']([^\"']+)[\"']\s*\)")


def _required(parsed: Parsed, node: "Node") -> Iterator[tuple[str, Import]]:
    match = _REQUIRE.match(parsed.text(node))
    if match is None:
        return
    if not match[1].startswith("{"):
        yield match[1], Import(match[2])
        return
    for one in match[1][1:-1].split(","):
        name, _, alias = (part.strip() for part in one.partition(":"))
        if name:
            yield alias or name, Import(match[2], name)


def _module(shelf: Shelf, file: File, written: str) -> Module | None:
    for stem in _stems(file, written):
        if stem.startswith(".."):
            continue
        for path in _paths(stem):
            found = shelf.take(path, _apart) if shelf.has(path) else None
            if found is not None:
                return Module(stem, (found,))
    return None


def _stems(file: File, written: str) -> Iterator[str]:
    """Yield where a module may lie, without an ending where none is written."""
    folder = posixpath.dirname(file.path)
    if written.startswith("."):
        yield posixpath.normpath(posixpath.join(folder, written))
        return
    rest = next((written[len(one) :] for one in _ALIASES if written.startswith(one)), written)
    # Upwards, since a repository may hold several packages, each with sources of its own.
    while True:
        for source in _SOURCES:
            yield posixpath.normpath(posixpath.join(folder, source, rest))
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _paths(stem: str) -> Iterator[str]:
    plain = _COMPILED.sub("", stem)
    if plain != stem:
        # TypeScript's own files are imported by the names of what they become.
        yield from (plain + ending for ending in (".ts", ".tsx"))
    yield stem
    yield from (stem + ending for ending in _ENDINGS)
    yield from (f"{stem}/index{ending}" for ending in _ENDINGS)


SCRIPT = Tongue(_apart, _module)
