"""A tree is asked for again where another thread has disturbed the parser, and a text's own faults pass."""

import ast
from unittest import mock

import pytest

from kimi_lsp.project.python_tree import tree


def test_what_another_thread_disturbed_is_asked_again() -> None:
    disturbed = SystemError("AST constructor recursion depth mismatch (before=36, after=215)")
    with mock.patch("ast.parse", side_effect=[disturbed, disturbed, ast.Module([], [])]) as asked:
        assert isinstance(tree("a"), ast.Module)
    assert asked.call_count == 3


@pytest.mark.parametrize("text", ["def", "\0", "x = (" * 300])
def test_a_text_that_is_no_python_is_told(text: str) -> None:
    with pytest.raises((SyntaxError, ValueError, RecursionError, MemoryError)):
        tree(text)
