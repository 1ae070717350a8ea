"""A text taken apart by its syntax tree, for the languages whose grammar is installed: definitions at its top, and in classes.

What a language's imports look like is its own module's matter.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

from kimi_lsp.project.around.apart import Apart, Chain, Import, Part, Parts
from kimi_lsp.project.grammar import Parsed, parse
from kimi_lsp.text import Lines, Snapshot
from kimi_lsp.text.excerpt import Rows

if TYPE_CHECKING:
    from tree_sitter import Node

Imports = tuple[dict[str, Import], list[Import]]
"""By the names that a file has them under, and those that bring all of a module's names."""

_KINDS: dict[str, Literal["function", "class", "name"]] = {
    "abstract_class_declaration": "class", "class_declaration": "class", "class": "class",
    "interface_declaration": "name", "enum_declaration": "name", "type_alias_declaration": "name",
    "function_declaration": "function", "generator_function_declaration": "function", "function_signature": "function",
    "variable_declarator": "name", "internal_module": "class",
    "method_definition": "function", "method_signature": "function", "abstract_method_signature": "function",
    "public_field_definition": "name", "field_definition": "name", "property_signature": "name",
    "type_spec": "class", "type_alias": "name", "const_spec": "name", "var_spec": "name", "method_declaration": "function",
    "struct_item": "class", "enum_item": "class", "union_item": "class", "impl_item": "class", "trait_item": "class",
    "mod_item": "class", "function_item": "function", "function_signature_item": "function", "const_item": "name",
    "static_item": "name", "type_item": "name", "macro_definition": "function",
}  # fmt: skip
"""Node types of the JavaScript, TypeScript, Go and Rust grammars that define something."""
_HOLDERS = {
    "ambient_declaration", "const_declaration", "export_statement", "expression_statement", "lexical_declaration",
    "type_declaration", "var_declaration", "variable_declaration", "var_spec_list",
}  # fmt: skip
"""Nodes around definitions that belong to them."""
_BEFORE = {"attribute_item", "comment", "decorator", "line_comment", "block_comment"}
_NAMES = ("name", "type", "key")
_BODIES = {"class_body", "declaration_list", "interface_body", "statement_block", "object_type"}
_MOST_BEFORE = 6
"""Lines of comments and attributes in front of a definition that are shown with it."""
_MOST_HEAD = 30
"""Lines of what is no function and no class that are shown as its signature."""


def apart(snapshot: Snapshot, imports: Callable[[Parsed], Imports]) -> Apart:
    """Take a text apart; one without a grammar has nothing in it."""
    parsed = parse(snapshot.text, snapshot.language)
    if parsed is None:
        return Apart()
    lines = snapshot.lines
    nodes: dict[Rows, Node] = {}
    parts: dict[str, list[Part]] = {}
    methods: dict[str, list[Part]] = {}
    for node in _definitions(parsed.root):
        part = _part(parsed, lines, node)
        if part is None:
            continue
        receiver = _receiver(parsed, node)
        if receiver:
            methods.setdefault(receiver, []).append(part)
        else:
            parts.setdefault(part.name, []).append(part)
            nodes.setdefault(part.rows, node)
        if node.type in {"class_declaration", "function_declaration"} and _is_default(node):
            parts.setdefault("default", []).append(part)
    named, stars = imports(parsed)
    head = _head(parsed, lines)
    # `const x = require(…)` and `mod x;` are imports that look like definitions.
    kept = {name: tuple(found) for name, found in parts.items() if name not in named}
    return Apart(kept, named, tuple(stars), partial(_members, parsed, lines, nodes, methods), head)


def _definitions(root: "Node") -> Iterator["Node"]:
    waiting = list(reversed(root.named_children))
    while waiting:
        node = waiting.pop()
        if node.type in _KINDS:
            yield node
        elif node.type in _HOLDERS:
            waiting += reversed(node.named_children)


