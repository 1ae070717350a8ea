"""The tables at a tiny size: each has its rows, and each row its figures. No time is judged."""

from pathlib import Path

import pytest

from tests.bench import action, change, context, figures, land, suggestion
from tests.bench.servers import BARE, KIMI, Server
from tests.bench.uses import Package

MISSING = Server("missing", ("no-such-program-anywhere",))


def test_change_has_a_row_for_each_server_and_way() -> None:
    rows = list(change.table(1, (20,), 50, (BARE, KIMI, MISSING)))
    names = [row[:34].strip() for row in rows[2:]]
    ways = [f"{KIMI.name}, {way}" for way in ("typed", "in a job", "in a job, typed")]
    assert names == [BARE.name, KIMI.name, MISSING.name, *ways]
    measured = [row for row in rows[2:] if not row.startswith("missing")]
    assert all(len(row[34:].split()) == 2 for row in measured)
    assert rows[4].split() == ["missing", "not", "installed"]


def test_action_measures_a_menu_in_each_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "LONG", 50)
    rows = list(action.table(1, 3, (BARE,)))
    assert [row[:34].strip() for row in rows[2::2]] == [BARE.name] * 4 + [KIMI.name] * 2
    assert all(0 < float(row.split()[-3]) <= float(row.split()[-1]) for row in rows[2::2])


def test_land_measures_each_fix() -> None:
    rows = list(land.table(2, (40,)))
    assert [len(row.split()) for row in rows[2:]] == [3]
    assert 0 < float(rows[2].split()[1]) <= float(rows[2].split()[2])


def test_suggestions_are_made_and_typed_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestion, "CHANGES", 10)
    rows = list(suggestion.table(1, (60,), 4))
    assert [len(row.split()) for row in (rows[2], rows[4])] == [4, 4]
    assert 0 < float(rows[2].split()[1]) <= float(rows[2].split()[3])


def test_figures_are_medians_with_their_ratios() -> None:
    found = figures.medians({"one": [(1.0, 9.0), (3.0, 8.0), (2.0, 7.0)], "none": []})
    assert found == {"one": [2.0, 8.0], "none": []}
    assert figures.row("one", [4.0, 8.0], "6.1f", found["one"]).split() == [
        "one",
        "4.0",
        "2.00x",
        "8.0",
        "1.00x",
    ]
    assert figures.percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert figures.percentile([3.0, 1.0, 2.0], 1.0) == 3.0
    assert len(figures.python_text(25).split("\n")) == 26


def test_context_measures_what_is_shown() -> None:
    rows = list(context.table(("httpx_sse",), (16_000,), 5))
    assert [row[:34].strip() for row in rows[2:]] == ["httpx_sse, 16,000", "the file alone"]
    for row in rows[2:]:
        cells = [float(cell.replace(",", "")) for cell in row[34:].split()]
        recall, whole, tokens, unrelated, again, stable, least, middle, slow = cells
        assert 0 <= whole <= recall <= 1
        assert 0 < least <= stable <= 1
        assert 0 < again <= 1
        assert 0 <= unrelated < tokens <= 16_000
        assert 0 < middle <= slow


SOURCES = {
    "shop/__init__.py": "from .money import *\n",
    "shop/money.py": "def rounded(x):\n    return x\n\n\nclass Base:\n    def up(self):\n        return 1\n",
    "shop/cart.py": (
        "from . import money\nfrom shop import rounded as r\n\n\nLIMIT = 3\n\n\nclass Cart(money.Base):\n"
        "    def total(self, rounded) -> 'Cart':\n        r(LIMIT)\n        rounded(1)\n        return self.up()\n\n"
        "    def one(self):\n        return money.rounded(self.total(1))\n\n\ndef alone(x):\n    return x\n"
    ),
}


def test_the_truth_that_is_measured_against(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = {one.name: one for one in Package(tmp_path, "shop").functions()}
    uses = {name: sorted(f"{use.path}:{use.name}" for use in one.uses) for name, one in found.items()}
    assert uses == {
        "Cart.total": ["shop/cart.py:LIMIT", "shop/money.py:Base.up", "shop/money.py:rounded"],
        "Cart.one": ["shop/cart.py:Cart.total", "shop/money.py:rounded"],
    }
    assert (found["Cart.one"].first, found["Cart.one"].last) == (14, 15)
