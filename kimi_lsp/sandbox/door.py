"""Lets in who has the key, and labels every response as the sandbox's."""

import secrets
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kimi_lsp.sandbox.errors import Rejected


class Door:
    """The middleware in front of everything."""

    def __init__(self, app: ASGIApp, api_key: str, refusal: Callable[[Request, Rejected], Response]) -> None:
        """Take what is behind the door, the key, and how a rejection is answered."""
        self._app = app
        self._key = api_key
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or turn it away."""

        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"x-kimi-lsp-sandbox", b"1")]
            await send(message)

        request = Request(scope) if scope["type"] == "http" else None
        rejected = self._turned_away(request) if request else None
        if request and rejected:
            await self._refusal(request, rejected)(scope, receive, labelled)
        else:
            await self._app(scope, receive, labelled)

    def _turned_away(self, request: Request) -> Rejected | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
        if secrets.compare_digest(key.encode(), self._key.encode()):
            return None
        code = "invalid_api_key" if key else "missing_api_key"
        message = (
            "The API key is not the one that this sandbox announced."
            if key
            else "No API key was sent; use Authorization: Bearer or x-api-key."
        )
        return Rejected(401, message, kind="authentication_error", code=code)
