"""A small client of any stdio server: plain JSON, no library of LSP's, one thread that never blocks on a full pipe.

The time of a message is taken when its last byte is here. What the server asks of its own accord is answered as an
editor would that does what it is told.
"""

import json
import math
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]

_PIECE = 2**20
_PATIENCE = 60.0
"""Seconds for one answer."""


class NoAnswer(Exception):
    """`str(error)` says what was awaited, and the last that the server said on stderr."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the server's."""

    at: float
    """Seconds of the system's monotonic clock, which other processes read, too."""
    message: Json

    @property
    def result(self) -> Any:
        """What a request was answered with; an error is None."""
        return self.message.get("result")


def frame(message: Mapping[str, Any]) -> bytes:
    """Return a message as it stands on the wire."""
    body = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":"), ensure_ascii=False).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class StdioClient:
    """One server process, and all that it said."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        """Start the server in a folder."""
        self.requests: list[Heard] = []
        """What the server asked or told of its own accord, in order."""
        self.began = time.monotonic()
        self._answers: dict[int, Heard] = {}
        self._held = bytearray()
        self._unsent = bytearray()
        self._last = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the client)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environ,
            cwd=folder,
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        os.set_blocking(self._to.fileno(), False)
        os.set_blocking(self._from.fileno(), False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.call("shutdown")
                self.notify("exit")
                self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
            for stream in (self._to, self._from, self._errors):
                stream.close()

    def notify(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """Send a notification."""
        self.send(frame({"method": method, **({} if params is None else {"params": params})}))

    def request(self, method: str, params: Mapping[str, Any] | None = None) -> int:
        """Send a request; return its id."""
        self._last += 1
        self.send(
            frame({"id": self._last, "method": method, **({} if params is None else {"params": params})})
        )
        return self._last

    def send(self, data: bytes) -> None:
        """Send whole frames, without waiting until they are read."""
        self._unsent += data
        self._write()

    def wait(self, identity: int) -> Heard:
        """Return the answer to a request. Raises NoAnswer."""
        self._until(lambda: identity in self._answers, f"the answer to request {identity}")
        return self._answers.pop(identity)

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Heard:
        """Send a request and return its answer. Raises NoAnswer."""
        return self.wait(self.request(method, params))

    def timed(self, method: str, params: Mapping[str, Any]) -> float:
        """Return the seconds from sending a request to its answer, encoding not counted. Raises NoAnswer."""
        self._last += 1
        identity, data = self._last, frame({"id": self._last, "method": method, "params": params})
        began = time.monotonic()
        self.send(data)
        return self.wait(identity).at - began

    def heard(self, method: str, count: int = 1) -> Heard:
        """Return the server's own message of a method, the first or a later one. Raises NoAnswer."""

        def found() -> list[Heard]:
            return [one for one in self.requests if one.message["method"] == method]

        self._until(lambda: len(found()) >= count, method)
        return found()[count - 1]

    def linger(self, seconds: float) -> None:
        """Go on listening for a while."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._pump(left)

    def peak_memory(self) -> float:
        """Return the most that the process and its children held, each at its worst, in MiB; Linux alone tells."""
        return sum(_peak(one) for one in _tree(self._process.pid))

    def _until(self, ready: Any, what: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            left = deadline - time.monotonic()
            if left <= 0 or not self._pump(left):
                raise NoAnswer(f"{what} did not come: {self._said()}")

    def _pump(self, seconds: float) -> bool:
        """Send and take what there is; return False at the end of the server's stream."""
        waiting = select.poll()
        waiting.register(self._from, select.POLLIN)
        if self._unsent:
            waiting.register(self._to, select.POLLOUT)
        for descriptor, event in waiting.poll(seconds * 1000):
            if descriptor == self._to.fileno() and event & select.POLLOUT:
                self._write()
            elif descriptor == self._from.fileno():
                data = os.read(descriptor, _PIECE)
                if not data:
                    return False
                self._held += data
                self._take()
        return True

    def _write(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: os.write(self._to.fileno(), self._unsent[:_PIECE])]
        except BlockingIOError:
            return
        except BrokenPipeError:
            # Its end of stdout says so, too, with what it said before.
            self._unsent.clear()

    def _take(self) -> None:
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            at = time.monotonic()
            head = bytes(self._held[:end]).lower().split(b"content-length:", 1)
            stop = end + 4 + int(head[1].split(b"\r\n", 1)[0])
            if len(self._held) < stop:
                return
            heard = Heard(at, json.loads(self._held[end + 4 : stop]))
            del self._held[:stop]
            if "method" not in heard.message:
                self._answers[heard.message["id"]] = heard
                continue
            self.requests.append(heard)
            if "id" in heard.message:
                self.send(frame({"id": heard.message["id"], "result": _reply(heard.message)}))

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-600:].decode(errors="replace")


def _reply(message: Json) -> Any:
    match message["method"]:
        case "workspace/configuration":
            return [None] * len(message["params"]["items"])
        case "workspace/applyEdit":
            return {"applied": True}
        case _:
            return None


def _tree(root: int) -> list[int]:
    found = [root]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def _peak(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return math.nan
    return next(int(line.split()[1]) / 1024 for line in status.split("\n") if line.startswith("VmHWM"))
