"""Whatever a text holds, it is taken apart: in time, without an error, and into lines that it has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project.around.surroundings import surroundings
from kimi_lsp.text import Snapshot, Span

PIECES = st.sampled_from(
    [
        "\n", "\r\n", "\r", "    ", "\t", "\ufeff", '"""', "'''", "'", "(", ")", "{", "}", ":", "=", ",", "*", "#", "\\\n",
        "def f", "class A", "async def g(self):", "@deco\n", "import a.b as c", "from . import d", "from .x import *",
        "if x:", "else:", "try:", "self.f()", "A.f", "é", "\u2028", "\0", "\ud800",
        'import { a as b } from "./x";', 'export * from "./y";', "export default class Q extends A {", "const { z } = require('q');",
        "function h() {", "interface I { a: string }", 'import "a/b"', "func (c *A) F() {", "type A struct {", "type (", "package p\n",
        "use crate::{a, b::*};", "mod m;", "impl<T> A<T> for B {", "pub fn k(&self) {", "#[x]", "/// doc\n", "macro_rules! m {",
    ]
)  # fmt: skip


@pytest.mark.parametrize("language", ["python", "typescript", "javascriptreact", "go", "rust", "ruby"])
@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=25).map("".join), st.data())
def test_any_text_is_taken_apart(language: str, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    snapshot = Snapshot("file:///a", 1, language, text)
    found = surroundings(None, "a", snapshot, span)
    assert found.used == ()
    lines = len(snapshot.lines)
    for one in found.own:
        for excerpt in (one.whole, one.brief, one.least):
            flat = [row for rows in excerpt.rows for row in rows]
            assert flat == sorted(flat)
            assert all(0 <= row <= lines for row in flat)
            assert all(first < last for first, last in excerpt.rows)
    for scope in found.scopes:
        assert 0 <= scope.start <= scope.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        '"""\n' * 20_000,
        "@a\n" * 20_000,
        "a = [\n" * 20_000,
        "class A(" + "B," * 50_000,
        "x." * 100_000,
    ],
    ids=["brackets", "quotes", "decorators", "lists", "bases", "dots"],
)
def test_no_text_takes_long(text: str) -> None:
    """The limit of a test is a minute; what is quadratic in these takes longer."""
    assert surroundings(None, "a", Snapshot("file:///a", 1, "python", text), Span(0, 0)).used == ()
