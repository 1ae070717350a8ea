"""When to ask again, and after how long. Only before the first byte of an answer: what was generated is paid."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

import stamina

from kimi_lsp.kimi.errors import KimiError

ATTEMPTS = 3
"""Two retries: an editor's user would rather know than wait."""
LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more gets no retry, and the user is told at once."""


def attempts() -> AsyncIterator[stamina.Attempt]:
    """Iterate over attempts; the pause between two is the server's wish or, without one, grows with some jitter."""
    return aiter(
        stamina.retry_context(
            on=backoff, attempts=ATTEMPTS, timeout=None, wait_initial=1.0, wait_max=20.0, wait_jitter=1.0
        )
    )


def backoff(error: Exception) -> bool | float:
    """Tell whether to ask again: False, True for our own pause, or the server's pause in seconds.

    A server's `x-should-retry: false` is obeyed; its `true` does not make a quota or a bad request worth repeating.
    """
    if not isinstance(error, KimiError) or not error.again or error.should_retry is False:
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= LONGEST_WAIT else False


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the pause that a server asks for in seconds: `retry-after-ms`, else `Retry-After` (seconds or a date)."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """Return what `x-should-retry` says, or None."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if isfinite(number) and number >= 0 else None
