"""Whether two texts are the same code: comments and docstrings do not count, everything else does."""

import pytest

from kimi_lsp.project.same_code import same_code

PYTHON = "class Größe:\n    def f(self, a=1):\n        return a\n"
SCRIPT = "class A {\n\tf(a = 1) {\n\t\treturn `${a} // no`;\n\t}\n}\n"


@pytest.mark.parametrize(
    ("before", "after", "language", "same"),
    [
        (PYTHON, PYTHON.replace("class Größe:\n", 'class Größe:\n    """Said."""\n\n'), "python", True),
        (PYTHON, PYTHON.replace("        return", "        # why\r\n        return"), "python", True),
        ("def f(): ...\n", 'def f():\n    """Said."""\n', "python", True),
        (PYTHON, PYTHON.replace("a=1", "a=2"), "python", False),
        (PYTHON, PYTHON.replace("return a", "'no docstring'\n        return a"), "python", True),
        (PYTHON, PYTHON.replace("return a", "return 'a'"), "python", False),
        (PYTHON, PYTHON.replace("return a", "return a)"), "python", False),
        ("def f(:\n", "def f():\n", "python", None),
        ("\ufeffx = 1\n", "\ufeff# é\nx = 1\n", "python", True),
        (SCRIPT, SCRIPT.replace("\tf(", "\t/** Gibt a. */\n\tf("), "javascript", True),
        (SCRIPT, SCRIPT.replace("// no", "// yes"), "javascript", False),
        (SCRIPT, SCRIPT.replace("return", "/* é */ return"), "typescript", True),
        (SCRIPT, SCRIPT.replace("a = 1", "a = 2"), "typescript", False),
        ("func F() {}\n", "// F does it.\nfunc F() {}\n", "go", True),
        ("fn f() {}\n", "/// Does it.\nfn f() {}\n", "rust", True),
        ("a = 1", "a = 2", "cobol", None),
    ],
)
def test_code_is_told_from_what_is_said_about_it(
    before: str, after: str, language: str, same: bool | None
) -> None:
    assert same_code(before, after, language) is same
