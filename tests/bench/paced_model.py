"""A model that says a given answer at a given pace, in a process of its own: `python -m tests.bench.paced_model`.

It prints one line of JSON for its address, and then one for each moment that is measured from: a stream's first
delta and its last byte, in seconds of the system's monotonic clock. It is no Kimi: it reads nothing of what it is asked.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_SLICE = 0.001
"""Seconds between two writings."""


class PacedModel:
    """The running process, as who measures sees it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.environ = {"KIMI_LSP_BASE_URL": self._line()["base_url"], "KIMI_LSP_API_KEY": "none"}

    def began(self) -> float:
        """Wait for the next stream's first delta; return when it was written."""
        return self._at("began")

    def ended(self) -> float:
        """Wait for the end of a stream; return when its last byte was written."""
        return self._at("ended")

    def _at(self, what: str) -> float:
        while what not in (line := self._line()):
            continue
        return float(line[what])

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def paced_model(answer: str, thoughts: int, rate: float) -> Iterator[PacedModel]:
    """Serve an answer after a number of thoughts, at so many deltas a second."""
    command = [sys.executable, "-m", "tests.bench.paced_model", str(thoughts), str(rate)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(answer.encode())
            process.stdin.close()
            yield PacedModel(process)
        finally:
            process.kill()


async def serve(answer: str, thoughts: int, rate: float) -> None:
    """Serve until the process is ended."""
    deltas = [{"reasoning_content": "thinking "}] * thoughts
    deltas += [{"content": answer[start : start + 8]} for start in range(0, len(answer), 8)]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await _take_body(reader, head)
                if head.startswith(b"POST"):
                    await _stream(writer, deltas, rate)
                else:
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    _say(base_url=f"http://{host}:{port}/v1")
    await server.serve_forever()


async def _take_body(reader: asyncio.StreamReader, head: bytes) -> None:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            await reader.readexactly(int(value))


async def _stream(writer: asyncio.StreamWriter, deltas: list[dict[str, str]], rate: float) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    began, sent = time.monotonic(), 0
    _say(began=began)
    while sent < len(deltas):
        due = min(len(deltas), 1 + int((time.monotonic() - began) * rate))
        # Each is a chunk of its own, as a service sends them.
        writer.writelines([_event({"delta": delta}) for delta in deltas[sent:due]])
        await writer.drain()
        sent = max(sent, due)
        await asyncio.sleep(_SLICE)
    last = _event(
        {"delta": {}, "finish_reason": "stop"}, usage={"prompt_tokens": 1, "completion_tokens": sent}
    )
    _say(ended=time.monotonic())
    writer.write(last + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")


def _event(choice: dict[str, Any], **more: Any) -> bytes:
    said = {"object": "chat.completion.chunk", "choices": [{"index": 0, **choice}], **more}
    return _chunk(b"data: %b\n\n" % json.dumps(said).encode())


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _say(**said: Any) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The answer is read from stdin.")
    parser.add_argument("thoughts", type=int)
    parser.add_argument("rate", type=float)
    arguments = parser.parse_args()
    asyncio.run(serve(sys.stdin.read(), arguments.thoughts, arguments.rate))
