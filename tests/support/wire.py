"""The bare wire: frames to a server's stdin and frames from its stdout, for what no well-behaved client would send."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.support import warm

Json = dict[str, Any]


class Wire:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self._in, self._out = process, process.stdin, process.stdout
        self.notifications: list[Json] = []

    def raw(self, data: bytes) -> None:
        self._in.write(data)

    async def sent(self) -> None:
        """Wait until the server has taken most of what was sent."""
        await self._in.drain()

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def request(self, identity: Any, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    async def receive(self) -> Json:
        length = 0
        while (line := await self._out.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the server closed the stream"
        message: Json = json.loads(await self._out.readexactly(length))
        return message

    async def answer(self, identity: Any) -> Json:
        while True:
            message = await self.receive()
            if "method" not in message and message.get("id") == identity:
                return message
            self.notifications.append(message)

    async def initialize(self, **params: Any) -> Json:
        self.request(0, "initialize", {"processId": None, "rootUri": None, "capabilities": {}, **params})
        answer = await self.answer(0)
        self.notify("initialized", {})
        return answer

    async def alive(self) -> None:
        """Check that the server still answers."""
        self.request("alive", "textDocument/codeAction", {
            "textDocument": {"uri": "file:///none.py"},
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
            "context": {"diagnostics": []},
        })  # fmt: skip
        assert (await self.answer("alive"))["result"] is None

    async def end(self) -> int:
        self.request("bye", "shutdown")
        assert (await self.answer("bye"))["result"] is None
        self.notify("exit")
        return await self.process.wait()

    def stop_reading(self) -> None:
        """Close the end from which the server's output is read."""
        self._out._transport.close()  # type: ignore[attr-defined]

    def hang_up(self) -> None:
        self._in.close()


@asynccontextmanager
async def wire(environ: Mapping[str, str] | None = None, *, cold: bool = False) -> AsyncGenerator[Wire, None]:
    given = os.environ if environ is None else environ
    process = await asyncio.create_subprocess_exec(
        *(warm.COLD if cold else warm.command(given)), "serve",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=dict(given),
    )  # fmt: skip
    try:
        yield Wire(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
