"""The wire: LSP's frames over asyncio streams, from stdin and stdout or from one TCP connection.

stdout is taken before anything else can print to it; a stray print goes to stderr from then on.
No thread reads where the platform's pipes can be watched, so a busy pool or a slow model cannot make the server deaf.
"""

import asyncio
import json
import logging
import os
import sys
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, BinaryIO, Protocol

logger = logging.getLogger(__name__)

_BUFFER = 2**20
"""Bytes of a header line, and twice that of input that waits to be read."""
_UNREAD = 8 * 1024 * 1024
"""Bytes of output that may wait for the client before no more of its input is read."""
_BEHIND = 256 * 1024
"""Bytes of output that wait for the client before it is told no more of what is only on its way."""
_FAREWELL = 2.0
"""Seconds for the client to take the last of the output."""
_LARGEST = 256 * 1024 * 1024
"""Bytes of one frame; what claims to be more is taken for a broken stream."""
_DIGITS = 20
"""Characters of a length that is worth reading."""


class Connection(Protocol):
    """What takes messages: `server.front.Front`."""

    @property
    def exited(self) -> asyncio.Event:
        """Set when the connection is to end."""
        ...

    def receive(self, message: Any) -> None:
        """Take one decoded message."""

    def set_writer(self, writer: "Writer") -> None:
        """Take the stream that answers go to."""

    async def room(self) -> None:
        """Return once one more message may come."""

    async def settled(self) -> None:
        """Return once nothing that came waits to be dealt with."""


class FrameError(Exception):
    """The stream does not hold LSP frames any more; there is no place to go on from."""


class Unreadable:
    """What a frame held that is no JSON; the sender's id cannot be known."""


class Writer:
    """Puts whole frames on a stream, in order; the stream's own buffer takes what the client is slow to read."""

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Send bytes; after the client has gone, drop them."""
        if not self._stream.is_closing():
            self._stream.write(data)

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message."""
        # In ASCII, since half of a surrogate pair has no UTF-8; and a NaN would be no JSON.
        body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
        self.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    @property
    def is_behind(self) -> bool:
        """Whether the client is slow to read: what is only on its way, and soon told anew, need not be told."""
        return self._stream.transport.get_write_buffer_size() > _BEHIND

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    async def drained(self) -> None:
        """Wait until the client has what was written, or is gone."""
        try:
            await self._stream.drain()
        except ConnectionError:
            logger.info("the client closed its end")


async def converse(protocol: Connection, reader: asyncio.StreamReader, stream: asyncio.StreamWriter) -> None:
    """Read messages until `exit`, the end of the stream, or a stream that is no LSP any more."""
    writer = Writer(stream)
    protocol.set_writer(writer)
    reading = asyncio.ensure_future(_read(protocol, reader, writer))
    ended = asyncio.ensure_future(protocol.exited.wait())
    try:
        await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
    except FrameError as error:
        logger.error("%s", error)
    except ConnectionError:
        logger.info("the client closed its end")
    finally:
        reading.cancel()
        ended.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(writer.drained(), _FAREWELL)


async def _read(protocol: Connection, reader: asyncio.StreamReader, writer: Writer) -> None:
    while not protocol.exited.is_set():
        body = await _frame(reader)
        if body is None:
            await protocol.settled()
            return
        protocol.receive(_decoded(body))
        await protocol.room()
        # A client that does not read what it asked for is asked to wait with more.
        await writer.drained()


@asynccontextmanager
async def standard_streams(
    held: bytes = b"",
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter], None]:
    """Take stdin and stdout for the wire while the context is open; `sys.stdout` is stderr from then on.

    `held` was read from stdin already, and is read again first.
    """
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_BUFFER)
    reader.feed_data(held)
    incoming: asyncio.ReadTransport | None = None
    try:
        incoming, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
    except (ValueError, OSError, NotImplementedError):
        # A plain file, or a platform whose pipes cannot be watched (Windows): one daemon thread reads.
        pump(source, reader)
    stream = await _writer(sink, loop)
    try:
        yield reader, stream
    finally:
        stream.close()
        if incoming is not None:
            incoming.close()


async def _writer(sink: BinaryIO, loop: asyncio.AbstractEventLoop) -> asyncio.StreamWriter:
    try:
        transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sink)
    except (ValueError, OSError, NotImplementedError):
        return _Plain(sink)  # type: ignore[return-value]
    transport.set_write_buffer_limits(_UNREAD)
    return asyncio.StreamWriter(transport, protocol, None, loop)


class _Plain:
    """The part of a StreamWriter that is used here, over a file that asyncio cannot watch."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink

    @property
    def transport(self) -> "_Plain":
        return self

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self._sink.closed

    def write(self, data: bytes) -> None:
        self._sink.write(data)
        self._sink.flush()

    def close(self) -> None:
        self._sink.close()

    async def drain(self) -> None:
        return


class Gate(asyncio.ReadTransport):
    """Shut by a StreamReader that holds enough, and opened again once it has room."""

    def __init__(self) -> None:
        super().__init__()
        self._open = threading.Event()
        self._open.set()

    @property
    def is_open(self) -> bool:
        """Whether more may come."""
        return self._open.is_set()

    def pause_reading(self) -> None:
        """Take no more."""
        self._open.clear()

    def resume_reading(self) -> None:
        """Go on."""
        self._open.set()

    def wait(self) -> None:
        """Block the thread that reads until there is room."""
        self._open.wait()


def pump(source: BinaryIO, reader: asyncio.StreamReader) -> Gate:
    """Have a thread read a file to its end for the running loop's reader, piece by piece as it has room."""
    loop, gate, taken = asyncio.get_running_loop(), Gate(), threading.Event()
    reader.set_transport(gate)

    def feed(data: bytes) -> None:
        reader.feed_data(data)
        taken.set()

    def read() -> None:
        while data := os.read(source.fileno(), 65536):
            taken.clear()
            loop.call_soon_threadsafe(feed, data)
            # A loop that is busy for a while is not buried under what came meanwhile.
            taken.wait()
            gate.wait()
        loop.call_soon_threadsafe(reader.feed_eof)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return gate


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    """Return one frame's body, or None at the end of the stream."""
    length: int | None = None
    headed = False
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            raise FrameError("a header line has no end: this is not LSP") from None
        if not line.endswith(b"\n"):
            return None
        name, colon, value = line.partition(b":")
        if line.strip() and not colon:
            # For example the first line of a request of HTTP's, which a web page may send to a port.
            raise FrameError("a header line has no name: this is not LSP")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value) if len(value) < _DIGITS else _LARGEST + 1
        if line.strip():
            headed = True
            continue
        if not headed:
            continue
        if length is None:
            # Where the body ends is not known, so neither is where the next frame begins.
            raise FrameError("a frame has no Content-Length: this is not LSP")
        if length > _LARGEST:
            raise FrameError("a frame of more than 256 MiB was announced: this is not LSP")
        try:
            return await reader.readexactly(length)
        except asyncio.IncompleteReadError:
            return None


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return Unreadable()
