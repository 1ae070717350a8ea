"""The faults that the sandbox can be asked to show. Their names are an interface: tests and the command line use them.

A fault is written NAME, NAME:SECONDS (the Retry-After of 429, the delay of slow-first-byte) or either with *COUNT,
which means the next COUNT requests only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kimi_lsp.sandbox.asked import Asked
from kimi_lsp.sandbox.card import CONTEXT_TOKENS, MODEL
from kimi_lsp.sandbox.errors import Rejected, UnknownFault, no_model

STREAM_FAULTS = (
    "slow-first-byte",
    "stall",
    "cut",
    "comments-only",
    "invalid-utf8",
    "invalid-json",
    "stream-error",
    "missing-index",
    "duplicate-index",
)
"""Faults of the connection or of the stream."""
ANSWER_FAULTS = (
    "not-json-answer",
    "truncated-json",
    "fenced-json",
    "wrong-schema",
    "empty-length",
    "refusal",
    "tool-loop",
)
"""Faults of what the model says; those that name JSON leave a free text as it is, tool-loop a request without tools."""
FIELD_FAULTS = (
    "schema-rejected",
    "format-rejected",
    "disable-formatting-rejected",
)
"""Faults of a server that answers 400 to one field; a request without that field is answered as usual."""
STATUS_FAULTS = (
    "400-filter",
    "400-overflow",
    "401",
    "402",
    "403",
    "404",
    "413",
    "429",
    "429-bare",
    "429-quota",
    "500",
    "502-html",
    "503",
    "529",
)
"""Faults that are answered with an error status at once."""
NAMES = STATUS_FAULTS + STREAM_FAULTS + ANSWER_FAULTS + FIELD_FAULTS

BAD_GATEWAY_PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    b"<body><center><h1>502 Bad Gateway</h1></center><hr><center>sandbox</center></body>\r\n</html>\r\n"
)

_SPELLING = re.compile(r"(?P<name>[a-z0-9-]+)(?::(?P<seconds>\d+(?:\.\d+)?))?(?:\*(?P<count>[1-9]\d*))?")


_LIMIT = "The account's limit of requests a minute is reached."
_OVERFLOW = f"Your request exceeded model token limit : {CONTEXT_TOKENS}"
_RISK = "The request was rejected because it was considered high risk"
_QUOTA = "You exceeded your current quota, please check your plan and billing details."
_REJECTIONS: Mapping[str, tuple[int, str, str | None, str]] = {
    "400-filter": (400, "content_filter", None, _RISK),
    "400-overflow": (400, "invalid_request_error", None, _OVERFLOW),
    "401": (401, "authentication_error", "invalid_api_key", "The API key is inactive, expired or not found."),
    "402": (402, "billing_error", "insufficient_credits", "The account has not enough credits."),
    "403": (403, "permission_denied_error", "permission_denied", "The key may not use this model."),
    "413": (413, "request_too_large", "request_too_large", "The request body is too large."),
    "429": (429, "rate_limit_error", "rate_limit_exceeded", _LIMIT),
    "429-bare": (429, "rate_limit_error", "rate_limit_exceeded", _LIMIT),
    "429-quota": (429, "exceeded_current_quota_error", None, _QUOTA),
    "500": (500, "server_error", "server_error", "The server had an error."),
    "503": (503, "unavailable_error", "model_unavailable", "The model's worker is offline; retry shortly."),
    "529": (529, "overloaded_error", None, "Overloaded"),
}
"""Status, type, code and message of the faults that are answered at once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `seconds` is 1 where it was not said, `left` is None for every request from now on."""

    name: str
    seconds: float = 1.0
    left: int | None = None

    @classmethod
    def parse(cls, spelling: str) -> "Fault":
        """Read NAME, NAME:SECONDS, NAME*COUNT or NAME:SECONDS*COUNT. Raises UnknownFault."""
        match = _SPELLING.fullmatch(spelling)
        if match is None or match["name"] not in NAMES:
            raise UnknownFault(spelling, NAMES)
        return cls(
            match["name"], float(match["seconds"] or 1), int(match["count"]) if match["count"] else None
        )

    def spent(self) -> "Fault | None":
        """Return what is left after one request."""
        if self.left is None:
            return self
        return replace(self, left=self.left - 1) if self.left > 1 else None


def rejection(fault: Fault | None) -> Rejected | None:
    """Return the error answer of a status fault, or None where the fault is of another sort."""
    if fault is None:
        return None
    if fault.name == "404":
        return no_model(MODEL)
    if fault.name not in _REJECTIONS:
        return None
    status, kind, code, message = _REJECTIONS[fault.name]
    after = fault.seconds if fault.name == "429" else None
    return Rejected(status, message, kind=kind, code=code, retry_after=after)


def field_rejection(fault: Fault | None, format_field: str, asked: Asked, body: Any) -> Rejected | None:
    """Return the error of a server that does not take a field, or None where the request does not carry it.

    `format_field` is where the endpoint takes the format.
    """
    match fault.name if fault else "":
        case "schema-rejected" if asked.format and asked.format.schema is not None:
            field, what = format_field, f"{format_field} of the type json_schema"
        case "format-rejected" if asked.format:
            field = what = format_field
        case "disable-formatting-rejected" if "disable_formatting" in body:
            field = what = "disable_formatting"
        case _:
            return None
    return Rejected(400, f"Invalid request: {what} is not supported", param=field)
