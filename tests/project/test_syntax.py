"""Syntax errors, and those that an edit would bring in."""

import sys
import warnings

import pytest

from kimi_lsp.project.syntax import SyntaxProblem, look, new_problems, problems
from kimi_lsp.text import Span


def new(before: str, after: str, language: str) -> tuple[SyntaxProblem, ...]:
    return new_problems(look(before, language), [(Span(0, len(before)), after)])


# Each row: language, a valid text, an invalid one and the line of its error.
TEXTS = [
    ("python", "\ufeffx = 1\r\n", "x = 1\nif x\n", 2),
    ("json", '\ufeff{"a": 1}', '{\r\n"a": 1,\r\n"b"}', 3),
    ("toml", "a = 1\r\n", "a = 1\nb =\n", 2),
    ("toml", "a = 1\n", "a = 1\nb = '''", 2),
    ("javascript", "const a = (b) => b;\n", "const a = 1;\nfunction (\n", 2),
    ("typescript", "const a: number = 1;\n", "let x: = 1;\n", 1),
    ("typescriptreact", "const a = <p>b</p>;\n", "const a = <p>b;\n", 1),
    ("go", "package a\n\nfunc f() {}\n", "package a\n\nfunc f( {}\n", 3),
    ("rust", "fn f() {}\n", "fn f() {\n", 1),
]


@pytest.mark.parametrize(("language", "good", "bad", "line"), TEXTS)
def test_errors_are_found_where_they_are(language: str, good: str, bad: str, line: int) -> None:
    assert problems(good, language) == ()
    found = problems(bad, language)
    assert found
    assert found[0].line == line
    assert found[0].message


def test_nobody_can_tell_without_a_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems("x", "cobol") is None
    monkeypatch.setitem(sys.modules, "tree_sitter_go", None)
    assert problems("func (", "go") is None
    assert new("", "func (", "go") == ()


def test_only_new_errors_count() -> None:
    before = "function a( {\n}\nlet b = 1;\n"
    assert new(before, "\n\n" + before, "javascript") == ()
    assert new("let b = 1;\n", "let b = ;\n", "javascript")
    assert new("x = (\n", "x = ()\n", "python") == ()
    assert new("x = ()\n", "x = (\n", "python") == (SyntaxProblem(1, "'(' was never closed"),)


def test_parsing_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert problems('x = "\\d"\nassert (1, "a")\n', "python") == ()


@pytest.mark.parametrize("text", ["x = \ud800", "a\0b", "(" * 5000, "-" * 100_000 + "1"])
def test_hostile_python_is_an_error_not_a_crash(text: str) -> None:
    assert problems(text, "python")


def test_hostile_data_is_no_crash() -> None:
    assert problems("[" * 200_000, "json")
    assert problems("a = " + "[" * 200_000, "toml")
    assert problems("1" * 10_000, "json") == ()


def test_the_number_of_errors_is_limited() -> None:
    found = problems("let = ;\n" * 5000, "javascript")
    assert found is not None
    assert 0 < len(found) <= 100


def test_a_tree_is_parsed_again_where_it_changed() -> None:
    before = "function a() {\n  return 'ä';\n}\n" * 50 + "let b = 1;\n"
    known = look(before, "javascript", lambda: None)
    assert known.found == ()
    at = before.index("let b")
    assert new_problems(known, [(Span(at, at), "let é = 2;\n"), (Span(at + 8, at + 9), "")]) == new(
        "", before[:at] + "let é = 2;\n" + before[at:].replace("1", ""), "javascript"
    )
    assert new_problems(known, [(Span(at, at), "let é = 2;\n")]) == ()
