"""Each repair is put into the text as its edits say, and the result is read by Python."""

import ast

import pytest

from tests.sandbox.asking import answered, changed, problem


def ends(text: str, end: str) -> str:
    return text.replace("\n", end)


# An import that is missing


@pytest.mark.parametrize(
    ("wording", "tags"),
    [
        ("Undefined name `os`", ("F821", "ruff", "error")),
        ("undefined name 'os'", ("pyflakes", "error")),
        ('"os" is not defined', ("reportUndefinedVariable", "pyright", "warning")),
        ('Name "os" is not defined', ("name-defined", "mypy", "error")),
        ("Undefined variable 'os'", ("E0602", "pylint", "error")),
    ],
)
def test_a_module_is_imported_whatever_the_checker_calls_it(wording: str, tags: tuple[str, ...]) -> None:
    text = "def here():\n    return os.getcwd()\n"
    assert changed("fix", text, problems=[problem(2, wording, *tags)]) == "import os\n\n\n" + text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '"""Doc."""\n\n\ndef f():\n    return json\n',
            '"""Doc."""\n\nimport json\n\n\ndef f():\n    return json\n',
        ),
        (
            '"""Doc.\n\nMore.\n"""\nfrom __future__ import annotations\n\nx = json\n',
            '"""Doc.\n\nMore.\n"""\nfrom __future__ import annotations\n\nimport json\n\nx = json\n',
        ),
        ("import abc\nimport os\n\nx = json\n", "import abc\nimport json\nimport os\n\nx = json\n"),
        ("import os\n\nx = json\n", "import json\nimport os\n\nx = json\n"),
        ("import abc\n\nx = json\n", "import abc\nimport json\n\nx = json\n"),
        ("import numpy\n\nx = json\n", "import json\n\nimport numpy\n\nx = json\n"),
        ("#!/usr/bin/env python\nx = json\n", "#!/usr/bin/env python\nimport json\n\nx = json\n"),
        ("# A licence.\n\nx = json\n", "# A licence.\n\nimport json\n\nx = json\n"),
        ("# About x.\nx = json\n", "import json\n\n# About x.\nx = json\n"),
        ("@cached\ndef f():\n    json\n", "import json\n\n\n@cached\ndef f():\n    json\n"),
        ("x = 'naïve 🐍'; y = json\n", "import json\n\nx = 'naïve 🐍'; y = json\n"),
    ],
)
def test_an_import_goes_where_imports_go(before: str, after: str, end: str) -> None:
    before, after = (text.replace("json\n", "json.loads\n") for text in (before, after))
    before, after = (text.replace("import json.loads\n", "import json\n") for text in (before, after))
    row = next(number for number, line in enumerate(before.split("\n"), 1) if "json" in line)
    got = changed("fix", ends(before, end), problems=[problem(row, "undefined name 'json'", "F821")])
    assert got == ends(after, end)
    assert isinstance(ast.parse(got), ast.Module)


@pytest.mark.parametrize(
    ("use", "line"),
    [
        ("Path('a')", "from pathlib import Path"),
        ("defaultdict(list)", "from collections import defaultdict"),
        ("dataclass(int)", "from dataclasses import dataclass"),
        ("datetime.now()", "from datetime import datetime"),
        ("datetime.timezone", "import datetime"),
        ("Any", "from typing import Any"),
    ],
)
def test_a_well_known_name_is_imported_from_its_module(use: str, line: str) -> None:
    name = use.partition("(")[0].partition(".")[0]
    got = changed("fix", f"x = {use}\n", problems=[problem(1, f"Undefined name `{name}`", "F821")])
    assert got == f"{line}\n\nx = {use}\n"


def test_several_names_are_imported_together() -> None:
    text = "from typing import Any\n\nx: Any = Path(os.sep), Optional, Counter, OrderedDict\n"
    names = ["Path", "os", "Optional", "Counter", "OrderedDict"]
    got = changed("fix", text, problems=[problem(3, f"undefined name '{name}'", "F821") for name in names])
    assert got == (
        "import os\nfrom collections import Counter, OrderedDict\nfrom pathlib import Path\n"
        "from typing import Any, Optional\n\n" + text.partition("\n\n")[2]
    )


