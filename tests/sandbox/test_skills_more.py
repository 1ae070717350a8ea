"""The sandbox's skills for documentation, names, tests and commits: what they write is so, and they say what they cannot."""

import ast
from pathlib import PurePosixPath
from typing import Any

import pytest

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.skills import better_names, comment_above, draft_tests, tell_commit
from tests.sandbox.asking import answered, changed


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        (
            "javascript",
            "class Größe {\n\tcents(n) {\n\t\treturn n\n\t}\n}\n",
            "/** Größe (drafted by the sandbox from its name). */\nclass Größe {\n"
            "\t/** cents (drafted by the sandbox from its name). */\n\tcents(n) {\n\t\treturn n\n\t}\n}\n",
        ),
        (
            "go",
            "package a\n\nfunc (c *Cart) Add(n int) {\n\tif n > 0 {\n\t}\n}\n",
            "package a\n\n// Add (drafted by the sandbox from its name).\nfunc (c *Cart) Add(n int) {\n\tif n > 0 {\n\t}\n}\n",
        ),
        (
            "rust",
            "/// Said.\npub fn a() {}\npub(crate) fn é() {}\n",
            "/// Said.\npub fn a() {}\n/// é (drafted by the sandbox from its name).\npub(crate) fn é() {}\n",
        ),
    ],
)
def test_a_comment_comes_above_what_has_none(language: str, before: str, after: str, end: str) -> None:
    text = before.replace("\n", end)
    assert changed("document", text, language=language, path="a.x") == after.replace("\n", end)


def test_a_selection_says_which_are_documented() -> None:
    text = "def a():\n    return 1\n\n\nclass B:\n    def c(self):\n        return 2\n"
    assert changed("document", text, selection=(1, 2)).count('"""') == 2
    assert changed("document", text, selection=(5, 7)).count('"""') == 4
    assert changed("document", text, selection=(7, 7)).count('"""') == 2
    done = answered("document", changed("document", text))
    assert not done.edits
    assert "There is no function or class without a docstring." in done.text
    assert comment_above.document(Document.of("a.hs", "haskell", "f = 1\n"), None).changes == ()


def test_a_name_is_what_the_code_says_it_is() -> None:
    text = "def f(items, s):\n\tn = größe(items)\n\tfor x in items:\n\t\ts += x.é + n\n\treturn s\n"
    got = changed("renameBetter", text, instruction="")
    assert got == (
        "def f(items, s):\n\tgröße_result = größe(items)\n\tfor item in items:\n\t\ts += item.é + größe_result\n\treturn s\n"
    )
    asked = answered("renameBetter", text, instruction="`n` to `anzahl`")
    assert asked.more == {"names": [{"old": "n", "new": "anzahl"}]}
    for unclear in ("`s` to `total`", "`n` to `items`", "`none`"):
        assert not answered("renameBetter", text, instruction=unclear).edits
    assert better_names.rename(Document.of("a.py", "python", "def f(:\n"), None, "").changes == ()


def test_drafted_tests_hold() -> None:
    text = (
        "def one(a, *, b=1, **c):\n    return a\n\n\ndef _two():\n    return 2\n\n\nclass Three:\n    pass\n"
    )
    code = Document.of("src/shop/cart.py", "python", text)
    outcome = draft_tests.draft(code, None, Document.of("tests/test_cart.py", "", ""))
    files: Any = outcome.more["files"]
    new = files[0]
    scope: dict[str, object] = {}
    exec(text, scope)
    written = new["text"].replace("from shop.cart import Three, one", "")
    exec(written, scope)
    names = [name for name in scope if name.startswith("test_")]
    assert len(names) == 2
    for name in names:
        scope[name]()  # type: ignore[operator]
    again = draft_tests.draft(code, None, Document.of("tests/test_cart.py", "python", new["text"]))
    assert not again.more
    assert ast.parse(new["text"])


def test_a_script_s_tests_import_it_from_where_they_are() -> None:
    text = "export function größe() {}\nexport class Cart {}\nfunction inner() {}\n"
    code = Document.of("src/a.ts", "typescript", text)
    beside = draft_tests.draft(code, None, Document.of("src/a.test.ts", "", ""))
    away = draft_tests.draft(code, (2, 2), Document.of("tests/unit/a.test.ts", "", ""))
    assert 'import { Cart, größe } from "./a.ts";' in str(beside.more)
    assert 'import { Cart } from "../../src/a.ts";' in str(away.more)
    assert PurePosixPath("tests/unit/../../src/a.ts").parts.count("..") == 2
    assert draft_tests.draft(Document.of("a.rb", "ruby", ""), None, Document.of("b.rb", "", "")).more == {}


def test_a_commit_is_counted() -> None:
    diff = (
        "diff --git a/ü.py b/ü.py\n--- a/ü.py\n+++ b/ü.py\n@@ -1 +1,2 @@\n-a\n+b\n+++c\ndiff --git a/b b/c\n"
    )
    assert tell_commit.tell(Document.of("", "diff", diff)).startswith(
        "Change ü.py and 1 more (sandbox)\n\n2 lines come and 1 go.\n"
    )
