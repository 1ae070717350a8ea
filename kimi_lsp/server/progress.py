"""The progress that the user sees while a job runs: begun at once, reported seldom, always ended."""

import asyncio
import logging
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from kimi_lsp.features import Phase
from kimi_lsp.text import harmless

logger = logging.getLogger(__name__)

_CREATE_LIMIT = 2.0
"""Seconds for the client to agree; one that never answers gets no progress and loses nothing."""
_BETWEEN_REPORTS = 0.25
"""Seconds; a status bar needs no more than four lines a second."""


class Progress:
    """One server-created progress, or one that the client shows itself from `kimi/progress`.

    Without a client that can show either, every method does nothing.
    """

    def __init__(
        self, server: Any, token: str, title: str, *, shown: bool, told: bool = False, uri: str = ""
    ) -> None:
        self._server = server
        self._token = token
        self._title = title
        self._shown = shown
        self._told = told
        self._uri = uri
        self._reported = float("-inf")
        self._shows: tuple[str, str] = ("", "")

    async def begin(self) -> None:
        """Ask the client for a progress and begin it, without a percentage: nobody can know one."""
        self._tell(Phase("waiting"), "waiting…")
        if not self._shown:
            return
        request = self._server.window_work_done_progress_create_async(
            types.WorkDoneProgressCreateParams(self._token)
        )
        # Nothing may be sent before the client has agreed, not even an end.
        self._shown = False
        try:
            await asyncio.wait_for(request, _CREATE_LIMIT)
        except (TimeoutError, JsonRpcException) as error:
            logger.info("no progress is shown: %s", str(error) or "the client did not answer")
            return
        self._shown = True
        self._send(types.WorkDoneProgressBegin(title=self._title, cancellable=True))

    def wait(self, reason: str) -> None:
        """Show that nothing is done yet, and why."""
        self._tell(Phase("waiting", note=reason), f"waiting {reason}")
        if self._shown:
            self._send(types.WorkDoneProgressReport(message=f"waiting {reason}", cancellable=True))

    def report(self, phase: Phase) -> None:
        """Show where the work stands: a new phase and a new note at once, a mere number seldom."""
        now, shows = asyncio.get_running_loop().time(), (phase.name, phase.note)
        silent = not self._shown and not self._told
        if silent or (shows == self._shows and now - self._reported < _BETWEEN_REPORTS):
            return
        if self._server.protocol.is_behind:
            return
        self._reported, self._shows = now, shows
        told = harmless.message(phase.sentence())
        self._tell(phase, told)
        if self._shown:
            self._send(types.WorkDoneProgressReport(message=told, cancellable=True))

    def end(self, message: str) -> None:
        """End it, with one line that stays a moment."""
        self._tell(None, harmless.message(message))
        if self._shown:
            self._shown = False
            self._send(types.WorkDoneProgressEnd(message=harmless.message(message)))

    def _tell(self, phase: Phase | None, message: str) -> None:
        """Tell the client that shows progress itself; without a phase it is the end."""
        if not self._told:
            return
        where = {"job": self._token, "uri": self._uri, "title": self._title}
        what = {
            "phase": phase.name if phase else "",
            "tokens": phase.tokens if phase else 0,
            "note": harmless.message(phase.note) if phase else "",
            "message": message,
            "done": phase is None,
        }
        self._server.protocol.notify("kimi/progress", {**where, **what})

    def _send(self, value: Any) -> None:
        self._server.progress(types.ProgressParams(token=self._token, value=value))