def _members(
    parsed: Parsed, lines: Lines, nodes: "dict[Rows, Node]", methods: dict[str, list[Part]], part: Part
) -> Parts:
    """Return what a class, an impl, a trait or a module holds; of a type of Go its methods in the same file."""
    found: dict[str, list[Part]] = {}
    for method in methods.get(part.name, ()):
        found.setdefault(method.name, []).append(method)
    node = nodes.get(part.rows)
    body = node and next((child for child in node.named_children if child.type in _BODIES), None)
    for inner in _definitions(body) if body is not None and part.kind == "class" else ():
        member = _part(parsed, lines, inner)
        if member is not None:
            found.setdefault(member.name, []).append(member)
    return {name: tuple(parts) for name, parts in found.items()}


def _part(parsed: Parsed, lines: Lines, node: "Node") -> Part | None:
    named = next((one for field in _NAMES if (one := node.child_by_field_name(field)) is not None), None)
    if named is None:
        return None
    name = parsed.text(named).partition("<")[0].rpartition("::")[2]
    if not name.isidentifier() and not name.replace("$", "_").isidentifier():
        return None
    value = node.child_by_field_name("value")
    is_function = value is not None and value.type in {"arrow_function", "function_expression"}
    kind = "function" if is_function else _KINDS[node.type]
    outer = _whole(node)
    first, last = _row(parsed, lines, outer, end=False), _row(parsed, lines, outer, end=True) + 1
    body = (value if is_function and value is not None else node).child_by_field_name("body")
    # What a type is made of says how it is used, so a signature has all of it.
    if body is not None and (kind == "function" or body.type in _BODIES):
        until = _row(parsed, lines, body, end=False) + 1
    else:
        until = min(last, first + _MOST_HEAD)
    bases = tuple(_bases(parsed, node)) if kind == "class" else ()
    first = _before(parsed, lines, outer, first)
    return Part(name, kind, (first, last), (first, max(first + 1, until)), bases)


def _whole(node: "Node") -> "Node":
    """Return the statement that a definition is; in a group, as Go has them, it is the definition alone."""
    while node.parent is not None and node.parent.type in _HOLDERS and len(node.parent.named_children) == 1:
        node = node.parent
    return node


def _before(parsed: Parsed, lines: Lines, node: "Node", first: int) -> int:
    """Return the first line of the comments and attributes directly above a node, where they are few."""
    top, one = first, node.prev_named_sibling
    while one is not None and one.type in _BEFORE and _row(parsed, lines, one, end=True) >= top - 1:
        top = _row(parsed, lines, one, end=False)
        one = one.prev_named_sibling
    return top if first - top <= _MOST_BEFORE else first


def _row(parsed: Parsed, lines: Lines, node: "Node", *, end: bool) -> int:
    """Return a node's first or last line, from 0. The tree counts lines by their feeds, and may end after one."""
    point, byte = (node.end_point, node.end_byte) if end else (node.start_point, node.start_byte)
    row = point.row - (1 if end and point.column == 0 and byte > node.start_byte else 0)
    if len(lines) == parsed.root.end_point.row + 1:
        return row
    return lines.line_at(max(0, parsed.offset(byte) - (1 if end else 0)))


def _bases(parsed: Parsed, node: "Node") -> Iterator[Chain]:
    for child in node.named_children:
        if child.type not in {"class_heritage", "extends_clause"}:
            continue
        waiting = list(child.named_children)
        while waiting:
            one = waiting.pop(0)
            if one.type in {"identifier", "type_identifier", "member_expression"}:
                yield tuple(parsed.text(one).split("."))
            elif one.type in {"extends_clause", "implements_clause"}:
                waiting += one.named_children


def _receiver(parsed: Parsed, node: "Node") -> str:
    """Return the type that a method of Go's belongs to."""
    receiver = node.child_by_field_name("receiver")
    return "" if receiver is None else parsed.text(receiver).strip("()").split("[")[0].split()[-1].lstrip("*")


def _is_default(node: "Node") -> bool:
    parent = node.parent
    return parent is not None and any(child.type == "default" for child in parent.children)


def _head(parsed: Parsed, lines: Lines) -> Rows:
    """Return where the imports stand."""
    rows = [
        (_row(parsed, lines, node, end=False), _row(parsed, lines, node, end=True) + 1)
        for node in parsed.root.named_children
        if node.type in {"import_statement", "import_declaration", "package_clause", "use_declaration"}
    ]
    if not rows:
        return (0, 0)
    last = rows[0][1]
    for first, end in rows:
        last = end if first - last <= 3 else last
    return rows[0][0], last
