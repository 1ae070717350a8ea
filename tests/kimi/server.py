"""A scripted server on loopback: it plays bytes, with all their faults, over a real socket."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
CHUNKED_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    b"Connection: close\r\n\r\n"
)
DONE = b"data: [DONE]\n\n"


@dataclass
class Received:
    """One request, as it came over the socket."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Peer:
    """The server's end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def chunks(self, *pieces: bytes) -> None:
        for piece in pieces:
            await self.send(b"%x\r\n%s\r\n" % (len(piece), piece))

    async def until_closed(self) -> None:
        """Wait until the client has closed the connection."""
        try:
            while await self.reader.read(1024):
                pass
        except ConnectionResetError:
            pass

    def abort(self) -> None:
        """Cut the connection with a reset."""
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


@dataclass
class Server:
    """Plays one script for each request, in order, and the last one again and again."""

    scripts: list[Script] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    client_closed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a script that waits for it has seen the end of the client's connection."""
    port: int = 0
    _playing: list["asyncio.Task[None]"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def plays(self, *scripts: Script) -> None:
        self.scripts = list(scripts)

    @asynccontextmanager
    async def listening(self, context: ssl.SSLContext | None = None) -> AsyncIterator[None]:
        """Listen on a free port; at the end no connection and no task of a script is left."""
        listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.port = listener.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            listener.close()
            for task in self._playing:
                task.cancel()
            await asyncio.gather(*self._playing, return_exceptions=True)
            await listener.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._playing.append(task)
        try:
            received = await _request(reader)
            self.requests.append(received)
            script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
            await script(Peer(reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except asyncio.CancelledError:
            # asyncio's streams report a cancelled handler as an error of their own.
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def holding(self, *pieces: bytes) -> Script:
        """Return a script that sends some bytes and then nothing, until the client goes away."""

        async def play(peer: Peer) -> None:
            await peer.send(*pieces)
            await peer.until_closed()
            self.client_closed.set()

        return play


def sends(*pieces: bytes) -> Script:
    """Return a script that sends some bytes and closes."""

    async def play(peer: Peer) -> None:
        await peer.send(*pieces)

    return play


def answers(
    status: str, body: bytes | object, *headers: str, content_type: str = "application/json"
) -> Script:
    """Return a script that gives a whole answer with a status line such as `429 Too Many Requests`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(content)}"]
    return sends("\r\n".join([*lines, "Connection: close", *headers, "", ""]).encode() + content)


def event(payload: object, end: bytes = b"\n\n") -> bytes:
    """Return one event."""
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + end


def delta(finish: str | None = None, **fields: object) -> bytes:
    """Return one event of a chat stream."""
    return event({"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})


def streams(*events: bytes) -> Script:
    """Return a script that streams events and closes."""
    return sends(HEAD, *events)


GOOD = streams(
    delta(role="assistant", content=""),
    delta(reasoning_content="Let me see."),
    delta(content="Hello"),
    delta(content=" there"),
    delta("stop"),
    event(
        {"choices": [], "model": "kimi-k2-7-code", "usage": {"prompt_tokens": 1000, "completion_tokens": 500}}
    ),
    DONE,
)


async def _request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rows = head.rstrip("\r\n").split("\r\n")
    headers = [(name.strip(), value.strip()) for name, _, value in (row.partition(":") for row in rows)]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    return Received(line, headers, await reader.readexactly(length))
