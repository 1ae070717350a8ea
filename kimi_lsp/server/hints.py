"""Shows the suggestions that are kept: tells the editor of them soon after they have changed, and only then.

Where the editor asks by itself (`handlers.suggestions`), it is told to ask again. Nothing runs before the first review.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

logger = logging.getLogger(__name__)

_SOON = 0.15
"""Seconds in which further changes are told together; a person who types makes several a second."""
_ANSWER_WITHIN = 5.0
"""Seconds for an editor to say that it will ask again."""


class Hints:
    """Those of one editor."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._showing: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Show what is kept from now on."""
        if self._showing is None:
            self._showing = asyncio.ensure_future(self._show())

    async def stop(self) -> None:
        """Show no more."""
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.wait([self._showing])

    async def _show(self) -> None:
        suggestions = self._server.desk.suggestions
        while True:
            await suggestions.changed()
            for uri in suggestions.taken():
                self._publish(uri)
            await self._have_asked_again()
            await asyncio.sleep(_SOON)

    def _publish(self, uri: str) -> None:
        if not self._server.profile.pushed_diagnostics:
            return
        document = self._server.documents.get(uri)
        told = {
            "uri": uri,
            "diagnostics": [one.diagnostic() for one in self._server.desk.suggestions.of(uri)],
            **({"version": document.version} if document is not None else {}),
        }
        self._server.protocol.tell(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, told)

    async def _have_asked_again(self) -> None:
        profile = self._server.profile
        asking: list[Callable[[None], Awaitable[None]]] = []
        if "codeLens" in profile.refreshes and self._server.settings.suggestions == "lenses":
            asking.append(self._server.workspace_code_lens_refresh_async)
        if "diagnostics" in profile.refreshes and not profile.pushed_diagnostics:
            asking.append(self._server.workspace_diagnostic_refresh_async)
        for ask in asking:
            try:
                await asyncio.wait_for(ask(None), _ANSWER_WITHIN)
            except (TimeoutError, JsonRpcException) as error:
                logger.info("the editor did not ask again: %s", str(error) or "no answer")
