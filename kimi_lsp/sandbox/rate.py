"""The account's limit of requests a minute, by a clock of the sandbox's own that a test can let run faster."""

import time
from collections import deque
from collections.abc import Callable

from kimi_lsp.sandbox.errors import Rejected

_MINUTE = 60.0


class Clock:
    """Seconds since the start; with a scale of 60 a second of the wall counts as a minute."""

    def __init__(self, wall: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._scale = 1.0
        self._since = wall()
        self._told = 0.0

    @property
    def scale(self) -> float:
        """How much faster than the wall it runs."""
        return self._scale

    def now(self) -> float:
        """Return the seconds that have passed on this clock."""
        return self._told + (self._wall() - self._since) * self._scale

    def run(self, scale: float) -> None:
        """Run at another pace from now on; what has passed stays."""
        self._told, self._since = self.now(), self._wall()
        self._scale = scale


class Rate:
    """Lets `limit` requests through in any minute, or all where it is None."""

    def __init__(self, limit: int | None, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._admitted: deque[float] = deque()

    def admit(self) -> None:
        """Let a request through. Raises Rejected, 429, where the minute is full; such a request does not count."""
        now = self._clock.now()
        while self._admitted and self._admitted[0] <= now - _MINUTE:
            self._admitted.popleft()
        if self.limit is not None and len(self._admitted) >= self.limit:
            message = f"The account's limit of {self.limit} requests a minute is reached."
            raise Rejected(429, message, kind="rate_limit_error", code="rate_limit_exceeded")
        self._admitted.append(now)
