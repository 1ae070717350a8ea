"""Refactorings keep what the code does: the old and the new text are run side by side."""

import ast
import itertools
from typing import Any

import pytest

from tests.sandbox.asking import answered, changed

GUARDS = "use guard clauses"


def results(text: str, name: str = "f") -> list[object]:
    """Call a function with every pair of some values."""
    scope: dict[str, Any] = {}
    exec(text, scope)
    out: list[object] = []
    for pair in itertools.product([None, 0, 1, "x", [], [1]], repeat=2):
        try:
            out.append(scope[name](*pair))
        except ValueError as error:
            out.append(str(error))
    return out


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "def f(a, b):\n    if a:\n        if b:\n            return 1\n",
            "def f(a, b):\n    if not a:\n        return\n    if not b:\n        return\n    return 1\n",
        ),
        (
            "def f(a, b):\n    if a is not None:\n        c = 'é'\n        if not b:\n            return c\n    return 0\n",
            "def f(a, b):\n    if a is None:\n        return 0\n    c = 'é'\n    if b:\n        return 0\n    return c\n",
        ),
        (
            "def f(a, b):\n    if a:  # why\n        if a == b:\n            a = 2\n\n            b = 3\n    return 0\n",
            "def f(a, b):\n    if not a:  # why\n        return 0\n    if a != b:\n        return 0\n    a = 2\n\n    b = 3\n    return 0\n",
        ),
        (
            "def f(a, b):\n    if a:\n        if b:\n            return '''\n            x\n'''\n        else:\n            raise ValueError('b')\n    else:\n        raise ValueError('a')\n",
            "def f(a, b):\n    if not a:\n        raise ValueError('a')\n    if not b:\n        raise ValueError('b')\n    return '''\n            x\n'''\n",
        ),
        (
            "def f(a, b):\n    if a and b or a == 0:\n        if a in (0, 1):\n            return a\n",
            "def f(a, b):\n    if not (a and b or a == 0):\n        return\n    if not (a in (0, 1)):\n        return\n    return a\n",
        ),
    ],
)
def test_nested_ifs_become_guard_clauses_that_do_the_same(before: str, after: str, end: str) -> None:
    before, after = before.replace("\n", end), after.replace("\n", end)
    got = changed("refactor", before, instruction=GUARDS, selection=(2, 3))
    assert got == after
    assert results(got) == results(before)


def test_only_the_selected_method_is_flattened() -> None:
    method = "    def {0}(self, a):\n        if a:\n            if self.x:\n                return a\n"
    text = "class A:\n" + method.format("one") + "\n" + method.format("two")
    got = changed("refactor", text, instruction="flatten the nested ifs", selection=(9, 9))
    assert got.startswith(
        "class A:\n"
        + method.format("one")
        + "\n    def two(self, a):\n        if not a:\n            return\n"
    )
    assert isinstance(ast.parse(got), ast.Module)


def test_a_long_body_is_edited_in_pieces_of_at_most_eight_lines() -> None:
    body = "".join(f"            a = a + {number}\n" for number in range(40))
    text = f"def f(a, b):\n    if a == 1:\n        if b == 1:\n{body}            return a\n"
    edits = answered("refactor", text, instruction=GUARDS).edits or ()
    assert len(edits) > 4
    assert all(edit["search"].count("\n") < 8 for edit in edits)
    got = changed("refactor", text, instruction=GUARDS)
    assert results(got) == results(text)


@pytest.mark.parametrize(
    "text",
    [
        "def f(a, b):\n    if a:\n        if b:\n            return 1\n    return g()\n",
        "def f(a, b):\n    if a:\n        b = 1\n    elif b:\n        b = 2\n",
        "def f(a, b):\n    if a: return 1\n",
        "def f(a, b):\n    for c in a:\n        if b:\n            c()\n",
        "def f(a, b):\n    if (a and\n            b):\n        return 1\n",
    ],
)
def test_ifs_that_cannot_leave_early_are_left_alone(text: str) -> None:
    answer = answered("refactor", text, instruction=GUARDS)
    assert answer.edits == ()
    assert "cannot do this here" in answer.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_docstring_is_written_from_the_signature(end: str) -> None:
    text = "class A:\n    def totalPrice(self, é, *, tax=0, **rest):\n        # why\n        if tax:\n            raise ValueError(tax)\n        return é\n"
    got = changed("refactor", text.replace("\n", end), instruction="Add a docstring", selection=(2, 2))
    assert got == (
        "class A:\n    def totalPrice(self, é, *, tax=0, **rest):\n"
        '        """Total price (drafted by the sandbox from the signature).\n\n'
        '        Parameters: é, tax, **rest. Raises: ValueError.\n        """\n'.replace(
            ". Raises", ".\n        Raises"
        )
        + "        # why\n        if tax:\n            raise ValueError(tax)\n        return é\n"
    ).replace("\n", end)
    function = ast.parse(got).body[0]
    assert isinstance(function, ast.ClassDef)
    assert "Total price" in (ast.get_docstring(function.body[0]) or "")  # type: ignore[arg-type]


def test_an_existing_docstring_is_left_alone() -> None:
    answer = answered(
        "refactor", 'def f():\n    """Doc."""\n', instruction="add a docstring", selection=(1, 1)
    )
    assert answer.edits == ()
    assert "`f` has a docstring already" in answer.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "instruction", "after"),
    [
        (
            '"""Doc."""\nimport os\n\nx = "not found"\nprint("not found", f"not found {x}")\n',
            "extract the repeated literal",
            '"""Doc."""\nimport os\n\nNOT_FOUND = "not found"\n\nx = NOT_FOUND\nprint(NOT_FOUND, f"not found {x}")\n',
        ),
        (
            "def f(a):\n    return a * 86400 + 86400\n",
            "name the magic number SECONDS_A_DAY",
            "SECONDS_A_DAY = 86400\n\n\ndef f(a):\n    return a * SECONDS_A_DAY + SECONDS_A_DAY\n",
        ),
        (
            "A_B = 1\nx = {'a b': 'a b', 'é': 'a b'}\n",
            "extract a constant",
            "A_B_2 = 'a b'\n\n\nA_B = 1\nx = {A_B_2: A_B_2, 'é': A_B_2}\n",
        ),
    ],
)
def test_a_repeated_literal_gets_a_name(before: str, instruction: str, after: str, end: str) -> None:
    got = changed("refactor", before.replace("\n", end), instruction=instruction)
    assert got == after.replace("\n", end)
    assert isinstance(ast.parse(got), ast.Module)


@pytest.mark.parametrize(
    "text",
    [
        "x = 'once'\n",
        "match x:\n    case 'aa' | 'aa':\n        pass\n",
        "def f(a: Literal['aa']) -> 'aa': ...\n",
        "x = f'{\"aa\"}' f'{\"aa\"}'\n",
    ],
)
def test_a_literal_that_no_name_can_stand_for_is_left_alone(text: str) -> None:
    assert answered("refactor", text, instruction="extract the literal to a constant").edits == ()


def test_a_general_wish_is_answered_by_what_the_code_allows() -> None:
    text = "def f(a, b):\n    if a:\n        if b:\n            return 1\n"
    assert "if not a:" in changed("refactor", text, instruction="Simplify this")


def test_an_unknown_wish_is_refused_with_what_the_sandbox_knows() -> None:
    answer = answered("refactor", "x = 1\n", instruction="make it async")
    assert answer.edits == ()
    assert answer.text.startswith("(sandbox) The sandbox knows only")
    assert "cannot do what the instruction asks for" in answer.text
