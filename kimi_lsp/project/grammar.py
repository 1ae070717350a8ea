"""Syntax trees by tree-sitter, for the languages whose grammar the optional extra `syntax` brought along.

Whoever asks gets None where there is no grammar, and does without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from kimi_lsp.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

_READ = 4_096
"""Bytes that are parsed between two pauses: less than a millisecond's work."""

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

    tree: "Tree"
    data: bytes

    @property
    def root(self) -> "Node":
        """The whole text."""
        return self.tree.root_node

    def offset(self, byte: int) -> int:
        """Return the offset, in code points, of a byte."""
        return len(self.data[:byte].decode("utf-8", "replace"))

    def byte(self, text: str, offset: int) -> int:
        """Return the byte of an offset into the text that was parsed."""
        return len(_encoded(text[:offset]))

    def text(self, node: "Node") -> str:
        """Return what a node is written as."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def parse(text: str, language: str, pause: Callable[[], None] | None = None) -> Parsed | None:
    """Return a text's syntax tree, errors included, or None where the language's grammar is not installed.

    `pause` is called again and again on the way.
    """
    parser = _parser(language)
    if parser is None:
        return None
    data = _encoded(text)

    def read(byte: int, _point: object) -> bytes:
        if pause is not None:
            pause()
        return data[byte : byte + _READ]

    return Parsed(parser.parse(data if pause is None else read), data)


def parse_again(parsed: Parsed, text: str, span: Span, new: str, language: str) -> Parsed | None:
    """Return the tree of a text of which a span was replaced since; what did not change is not parsed again."""
    parser = _parser(language)
    if parser is None:
        return None
    before, start, stop = parsed.data, parsed.byte(text, span.start), parsed.byte(text, span.end)
    put = _encoded(new)
    data = before[:start] + put + before[stop:]
    tree = parsed.tree.copy()
    end = start + len(put)
    tree.edit(start, stop, end, _point(before, start), _point(before, stop), _point(data, end))
    return Parsed(parser.parse(data, tree), data)


def _parser(language: str) -> "Parser | None":
    if language not in _GRAMMARS:
        return None
    package, name = _GRAMMARS[language]
    try:
        tree_sitter = import_module("tree_sitter")
        grammar = import_module(package)
    except ImportError:
        return None
    parser: Parser = tree_sitter.Parser(tree_sitter.Language(getattr(grammar, name)()))
    return parser


def _point(data: bytes, byte: int) -> tuple[int, int]:
    return data.count(b"\n", 0, byte), byte - (data.rfind(b"\n", 0, byte) + 1)


def _encoded(text: str) -> bytes:
    # Half a surrogate pair has no bytes in UTF-8; one other byte keeps all offsets right.
    return text.encode("utf-8", "replace")