@pytest.mark.parametrize(
    "text", ["x = banana\n", "x = string\n", "x = token()\n", "x = this.s\n", "datetime.now, datetime.UTC\n"]
)
def test_an_unknown_or_doubtful_name_is_left_alone(text: str) -> None:
    name = text.removeprefix("x = ").partition(".")[0].strip("()\n")
    answer = answered("fix", text, problems=[problem(1, f"undefined name '{name}'", "F821")])
    assert answer.edits == ()
    assert answer.text.startswith("(sandbox) The sandbox knows only")
    assert name in answer.text


def test_a_byte_order_mark_stays_in_front() -> None:
    got = changed("fix", "\ufeffx = os.sep\n", problems=[problem(1, "undefined name 'os'", "F821")])
    assert got == "\ufeffimport os\n\nx = os.sep\n"


def test_no_import_is_put_into_a_part_without_the_head() -> None:
    finding = problem(200, "undefined name 'os'", "F821")
    assert answered("fix", "x = os.sep\n", problems=[finding], part="lines 200-200").edits == ()


# An import that is not used


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "wording", "after"),
    [
        ("import os\nimport re\nre.X\n", "`os` imported but unused", "import re\nre.X\n"),
        ("import os\n\n\nx = 1\n", "'os' imported but unused", "x = 1\n"),
        ("import re, os\nre.X\n", "`os` imported but unused", "import re\nre.X\n"),
        ("import numpy as np\nx = 1\n", "`numpy as np` imported but unused", "x = 1\n"),
        ("import numpy as np\nx = 1\n", "`numpy` imported but unused", "x = 1\n"),
        ("import os.path\nx = 1\n", "`os.path` imported but unused", "x = 1\n"),
        (
            "from typing import Any, List  # é\nAny\n",
            "`typing.List` imported but unused",
            "from typing import Any  # é\nAny\n",
        ),
        ("from . import a, b\na\n", "`.b` imported but unused", "from . import a\na\n"),
        (
            "from typing import (\n    Any,\n    List,\n)\nAny\n",
            "`typing.Any` imported but unused",
            "from typing import (\n    List,\n)\nAny\n",
        ),
        (
            "from typing import (Any,\n    List)\nAny\n",
            "`typing.List` imported but unused",
            "from typing import Any\nAny\n",
        ),
        ("def f():\n    import os\n", "`os` imported but unused", "def f():\n    pass\n"),
        (
            "class A:\n    def f(self):\n        import os\n        return 1\n",
            "Unused import os",
            "class A:\n    def f(self):\n        return 1\n",
        ),
        ("from pathlib import Path\nx = 1\n", "Unused Path imported from pathlib", "x = 1\n"),
        ("from pathlib import Path\nx = 1\n", 'Import "Path" is not accessed', "x = 1\n"),
        ("from pathlib import Path\nx = 1\n", '"Path" is not accessed', "x = 1\n"),
    ],
)
def test_an_unused_import_is_removed(before: str, wording: str, after: str, end: str) -> None:
    row = next(number for number, line in enumerate(before.split("\n"), 1) if "import" in line)
    if "(\n" in before:
        row = 2
    got = changed("fix", ends(before, end), problems=[problem(row, wording, "x")])
    assert got == ends(after, end)
    assert isinstance(ast.parse(got), ast.Module)


def test_several_unused_imports_of_one_statement_are_removed_together() -> None:
    text = "from typing import Any, List, Dict\nAny\n"
    findings = [problem(1, f"`typing.{name}` imported but unused", "F401") for name in ("List", "Dict")]
    assert changed("fix", text, problems=findings) == "from typing import Any\nAny\n"


def test_a_body_of_unused_imports_alone_keeps_a_statement() -> None:
    text = "def f():\n    import os\n    import re\n"
    findings = [
        problem(2, "`os` imported but unused", "F401"),
        problem(3, "`re` imported but unused", "F401"),
    ]
    assert changed("fix", text, problems=findings) == "def f():\n    pass\n"


