"""Calendar days, wherever the user is."""

from datetime import UTC, date, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.kimi.clock import Clock
from tests.kimi.books import NOON

ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours))) | st.none()


def test_a_day_is_the_calendar_s() -> None:
    assert Clock(zone=UTC).day(NOON) == date(2026, 11, 23)
    assert Clock(zone=timezone(timedelta(hours=13))).day(NOON) == date(2026, 11, 24)
    assert Clock(zone=UTC).start(date(2026, 11, 23)) == NOON - 43_200


@given(st.integers(0, 4_000_000_000), ZONES)
def test_a_moment_lies_in_its_day(moment: int, zone: timezone | None) -> None:
    clock = Clock(zone=zone)
    day = clock.day(moment)
    assert clock.start(day) <= moment < clock.start(day + timedelta(days=1))
