"""stdin and stdout as the wire: nothing but frames on it, and never more of it in memory than there is room for."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from kimi_lsp.server.stdio import pump
from tests.support.wire import wire

STRAY = """
import os, subprocess, sys

said = []

def chatter(event, arguments):
    # One of the libraries that are imported once the wire is taken; which of them would print is anybody's guess.
    if event == "import" and arguments[0] == "lsprotocol.types" and not said:
        said.append(1)
        print("stray", end="", flush=True)
        sys.__stdout__.write("stray")
        sys.__stdout__.flush()
        os.write(1, b"stray")
        subprocess.run([sys.executable, "-S", "-c", "print('stray', end='')"], check=True, env={})
        open(os.environ["KIMI_LSP_TEST_SAID"], "w").close()

sys.addaudithook(chatter)
"""


async def test_a_stray_print_is_not_on_the_wire(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(STRAY, "utf-8")
    said = tmp_path / "said"
    async with wire({**os.environ, "PYTHONPATH": str(tmp_path), "KIMI_LSP_TEST_SAID": str(said)}) as server:
        await server.initialize()
        server.request(1, "workspace/executeCommand", {"command": "kimi.cancel", "arguments": [{}]})
        assert (await server.answer(1))["result"]["status"] == "ok"
        assert said.exists()
        await server.alive()
        assert await server.end() == 0


class Measured(asyncio.StreamReader):
    """Tells once it holds more than it wants, or all that there is."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.most, self.largest, self.ended, self.told = 2 * limit, 0, False, asyncio.Event()

    def feed_data(self, data: Any) -> None:
        super().feed_data(data)
        self.largest = max(self.largest, len(self._buffer))  # type: ignore[attr-defined]
        if self.largest > self.most:
            self.told.set()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.ended = True
        self.told.set()


async def test_a_thread_that_reads_stops_where_there_is_no_room(tmp_path: Path) -> None:
    """One reads where asyncio cannot watch stdin: a plain file, or Windows."""
    data = os.urandom(4 * 1024 * 1024)
    (tmp_path / "in").write_bytes(data)
    reader = Measured(64 * 1024)
    with (tmp_path / "in").open("rb", buffering=0) as source:
        gate = pump(source, reader)
        await reader.told.wait()
        for _ in range(1000):
            await asyncio.sleep(0)
        assert not reader.ended, "all of it was taken in"
        assert not gate.is_open
        assert await reader.read(-1) == data
        assert reader.largest <= reader.most + 65_536


async def test_a_plain_file_is_a_whole_session(tmp_path: Path) -> None:
    asked = b'{"jsonrpc":"2.0","id":%d,"method":"no/such"}'
    bodies = [asked % number for number in range(2000)]
    frames = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)
    (tmp_path / "in").write_bytes(frames)
    with (tmp_path / "in").open("rb") as source, (tmp_path / "out").open("wb") as sink:
        command = (sys.executable, "-m", "kimi_lsp", "serve")
        process = await asyncio.create_subprocess_exec(
            *command, stdin=source, stdout=sink, stderr=asyncio.subprocess.DEVNULL
        )
        assert await process.wait() == 1
    assert (tmp_path / "out").read_bytes().count(b"-32002") == len(bodies)
