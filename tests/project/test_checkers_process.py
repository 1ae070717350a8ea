"""A tool's process has limits, and nothing of it is left behind. Who holds a connection open is seen by its end."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kimi_lsp.project.checkers import CheckFailed
from kimi_lsp.project.checkers.failure import NotStarted, SaidTooMuch, TookTooLong, UnsafeName
from kimi_lsp.project.checkers.process import Printed, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="groups of processes of POSIX")

WITH_A_CHILD = """
import os, socket, subprocess, sys, time
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
connection.set_inheritable(True)
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if sys.argv[2] == "ends" else {}
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], close_fds=False, **quiet)
connection.sendall(b"two of us\\n")
if sys.argv[2] == "hangs":
    time.sleep(600)
"""


async def ran(program: str, *words: str, text: bytes | None = None, seconds: float = 30) -> Printed:
    return await run(
        [sys.executable, "-I", "-c", program, *words],
        cwd=Path.cwd(),
        environ={},
        text=text,
        seconds=seconds,
        most_bytes=1_000_000,
    )


class Watch:
    """Waits for the word of a tool with a child, and for the end of both."""

    def __init__(self) -> None:
        self.port = 0
        self.reader: asyncio.Queue[asyncio.StreamReader] = asyncio.Queue()

    async def greeted(self) -> asyncio.StreamReader:
        reader = await self.reader.get()
        assert await reader.readline() == b"two of us\n"
        return reader


@asynccontextmanager
async def watch() -> AsyncIterator[Watch]:
    watching = Watch()
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        watching.reader.put_nowait(reader)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    watching.port = server.sockets[0].getsockname()[1]
    try:
        yield watching
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()


async def test_what_is_printed_comes_back_with_the_exit_code() -> None:
    program = "import sys; print(sys.stdin.read()); print('é', file=sys.stderr); sys.exit(3)"
    environ = {"PYTHONIOENCODING": "utf-8"}
    printed = await run(
        [sys.executable, "-c", program],
        cwd=Path.cwd(),
        environ=environ,
        text="ü\r\n".encode(),
        seconds=30,
        most_bytes=1000,
    )
    assert printed == Printed("ü\r\n\n", "é\n", 3)


async def test_without_a_text_the_input_is_at_its_end() -> None:
    assert (await ran("import sys; print(repr(sys.stdin.read()))")).out == "''\n"


async def test_a_tool_that_does_not_read_its_input_is_judged_by_what_it_prints() -> None:
    assert (await ran("print('enough')", text=b"x" * 3_000_000)).out == "enough\n"


async def test_a_tool_that_hangs_is_stopped_at_its_limit() -> None:
    with pytest.raises(TookTooLong, match=r"^it did not finish within 0\.2 s$"):
        await ran("import time; time.sleep(600)", seconds=0.2)


async def test_a_tool_that_ignores_signals_is_stopped_too() -> None:
    program = "import signal, time\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\ntime.sleep(600)"
    with pytest.raises(TookTooLong):
        await ran(program, seconds=0.2)


async def test_cancelling_ends_the_tool_and_its_children() -> None:
    async with watch() as watching:
        running = asyncio.create_task(ran(WITH_A_CHILD, str(watching.port), "hangs"))
        reader = await watching.greeted()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await reader.read() == b""


async def test_a_child_left_behind_by_a_tool_that_ended_is_ended() -> None:
    async with watch() as watching:
        printed = await ran(WITH_A_CHILD, str(watching.port), "ends")
        reader = await watching.greeted()
        assert printed.exit_code == 0
        assert await reader.read() == b""


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_tool_that_prints_without_end_is_stopped(stream: str) -> None:
    program = f"import sys\nwhile True: sys.{stream}.write('x' * 10_000)"
    with pytest.raises(SaidTooMuch, match=r"^it printed more than 976 KiB$"):
        await ran(program)


async def test_what_cannot_be_started_is_said(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("not a program")
    with pytest.raises(NotStarted, match=r"^it could not be started: "):
        await run([str(tmp_path / "tool")], cwd=tmp_path, environ={}, text=None, seconds=30, most_bytes=1000)


@pytest.mark.parametrize("name", ["a&calc.js", "%PATH%.js", 'a".js', "a|b.js"])
async def test_a_batch_file_is_given_no_name_that_it_would_run(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeName) as refused:
        await run(
            ["C:\\node\\eslint.CMD", name], cwd=tmp_path, environ={}, text=None, seconds=30, most_bytes=1000
        )
    assert isinstance(refused.value, CheckFailed)
