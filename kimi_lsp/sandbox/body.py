"""The body of a request as JSON, within a limit."""

import json
from typing import Any

from starlette.requests import Request

from kimi_lsp.sandbox.errors import Rejected

_LARGEST = 32 * 1024 * 1024
"""Bytes. The model card gives no limit; this one is the sandbox's own."""


async def json_of(request: Request) -> Any:
    """Read the body. Raises Rejected: 413 where it is too large, 400 where it is not JSON."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _LARGEST:
            raise Rejected(413, "The request body is too large.", kind="request_too_large")
    try:
        body = json.loads(raw.decode())
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Rejected(400, f"Invalid request: the body is not JSON ({error})") from error
    return body
