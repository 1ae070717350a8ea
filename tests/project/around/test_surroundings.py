"""What lies around a place: definitions over imports, members over classes, the project's own words, and no more."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kimi_lsp.project import languages
from kimi_lsp.project.around.shelf import Reach
from kimi_lsp.project.around.surroundings import surroundings
from kimi_lsp.project.around.width import Width
from kimi_lsp.project.workspace import Workspace
from kimi_lsp.text import Diagnostic, Snapshot
from kimi_lsp.text.excerpt import Excerpt, Surroundings, Used


def found(
    root: Path,
    files: Mapping[str, str],
    at: str,
    part: str = "",
    *,
    width: Width = "definitions",
    opened: Mapping[str, str] | None = None,
    exclude: tuple[str, ...] = (),
    problems: Sequence[Diagnostic] = (),
    reach: Reach | None = None,
) -> Surroundings:
    """Write files and look around a part of one of them."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    text = files[at]
    snapshot = Snapshot((root / at).as_uri(), 1, languages.of(root / at), text)
    start = text.index(part)
    documents = {root / at: snapshot} | {
        root / name: Snapshot((root / name).as_uri(), 3, languages.of(root / name), words)
        for name, words in (opened or {}).items()
    }
    span = snapshot.line_span(
        snapshot.lines.line_at(start), snapshot.lines.line_at(max(start, start + len(part) - 1))
    )
    workspace = Workspace((root,), exclude, documents)
    return surroundings(workspace, at, snapshot, span, width, problems, reach)


def names(used: tuple[Used, ...], *, direct: bool = True) -> list[str]:
    return [f"{one.whole.path}:{one.whole.what}" for one in used if one.direct or not direct]


def text(used: tuple[Used, ...], what: str, form: str = "whole") -> str:
    excerpt: Excerpt = getattr(next(one for one in used if one.whole.what == what), form)
    return excerpt.text


MONEY = "def rounded(value):\n    return round(value, 2)\n\n\ndef other():\n    pass\n"
CART = "from shop.money import rounded\n\n\ndef total(x):\n    return rounded(x)\n\n\ndef size():\n    return 1\n"


# Each row: files, the file in question, the part of it that is meant, and the definitions that it uses.
IMPORTS: list[tuple[dict[str, str], str, str, list[str]]] = [
    ({"shop/cart.py": CART, "shop/money.py": MONEY}, "shop/cart.py", "def total", []),
    ({"shop/cart.py": CART, "shop/money.py": MONEY}, "shop/cart.py", "return rounded", ["shop/money.py:rounded"]),
    ({"src/shop/cart.py": CART, "src/shop/money.py": MONEY}, "src/shop/cart.py", "return rounded", ["src/shop/money.py:rounded"]),
    (
        {"apps/one/shop/__init__.py": "", "apps/one/shop/cart.py": CART, "apps/one/shop/money.py": MONEY},
        "apps/one/shop/cart.py", "return rounded", ["apps/one/shop/money.py:rounded"],
    ),
    (
        {"shop/__init__.py": "", "shop/cart.py": "from .money import rounded as r\nr(1)\n", "shop/money.py": MONEY},
        "shop/cart.py", "r(1)", ["shop/money.py:rounded"],
    ),
    (
        {"shop/deep/cart.py": "from ..money import rounded\nrounded(1)\n", "shop/money.py": MONEY},
        "shop/deep/cart.py", "rounded(1)", ["shop/money.py:rounded"],
    ),
    (
        {"a.py": "from shop import money\nmoney.rounded(1)\n", "shop/money.py": MONEY},
        "a.py", "money.rounded", ["shop/money.py:rounded"],
    ),
    (
        {"a.py": "import shop.money\nshop.money.rounded(1)\n", "shop/money.py": MONEY},
        "a.py", "shop.money.rounded", ["shop/money.py:rounded"],
    ),
    (
        {"a.py": "import shop.money as m\nm.rounded(1)\n", "shop/money.py": MONEY},
        "a.py", "m.rounded", ["shop/money.py:rounded"],
    ),
    (
        {"a.py": "from shop import rounded\nrounded(1)\n", "shop/__init__.py": "from .money import *\n", "shop/money.py": MONEY},
        "a.py", "rounded(1)", ["shop/money.py:rounded"],
    ),
    (
        {"a.py": "from b import x\nx()\n", "b.py": "from c import x\n", "c.py": "from b import x\n"},
        "a.py", "x()", [],
    ),
    ({"a.py": "import json\njson.dumps(1)\n"}, "a.py", "json.dumps", []),
    ({"a.py": "from .... import x\nx()\n"}, "a.py", "x()", []),
    ({"a.py": "from b import LIMIT\nx: 'LIMIT'\n", "b.py": "LIMIT = 3\n"}, "a.py", "x:", ["b.py:LIMIT"]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "at", "part", "expected"), IMPORTS)
