"""Syntax trees by tree-sitter, for the languages whose grammar the optional extra `syntax` brought along.

Whoever asks gets None where there is no grammar, and does without.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_GRAMMARS = {
    "go": ("tree_sitter_go", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "javascriptreact": ("tree_sitter_javascript", "language"),
    "python": ("tree_sitter_python", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
}
"""LSP's language identifier: the package, and the function in it that returns the grammar."""


@dataclass(frozen=True)
class Parsed:
    """A text's tree. The tree counts bytes of UTF-8; `offset` turns them into code points."""

    root: "Node"
    data: bytes

    def offset(self, byte: int) -> int:
        """Return the offset, in code points, of a byte."""
        return len(self.data[:byte].decode("utf-8", "replace"))

    def byte(self, text: str, offset: int) -> int:
        """Return the byte of an offset into the text that was parsed."""
        return len(_encoded(text[:offset]))

    def text(self, node: "Node") -> str:
        """Return what a node is written as."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def parse(text: str, language: str) -> Parsed | None:
    """Return a text's syntax tree, errors included, or None where the language's grammar is not installed."""
    if language not in _GRAMMARS:
        return None
    package, name = _GRAMMARS[language]
    try:
        tree_sitter = import_module("tree_sitter")
        grammar = import_module(package)
    except ImportError:
        return None
    data = _encoded(text)
    tree = tree_sitter.Parser(tree_sitter.Language(getattr(grammar, name)())).parse(data)
    return Parsed(tree.root_node, data)


def _encoded(text: str) -> bytes:
    # Half a surrogate pair has no bytes in UTF-8; one other byte keeps all offsets right.
    return text.encode("utf-8", "replace")
