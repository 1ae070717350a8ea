"""Cancelling: from the editor's message to the closed HTTP stream, as the sandbox sees it, in milliseconds.

Both processes read the system's monotonic clock, so their times can be subtracted.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types

from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox, sandbox_process

ROUNDS = 9
SOURCE = "def one() -> int:\n    return 1\n"
WAYS = ("$/cancelRequest", "workDoneProgress/cancel", "kimi.cancel", "the menu's entry")


def table(rounds: int = ROUNDS) -> Iterator[str]:
    """Measure, and yield the rows."""
    taken = asyncio.run(measure(rounds))
    yield f"cancel: from the editor's message to the closed stream, {rounds} rounds"
    yield f"{'':26}{'median ms':>10}{'slowest':>9}"
    for way, times in taken.items():
        yield f"{way:26}{statistics.median(times) * 1000:10.1f}{max(times) * 1000:9.1f}"


async def measure(rounds: int) -> Mapping[str, list[float]]:
    """Return the seconds that each way took, one figure a round."""
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    async with sandbox_process() as kimi:
        with tempfile.TemporaryDirectory() as folder:
            async with editor(kimi.environ, Path(folder)) as ed:
                uri = ed.open("a.py", SOURCE)
                await kimi.control(hold="before_content")
                for count in range(rounds * len(WAYS)):
                    way = WAYS[count % len(WAYS)]
                    taken[way].append(await _once(ed, kimi, uri, way, count + 1))
    return taken


async def _once(ed: Editor, kimi: Sandbox, uri: str, way: str, count: int) -> float:
    identity, answer = ed.start("kimi.explain", ed.place(uri, "return 1"))
    await kimi.wait("held", count)
    menu: list[types.CodeAction] = []
    if way == WAYS[3]:
        menu = await ed.menu(uri, ed.range_of(uri, "one"))
    began = time.monotonic()
    stopping: Any = None
    if way == WAYS[0]:
        ed.client.cancel_request(types.CancelParams(identity))
    elif way == WAYS[1]:
        token = list(ed.client.progress_reports)[-1]
        ed.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    elif way == WAYS[2]:
        stopping = ed.run("kimi.cancel", {})
    else:
        stopping = ed.pick(menu, "Kimi: Cancel")
    if stopping is not None:
        await stopping
    await kimi.wait("disconnected", count)
    await asyncio.wait([answer])
    answer.exception()
    ended: float = (await kimi.requests())[-1]["ended"]
    return ended - began
