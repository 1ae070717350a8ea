"""The innermost function or class around a place, marked in the texts with `|` where it matters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project.outline import Scope, enclosing, outline
from kimi_lsp.text import Span


def around(marked: str, language: str) -> tuple[Scope | None, str]:
    """Ask for the scope at the mark, or between two marks; return it and the text without marks."""
    start = marked.index("|")
    text = marked[:start] + marked[start + 1 :]
    end = text.find("|")
    if end >= 0:
        text = text[:end] + text[end + 1 :]
    return enclosing(text, language, Span(start, end if end >= 0 else start)), text


PYTHON = """\
import x

class A:
    @deco(
        1)
    def f(self):
        é = "é"; |y = 1

    z = 2

async def g(): pass
"""


def test_python_takes_the_innermost_with_its_decorators() -> None:
    scope, text = around(PYTHON, "python")
    assert scope is not None
    assert (scope.name, scope.kind) == ("f", "function")
    assert scope.span.of(text) == '    @deco(\n        1)\n    def f(self):\n        é = "é"; y = 1'


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        (PYTHON.replace("|", "").replace("z = 2", "z |= 2"), "A"),
        (PYTHON.replace("|", "").replace("import", "im|port"), None),
        (PYTHON.replace("|", "").replace("async def g", "async |def g"), "g"),
        ("def f():\n    a\n\n|\ndef g():\n    b\n", None),
        ("|def f():\n    a\n|\ndef g():\n    b\n", "f"),
        ("def f():\n    |a\n\ndef g():\n    b|\n", None),
        ("def f():\r\n    a\f|\r\n", "f"),
    ],
)
def test_python_by_its_tree(marked: str, name: str | None) -> None:
    scope, _ = around(marked, "python")
    assert (scope.name if scope else None) == name


@pytest.mark.parametrize(
    ("marked", "name", "written"),
    [
        (
            "class A:\n    @d\n    def f(self):\n        x = (|\n\n    def g(self):\n        pass\n",
            "f",
            "    @d\n    def f",
        ),
        ("class A:\n    def f(self):\n        x = (\n\n    def g|(self):\n        pass\n", "g", "    def g"),
        ("class A:\n    def f(self):\n        x = 1\n    y = (|\n", "A", "class A"),
        ("def f(\n    a,\n):\n    |return (\n", "f", "def f("),
        ("def f():\n    pass\nx = (|\n", None, ""),
    ],
)
def test_broken_python_by_its_indentation(marked: str, name: str | None, written: str) -> None:
    scope, text = around(marked, "python")
    assert (scope.name if scope else None) == name
    if scope:
        assert scope.span.of(text).startswith(written)


@pytest.mark.parametrize(
    ("language", "marked", "name", "kind", "written"),
    [
        ("javascript", "export const f = (a) => {\n  |return a;\n};\n", "f", "function", "export const f"),
        ("javascript", "class A {\n  m() {\n    [1].map(x => |x);\n  }\n}\n", "m", "function", "  m() {"),
        ("javascript", "export default function f() { |}\n", "f", "function", "export default"),
        ("typescript", "interface A {\n  |b: string;\n}\n", "A", "class", "interface A"),
        ("typescriptreact", "function P() {\n  return <p>|é</p>;\n}\n", "P", "function", "function P"),
        ("go", "package a\n\n// é\nfunc (c *C) Sum() int {\n\treturn |1\n}\n", "Sum", "function", "func (c"),
        ("go", "package a\n\ntype C struct {\n\t|n int\n}\n", "C", "class", "type C"),
        (
            "rust",
            "impl C {\n    #[test]\n    fn sum(&self) {\n        |1\n    }\n}\n",
            "sum",
            "function",
            "    #[test]",
        ),
        ("rust", "impl C {\n|    fn sum() {}\n    fn b() {}\n|}\n", "C", "class", "impl C"),
    ],
)
def test_other_languages_by_tree_sitter(
    language: str, marked: str, name: str, kind: str, written: str
) -> None:
    scope, text = around(marked, language)
    assert scope is not None
    assert (scope.name, scope.kind) == (name, kind)
    assert scope.span.of(text).startswith(written)
    assert scope.span.of(text).endswith(("}", ";", "pass"))


def test_an_unknown_language_has_no_scopes() -> None:
    assert enclosing("def f():\n    pass\n", "cobol", Span(0, 0)) is None


FRAGMENTS = st.sampled_from(
    [
        "def f():",
        "class A:",
        "    ",
        "\t",
        "\n",
        "\r\n",
        "x = (",
        ")",
        "é",
        "@d",
        "\f",
        "pass",
        "# c",
        "\ud800",
    ]
)


@given(pieces=st.lists(FRAGMENTS, max_size=30), data=st.data())
def test_a_scope_always_holds_what_it_was_asked_for(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    start = data.draw(st.integers(0, len(text)))
    scope = enclosing(text, data.draw(st.sampled_from(["python", "javascript", "rust"])), Span(start, start))
    if scope:
        assert scope.span.start <= start <= scope.span.end <= len(text)


@pytest.mark.parametrize(
    ("marked", "name", "whole"),
    [
        ("\ufeffdef é(): re|turn 1\n", "é", "\ufeffdef é(): return 1"),
        ("\ufeffclass A:\n    def f(self):\n        re|turn 1\n", "f", "    def f(self):\n        return 1"),
        # Also where it does not parse.
        ("\ufeffdef f():\n    x = (|\n", "f", "\ufeffdef f():\n    x = ("),
    ],
)
def test_a_byte_order_mark_hides_nothing(marked: str, name: str, whole: str) -> None:
    scope, text = around(marked, "python")
    assert scope is not None
    assert (scope.name, scope.span.of(text)) == (name, whole)
    found = outline(text, "python")
    assert found is not None
    assert name in [one.name for one in found]
