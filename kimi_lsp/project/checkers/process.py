"""One process of a tool, its limits and its end. Whatever happens, nothing of it is left running.

No shell is started. The process gets a group of its own, and the whole group is ended with it.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.project.checkers.failure import NotStarted, SaidTooMuch, TookTooLong, UnsafeName

_BATCH = (".bat", ".cmd")
_COMMAND_CHARACTERS = frozenset('&|<>^%!"\r\n')


@dataclass(frozen=True, slots=True)
class Printed:
    """What a process that ended by itself printed."""

    out: str
    err: str
    exit_code: int


async def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    text: bytes | None,
    seconds: float,
    most_bytes: int,
) -> Printed:
    """Run a command to its end. Its input is the text, or nothing; each of its outputs may have `most_bytes`.

    Raises NotStarted, UnsafeName, TookTooLong, SaidTooMuch. Cancelling ends the process and its group at once.
    """
    if command[0].lower().endswith(_BATCH) and any(_COMMAND_CHARACTERS & set(word) for word in command[1:]):
        raise UnsafeName
    loop = asyncio.get_running_loop()
    try:
        transport, heard = await loop.subprocess_exec(
            lambda: _Heard(loop, most_bytes),
            *command,
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise NotStarted(error) from error
    try:
        if text is not None:
            _feed(transport, text)
        async with asyncio.timeout(seconds):
            await heard.closed
    except TimeoutError:
        raise TookTooLong(seconds) from None
    finally:
        try:
            await _end(transport.get_pid(), heard)
        finally:
            transport.close()
    return Printed(heard.text(1), heard.text(2), transport.get_returncode() or 0)


class _Heard(asyncio.SubprocessProtocol):
    """Keeps what a process prints, up to a limit."""

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int) -> None:
        self.closed: asyncio.Future[None] = loop.create_future()
        """Done when the process has ended and its outputs are closed; fails when there was too much of them."""
        self.ended = asyncio.Event()
        self._most = most
        self._data = {1: bytearray(), 2: bytearray()}

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self._data[fd]
        if len(kept) + len(data) <= self._most:
            kept += data
        elif not self.closed.done():
            self.closed.set_exception(SaidTooMuch(self._most))

    def process_exited(self) -> None:
        self.ended.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def text(self, fd: int) -> str:
        return self._data[fd].decode("utf-8", "replace")


def _feed(transport: asyncio.SubprocessTransport, text: bytes) -> None:
    # A tool that ends without reading all of its input is judged by what it prints.
    pipe = transport.get_pipe_transport(0)
    if isinstance(pipe, asyncio.WriteTransport):
        pipe.write(text)
        pipe.write_eof()


async def _end(pid: int, heard: _Heard) -> None:
    """End what is left of the group, and wait until the process itself is gone."""
    if sys.platform == "win32":
        if not heard.ended.is_set():
            killer = await asyncio.create_subprocess_exec(
                "taskkill", "/F", "/T", "/PID", str(pid), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            await killer.wait()
    else:
        # Nobody is left; macOS denies the permission where only the ended process is.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    await heard.ended.wait()
