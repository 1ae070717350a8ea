"""The time, as something that is handed in: seconds for limits, and the user's own calendar for budgets.

It is the wall clock and not the monotonic one, because processes share it; so it may jump, and its readers must bear it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Clock:
    """What the time is and how to let it pass."""

    now: Callable[[], float] = time.time
    """Seconds since 1970, UTC."""
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    """Let so many seconds pass."""
    zone: tzinfo | None = None
    """Of the calendar; None is this machine's."""

    def day(self, moment: float) -> date:
        """Return the calendar day of a moment."""
        return datetime.fromtimestamp(moment, self.zone).date()

    def start(self, day: date) -> float:
        """Return the moment at which a calendar day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp()
