"""The tables at a tiny size: each has its rows, and each row its figures. No time is judged."""

import pytest

from tests.bench import action, change, figures, land, suggestion
from tests.bench.servers import BARE, KIMI, Server

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