def test_imports_are_followed(
    files: dict[str, str], at: str, part: str, expected: list[str], tmp_path: Path
) -> None:
    assert names(found(tmp_path, files, at, part).used) == expected


def test_what_the_rest_of_the_file_uses_is_told_apart(tmp_path: Path) -> None:
    around = found(tmp_path, {"shop/cart.py": CART, "shop/money.py": MONEY}, "shop/cart.py", "return 1")
    assert names(around.used) == []
    assert names(around.used, direct=False) == ["shop/money.py:rounded"]
    assert text(around.used, "rounded") == "def rounded(value):\n    return round(value, 2)\n"
    assert text(around.used, "rounded", "brief") == "def rounded(value):\n"


CLASSES = {
    "a.py": (
        "from b import Cart, Base\n\n\nclass Big(Base):\n    def one(self):\n        return self.up(self.two())\n\n"
        "    def two(self):\n        return 2\n\n    def three(self):\n        return Cart(1).total\n"
    ),
    "b.py": (
        "from c import Root\n\n\nclass Base(Root):\n    pass\n\n\nclass Cart:\n    size: int\n\n"
        "    def __init__(self, n):\n        self.n = n\n\n    @property\n    def total(self):\n        return 1\n\n"
        "    def unused(self):\n        return 0\n"
    ),
    "c.py": "class Root:\n    def up(self, x):\n        return x\n\n    def down(self):\n        return 0\n",
}


def test_members_are_found_in_the_classes_above(tmp_path: Path) -> None:
    around = found(tmp_path, CLASSES, "a.py", "return self.up(self.two())")
    assert names(around.used) == ["c.py:Root"]
    assert text(around.used, "Root", "least") == "class Root:\n    def up(self, x):\n"
    # The document's own, for where not all of it fits: where it begins, and the class with what is used of it.
    assert [one.whole.what for one in around.own] == ["imports", "Big"]
    assert text(around.own, "Big", "least") == "class Big(Base):\n    def two(self):\n"


def test_a_class_is_told_by_its_fields_and_the_members_that_are_named(tmp_path: Path) -> None:
    around = found(tmp_path, CLASSES, "a.py", "return Cart(1).total")
    assert text(around.used, "Cart", "least") == (
        "class Cart:\n    size: int\n\n    def __init__(self, n):\n    @property\n    def total(self):\n"
    )
    assert "unused" in text(around.used, "Cart")


def test_the_scopes_around_a_place(tmp_path: Path) -> None:
    around = found(tmp_path, CLASSES, "a.py", "return 2")
    assert [one.of(CLASSES["a.py"]).split("\n")[0] for one in around.scopes] == [
        "    def two(self):",
        "class Big(Base):",
    ]