def test_one_name_of_a_long_import_is_a_short_edit() -> None:
    names = [f"name_{number}" for number in range(30)]
    text = "from m import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
    finding = problem(16, "`m.name_14` imported but unused", "F401")
    (edit,) = answered("fix", text, problems=[finding]).edits or ()
    assert edit["search"] == "    name_14,\n    name_15,"
    assert changed("fix", text, problems=[finding]) == text.replace("    name_14,\n", "")


def test_what_is_removed_does_not_hide_what_is_not() -> None:
    findings = [
        problem(1, "`os` imported but unused", "F401"),
        problem(2, "`re` imported but unused", "F401"),
    ]
    answer = answered("fix", "import os\nimport re; x = 1\n", problems=findings)
    assert len(answer.edits or ()) == 1
    assert "shares its line" in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "import os; x = 1\n",
        "try:\n    import os\nexcept ImportError:\n    x = 1\n",
        "from m import (os, a,  # noqa\n    b)\n",
        "import re\n",
    ],
)
def test_an_import_that_cannot_be_removed_safely_is_left_alone(text: str) -> None:
    row = 2 if text.startswith("try") else 1
    assert answered("fix", text, problems=[problem(row, "`os` imported but unused", "F401")]).edits == ()


# None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if a == None:\n    b\n", "if a is None:\n    b\n"),
        ("if a!=None:\n    b\n", "if a is not None:\n    b\n"),
        ("x = '== None é' and a == None or None != b\n", "x = '== None é' and a is None or None is not b\n"),
        ("x = (a) == (None)\n", "x = (a) is (None)\n"),
        ("x = a == b == None\n", "x = a == b is None\n"),
        ("x = [y for y in z if y == None]  # == None\n", "x = [y for y in z if y is None]  # == None\n"),
        ("x = '🐍', a == None\n", "x = '🐍', a is None\n"),
    ],
)
def test_none_is_compared_by_identity(before: str, after: str, end: str) -> None:
    got = changed(
        "fix",
        ends(before, end),
        problems=[problem(1, "Comparison to `None` should be `cond is None`", "E711")],
    )
    assert got == ends(after, end)
    assert isinstance(ast.parse(got), ast.Module)


def test_two_findings_on_one_line_are_one_change() -> None:
    findings = [problem(1, "Comparison to `None`", "E711", column=column) for column in (3, 14)]
    assert changed("fix", "x = a == None, b == None\n", problems=findings) == "x = a is None, b is None\n"


# Mutable defaults


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        (
            "def f(a, b=[]):\n    return b\n",
            1,
            "def f(a, b=None):\n    if b is None:\n        b = []\n    return b\n",
        ),
        (
            'class A:\n    class B:\n\tdef f(self, é: dict[str, int] = {}):\n\t\t"""Doc."""\n\t\treturn é\n'.replace(
                "\t", "        "
            )
            .replace("                return", "            return")
            .replace('                """', '            """'),
            3,
            'class A:\n    class B:\n        def f(self, é: dict[str, int] | None = None):\n            """Doc."""\n'
            "            if é is None:\n                é = {}\n            return é\n",
        ),
        (
            "async def f(\n    a: 'list[int]' = [],\n    *,\n    b: Optional[list] = list(),\n):\n    # why\n    await a\n",
            2,
            "async def f(\n    a: 'list[int] | None' = None,\n    *,\n    b: Optional[list] = list(),\n):\n"
            "    if a is None:\n        a = []\n    # why\n    await a\n",
        ),
        (
            "def f(*, b: Optional[set] = {1, 2}):\n  return b\n",
            1,
            "def f(*, b: Optional[set] = None):\n  if b is None:\n    b = {1, 2}\n  return b\n",
        ),
    ],
)
def test_a_mutable_default_moves_into_the_body(before: str, line: int, after: str, end: str) -> None:
    got = changed(
        "fix",
        ends(before, end),
        problems=[problem(line, "Do not use mutable data structures for argument defaults", "B006")],
    )
    assert got == ends(after, end)
    assert isinstance(ast.parse(got), ast.Module)


def test_only_the_default_that_is_pointed_at_moves() -> None:
    text = "def f(a=[], b={}, c=make()):\n    return a\n"
    got = changed("fix", text, problems=[problem(1, "mutable default", "B006", column=15)])
    assert got == "def f(a=[], b=None, c=make()):\n    if b is None:\n        b = {}\n    return a\n"


