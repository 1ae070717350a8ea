"""Callers, open documents, and where a problem's own explanation points: only where they are wanted."""

from pathlib import Path

import pytest

from kimi_lsp.text import Diagnostic, Related, Span
from tests.project.around.test_surroundings import CART, MONEY, found

LONG = "from shop.money import rounded\n\n\ndef long():\n" + "    x = 1\n" * 40 + "    return rounded(x)\n"
SHOP = {
    "shop/money.py": MONEY,
    "shop/cart.py": CART,
    "shop/long.py": LONG,
    "tests/test_money.py": "from shop.money import rounded\n\n\ndef test_it():\n    assert rounded(1) == 1\n",
    "web/page.py": "import shop.money\n\n\ndef page():\n    return shop.money.rounded(2)\n",
    "shop/notes.md": "rounded\n",
    "shop/ignored.py": "rounded(3)\n",
    ".gitignore": "ignored.py\n",
}


def test_callers_are_found_the_nearest_first_and_tests_last(tmp_path: Path) -> None:
    around = found(tmp_path, SHOP, "shop/money.py", "return round", width="callers")
    assert [one.path for one in around.callers] == [
        "shop/cart.py",
        "shop/long.py",
        "web/page.py",
        "tests/test_money.py",
    ]
    cart, long = around.callers[:2]
    assert cart.text == "def total(x):\n    return rounded(x)\n"
    assert long.text == "    x = 1\n" * 3 + "    return rounded(x)\n"
    assert found(tmp_path, SHOP, "shop/money.py", "return round").callers == ()


@pytest.mark.parametrize(
    ("part", "callers"),
    [
        ("def rounded(value):\n    return round(value, 2)\n\n\ndef other():\n    pass\n", 4),
        ("def other", 0),
    ],
)
def test_the_callers_are_those_of_what_is_meant(part: str, callers: int, tmp_path: Path) -> None:
    around = found(tmp_path, SHOP, "shop/money.py", part, width="callers")
    assert len(around.callers) == callers


def test_a_method_s_callers(tmp_path: Path) -> None:
    files = {
        "a.py": "class Cart:\n    def total(self):\n        return 1\n",
        "b.py": "def f(cart):\n    return cart.total()\n\n\ndef g():\n    totally()\n",
    }
    around = found(tmp_path, files, "a.py", "return 1", width="callers")
    assert [one.text for one in around.callers] == ["def f(cart):\n    return cart.total()\n"]


def test_open_documents_are_there_where_they_are_wanted(tmp_path: Path) -> None:
    opened = {
        "shop/money.py": "changed = 1\n",
        "web/page.py": "page = 1\n",
        "shop/notes.md": "words\n",
        "shop/ignored.py": "secret = 1\n",
        "empty.py": "",
    }
    around = found(tmp_path, SHOP, "shop/cart.py", "return rounded", width="tabs", opened=opened)
    assert [(one.path, one.text) for one in around.opened] == [
        ("shop/money.py", "changed = 1\n"),
        ("web/page.py", "page = 1\n"),
        ("shop/notes.md", "words\n"),
    ]
    narrower = found(tmp_path, SHOP, "shop/cart.py", "return rounded", width="callers", opened=opened)
    assert narrower.opened == ()


def test_a_problem_s_explanation_is_followed_inside_the_workspace(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (tmp_path / "outside.py").write_text("CANARY = 1\n")
    places = (
        Related(str(root / "shop" / "money.py"), 0, "defined here"),
        Related(str(root / "shop" / "cart.py"), 0, "used here"),
        Related(str(root / "shop" / "ignored.py"), 0, "and here"),
        Related(str(tmp_path / "outside.py"), 0, "and outside"),
        Related(str(root / "gone.py"), 0, "and nowhere"),
        Related(str(root / "web" / "page.py"), 99, "and too far"),
        Related("", 0, "and in no file"),
    )
    problem = Diagnostic(Span(0, 4), "bad", related=places)
    around = found(root, SHOP, "shop/cart.py", "return rounded", problems=[problem])
    assert [(one.path, one.rows) for one in around.related] == [("shop/money.py", ((0, 5),))]
    alone = found(root, SHOP, "shop/cart.py", "return rounded", problems=[problem], width="file")
    assert alone.related == ()
