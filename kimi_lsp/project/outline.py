"""The functions and classes of a document, and the one around a place.

Python is parsed by Python's own library, and read by its indentation where it does not parse; other languages by
tree-sitter where it is installed.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kimi_lsp.project import python_tree
from kimi_lsp.project.grammar import Parsed, parse
from kimi_lsp.text import Lines, Span

if TYPE_CHECKING:
    from tree_sitter import Node

Kind = Literal["function", "class"]

_BOM = "\ufeff"
_HEADER = re.compile(r"\ufeff?([ \t\f]*)(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_NODES: dict[str, Kind] = {
    "class_declaration": "class", "abstract_class_declaration": "class", "class": "class",
    "enum_declaration": "class", "interface_declaration": "class", "type_alias_declaration": "class",
    "function_declaration": "function", "generator_function_declaration": "function",
    "method_definition": "function", "arrow_function": "function", "function_expression": "function",
    "method_declaration": "function", "type_declaration": "class",
    "function_item": "function", "enum_item": "class", "impl_item": "class", "struct_item": "class",
    "trait_item": "class", "mod_item": "class",
}  # fmt: skip
"""Node types of the JavaScript, TypeScript, Go and Rust grammars."""
_NAMING = {
    "variable_declarator",
    "pair",
    "assignment_expression",
    "public_field_definition",
    "field_definition",
}
"""Nodes that give a name to a function or class that has none itself."""
_NAMES = ("name", "type", "key", "left", "property")
_WRAPPERS = {"export_statement", "lexical_declaration", "variable_declaration", "expression_statement"}
_BEFORE = {"attribute_item", "decorator"}
"""Siblings in front of a node that belong to it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A function, or a class in the widest sense (struct, trait, impl, interface, enum, module)."""

    name: str
    kind: Kind
    span: Span
    """From the start of its first line, decorators included, to its end, without the last line's end."""


def enclosing(text: str, language: str, span: Span) -> Scope | None:
    """Return the innermost function or class that holds a span, or None where there is none or nobody can tell.

    White space at the edges of the span does not count.
    """
    span = _trimmed(text, span)
    if language == "python":
        tree = python_tree.tree_or_none(text)
        scopes = _by_indentation(text, span) if tree is None else _python(text, tree)
    else:
        parsed = parse(text, language)
        scopes = iter(()) if parsed is None else _tree_sitter(text, parsed, span)
    holding = (scope for scope in scopes if scope.span.start <= span.start and span.end <= scope.span.end)
    return min(holding, key=lambda scope: len(scope.span), default=None)


def outline(text: str, language: str) -> tuple[Scope, ...] | None:
    """Return all functions and classes in the order in which they start, or None where nobody can tell.

    Of Python that does not parse only the first lines of each are known.
    """
    if language == "python":
        tree = python_tree.tree_or_none(text)
        scopes = _headers(text) if tree is None else _python(text, tree)
    else:
        parsed = parse(text, language)
        if parsed is None:
            return None
        scopes = _every(text, parsed)
    return tuple(sorted(scopes, key=lambda scope: (scope.span.start, -scope.span.end)))


def _trimmed(text: str, span: Span) -> Span:
    chosen = span.of(text)
    if not chosen.strip():
        # A cursor in the blanks behind a line's last word belongs to that word.
        lines = Lines.of(text)
        row = lines.line_at(span.start)
        place = min(span.start, lines.start(row) + len(lines.content(row).rstrip()))
        return Span(place, place)
    start = span.start + len(chosen) - len(chosen.lstrip())
    return Span(start, start + len(chosen.strip()))


