"""The front door: answers `initialize` at once, before anything heavy is imported, then hands the connection over.

The standard library only, and no asyncio. Whatever does not look like a plain `initialize` request is left as it came
for the full server, which has an answer for everything.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from kimi_lsp.server.capabilities import initialize_result

_PIECE = 65536
_LARGEST = 8 * 1024 * 1024
"""Bytes: no editor's first message is larger, and what claims to be is not for the door."""
_DIGITS = 20
"""Characters of a length that is worth reading."""


@dataclass(frozen=True, slots=True)
class Greeted:
    """What the door read: the request that it answered, or None, and the bytes that the full server reads first."""

    initialize: dict[str, Any] | None
    rest: bytes


def greet(source: BinaryIO, sink: BinaryIO) -> Greeted:
    """Read the first message and answer it where it is `initialize`. Both must be unbuffered."""
    held = b""
    while (frame := _frame(held)) is not None and len(held) < frame.stop:
        piece = source.read(_PIECE)
        if not piece:
            return Greeted(None, held)
        held += piece
    message = _initialize(held[frame]) if frame is not None else None
    if frame is None or message is None:
        return Greeted(None, held)
    answer = {"jsonrpc": "2.0", "id": message["id"], "result": initialize_result(message["params"])}
    data = json.dumps(answer, separators=(",", ":")).encode()
    _send(sink, b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
    return Greeted(message, held[frame.stop :])


def _frame(held: bytes) -> slice | None:
    """Return where the first body is; it may end past what is held so far. None where there is no frame."""
    head, blank, _ = held.partition(b"\r\n\r\n")
    if not blank:
        return slice(0, len(held) + 1) if len(held) < _PIECE else None
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            return None
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            if len(value) > _DIGITS:
                return None
            start, length = len(head) + len(blank), int(value)
            return slice(start, start + length) if length <= _LARGEST else None
    return None


def _initialize(body: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    plain = (
        isinstance(message, dict)
        and message.get("jsonrpc") == "2.0"
        and message.get("method") == "initialize"
        and isinstance(message.get("id"), (int, str))
        and not isinstance(message["id"], bool)
        and isinstance(message.get("params"), dict)
        and isinstance(message["params"].get("capabilities"), dict)
    )
    return message if plain else None


def _send(sink: BinaryIO, data: bytes) -> None:
    # A client that reads no more has gone or goes; what reads and writes after us notices that, and ends in order.
    with suppress(BrokenPipeError):
        while data:
            data = data[sink.write(data) :]
