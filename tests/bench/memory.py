"""Memory: what a server that has done much holds more than one that has done little, in MiB of resident memory.

One real server over stdio, one sandbox, the same document: explained again and again, the text changed each time.
The first jobs are not counted, since they load and fill what is kept for good.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.sandboxed import sandbox_process
from tests.support.wire import Wire, wire

JOBS = 10_000
WARM = 500
ALLOWED = 5.0
"""MiB that may be held more at the end than after the first jobs."""
URI = "file:///a.py"
PLACE = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
SOURCE = "def one() -> int:\n    return 1\n"


def table(jobs: int = JOBS) -> Iterator[str]:
    """Measure, and yield the rows."""
    yield f"memory: a server that has explained, resident MiB, {jobs} jobs; at most {ALLOWED:.0f} more than after {WARM}"
    if not sys.platform.startswith("linux"):
        yield "not measured: only Linux tells the memory of another process in /proc"
        return
    taken = asyncio.run(measure(jobs))
    for done, held in taken:
        yield f"{done:8} jobs{held:10.1f}{held - taken[0][1]:+10.1f}"


async def measure(jobs: int) -> Sequence[tuple[int, float]]:
    """Return after how many jobs the server held how many MiB; the first figure is the one to compare with."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        async with sandbox_process() as kimi, wire(kimi.environ, cold=True) as server:
            options = {"commands": "attached", "ui": {"markdown": True}}
            await server.initialize(
                initializationOptions=options,
                capabilities={"workspace": {"configuration": True}},
                rootUri=Path(folder).as_uri(),
            )
            item = {"uri": URI, "languageId": "python", "version": 0, "text": SOURCE}
            server.notify("textDocument/didOpen", {"textDocument": item})
            for count in range(1, jobs + 1):
                await _once(server, count)
                if count % WARM == 0:
                    taken.append((count, _resident(server.process.pid)))
    return taken


async def _once(server: Wire, count: int) -> None:
    change = {"text": f"{SOURCE}# {count}\n"}
    identity = {"uri": URI, "version": count}
    server.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": [change]})
    argument = {"uri": URI, "range": PLACE}
    server.request(count, "workspace/executeCommand", {"command": "kimi.explain", "arguments": [argument]})
    answer = await server.answer(count)
    if answer.get("result", {}).get("status") != "ok":
        raise RuntimeError(f"job {count}: {answer}")
    # An editor keeps no list of what it was told either.
    server.notifications.clear()


def _resident(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