def test_what_is_open_is_read_as_the_editor_has_it(tmp_path: Path) -> None:
    files = {"shop/cart.py": CART, "shop/money.py": MONEY}
    new = "\n\ndef rounded(value, digits):\n    return value\n"
    around = found(tmp_path, files, "shop/cart.py", "return rounded", opened={"shop/money.py": new})
    assert text(around.used, "rounded") == "def rounded(value, digits):\n    return value\n"
    # Also what was never saved.
    around = found(
        tmp_path, {"x.py": "from y import z\nz()\n"}, "x.py", "z()", opened={"y.py": "def z(): ...\n"}
    )
    assert names(around.used) == ["y.py:z"]


@pytest.mark.parametrize(
    ("rules", "exclude"),
    [({".gitignore": "money.py\n"}, ()), ({"shop/.kimiignore": "*\n"}, ()), ({}, ("shop/money.py",))],
)
def test_what_is_ignored_is_not_there(
    rules: dict[str, str], exclude: tuple[str, ...], tmp_path: Path
) -> None:
    files = {"shop/cart.py": CART, "shop/money.py": MONEY, **rules}
    around = found(tmp_path, files, "shop/cart.py", "return rounded", exclude=exclude)
    assert around.used == ()


def test_a_link_out_of_the_workspace_leads_nowhere(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "shop").mkdir(parents=True)
    (tmp_path / "money.py").write_text(MONEY)
    (root / "shop" / "money.py").symlink_to(tmp_path / "money.py")
    assert found(root, {"shop/cart.py": CART}, "shop/cart.py", "return rounded").used == ()


def test_only_the_file_where_nothing_else_is_wanted(tmp_path: Path) -> None:
    files = {**CLASSES, "AGENTS.md": "Be brief.\n"}
    around = found(tmp_path, files, "a.py", "return self.up(self.two())", width="file")
    assert (around.used, around.conventions) == ((), ())
    assert [one.whole.what for one in around.own] == ["imports", "Big"]


def test_a_look_ends(tmp_path: Path) -> None:
    many = {f"m{number}.py": f"def f{number}(): ...\n" for number in range(9)}
    main = "".join(f"from m{number} import f{number}\nf{number}()\n" for number in range(9))
    files = {**many, "a.py": main}
    assert len(found(tmp_path, files, "a.py").used) == 9
    assert len(found(tmp_path, files, "a.py", reach=Reach(files=4)).used) == 4
    assert len(found(tmp_path, files, "a.py", reach=Reach(bytes=40)).used) == 3
    assert found(tmp_path, files, "a.py", reach=Reach(largest=5)).used == ()
    assert found(tmp_path, files, "a.py", reach=Reach(seconds=-1)).used == ()


def test_a_folder_that_is_named_like_a_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "b.py").mkdir()
    assert found(tmp_path, {"a.py": "from b import x\nx()\n"}, "a.py", "x()").used == ()


PYPROJECT = '[project]\nname = "x"\n\n[tool.ruff]\nline-length = 99\n\n[tool.ruff.lint]\nselect = ["E"]\n\n[tool.other]\nkey = 1\n'


def test_the_project_s_own_words(tmp_path: Path) -> None:
    files = {
        "AGENTS.md": "Of all.\n",
        "shop/AGENTS.md": "Of the shop.\n",
        "CONTRIBUTING.md": "# Welcome\nFile an issue.\n## Code style\nTabs.\n## Code of conduct\n"
        + "Be kind.\n" * 100,
        ".editorconfig": "[*]\nindent_size = 4\n",
        "pyproject.toml": PYPROJECT,
        ".prettierrc": "{}\n",
        "shop/cart.py": CART,
    }
    around = found(tmp_path, files, "shop/cart.py")
    told = {one.path: one.text for one in around.conventions}
    assert list(told) == ["shop/AGENTS.md", "AGENTS.md", ".editorconfig", "pyproject.toml", "CONTRIBUTING.md"]
    assert told["pyproject.toml"] == ('[tool.ruff]\nline-length = 99\n\n[tool.ruff.lint]\nselect = ["E"]\n\n')
    assert told["CONTRIBUTING.md"] == "## Code style\nTabs.\n"
