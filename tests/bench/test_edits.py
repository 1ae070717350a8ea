"""A small sample of every kind: nothing is destroyed and what can be done is done. No time is judged."""

import pytest

from tests.bench import edits
from tests.bench.edits import score, speed

SEED, COUNT = 4, 6


@pytest.mark.parametrize("kind", score.KINDS)
def test_every_kind_goes_as_wanted(kind: str) -> None:
    made = list(score.cases(SEED, COUNT, [kind]))
    found = score.run(score.ours, made)[kind]
    assert found.cases == COUNT
    assert found.corrupt == 0
    assert found.as_wanted >= 0.99 * COUNT


def test_the_same_seed_gives_the_same_cases() -> None:
    kinds = ["verbatim", "several edits", "typed elsewhere"]
    assert list(score.cases(1, 2, kinds)) == list(score.cases(1, 2, kinds))
    assert list(score.cases(1, 2, kinds)) != list(score.cases(2, 2, kinds))


def test_the_plain_way_is_seen_to_destroy() -> None:
    made = list(score.cases(SEED, COUNT, ["left out in the replacement", "verbatim"]))
    scores = score.run(score.exact_unique, made)
    assert scores["left out in the replacement"].corrupt == COUNT
    assert scores["verbatim"].correct == COUNT


def test_another_text_than_the_wanted_is_corrupt() -> None:
    (case,) = score.cases(SEED, 1, ["verbatim"])
    assert score.verdict(case, case.text) == score.verdict(case, None) == "refused"
    assert score.verdict(case, case.text + "x") == "corrupt"


def test_speed_is_measured_for_every_tier() -> None:
    taken = speed.large(SEED, 2, 200)
    assert len(taken) == 8
    assert all(len(seconds) == 2 for seconds in taken.values())
    assert len(speed.reader(2, 2_000, 500)) == 2


def test_the_table_has_a_row_for_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "LINES", 200)
    rows = list(edits.table(SEED, 1, 1))
    assert all(any(row.startswith(kind) for row in rows) for kind in score.KINDS)
