"""Requests and tokens a minute: the pure window, the queue of all processes, pauses, and clocks that go back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.kimi import Key, limits
from kimi_lsp.kimi.limits import LOOK, MINUTE, SERVICE_LIMITS, Hold, Limits, Slot, delay
from kimi_lsp.kimi.state import State
from tests.kimi.books import NOON

TWO = Limits(requests=2)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    state = State(tmp_path)
    with closing(state._opened()) as opened:
        yield opened


def test_the_service_s_own() -> None:
    assert Limits(50, 2_000_000) == SERVICE_LIMITS


def test_the_window() -> None:
    full = [Slot(NOON - 50, 1), Slot(NOON - 20, 1)]
    assert delay([], 1, TWO, NOON) is None
    assert delay(full[:1], 1, TWO, NOON) is None
    assert delay(full, 1, TWO, NOON) == Hold(MINUTE - 50, "requests")
    assert delay(full, 1, TWO, NOON, ahead=1) == Hold(MINUTE - 20, "requests")
    assert delay([Slot(NOON - MINUTE - 0.001, 1), full[1]], 1, TWO, NOON) is None
    assert delay(full, 1, Limits(), NOON) is None
    assert delay([Slot(None, 1), full[0]], 1, TWO, NOON) == Hold(MINUTE - 50, "requests")
    assert delay([Slot(None, 1)] * 2, 1, TWO, NOON) == Hold(LOOK, "requests")
    assert delay([], 1, TWO, NOON, ahead=1) == Hold(LOOK, "queue")


def test_the_window_of_tokens() -> None:
    few = Limits(tokens=1000)
    used = [Slot(NOON - 50, 600), Slot(NOON - 20, 300)]
    assert delay(used, 100, few, NOON) is None
    assert delay(used, 101, few, NOON) == Hold(MINUTE - 50, "tokens")
    assert delay(used, 701, few, NOON) == Hold(MINUTE - 20, "tokens")
    assert delay([], 5000, few, NOON) is None
    assert delay(used, 5000, few, NOON) == Hold(MINUTE - 20, "tokens")
    assert delay([Slot(None, 900)], 101, few, NOON) == Hold(LOOK, "tokens")


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0, 20), st.floats(0, 20)), min_size=1, max_size=30),
)
def test_no_minute_ever_has_more_than_the_limit(most: int, asked: list[tuple[float, float, float]]) -> None:
    """Each asks some time after the one before; its way takes a while, and so does the news that it arrived."""
    now = 0.0
    sent: list[tuple[float, float]] = []
    for gap, way, news in asked:
        now += gap
        while True:
            slots = [Slot(seen if seen <= now else None, 0) for _, seen in sent]
            hold = delay(slots, 0, Limits(requests=most), now)
            if hold is None:
                break
            now += hold.seconds
        sent.append((now + way, now + way + news))
    for arrival, _ in sent:
        assert sum(arrival <= other <= arrival + 60 for other, _ in sent) <= most


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 1500)), min_size=1, max_size=30))
def test_no_minute_ever_has_more_tokens_than_the_limit(asked: list[tuple[float, int]]) -> None:
    now, slots = 0.0, list[Slot]()
    for gap, tokens in asked:
        now += gap
        while (hold := delay(slots, tokens, Limits(tokens=1000), now)) is not None:
            now += hold.seconds
        slots.append(Slot(now, tokens))
    for slot in slots:
        assert slot.at is not None
        inside = [
            other.tokens for other in slots if other.at is not None and slot.at <= other.at <= slot.at + 60
        ]
        assert sum(inside) <= 1000 or sum(inside) == max(inside)


@given(st.lists(st.tuples(st.floats(-200, 60), st.integers(0, 3)), min_size=1, max_size=40))
def test_a_clock_that_jumps_back_holds_nobody_longer_than_a_minute(steps: list[tuple[float, int]]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        State(Path())._prepare(memory)
        now = NOON
        for number, (step, _) in enumerate(steps):
            now += step
            hold = limits.take(memory, str(number), "me", 0, TWO, now)
            if hold is None:
                limits.arrived(memory, str(number), now)
            else:
                assert hold.seconds <= MINUTE
                limits.leave(memory, str(number))


def test_first_come_first_served(db: sqlite3.Connection) -> None:
    now = NOON
    for ident in "ab":
        assert limits.take(db, ident, "me", 1, TWO, now) is None
        limits.arrived(db, ident, now)
    assert limits.take(db, "c", "me", 1, TWO, now) == Hold(MINUTE, "requests")
    now += 20
    assert limits.take(db, "d", "me", 1, TWO, now) == Hold(MINUTE - 20, "requests")
    for _ in range(2):
        now += 20
        limits.take(db, "c", "me", 1, TWO, now - 15)
        limits.take(db, "d", "me", 1, TWO, now - 15)
    now = NOON + MINUTE + 0.01
    assert limits.take(db, "d", "me", 1, TWO, now) == Hold(LOOK, "queue")
    assert limits.take(db, "c", "me", 1, TWO, now) is None
    assert limits.take(db, "d", "me", 1, TWO, now) is None


def test_a_place_that_is_given_back_or_left_alone_is_free(db: sqlite3.Connection) -> None:
    for ident in "ab":
        limits.take(db, ident, "me", 1, TWO, NOON)
    for ident in "cde":
        assert limits.take(db, ident, "me", 1, TWO, NOON) is not None
    limits.leave(db, "c")
    limits.leave(db, "a")
    assert limits.take(db, "e", "me", 1, TWO, NOON) is not None
    # `d` is killed: after a while without a look its place is gone.
    assert limits.take(db, "e", "me", 1, TWO, NOON + 29) is not None
    assert limits.take(db, "e", "me", 1, TWO, NOON + 31) is None


def test_a_request_on_its_way_counts_until_its_process_is_surely_gone(db: sqlite3.Connection) -> None:
    one = Limits(requests=1)
    assert limits.take(db, "a", "me", 1, one, NOON) is None
    assert limits.take(db, "b", "me", 1, one, NOON + 600) == Hold(LOOK, "requests")
    assert limits.take(db, "b", "me", 1, one, NOON + 3_600) is None


def test_an_account_is_held_back_by_itself_only(db: sqlite3.Connection) -> None:
    one = Limits(requests=1)
    assert limits.take(db, "a", "me", 1, one, NOON) is None
    assert limits.take(db, "b", "you", 1, one, NOON) is None
    assert limits.take(db, "c", "me", 1, one, NOON) is not None


def test_the_estimate_is_replaced_by_what_was_used(db: sqlite3.Connection) -> None:
    few = Limits(tokens=1000)
    assert limits.take(db, "a", "me", 900, few, NOON) is None
    limits.arrived(db, "a", NOON)
    assert limits.take(db, "b", "me", 900, few, NOON) == Hold(MINUTE, "tokens")
    limits.used(db, "a", 100)
    assert limits.take(db, "b", "me", 900, few, NOON) is None


def test_a_pause_holds_for_all_but_for_who_waits_by_itself(db: sqlite3.Connection) -> None:
    limits.pause(db, "me", 30, NOON)
    limits.pause(db, "me", 5, NOON)
    assert limits.take(db, "a", "me", 1, Limits(), NOON + 10) == Hold(20, "pause")
    assert limits.take(db, "b", "you", 1, Limits(), NOON + 10) is None
    limits.leave(db, "a")
    assert limits.take(db, "c", "me", 1, Limits(), NOON + 10, later=20) is None
    assert limits.take(db, "d", "me", 1, Limits(), NOON + 30) is None


def test_a_fingerprint_is_the_same_for_the_same_account_only(db: sqlite3.Connection, tmp_path: Path) -> None:
    secret = "sk-empiriolabs-Zx81mQ04pLr7"
    one = limits.fingerprint(db, "https://api.example", Key(secret))
    assert one == limits.fingerprint(db, "https://api.example", Key(secret))
    others = {
        limits.fingerprint(db, "https://api.example", Key("another-key")),
        limits.fingerprint(db, "https://other.example", Key(secret)),
    }
    other_state = State(tmp_path / "another")
    with closing(other_state._opened()) as another:
        others.add(limits.fingerprint(another, "https://api.example", Key(secret)))
    assert len(others - {one}) == 3
    db.execute("PRAGMA wal_checkpoint")
    assert not any(secret.encode() in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
