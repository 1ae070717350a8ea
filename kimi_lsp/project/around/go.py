"""Go: the files of a package share their names, and an import means a folder below the one of `go.mod`."""

import re
from collections.abc import Iterator, Sequence

from kimi_lsp.project.around import trees
from kimi_lsp.project.around.apart import Apart, Import
from kimi_lsp.project.around.follow import Module, Tongue
from kimi_lsp.project.around.shelf import File, Shelf, upwards
from kimi_lsp.project.around.trees import Imports
from kimi_lsp.project.grammar import Parsed
from kimi_lsp.text import Snapshot

_MODULE = re.compile(r"(?m)^module[ \t]+\"?([^\s\"]+)")
_VERSION = re.compile(r"v[0-9]+")
_TEST = "_test.go"
_MOST_FILES = 30
"""Of one package."""


def _apart(snapshot: Snapshot) -> Apart:
    return trees.apart(snapshot, _imports)


def _imports(parsed: Parsed) -> Imports:
    named: dict[str, Import] = {}
    stars: list[Import] = []
    waiting = [node for node in parsed.root.named_children if node.type == "import_declaration"]
    while waiting:
        node = waiting.pop()
        path = node.child_by_field_name("path")
        if node.type != "import_spec" or path is None:
            waiting += node.named_children
            continue
        module, alias = parsed.text(path)[1:-1], node.child_by_field_name("name")
        if alias is not None and alias.type == "dot":
            stars.append(Import(module))
        else:
            named[_usual(module) if alias is None else parsed.text(alias)] = Import(module)
    return named, stars


def _usual(module: str) -> str:
    """Return the name that a package has where no other is said."""
    parts = module.split("/")
    last = parts[-2] if len(parts) > 1 and _VERSION.fullmatch(parts[-1]) else parts[-1]
    return re.sub(r"\W", "_", last.removeprefix("go-"))


def _module(shelf: Shelf, file: File, written: str) -> Module | None:
    for base in upwards(file.path):
        rules = shelf.text(f"{base}/go.mod".lstrip("/"))
        own = rules and _MODULE.search(rules.text)
        if own:
            if written != own[1] and not written.startswith(f"{own[1]}/"):
                return None
            folder = "/".join(filter(None, (base, written[len(own[1]) + 1 :])))
            return Module(folder, tuple(_files(shelf, folder)))
    return None


def _files(shelf: Shelf, folder: str, *, tests: bool = False) -> Iterator[File]:
    names = [name for name in shelf.names(folder, ".go") if tests or not name.endswith(_TEST)]
    for name in names[:_MOST_FILES]:
        found = shelf.take(f"{folder}/{name}".lstrip("/"), _apart)
        if found is not None:
            yield found


def _beside(shelf: Shelf, file: File) -> Sequence[File]:
    folder = file.path.rpartition("/")[0]
    own = file.path.endswith(_TEST)
    return tuple(one for one in _files(shelf, folder, tests=own) if one.path != file.path)


GO = Tongue(_apart, _module, beside=_beside)