def test_a_finding_on_the_function_means_all_its_mutable_defaults() -> None:
    text = "def f(\n    a=[],\n    b={}, c=make(), d=collections.deque()\n):\n    return a\n"
    got = changed("fix", text, problems=[problem(1, "Dangerous default value [] as argument", "W0102")])
    head = "def f(\n    a=None,\n    b=None, c=make(), d=None\n):\n    if a is None:\n        a = []\n"
    assert got.startswith(head)
    assert got.endswith("        d = collections.deque()\n    return a\n")


@pytest.mark.parametrize(
    "text", ["def f(a=[]): return a\n", "f = lambda a=[]: a\n", "def f(a=[\n    1]):\n    return a\n"]
)
def test_a_default_that_cannot_be_moved_is_left_alone(text: str) -> None:
    assert answered("fix", text, problems=[problem(1, "mutable default", "B006")]).edits == ()


# Bare except, missing colon


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_bare_except_names_the_exception(end: str) -> None:
    before = "def f():\n    try:\n        g()\n    except:  # whatever, é\n        pass\n"
    got = changed("fix", ends(before, end), problems=[problem(4, "Do not use bare `except`", "E722")])
    assert got == ends(before.replace("except:", "except Exception:"), end)
    assert isinstance(ast.parse(got), ast.Module)


def test_an_except_with_a_name_is_left_alone() -> None:
    text = "try:\n    f()\nexcept ValueError:\n    pass\n"
    assert answered("fix", text, problems=[problem(3, "Do not use bare `except`", "E722")]).edits == ()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("broken", "line", "column"),
    [
        ("def f(a)\n    return a\n", 1, 9),
        ("class A\n    x = 1\n", 1, 8),
        ("if a == ':#':\n    b\nelse  # no\n    c\n", 3, 5),
        ("for x in y\n    pass\n", 2, 1),
        ("def f(\n    a,\n)\n    return a\n", 3, 2),
        ("class A:\n    def é(self)\n        return '🐍'\n", 2, 16),
        ("if a print(b)\n", 1, 6),
    ],
)
def test_a_missing_colon_is_put_in(broken: str, line: int, column: int, end: str) -> None:
    finding = problem(line, "Expected ':', found newline", "invalid-syntax", "ruff", "error", column=column)
    got = changed("fix", ends(broken, end), problems=[finding])
    assert got.replace(":", "") == ends(broken, end).replace(":", "")
    assert isinstance(ast.parse(got), ast.Module)


def test_no_colon_is_added_where_it_does_not_help() -> None:
    assert answered("fix", "x = = 1\n", problems=[problem(1, "expected ':'", "invalid-syntax")]).edits == ()


# The rest


def test_the_answer_to_an_unknown_problem_says_what_the_sandbox_knows() -> None:
    answer = answered(
        "fix", "x = 1 + 'a'\n", problems=[problem(1, "unsupported operand", "operator", "mypy", "error")]
    )
    assert answer.edits == ()
    assert "an unused import" in answer.text
    assert "unsupported operand [operator, mypy, error] on line 1" in answer.text


def test_what_can_be_fixed_is_fixed_and_the_rest_is_named() -> None:
    findings = [problem(1, "undefined name 'os'", "F821"), problem(1, "too long", "E501")]
    answer = answered("fix", "x = os.sep\n", problems=findings)
    assert answer.edits
    assert "cannot fix the rest: too long [E501] on line 1" in answer.text


@pytest.mark.parametrize("kind", ["fix", "refactor"])
def test_other_languages_are_not_touched(kind: str) -> None:
    answer = answered(
        kind, "let x = os.sep;\n", problems=[problem(1, "undefined name 'os'", "F821")], language="rust"
    )
    assert answer.edits == ()
    assert "cannot change rust" in answer.text


def test_code_that_is_nested_too_deeply_is_refused_not_crashed_on() -> None:
    text = "x = " + "-" * 5000 + "1\n"
    assert answered("fix", text, problems=[problem(1, "Comparison to `None`", "E711")]).edits == ()
