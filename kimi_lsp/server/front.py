"""Takes every message first: what comes at each key and each menu is dealt with here, the rest by the full server.

The full server's libraries take longer to import than all else at the start. They are loaded beside the loop, once
the client has said `initialized`; until then the menu is answered already, and what has to wait waits in order.
"""

import asyncio
import gc
import importlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from kimi_lsp.server.capabilities import initialize_result
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.handlers import diagnostics, notebook_sync, suggestions, text_sync
from kimi_lsp.server.handlers.code_action import code_action
from kimi_lsp.server.plain import InvalidParams, field, is_identity
from kimi_lsp.server.stdio import Writer

logger = logging.getLogger(__name__)

Json = dict[str, Any]

_MOST_HELD = 64
"""Messages that may wait for the full server."""
_INVALID_PARAMS, _INTERNAL_ERROR = -32602, -32603

_NOTIFICATIONS: Mapping[str, Callable[[Desk, Json], None]] = {
    "textDocument/didOpen": text_sync.did_open,
    "textDocument/didChange": text_sync.did_change,
    "textDocument/didClose": text_sync.did_close,
    "notebookDocument/didOpen": notebook_sync.did_open,
    "notebookDocument/didChange": notebook_sync.did_change,
    "notebookDocument/didClose": notebook_sync.did_close,
    "kimi/didChangeDiagnostics": diagnostics.did_change_diagnostics,
}
_REQUESTS: Mapping[str, Callable[[Desk, Json], Any]] = {
    "textDocument/codeAction": code_action,
    "textDocument/codeLens": suggestions.code_lens,
    "textDocument/inlineCompletion": suggestions.inline_completion,
    "textDocument/diagnostic": suggestions.diagnostic,
}


class Full(Protocol):
    """The full server: `server.session.KimiServer`."""

    def begin(self, params: Json) -> None:
        """Take the parameters of `initialize`, which was answered already."""

    def receive(self, message: Any) -> None:
        """Take one decoded message."""

    def connect(self, writer: Writer) -> None:
        """Take the stream that answers go to."""

    async def stop(self) -> None:
        """Cancel all work."""

    @property
    def closing(self) -> bool:
        """Whether the client has asked for the end."""
        ...

    @property
    def exit_code(self) -> int:
        """0 after `shutdown`, 1 without."""
        ...


class Front:
    """One connection with one editor; fulfils `stdio.Connection`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._writer: Writer | None = None
        self._initialize: Json | None = None
        self._full: Full | None = None
        self._opening: asyncio.Task[None] | None = None
        self._held: list[Any] = []

    @property
    def exited(self) -> asyncio.Event:
        """Set when the connection is to end."""
        return self.desk.exited

    @property
    def exit_code(self) -> int:
        """0 after `shutdown`, 1 without, as LSP asks."""
        return self._full.exit_code if self._full else 1

    def set_writer(self, writer: Writer) -> None:
        """Take the stream that answers go to."""
        self._writer = writer

    def begin(self, initialize: Json) -> None:
        """Take an `initialize` request that the door has answered."""
        self._initialize = initialize
        self.desk.begin(initialize["params"])

    def receive(self, message: Any) -> None:
        """Take one decoded message: deal with it here, or hand it on. Never raises."""
        if self._full is None and any(self._comes_first(one) for one in self._held):
            self._held.append(message)
        elif not self._is_light(message):
            self._hand_on(message)
        elif message["method"] == "initialize":
            self.begin(message)
            if self._full is not None:
                self._full.begin(message["params"])
            self._answer(message["id"], {"result": initialize_result(message["params"])})
        else:
            self._deal_with(message)

    async def room(self) -> None:
        """Return once one more message may come."""
        if len(self._held) >= _MOST_HELD:
            await self.settled()

    async def settled(self) -> None:
        """Return once nothing waits for the full server any more."""
        if self._opening is not None:
            await asyncio.wait([self._opening])

    async def stop(self) -> None:
        """Cancel all work; return once it has stopped."""
        await self.settled()
        await self.desk.jobs.close()
        if self._full is not None:
            await self._full.stop()

    def _comes_first(self, held: Any) -> bool:
        """Tell whether what follows may not overtake a message: it was meant for the text and the settings before."""
        if not isinstance(held, dict) or "id" in held:
            return True
        changes_settings = held.get("method") == "workspace/didChangeConfiguration"
        return changes_settings and not self.desk.profile.configuration

    def _is_light(self, message: Any) -> bool:
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            return False
        method, is_request = message.get("method"), is_identity(message.get("id"))
        if not isinstance(method, str):
            return False
        if method == "initialize":
            return self._initialize is None and is_request and isinstance(message.get("params"), dict)
        if self._initialize is None or (self._full is not None and self._full.closing):
            return False
        return (is_request and method in _REQUESTS) or ("id" not in message and method in _NOTIFICATIONS)

    def _deal_with(self, message: Json) -> None:
        method = message["method"]
        try:
            params = field(message, "params", dict)
            if method in _NOTIFICATIONS:
                _NOTIFICATIONS[method](self.desk, params)
            else:
                self._answer(message["id"], {"result": _REQUESTS[method](self.desk, params)})
        except InvalidParams as error:
            self._complain(message, _INVALID_PARAMS, f"invalid parameters for {method}: {error}")
        except Exception:
            logger.exception("a message could not be handled: %s", method)
            self._complain(message, _INTERNAL_ERROR, "internal error; see the log of kimi-lsp")

    def _complain(self, message: Json, code: int, sentence: str) -> None:
        if "id" in message:
            self._answer(message["id"], {"error": {"code": code, "message": sentence}})
        else:
            logger.warning("a notification was ignored: %s", sentence)

    def _answer(self, identity: Any, outcome: Json) -> None:
        if self._writer is not None:
            self._writer.send({"jsonrpc": "2.0", "id": identity, **outcome})

    def _hand_on(self, message: Any) -> None:
        sound = isinstance(message, dict) and message.get("jsonrpc") == "2.0"
        method = message.get("method") if sound else None
        if self._full is not None:
            self._full.receive(message)
        elif method == "exit":
            self.exited.set()
        else:
            self._held.append(message)
            if self._opening is None:
                self._opening = asyncio.ensure_future(self._open())
                self._opening.add_done_callback(self._opened)

    async def _open(self) -> None:
        """Load the full server, then give it what waited, in order."""
        app = await asyncio.to_thread(importlib.import_module, "kimi_lsp.server.app")
        full: Full = app.build(self.desk)
        if self._writer is not None:
            full.connect(self._writer)
        if self._initialize is not None:
            full.begin(self._initialize["params"])
        self._full = full
        # The libraries stay for good: looking through them for garbage again and again would hold up a menu.
        gc.freeze()
        held, self._held = self._held, []
        for message in held:
            self.receive(message)

    def _opened(self, opening: "asyncio.Task[None]") -> None:
        if not opening.cancelled() and (error := opening.exception()) is not None:
            # Nobody will ever answer what waits: the editor is better off with a server that has ended.
            logger.critical("the server could not be loaded", exc_info=error)
            self.exited.set()
