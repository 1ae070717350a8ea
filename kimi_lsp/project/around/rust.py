"""Rust: modules in modules, each a file or a folder, named from the crate's root, from here, or from above."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kimi_lsp.project.around import trees
from kimi_lsp.project.around.apart import Apart, Import
from kimi_lsp.project.around.follow import Module, Tongue
from kimi_lsp.project.around.shelf import File, Shelf, upwards
from kimi_lsp.project.around.trees import Imports
from kimi_lsp.project.grammar import Parsed
from kimi_lsp.text import Snapshot

if TYPE_CHECKING:
    from tree_sitter import Node

_TOPS = ("lib.rs", "main.rs", "mod.rs")
_PACKAGE = re.compile(r"(?m)^name[ \t]*=[ \t]*\"([\w-]+)\"")


def _apart(snapshot: Snapshot) -> Apart:
    return trees.apart(snapshot, _imports)


def _imports(parsed: Parsed) -> Imports:
    named = {"crate": Import("crate"), "super": Import("super")}
    stars: list[Import] = []
    for node in parsed.root.named_children:
        if node.type == "mod_item" and node.child_by_field_name("body") is None:
            name = node.child_by_field_name("name")
            if name is not None:
                named[parsed.text(name)] = Import(f"self::{parsed.text(name)}")
        elif node.type == "use_declaration":
            for bound, path in _used(parsed, node.child_by_field_name("argument"), ""):
                module, _, name_there = path.rpartition("::")
                if bound == "*":
                    stars.append(Import(path))
                else:
                    named[bound] = Import(module, name_there) if module else Import(path)
    return named, stars


def _used(parsed: Parsed, node: "Node | None", prefix: str) -> Iterator[tuple[str, str]]:
    """Yield each name that a `use` brings, with its whole path."""
    if node is None:
        return
    match node.type:
        case "use_list":
            for one in node.named_children:
                yield from _used(parsed, one, prefix)
        case "scoped_use_list":
            path = node.child_by_field_name("path")
            inner = prefix + (f"{parsed.text(path)}::" if path is not None else "")
            yield from _used(parsed, node.child_by_field_name("list"), inner)
        case "use_as_clause":
            path, alias = node.child_by_field_name("path"), node.child_by_field_name("alias")
            if path is not None and alias is not None:
                yield parsed.text(alias), prefix + parsed.text(path)
        case "use_wildcard":
            yield "*", (prefix + parsed.text(node)).removesuffix("*").removesuffix("::")
        case "self":
            whole = prefix.removesuffix("::")
            yield whole.rpartition("::")[2], whole
        case _:
            path_text = parsed.text(node)
            yield path_text.rpartition("::")[2], prefix + path_text


def _module(shelf: Shelf, file: File, written: str) -> Module | None:
    first, *rest = written.split("::")
    own = _stem(file.path)
    match first:
        case "crate":
            found = _at(shelf, _root(shelf, file.path))
        case "self":
            found = _at(shelf, own)
        case "super":
            found = _at(shelf, own.rpartition("/")[0])
        case _:
            found = _inner(shelf, Module(own, ()), first) or _crate(shelf, file.path, first)
    for name in rest:
        if found is None:
            return None
        found = _at(shelf, found.stem.rpartition("/")[0]) if name == "super" else _inner(shelf, found, name)
    return found


def _stem(path: str) -> str:
    """Return the folder of a file's inner modules."""
    folder, _, name = path.rpartition("/")
    return folder if name in _TOPS else path.removesuffix(".rs")


def _root(shelf: Shelf, path: str) -> str:
    """Return the folder of the crate that a file is part of."""
    folder = path.rpartition("/")[0]
    while folder:
        if any(shelf.has(f"{folder}/{name}") for name in _TOPS[:2]):
            return folder
        folder = folder.rpartition("/")[0]
    return "src"


def _crate(shelf: Shelf, path: str, name: str) -> Module | None:
    """Return a crate of the same workspace, by the name that its `Cargo.toml` says."""
    for base in upwards(path):
        rules = shelf.text(f"{base}/Cargo.toml".lstrip("/"))
        own = rules and _PACKAGE.search(rules.text)
        if own and own[1].replace("-", "_") == name:
            return _at(shelf, f"{base}/src".lstrip("/"))
    for folder in (f"crates/{name}", f"crates/{name.replace('_', '-')}", name, name.replace("_", "-")):
        if shelf.has(f"{folder}/src/lib.rs"):
            return _at(shelf, f"{folder}/src")
    return None


def _at(shelf: Shelf, stem: str) -> Module | None:
    """Return the module whose inner modules lie in a folder."""
    for path in (f"{stem}.rs", *(f"{stem}/{name}" for name in _TOPS)):
        found = shelf.take(path.lstrip("/"), _apart) if shelf.has(path.lstrip("/")) else None
        if found is not None:
            return Module(stem, (found,))
    return None


def _inner(shelf: Shelf, module: Module, name: str) -> Module | None:
    return _at(shelf, f"{module.stem}/{name}".lstrip("/"))


RUST = Tongue(_apart, _module, _inner)
