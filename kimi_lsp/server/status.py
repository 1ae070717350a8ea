"""What a client's status bar shows: whether something runs, whether a key is missing, what was spent today.

Told only to clients that asked for it. Nothing is sent to the service for it, and no key command is run.
"""

import asyncio
import importlib.util
import logging
from typing import Any, Literal

from kimi_lsp.conversation import ModelError
from kimi_lsp.kimi import NoKey
from kimi_lsp.kimi.credentials import VARIABLES
from kimi_lsp.text import harmless

logger = logging.getLogger(__name__)

State = Literal["idle", "busy", "noKey", "error"]


class Status:
    """The line of one client; it is told when something that it shows has changed."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._trouble: tuple[State, str] = ("idle", "")
        self._today: dict[str, Any] = {"usd": None, "requests": 0}
        self._telling: asyncio.Task[None] | None = None
        self._again = False

    def begin(self) -> None:
        """Tell it for the first time; where a key can only come from the environment and does not, say so."""
        settings = self._server.settings
        given = any(self._server.environ.get(name, "").strip() for name in VARIABLES)
        if not given and not settings.api_key_command and importlib.util.find_spec("keyring") is None:
            self._trouble = ("noKey", str(NoKey()))
        self.changed()

    def ended(self, error: Exception | None) -> None:
        """Take how a request to the model ended; a success takes back what was said before."""
        if error is None:
            self._trouble = ("idle", "")
        else:
            self._trouble = ("noKey" if isinstance(error, NoKey) else "error", str(error))

    def changed(self) -> None:
        """Tell it soon; the jobs at once, what was spent as soon as it is known."""
        if not self._server.profile.status or self._server.closing:
            return
        self._tell()
        self._again = True
        if self._telling is None or self._telling.done():
            self._telling = asyncio.ensure_future(self._count())

    async def stop(self) -> None:
        """Stop counting."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait([self._telling])

    async def _count(self) -> None:
        while self._again:
            self._again = False
            try:
                spent = await self._server.spent()
            except ModelError as error:
                logger.info("today's spending is not known: %s", type(error).__name__)
                return
            today = {"usd": spent.today.nanodollars / 1e9, "requests": spent.today.requests}
            if today != self._today:
                self._today = today
                self._tell()

    def _tell(self) -> None:
        jobs = len(self._server.jobs.of())
        state, message = self._trouble
        told = {
            "state": "busy" if jobs else state,
            "jobs": jobs,
            "today": self._today,
            "message": harmless.message(message),
        }
        self._server.protocol.notify("kimi/status", told)
