"""Where names are defined."""

import pytest

from kimi_lsp.project.definitions import defined, places
from kimi_lsp.text import Snapshot

PYTHON = '''"""class Cart in words."""
import os

LIMIT = 3


@decorate(total)
class Cart:
    size: int = 0

    def total(self):
        limit = LIMIT
        def inner():
            return limit
        return inner

    async def load(self): ...


def total(cart): return cart.total()
'''
TYPESCRIPT = """import { total } from "./a";
const LIMIT = 3;
export class Cart {
  total(): number { return LIMIT; }
}
export const sum = (cart: Cart) => cart.total();
"""
RUBY = "class Cart\n  def total\n    1\n  end\nend\n"


def at(text: str, language: str, name: str) -> list[int]:
    return [one.line for one in places(Snapshot("file:///a", None, language, text), name)]


# Each row: a text, its language, a name, and the lines that define it.
CASES = [
    (PYTHON, "python", "Cart", [8]),
    (PYTHON, "python", "total", [11, 20]),
    (PYTHON, "python", "Cart.total", [11]),
    (PYTHON, "python", "Cart::total", [11]),
    (PYTHON, "python", "Cart.total.inner", [13]),
    (PYTHON, "python", "load", [17]),
    (PYTHON, "python", "LIMIT", [4]),
    (PYTHON, "python", "size", [9]),
    (PYTHON, "python", "limit", []),
    (PYTHON, "python", "os", []),
    (PYTHON, "python", "tot", []),
    (PYTHON, "python", "Other.total", []),
    ("def total(:\n  pass\n", "python", "total", [1]),
    ("\ufeffLIMIT = 1\n", "python", "LIMIT", [1]),
    ("a, LIMIT = b = 1, 2\n", "python", "LIMIT", [1]),
    ("a = LIMIT = 1\n", "python", "LIMIT", [1]),
    ("(a,\n LIMIT) = 1, 2\n", "python", "LIMIT", [1]),
    ("class \\\n  Cart: pass\n", "python", "Cart", [2]),
    ("print(LIMIT)\nx = y[LIMIT]\n", "python", "LIMIT", []),
    ("table[LIMIT] = 1\n", "python", "LIMIT", []),
    (TYPESCRIPT, "typescript", "Cart", [3]),
    (TYPESCRIPT, "typescript", "Cart.total", [4]),
    (TYPESCRIPT, "typescript", "total", [4]),
    (TYPESCRIPT, "typescript", "LIMIT", [2]),
    (TYPESCRIPT, "typescript", "sum", [6]),
    ("package a\n\nfunc (c *Cart) Total() int { return 1 }\n\ntype Cart struct{}\n", "go", "Total", [3]),
    ("package a\n\nconst Limit = 3\n", "go", "Limit", [3]),
    ("impl Cart {\n    pub fn total(&self) {}\n}\nstatic mut LIMIT: u8 = 3;\n", "rust", "Cart.total", [2]),
    ("impl Cart {\n    pub fn total(&self) {}\n}\nstatic mut LIMIT: u8 = 3;\n", "rust", "LIMIT", [4]),
    (RUBY, "ruby", "total", [2]),
    (RUBY, "ruby", "Cart", [1]),
    ("#define LIMIT 3\nint limits = LIMIT;\n", "c", "LIMIT", [1]),
    ("public final class Cart {\n", "java", "Cart", [1]),
    ("", "python", "total", []),
]


@pytest.mark.parametrize(("text", "language", "name", "lines"), CASES)
def test_where_a_name_is_defined(text: str, language: str, name: str, lines: list[int]) -> None:
    assert at(text, language, name) == lines


def test_what_a_text_defines() -> None:
    found = defined(Snapshot("file:///a", None, "python", PYTHON))
    assert found is not None
    assert [(one.line, one.kind, one.name) for one in found] == [
        (8, "class", "Cart"),
        (11, "function", "Cart.total"),
        (13, "function", "Cart.total.inner"),
        (17, "function", "Cart.load"),
        (20, "function", "total"),
    ]


def test_nobody_can_tell_what_a_language_without_a_parser_defines() -> None:
    assert defined(Snapshot("file:///a", None, "ruby", RUBY)) is None
