from tests.sandbox.asking import answered

TEXT = '''"""Carts."""
import os
from decimal import Decimal

class Cart(Base):
    """A cart.

    More."""

    async def total(self, é, *items, tax=0, **rest):
        for item in items:
            if item.price is None:
                raise ValueError("price")
            é += round(item.price * (1 + tax), 2)
        return Decimal(é) if é else None

def nothing(): pass
'''


def test_a_function_is_described_by_what_is_written_in_it() -> None:
    text = answered("explain", TEXT, selection=(12, 13)).text
    assert text.startswith("### `total(self, é, *items, tax, **rest)` (sandbox)\n")
    for fact in (
        "A coroutine function on lines 10 to 15.",
        "It has no docstring.",
        "- Parameters: `self`, `é`, `*items`, `tax`, `**rest`",
        "- Calls: `ValueError`, `round`, `Decimal`",
        "- Branches: 2",
        "- Loops: 1",
        "- Returns: `Decimal(é) if é else None`",
        "- Raises: `ValueError`",
        "not the model",
    ):
        assert fact in text


def test_a_class_is_described_by_its_methods() -> None:
    text = answered("explain", TEXT, selection=(5, 5)).text
    assert text.startswith("### `Cart` (sandbox)\n")
    assert "Its docstring begins: “A cart.”" in text
    assert "- Bases: `Base`" in text
    assert "- Methods: `total(self, é, *items, tax, **rest)`" in text


def test_a_module_is_described_by_its_parts() -> None:
    text = answered("explain", TEXT).text
    assert text.startswith("### `app/cart.py` (sandbox)\n")
    assert "“Carts.”" in text
    assert "- Imports: `os`, `decimal`" in text
    assert "- Class `Cart` on line 5" in text
    assert "- Function `nothing()` on line 17" in text


def test_line_numbers_are_those_of_the_whole_file() -> None:
    text = answered("explain", "def f():\n    pass\n", part="lines 200-201", selection=(201, 201)).text
    assert "on lines 200 to 201" in text


def test_what_does_not_parse_is_said_with_the_line() -> None:
    text = answered("explain", "x = 1\ny = = 2\n", part="lines 200-201").text
    assert (
        text == "(sandbox) The text that is shown does not parse as Python; the first error is on line 201."
    )


def test_other_languages_get_a_sentence() -> None:
    text = answered("explain", "let x = 1;\n", language="rust").text
    assert text == "(sandbox) The sandbox can only explain Python; this document's language is rust."


def test_an_explanation_has_no_edits() -> None:
    assert answered("explain", TEXT).edits is None
