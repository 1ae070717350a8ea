"""Python taken apart by its lines: what it defines and imports, held against Python's own parser where that can tell."""

import ast
from pathlib import Path

import pytest

import kimi_lsp
from kimi_lsp.project.around.apart import Apart, Import
from kimi_lsp.project.around.python_text import apart
from kimi_lsp.text import Snapshot

SHOP = '''\
"""A shop.

def not_this(): in words
"""
import json, os.path as where
from shop.money import (
    rounded,
    Cents as C,
)
from . import tax
from .all import *

if TYPE_CHECKING:
    from shop.later import Later

try:
    import fast
except ImportError:
    def fast(): ...

LIMIT: int = 3
low, high = 1, 2
type Price = int


@one
@two(
    3,
)
class Cart(Base[int], tax.Taxed, metaclass=Meta):
    """A cart.

    It has more to say.
    """

    size: int = 0

    @property
    def total(self) -> int:
        """
text at the margin
        """
        return 1

    async def load(
        self, what
    ): ...


def template():
    return """
def inside(): a string
"""


def last(): return 1
# said at the end
'''


def taken(text: str) -> Apart:
    return apart(Snapshot("file:///a.py", None, "python", text))


def rows(found: Apart, name: str) -> list[tuple[int, int]]:
    return [part.rows for part in found.parts[name]]


def said(text: str, rows: tuple[int, int]) -> str:
    return "\n".join(text.split("\n")[slice(*rows)])


def test_what_a_module_defines() -> None:
    found = taken(SHOP)
    assert list(found.parts) == ["fast", "LIMIT", "low", "high", "Price", "Cart", "template", "last"]
    (cart,) = found.parts["Cart"]
    assert said(SHOP, cart.rows).startswith("@one\n@two(\n")
    assert said(SHOP, cart.rows).endswith("    ): ...")
    assert said(SHOP, cart.head).endswith('    """A cart.')
    assert cart.bases == (("Base",), ("int",), ("tax", "Taxed"))
    assert said(SHOP, rows(found, "template")[0]).endswith('inside(): a string\n"""')
    assert said(SHOP, rows(found, "last")[0]) == "def last(): return 1"


def test_what_a_class_holds() -> None:
    found = taken(SHOP)
    members = found.members(found.parts["Cart"][0])
    assert list(members) == ["size", "total", "load"]
    (total,) = members["total"]
    assert said(SHOP, total.rows).startswith("    @property\n")
    assert said(SHOP, total.rows).endswith("        return 1")


def test_what_a_module_imports() -> None:
    found = taken(SHOP)
    assert found.imports == {
        "json": Import("json"),
        "where": Import("os.path"),
        "rounded": Import("shop.money", "rounded"),
        "C": Import("shop.money", "Cents"),
        "tax": Import(".", "tax"),
        "Later": Import("shop.later", "Later"),
        "fast": Import("fast"),
    }
    assert found.stars == (Import(".all"),)
    assert said(SHOP, found.head).startswith("import json")
    assert said(SHOP, found.head).endswith("from .all import *")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_do_not_matter(end: str) -> None:
    plain, other = taken(SHOP), taken(SHOP.replace("\n", end))
    assert {name: rows(other, name) for name in other.parts} == {
        name: rows(plain, name) for name in plain.parts
    }
    assert other.imports == plain.imports


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\ufeffdef one(): ...\n", "one"),
        ("def broken(:\n    x = (\n\n\ndef one():\n    return 1\n", "one"),
        ('x = \'"""\'\n\n\ndef one():\n    pass\n', "one"),
        ("def größe():\n    pass\n", "größe"),
        ("one = 1", "one"),
    ],
)
def test_what_is_not_in_order_is_taken_apart_too(text: str, name: str) -> None:
    assert name in taken(text).parts


def test_a_text_without_anything() -> None:
    assert taken("").parts == {}
    assert taken('"""\n').parts == {}


def test_this_package_is_taken_apart_as_its_parser_does() -> None:
    for file in Path(kimi_lsp.__file__).parent.rglob("*.py"):
        text = file.read_text("utf-8")
        found = taken(text)
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                assert span(node) in rows(found, node.name), (file, node.name)
            if isinstance(node, ast.ClassDef):
                members = found.members(found.parts[node.name][-1])
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                        assert span(inner) in [one.rows for one in members[inner.name]], (file, inner.name)


def span(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> tuple[int, int]:
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return first - 1, node.end_lineno or node.lineno
