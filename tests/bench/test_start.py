"""The measurement itself: that it measures each server and notices one that does not answer. No time is judged."""

import sys

import pytest

from tests.bench import start
from tests.bench.client import NoAnswer
from tests.bench.servers import BARE, KIMI, PYGLS, Server


@pytest.mark.parametrize("server", [BARE, PYGLS, KIMI], ids=lambda server: server.name)
def test_a_server_answers_and_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "SETTLED", 0.0)
    ready, menu, peak = start.once(server)
    assert 0 < ready <= menu
    assert peak != 0


def test_a_server_that_ends_too_soon_is_an_error_and_not_a_time() -> None:
    with pytest.raises(NoAnswer, match="request 1 did not come"):
        start.once(Server("none", (sys.executable, "-c", "pass")))


def test_the_table_has_a_row_for_each_server_and_for_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "SETTLED", 0.0)
    rows = list(start.table(1, (BARE, Server("missing", ("no-such-program-anywhere",)))))
    assert rows[2].startswith("bare Python loop")
    assert rows[2].count("1.00x") == 3
    assert rows[3].split() == ["missing", "not", "installed"]
    assert float(rows[4].split()[-1]) > 0
