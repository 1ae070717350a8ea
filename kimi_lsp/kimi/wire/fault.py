"""The shapes in which servers and gateways say that something failed, read into one.

Shapes met: OpenAI's and Anthropic's envelopes, FastAPI's `detail`, an envelope inside another's message as a JSON
string, plain text, and a proxy's HTML page.
"""

import html
import json
import re
from dataclasses import dataclass, replace
from typing import Any

_DEEPEST = 8
"""Steps into envelopes, two for each; gateways in front of gateways add one each."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a server said about its failure; each field may be empty."""

    message: str = ""
    names: tuple[str, ...] = ()
    """Codes and types in lower case, the innermost first: the inner one is the nearest to the cause."""
    status: int | None = None
    """An HTTP status, where the body holds one."""


class FaultInStream(Exception):
    """An error that came as an event, after HTTP 200."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Malformed(Exception):
    """An event that is not the protocol; the message says what is wrong with it, without quoting it."""


def read(body: str) -> Fault:
    """Read the body of an answer that is a failure."""
    body = body.strip()
    if body.startswith(("{", "[", '"')):
        try:
            return from_json(json.loads(body))
        except (ValueError, RecursionError):
            return Fault(body)
    if re.match(r"<(?:!doctype|html|head|body)\b", body, re.IGNORECASE):
        return Fault(_page(body))
    return Fault(body)


def from_json(value: object, depth: int = 0) -> Fault:
    """Read a failure out of a JSON value of any of the known shapes."""
    if isinstance(value, str):
        return _unwrapped(Fault(value), depth)
    if isinstance(value, list):
        return Fault("; ".join(_detail(item) for item in value[:5]))
    if not isinstance(value, dict):
        return Fault()
    inner = value.get("error") or value.get("detail")
    if isinstance(inner, dict | list) and depth < _DEEPEST:
        fault = from_json(inner, depth + 1)
        return replace(fault, names=(*fault.names, *_names(value)), status=fault.status or _status(value))
    message = value.get("message") or value.get("msg") or inner
    param = value.get("param")
    said = message if isinstance(message, str) else ""
    if isinstance(param, str) and param and param not in said:
        said = f"{said} ({param})"
    return _unwrapped(Fault(said, _names(value), _status(value)), depth)


def _unwrapped(fault: Fault, depth: int) -> Fault:
    start = fault.message.find("{")
    if start < 0 or depth >= _DEEPEST:
        return fault
    try:
        value, _ = json.JSONDecoder().raw_decode(fault.message[start:])
    except (ValueError, RecursionError):
        return fault
    inner = from_json(value, depth + 1)
    if not inner.message and not inner.names:
        return fault
    return Fault(inner.message or fault.message, (*inner.names, *fault.names), inner.status or fault.status)


def _names(value: dict[str, Any]) -> tuple[str, ...]:
    found = (value.get("code"), value.get("type"))
    names = (name.lower() for name in found if isinstance(name, str))
    return tuple(name for name in names if name not in ("", "<nil>", "error") and not name.isdigit())


def _status(value: dict[str, Any]) -> int | None:
    for name in ("code", "status", "status_code"):
        number = value.get(name)
        if isinstance(number, str) and number.isascii() and number.isdigit():
            number = int(number[:4])
        if isinstance(number, int) and 400 <= number <= 599:
            return number
    return None


def _detail(item: object) -> str:
    # FastAPI's items echo the input too, which would be the user's own code: only place and message are taken.
    if not isinstance(item, dict):
        return item if isinstance(item, str) else ""
    place = item.get("loc")
    where = ".".join(str(step) for step in place) + ": " if isinstance(place, list) else ""
    return f"{where}{item.get('msg') or item.get('message') or ''}"


def _page(body: str) -> str:
    title = re.search(r"<title[^>]*>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
    text = (
        title[1]
        if title
        else re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", body, flags=re.IGNORECASE | re.DOTALL)
    )
    return html.unescape(text).strip()
