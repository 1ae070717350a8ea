"""Waiting for the wire, but not for ever: each wait stands under the limits that apply to it."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from kimi_lsp.kimi.errors import TimedOut

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limit:
    """A point of time, and what it means to pass it."""

    when: float
    """Seconds on the event loop's clock."""
    error: TimedOut

    @classmethod
    def after(cls, seconds: float, kind: type[TimedOut], host: str) -> "Limit":
        """Return the limit so many seconds from now."""
        return cls(asyncio.get_running_loop().time() + seconds, kind(host, what=f"{seconds:g}"))


async def within(work: Awaitable[T], *limits: Limit) -> T:
    """Return what the work gives, or cancel it and raise the error of the limit that passed first.

    A cancellation from outside passes through.
    """
    first = min(limits, key=lambda limit: limit.when)
    timer = asyncio.timeout_at(first.when)
    try:
        async with timer:
            return await work
    except TimeoutError:
        if not timer.expired():
            raise
    raise first.error
