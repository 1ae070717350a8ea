"""pygls's protocol, hardened: each message is answered as the specification says, whatever arrives.

What it adds, because pygls 2.1 does not do it: cancelling a command stops its coroutine; `shutdown` works while a
command runs; an unknown enum value or a bad parameter does not lose the request; no traceback reaches the client;
a message that merely contains a key `jsonrpc` is data; nothing is kept of a request that has ended, in either
direction. Documents are not kept here, but in `server.documents`.
It leans on private names of pygls, hence the pin to 2.1 and a test for each of these.
"""

import asyncio
import enum
import inspect
import logging
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

import attrs
import cattrs
from cattrs.errors import BaseValidationError
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.protocol.language_server import _prepare_command_arguments, lsp_method

from kimi_lsp.server import capabilities
from kimi_lsp.server.plain import is_identity
from kimi_lsp.server.stdio import Unreadable
from kimi_lsp.text import Encoding

logger = logging.getLogger(__name__)

_Kind = TypeVar("_Kind")

_KEPT_ELSEWHERE = ("textDocument/did", "notebookDocument/did")
"""Beginnings of the methods by which pygls would keep documents a second time."""


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
        self.closing = False
        """Whether the client has asked for the end: from then on, every request is refused."""
        for method in [name for name in self.fm.builtin_features if name.startswith(_KEPT_ELSEWHERE)]:
            del self.fm.builtin_features[method]

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

    @property
    def is_behind(self) -> bool:
        """Whether the client is slow to read what it was told."""
        return bool(getattr(self.writer, "is_behind", False))

    def receive(self, message: Any) -> None:
        """Take one decoded JSON message: answer it, start it, or say why not. Never raises."""
        if isinstance(message, Unreadable):
            self._reject(message, JsonRpcParseError("the body of a frame is no JSON"))
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            self._reject(message, JsonRpcInvalidRequest("not a JSON-RPC 2.0 message"))
            return
        method = message.get("method")
        try:
            if self._answers_us(message):
                self._receive_response(message)
                return
            problem = self._out_of_place(method, message)
            if problem is not None:
                self._reject(message, problem)
                return
            message.setdefault("params", None)
            structured = self._structured(message)
            if method == types.INITIALIZE:
                self._initialized = True
            if method == types.SHUTDOWN:
                self.closing = True
            self.handle_message(structured)
        except JsonRpcException as error:
            self._reject(message, error)
        except Exception:
            logger.exception("a message could not be handled: %s", method)
            self._reject(message, JsonRpcInternalError("internal error; see the log of kimi-lsp"))

    def structured(self, value: Any, kind: type[_Kind]) -> _Kind:
        """Return JSON as one of LSP's types. Raises JsonRpcInvalidParams."""
        try:
            return self._converter.structure(value, kind)
        except (BaseValidationError, TypeError, ValueError, KeyError) as error:
            raise JsonRpcInvalidParams(f"not a {kind.__name__}: {_plain(error)}") from None

    def initialize_answered(self, params: Mapping[str, Any]) -> None:
        """Take the parameters of the `initialize` request that was answered already. Never raises.

        Serving was promised, so a client whose details cannot be read is one that can do nothing special.
        """
        self._initialized = True
        plain = {"capabilities": {"general": {"positionEncodings": [capabilities.encoding(params)]}}}
        where = {name: params.get(name) for name in ("processId", "rootUri", "workspaceFolders")}
        for known in (params, {**where, **plain}, plain):
            try:
                details = self._converter.structure(known, types.InitializeParams)
                # A generator that has nothing to wait for: it takes the details down.
                list(self.lsp_initialize(details))
            except Exception:
                logger.exception("a part of what the client said of itself could not be read")
            else:
                return

    def cancel_all(self) -> None:
        """Cancel every request in flight, in both directions."""
        current = self.msg_id
        for msg_id, future in list(self._request_futures.items()):
            if msg_id != current and not future.done():
                future.cancel()

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: int | str | None = None,
    ) -> Future[Any]:
        """Ask the client. A question that nobody waits for any more is forgotten, and the client is told so."""
        identity = str(uuid.uuid4()) if msg_id is None else msg_id
        future = super().send_request(method, params, callback, identity)
        future.add_done_callback(lambda ended: self._given_up(identity) if ended.cancelled() else None)
        return future

    def tell(self, method: str, params: Mapping[str, Any]) -> None:
        """Notify the client by plain JSON, which need not be made of LSP's types and taken apart again."""
        self._send_data({"jsonrpc": self.VERSION, "method": method, "params": params})

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

    def _answers_us(self, message: Mapping[str, Any]) -> bool:
        # Some clients leave `result` out where it is null.
        is_ours = is_identity(message.get("id")) and message["id"] in self._result_types
        return "method" not in message and (is_ours or "result" in message or "error" in message)

    def _out_of_place(self, method: Any, message: Mapping[str, Any]) -> JsonRpcException | None:
        if not isinstance(method, str):
            return JsonRpcInvalidRequest("method is not a string")
        if "id" in message and not is_identity(message["id"]):
            return JsonRpcInvalidRequest("id is neither a number nor a string")
        if method == types.EXIT:
            return None
        if self.closing:
            return JsonRpcInvalidRequest("the server is shutting down")
        if not self._initialized and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized()
        if self._initialized and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("already initialized")
        if message.get("id") in self._request_futures:
            return JsonRpcInvalidRequest("this id is in use by a request that still runs")
        if not self._is_known(method) or ("id" in message) is self._is_notification(method):
            return JsonRpcMethodNotFound(f"there is no such method: {method}")
        return None

    def _is_known(self, method: str) -> bool:
        return method == types.CANCEL_REQUEST or method in {**self.fm.builtin_features, **self.fm.features}

    def _is_notification(self, method: str) -> bool:
        kind = self.get_message_type(method)
        return kind is not None and "id" not in attrs.fields_dict(kind)

    def _structured(self, message: dict[str, Any]) -> Any:
        try:
            return self.structure_message(message)
        except JsonRpcException:
            raise JsonRpcInvalidParams(f"invalid parameters for {message['method']}") from None

    def _receive_response(self, message: dict[str, Any]) -> None:
        # Only an answer to a request of ours may settle a future: ids of the client's own requests are its own.
        msg_id = message.get("id")
        if not is_identity(msg_id) or msg_id not in self._result_types:
            logger.warning("an answer to a request that was never made, or is over, was ignored")
            return
        future = self._request_futures.pop(msg_id)
        kind = self._result_types.pop(msg_id)
        if future.done():
            return
        error = message.get("error")
        if error is not None:
            told = error if isinstance(error, dict) else {}
            future.set_exception(
                JsonRpcException(str(told.get("message", "the client answered with an error")))
            )
            return
        if kind is None:
            # An answer to a request of our own kind: pygls would make objects of its tables and lose their names.
            future.set_result(message.get("result"))
            return
        try:
            answer = self._converter.structure(
                {"jsonrpc": self.VERSION, "id": msg_id, "result": message.get("result")}, kind
            )
        except Exception:
            logger.exception("an answer of the client could not be read")
            future.set_exception(JsonRpcException("the client's answer could not be read"))
        else:
            future.set_result(answer.result)

    def _given_up(self, msg_id: int | str) -> None:
        self._result_types.pop(msg_id, None)
        if self._request_futures.pop(msg_id, None) is not None:
            self.notify(types.CANCEL_REQUEST, types.CancelParams(id=msg_id))

    def _execute_handler(
        self,
        msg_id: Any,
        handler: Any,
        callback: Callable[[Future[Any]], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        # pygls keeps the future of each notification for ever.
        def ended(future: Future[Any]) -> None:
            self._request_futures.pop(msg_id, None)
            callback(future)

        super()._execute_handler(msg_id, handler, ended, args, kwargs)

    def _reject(self, message: Any, error: JsonRpcException) -> None:
        is_request = not isinstance(message, dict) or "id" in message or "method" not in message
        if not is_request:
            logger.warning("a notification was ignored: %s", error)
            return
        msg_id = message.get("id") if isinstance(message, dict) else None
        self._send_data(
            {
                "jsonrpc": self.VERSION,
                "id": msg_id if is_identity(msg_id) else None,
                "error": _told(error),
            }
        )

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        if not is_identity(msg_id) or msg_id in self._result_types:
            return
        future = self._request_futures.get(msg_id)
        if future is not None:
            future.cancel()

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
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
