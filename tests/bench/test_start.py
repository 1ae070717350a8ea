"""The measurement itself: that it measures each server and notices one that does not answer. No time is judged."""

import sys

import pytest

from tests.bench import start

BARE = start.SERVERS["bare Python loop"]


def test_every_server_is_measured_in_every_round() -> None:
    times = start.measure({"one": BARE, "two": BARE}, 2)
    assert {name: len(taken) for name, taken in times.items()} == {"one": 2, "two": 2}
    assert all(taken > 0 for taken in times["one"])


@pytest.mark.parametrize("name", start.SERVERS)
def test_a_server_answers_and_ends(name: str) -> None:
    assert start.once(start.SERVERS[name]) > 0


def test_a_server_that_ends_too_soon_is_an_error_and_not_a_time() -> None:
    with pytest.raises((RuntimeError, BrokenPipeError)):
        start.once((sys.executable, "-c", "pass"))