def _python(text: str, tree: ast.Module) -> Iterator[Scope]:
    lines = Lines.of(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
            last = (node.end_lineno or node.lineno) - 1
            content = lines.content(last)
            # The tree counts bytes of UTF-8, and knows of no byte order mark.
            mark = _BOM if not last and content.startswith(_BOM) else ""
            end = mark + content[len(mark) :].encode()[: node.end_col_offset].decode()
            kind: Kind = "class" if isinstance(node, ast.ClassDef) else "function"
            yield Scope(node.name, kind, Span(lines.start(first), lines.start(last) + len(end)))


def _by_indentation(text: str, span: Span) -> Iterator[Scope]:
    """Yield the blocks that start above a place, from the inside out, as far as indentation tells."""
    lines = Lines.of(text)
    row = lines.line_at(span.start)
    depth = _indent(lines.content(row)) + 1 if lines.content(row).strip() else _BLANK
    for first in range(row, -1, -1):
        content = lines.content(first)
        header = _HEADER.match(content)
        if header and _indent(content) < depth:
            last = _last_row(lines, first, _indent(content))
            kind: Kind = "class" if content.lstrip().startswith("class") else "function"
            yield Scope(header[2], kind, Span(lines.start(_first_row(lines, first)), lines.stop(last)))
        if content.strip() and not content.lstrip().startswith(("#", ")", "]", "}")):
            depth = min(depth, max(_indent(content), 1))


def _headers(text: str) -> Iterator[Scope]:
    lines = Lines.of(text)
    for row in range(len(lines)):
        header = _HEADER.match(lines.content(row))
        if header:
            kind: Kind = "class" if lines.content(row).lstrip().startswith("class") else "function"
            yield Scope(header[2], kind, Span(lines.start(row), lines.stop(row)))


_BLANK = 1_000_000
"""Deeper than any indentation: a blank line may belong to every block above it."""


def _indent(content: str) -> int:
    white = content[: len(content) - len(content.lstrip(" \t\f"))]
    return len(white.expandtabs(8))


def _last_row(lines: Lines, first: int, indent: int) -> int:
    last = first
    for row in range(first + 1, len(lines)):
        content = lines.content(row)
        if not content.strip():
            continue
        if _indent(content) <= indent and not content.lstrip().startswith((")", "]", "}", "#")):
            break
        last = row
    return last


def _first_row(lines: Lines, header: int) -> int:
    """Return the row of the first decorator above a header; one over several lines is not followed."""
    row = header
    while row and lines.content(row - 1).lstrip(" \t\f").startswith("@"):
        row -= 1
    return row


def _tree_sitter(text: str, parsed: Parsed, span: Span) -> Iterator[Scope]:
    start, end = parsed.byte(text, span.start), parsed.byte(text, span.end)
    node = parsed.root.descendant_for_byte_range(start, max(start, end - 1))
    while node is not None:
        scope = _scope(text, parsed, node)
        if scope:
            yield scope
        node = node.parent


def _every(text: str, parsed: Parsed) -> Iterator[Scope]:
    # The tree may be deep, so no recursion.
    waiting = [parsed.root]
    while waiting:
        node = waiting.pop()
        scope = _scope(text, parsed, node)
        if scope:
            yield scope
        waiting += node.named_children


def _scope(text: str, parsed: Parsed, node: "Node") -> Scope | None:
    """Return the function or class that a node is, or None."""
    kind = _NODES.get(node.type)
    name = _name(parsed, node) if kind else None
    if not kind or not name:
        return None
    outer = _whole(node)
    first, last = parsed.offset(_first_byte(outer)), parsed.offset(node.end_byte)
    line = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
    return Scope(name, kind, Span(first if text[line:first].strip() else line, last))


def _name(parsed: Parsed, node: "Node") -> str | None:
    if node.type == "type_declaration":
        # Go wraps the name once more: `type Cart struct { … }`.
        specs = [child for child in node.named_children if child.type == "type_spec"]
        node = specs[0] if specs else node
    if (
        node.type in {"arrow_function", "function_expression", "class"}
        and node.child_by_field_name("name") is None
    ):
        if node.parent is None or node.parent.type not in _NAMING:
            return None
        node = node.parent
    for field in _NAMES:
        found = node.child_by_field_name(field)
        if found is not None:
            return parsed.text(found)
    return None


def _whole(node: "Node") -> "Node":
    """Return the statement that a definition is, with `export` and `const name =` in front."""
    while node.parent is not None and (node.parent.type in _WRAPPERS or node.parent.type in _NAMING):
        node = node.parent
    return node


def _first_byte(node: "Node") -> int:
    while node.prev_named_sibling is not None and node.prev_named_sibling.type in _BEFORE:
        node = node.prev_named_sibling
    return node.start_byte
