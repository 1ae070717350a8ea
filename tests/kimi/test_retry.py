"""When to ask again, and after how long."""

from datetime import UTC, datetime

import pytest

from kimi_lsp.kimi import errors
from kimi_lsp.kimi.retry import backoff, retry_after, should_retry

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "3"}, 3.0),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:20 GMT"}, 20.0),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:20"}, 20.0),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_the_pause_that_a_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(("value", "said"), [("true", True), (" False", False), ("maybe", None), ("", None)])
def test_what_a_server_says_about_asking_again(value: str, said: bool | None) -> None:
    assert should_retry({"x-should-retry": value}) is said
    assert should_retry({}) is None


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (errors.RateLimited("h"), True),
        (errors.Overloaded("h"), True),
        (errors.ServiceFault("h"), True),
        (errors.Unreachable("h"), True),
        (errors.ConnectTimedOut("h"), True),
        (errors.RateLimited("h", retry_after=7.5), 7.5),
        (errors.RateLimited("h", retry_after=0.0), 0.0),
        (errors.RateLimited("h", retry_after=61.0), False),
        (errors.RateLimited("h", should_retry=False), False),
        (errors.QuotaUsed("h", retry_after=1.0, should_retry=True), False),
        (errors.RequestRejected("h", should_retry=True), False),
        (errors.KeyRejected("h"), False),
        (errors.NoFirstData("h"), False),
        (errors.WentSilent("h"), False),
        (errors.StreamCut("h"), False),
        (errors.UntrustedCertificate("h"), False),
        (errors.ProxyFailed("h"), False),
        (RuntimeError(), False),
    ],
)
def test_whether_to_ask_again(error: Exception, pause: bool | float) -> None:
    assert backoff(error) == pause
    assert isinstance(backoff(error), bool) is isinstance(pause, bool)
