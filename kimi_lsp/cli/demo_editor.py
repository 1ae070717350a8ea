"""The demo's editor: a few buffers and the client side of LSP over a child's stdio, written without LSP's types.

It does what an editor does: opens a document, shows a menu, runs the action picked, applies the edit, can undo it.
"""

import asyncio
import itertools
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from kimi_lsp.text import Lines, Position, Span

Json = dict[str, Any]


_GONE = "the server ended before it answered"


class ServerGone(Exception):
    """`str(error)` is the sentence for the user."""


class Editor:
    """One editor with one server."""

    def __init__(self, process: asyncio.subprocess.Process, heard: Callable[[str, Json], None]) -> None:
        self._process = process
        self._heard = heard
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.buffers: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._undo: list[tuple[str, str]] = []
        self._reader = asyncio.ensure_future(self._read())

    @classmethod
    async def start(
        cls, environ: Mapping[str, str], root: str, settings: Json, heard: Callable[[str, Json], None]
    ) -> "Editor":
        """Start `kimi-lsp serve` and shake hands; `heard` is told of progress and messages."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "kimi_lsp",
            "serve",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=dict(environ),
        )
        editor = cls(process, heard)
        try:
            await editor._shake_hands(root, settings)
        except BaseException:
            await editor.kill()
            raise
        return editor

    async def _shake_hands(self, root: str, settings: Json) -> None:
        await self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root,
                "clientInfo": {"name": "kimi-lsp demo"},
                "initializationOptions": {"ui": {"markdown": True}, **settings},
                "capabilities": {
                    "window": {"workDoneProgress": True},
                    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
                },
            },
        )
        self.notify("initialized", {})

    def open(self, uri: str, language: str, text: str) -> None:
        """Open a document."""
        self.buffers[uri], self._versions[uri] = text, 1
        self.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}},
        )

    async def menu(self, uri: str, place: Json, diagnostics: list[Json]) -> list[Json]:
        """Return the code actions at a place, as a user who asks for them sees them."""
        context = {"diagnostics": diagnostics, "triggerKind": 1}
        found = await self.request(
            "textDocument/codeAction", {"textDocument": {"uri": uri}, "range": place, "context": context}
        )
        return found or []

    async def run(self, command: Json, **more: Any) -> Json:
        """Run an action's command and return its answer."""
        argument = {**command["arguments"][0], **more}
        params = {"command": command["command"], "arguments": [argument]}
        answer: Json = await self.request("workspace/executeCommand", params)
        return answer

    def undo(self) -> None:
        """Take the last edit back, in one step."""
        uri, text = self._undo.pop()
        self._replace(uri, text)

    def range_of_lines(self, uri: str, first: int, last: int) -> Json:
        """Return the range of whole lines, from 1, both included."""
        return {"start": {"line": first - 1, "character": 0}, "end": {"line": last, "character": 0}}

    async def close(self) -> int:
        """Shut the server down and return its exit code."""
        await self.request("shutdown", None)
        self.notify("exit", None)
        code = await self._process.wait()
        await self._reader
        return code

    async def kill(self) -> None:
        """End the server's process, where it still runs."""
        self._reader.cancel()
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and return its result. Raises ServerGone."""
        if self._reader.done():
            raise ServerGone(_GONE)
        identity = next(self._ids)
        self._waiting[identity] = asyncio.get_running_loop().create_future()
        self._send({"id": identity, "method": method, "params": params})
        return await self._waiting[identity]

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        if self._process.stdin is not None:
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _read(self) -> None:
        stream = self._process.stdout
        try:
            while stream is not None and (header := await stream.readline()):
                length = int(header.partition(b":")[2])
                while (await stream.readline()).strip():
                    pass
                self._take(json.loads(await stream.readexactly(length)))
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ServerGone(_GONE))

    def _take(self, message: Json) -> None:
        method = message.get("method")
        if method is None:
            future = self._waiting.pop(message["id"])
            if "error" in message:
                future.set_exception(ServerGone(str(message["error"]["message"])))
            else:
                future.set_result(message.get("result"))
        elif method == "workspace/applyEdit":
            for change in message["params"]["edit"]["documentChanges"]:
                self._apply(change)
            self._send({"id": message["id"], "result": {"applied": True}})
        elif "id" in message:
            self._send({"id": message["id"], "result": None})
        else:
            self._heard(method, message["params"])

    def _apply(self, change: Json) -> None:
        uri = change["textDocument"]["uri"]
        text = self.buffers[uri]
        lines = Lines.of(text)
        self._undo.append((uri, text))
        for edit in sorted(change["edits"], key=lambda edit: _key(edit["range"]["start"]), reverse=True):
            span = Span(
                *(lines.offset(Position(*_key(edit["range"][end])), "utf-16") for end in ("start", "end"))
            )
            text = text[: span.start] + edit["newText"] + text[span.end :]
        self._replace(uri, text)

    def _replace(self, uri: str, text: str) -> None:
        self.buffers[uri] = text
        self._versions[uri] += 1
        identity = {"uri": uri, "version": self._versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": [{"text": text}]})


def _key(place: Json) -> tuple[int, int]:
    return place["line"], place["character"]
