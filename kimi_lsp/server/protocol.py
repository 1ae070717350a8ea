"""pygls's protocol, hardened: each message is answered as the specification says, whatever arrives.

What it adds, because pygls 2.1 does not do it: cancelling a command stops its coroutine; `shutdown` works while a
command runs; an unknown enum value or a bad parameter does not lose the request; no traceback reaches the client;
a message that merely contains a key `jsonrpc` is data. Documents are not kept here, but in `server.documents`.
It leans on private names of pygls, hence the pin to 2.1 and a test for each of these.
"""

import asyncio
import enum
import inspect
import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import cattrs
from cattrs.errors import BaseValidationError
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.protocol.language_server import _prepare_command_arguments, lsp_method

from kimi_lsp.text import Encoding

logger = logging.getLogger(__name__)


def lenient_converter() -> cattrs.Converter:
    """Return pygls's converter, which then keeps an enum value that it does not know instead of failing."""
    converter: cattrs.Converter = default_converter()  # type: ignore[no-untyped-call]
    for kind in vars(types).values():
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            converter.register_structure_hook(kind, _known_or_raw)
            converter.register_unstructure_hook(kind, _raw)
    return converter


class HardenedProtocol(LanguageServerProtocol):
    """One connection with one editor."""

    def __init__(self, server: Any, converter: cattrs.Converter) -> None:
        super().__init__(server, converter)
        self.on_progress_cancel: Callable[[str], object] = lambda _token: None
        self.exited: asyncio.Event = asyncio.Event()
        self._initialized = False
        self._answered: tuple[Any, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 after `shutdown`, 1 without, as LSP asks."""
        return 0 if self._shutdown else 1

    @property
    def encoding(self) -> Encoding:
        """The negotiated unit of characters; UTF-16, LSP's default, until there is one."""
        if self._workspace is None:
            return "utf-16"
        value = str(getattr(self._workspace.position_encoding, "value", self._workspace.position_encoding))
        return "utf-8" if value == "utf-8" else "utf-32" if value == "utf-32" else "utf-16"

    def receive(self, message: Any) -> None:
        """Take one decoded JSON message: answer it, start it, or say why not. Never raises."""
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            self._reject(message, JsonRpcInvalidRequest("not a JSON-RPC 2.0 message"))
            return
        method, answers_us = message.get("method"), "method" not in message
        try:
            if answers_us:
                self._receive_response(message)
                return
            problem = self._out_of_place(method, message)
            if problem is not None:
                self._reject(message, problem)
                return
            if method == types.INITIALIZE:
                self._initialized = True
            message.setdefault("params", None)
            self.handle_message(self._structured(message))
        except JsonRpcException as error:
            self._reject(message, error)
        except Exception:
            logger.exception("a message could not be handled: %s", method)
            self._reject(message, JsonRpcInternalError("internal error; see the log of kimi-lsp"))

    def initialize_answered(self, message: dict[str, Any]) -> None:
        """Take the `initialize` request that was answered already."""
        self._answered = (message["id"],)
        try:
            self.structure_message(message)
        except JsonRpcException:
            # Serving was promised to serve, so a client whose details cannot be read is one that can do nothing special.
            logger.warning("the client's capabilities could not be read; none is assumed")
            message = {**message, "params": {"capabilities": {}}}
        self.receive(message)

    def cancel_all(self) -> None:
        """Cancel every request in flight, in both directions."""
        current = self.msg_id
        for msg_id, future in list(self._request_futures.items()):
            if msg_id != current and not future.done():
                future.cancel()

    @lsp_method(types.SHUTDOWN)
    async def lsp_shutdown(self, *args: Any) -> None:  # type: ignore[override]
        """Stop all work, then promise an exit code of 0."""
        self.cancel_all()
        handler = self.fm.features.get(types.SHUTDOWN)
        if handler is not None:
            await handler(*args)
        self._shutdown = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_args: Any) -> None:  # type: ignore[override]
        """Let the connection's loop end; it closes the process with `exit_code`."""
        self.exited.set()

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Any:  # type: ignore[override]
        """Run a command as this very request, so that cancelling the request stops the command."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"unknown command {params.command!r}")
        try:
            args, kwargs = _prepare_command_arguments(handler, params, self._converter)
            # pygls asks for the arguments that came, not for those that are missing.
            inspect.signature(getattr(handler, "func", handler)).bind(self._server, *args, **kwargs)
        except (BaseValidationError, TypeError, ValueError, KeyError) as error:
            raise JsonRpcInvalidParams(f"{params.command} takes one object: {_plain(error)}") from None
        result = handler(*args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """Stop the job that a progress belongs to."""
        self.on_progress_cancel(str(params.token))

    def _out_of_place(self, method: Any, message: dict[str, Any]) -> JsonRpcException | None:
        if not isinstance(method, str):
            return JsonRpcInvalidRequest("method is not a string")
        if "id" in message and not isinstance(message["id"], (int, str)):
            return JsonRpcInvalidRequest("id is neither a number nor a string")
        if method == types.EXIT:
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("the server is shutting down")
        if not self._initialized and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized()
        if self._initialized and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("already initialized")
        if message.get("id") in self._request_futures:
            return JsonRpcInvalidRequest("this id is in use by a request that still runs")
        return None

    def _structured(self, message: dict[str, Any]) -> Any:
        try:
            return self.structure_message(message)
        except JsonRpcException:
            raise JsonRpcInvalidParams(f"invalid parameters for {message['method']}") from None

    def _receive_response(self, message: dict[str, Any]) -> None:
        # Only an answer to a request of ours may settle a future: ids of the client's own requests are its own.
        msg_id = message.get("id")
        if msg_id not in self._result_types:
            logger.warning("an answer to a request that was never made was ignored")
            return
        future = self._request_futures.get(msg_id)
        if future is None or future.done():
            self._result_types.pop(msg_id, None)
            self._request_futures.pop(msg_id, None)
            return
        if "error" in message:
            self._result_types.pop(msg_id, None)
            self._request_futures.pop(msg_id, None)
            told = message["error"] if isinstance(message["error"], dict) else {}
            future.set_exception(
                JsonRpcException(str(told.get("message", "the client answered with an error")))
            )
            return
        message.setdefault("result", None)
        try:
            answer = self.structure_message(message)
        except JsonRpcException:
            self._request_futures.pop(msg_id, None)
            future.set_exception(JsonRpcException("the client's answer could not be read"))
            return
        self._request_futures.pop(msg_id, None)
        future.set_result(answer.result)

    def _reject(self, message: Any, error: JsonRpcException) -> None:
        is_request = not isinstance(message, dict) or "id" in message or "method" not in message
        if not is_request:
            logger.warning("a notification was ignored: %s", error)
            return
        msg_id = message.get("id") if isinstance(message, dict) else None
        self._send_data(
            {
                "jsonrpc": self.VERSION,
                "id": msg_id if isinstance(msg_id, (int, str)) else None,
                "error": _told(error),
            }
        )

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        if msg_id in self._result_types:
            return
        future = self._request_futures.get(msg_id)
        if future is not None:
            future.cancel()

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._send_error(msg_id, types.LSPErrorCodes.RequestCancelled, "cancelled")
            return
        error = future.exception()
        if error is None:
            self._send_response(msg_id, result=future.result())
        elif isinstance(error, JsonRpcException):
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": _told(error)})
        else:
            logger.error("a request failed", exc_info=error)
            self._send_error(
                msg_id, types.ErrorCodes.InternalError, "internal error; see the log of kimi-lsp"
            )

    def _check_handler_result(self, future: Future[Any]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            logger.error("a notification could not be handled", exc_info=error)

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if msg_id in self._answered:
            self._answered = ()
            self._result_types.pop(msg_id, None)
            return
        super()._send_response(msg_id, result, error)

    def _send_error(self, msg_id: Any, code: enum.Enum, message: str) -> None:
        self._send_data(
            {"jsonrpc": self.VERSION, "id": msg_id, "error": {"code": code.value, "message": message}}
        )


def _known_or_raw(value: Any, kind: type[enum.Enum]) -> Any:
    try:
        return kind(value)
    except ValueError:
        return value


def _raw(value: Any) -> Any:
    return getattr(value, "value", value)


def _told(error: JsonRpcException) -> dict[str, Any]:
    return {"code": error.code, "message": error.message}


def _plain(error: Exception) -> str:
    if isinstance(error, BaseValidationError):
        return "; ".join(cattrs.transform_error(error))
    return str(error)
