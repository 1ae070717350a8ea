"""What the sandbox finds by itself, and the edits that it makes of it."""

import pytest

from kimi_lsp.edits import Proposal, plan
from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.skills.look_over import look_over

PYTHON = """\
from __future__ import annotations
import os
import json, sys
from re import (
    compile,
    match as found,
)

x: "Path" = json


class A:
    class B:
        def größe(self, order, x=[]):
            try:
                return order == None
            except:
                return x

        def f(self, order):
            if order is not None:
                if order:
                    return 1
            return 0
"""


def made(text: str, language: str = "python", **more: object) -> dict[str, str]:
    """Return the reasons, each with the text that the suggestion makes."""
    selection, changed = more.get("selection"), more.get("changed")
    found = look_over(Document.of("a.py", language, text), selection, changed)  # type: ignore[arg-type]
    texts = {}
    for one in found:
        edits = [Proposal.model_validate(edit) for edit in one["edits"]]  # type: ignore[attr-defined]
        texts[str(one["reason"])] = plan(text, edits).apply()
    return texts


@pytest.mark.parametrize("text", [PYTHON, PYTHON.replace("    ", "\t"), PYTHON.replace("\n", "\r\n")])
def test_what_is_found_in_python(text: str) -> None:
    found = made(text)
    assert list(found) == [
        "`os` is imported but not used (sandbox)",
        "`sys` is imported but not used (sandbox)",
        "`compile` is imported but not used (sandbox)",
        "`found` is imported but not used (sandbox)",
        "All calls share this mutable default (sandbox)",
        "A class may say what `==` None means; compare by `is` (sandbox)",
        "A bare except also catches an interruption (sandbox)",
        "The nested ifs of `f` can leave early (sandbox)",
    ]
    assert "import json\n" in found["`sys` is imported but not used (sandbox)"].replace("\r", "")
    assert "order is None" in found["A class may say what `==` None means; compare by `is` (sandbox)"]
    assert found["A bare except also catches an interruption (sandbox)"] == text.replace(
        "except:", "except Exception:"
    )


def test_only_what_is_meant() -> None:
    assert list(made(PYTHON, selection=(15, 17))) == [
        "A class may say what `==` None means; compare by `is` (sandbox)",
        "A bare except also catches an interruption (sandbox)",
    ]
    assert list(made(PYTHON, changed=frozenset({2}))) == ["`os` is imported but not used (sandbox)"]


def test_in_scripts_a_debugger_is_all() -> None:
    text = "function größe() {\r\n\tdebugger;\r\n\treturn 'ü' == null;\r\n}\r\n"
    for language in ("javascript", "typescript"):
        assert made(text, language) == {
            "A `debugger` was left behind (sandbox)": text.replace("\tdebugger;\r\n", "")
        }
    assert made(text, "java") == {}


@pytest.mark.parametrize(
    "text",
    ["", "import os\n\n__all__ = ['os']\n", "from a import b as b\n", "def f(:\n", "import os\n\nos\n"],
)
def test_what_is_in_order_is_left_alone(text: str) -> None:
    assert made(text) == {}
