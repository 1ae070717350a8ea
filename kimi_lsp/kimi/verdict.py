"""Which error a failed answer is: from its HTTP status and from what the server said."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from kimi_lsp.kimi.errors import (
    ContentRefused,
    ContextOverflow,
    KeyRejected,
    KimiError,
    ModelNotFound,
    NoCredit,
    Overloaded,
    QuotaUsed,
    RateLimited,
    RequestRejected,
    RequestTooLarge,
    ServiceFault,
)
from kimi_lsp.kimi.retry import retry_after, should_retry
from kimi_lsp.kimi.wire.fault import Fault

_BY_NAME: dict[str, type[KimiError]] = {
    "missing_api_key": KeyRejected,
    "invalid_api_key": KeyRejected,
    "invalid_authentication_error": KeyRejected,
    "incorrect_api_key_error": KeyRejected,
    "authentication_error": KeyRejected,
    "permission_denied_error": KeyRejected,
    "permission_error": KeyRejected,
    "insufficient_credits": NoCredit,
    "billing_error": NoCredit,
    "model_not_found": ModelNotFound,
    "resource_not_found_error": ModelNotFound,
    "not_found_error": ModelNotFound,
    "exceeded_current_quota_error": QuotaUsed,
    "insufficient_quota": QuotaUsed,
    "rate_limit_exceeded": RateLimited,
    "rate_limit_reached_error": RateLimited,
    "rate_limit_error": RateLimited,
    "engine_overloaded_error": Overloaded,
    "overloaded_error": Overloaded,
    "model_unavailable": Overloaded,
    "server_unavailable": Overloaded,
    "unavailable_error": Overloaded,
    "content_filter": ContentRefused,
    "request_too_large": RequestTooLarge,
    "exceed_context_size_error": ContextOverflow,
    "context_length_exceeded": ContextOverflow,
}
"""Names that say more than a status does."""

_BY_STATUS: dict[int, type[KimiError]] = {
    401: KeyRejected,
    402: NoCredit,
    403: KeyRejected,
    404: ModelNotFound,
    408: ServiceFault,
    409: ServiceFault,
    413: RequestTooLarge,
    429: RateLimited,
    503: Overloaded,
    529: Overloaded,
}

_OURS = ("invalid_", "image_", "unsupported_")
"""Beginnings of names for what is wrong with a request; they count where there is no status."""
_OVERFLOW = re.compile(
    r"token length too long|model token limit|context (?:size|length|window)|too many tokens|prompt is too long"
)
_QUOTA = re.compile(r"current quota|quota (?:is )?(?:used up|exhausted)")
_LONGEST = 2000
"""Characters that are kept of what a server says."""


def judge(
    status: int | None,
    fault: Fault,
    headers: Mapping[str, str],
    *,
    host: str,
    model: str,
    hide: Callable[[str], str],
) -> KimiError:
    """Return the error that an answer stands for.

    The status is None for an error in mid-stream. `hide` takes the key out of a text.
    """
    status = status if status is not None else fault.status
    kind = _kind(status, fault)
    where = f" (HTTP {status})" if status is not None else ""
    return kind(
        host,
        what=where if kind is ServiceFault else model,
        said=plain(fault.message, hide),
        retry_after=retry_after(headers),
        should_retry=should_retry(headers),
    )


def plain(said: str, hide: Callable[[str], str]) -> str:
    """Return a server's words on one line, without control or direction characters and without the key."""
    visible = "".join(char if unicodedata.category(char)[0] != "C" else " " * char.isspace() for char in said)
    return hide(" ".join(visible.split()))[:_LONGEST]


def _kind(status: int | None, fault: Fault) -> type[KimiError]:
    message = fault.message.lower()
    kind = next((_BY_NAME[name] for name in fault.names if name in _BY_NAME), None)
    if kind is None and status is not None:
        kind = _BY_STATUS.get(status) or (RequestRejected if 400 <= status < 500 else ServiceFault)
    if kind is None:
        ours = any(name.startswith(_OURS) for name in fault.names)
        kind = RequestRejected if ours else ServiceFault
    if kind in (RequestRejected, RequestTooLarge) and _OVERFLOW.search(message):
        return ContextOverflow
    if kind is RequestRejected and "considered high risk" in message:
        return ContentRefused
    if kind is RateLimited and _QUOTA.search(message):
        return QuotaUsed
    return kind
