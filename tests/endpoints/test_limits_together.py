"""Two real servers of one user keep one account's limit together, by the arrivals in the sandbox's own journal."""

import asyncio
import bisect
import os
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from lsprotocol import types

from tests.cli.running import ROOT
from tests.endpoints.shop import TOTAL, Protocol, opened
from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox

PACE = 100
"""A minute takes 0.6 seconds."""
LIMIT, EACH = 10, 15
MORE_THAN_THE_SERVICE_TAKES = 30
PROTOCOLS: tuple[Protocol, Protocol] = ("chat", "messages")


async def test_no_minute_has_more_requests_than_the_limit(kimi: Sandbox, tmp_path: Path) -> None:
    await kimi.control(requests_per_minute=LIMIT, clock_scale=PACE)
    path = os.pathsep.join((str(ROOT / "tests" / "support" / "quick_clock"), str(ROOT)))
    quick = {"PYTHONPATH": path, "KIMI_LSP_TEST_CLOCK": f"{time.time()}*{PACE}"}
    told = await _from_two_editors({**kimi.environ, **quick}, tmp_path, EACH, requests_per_minute=LIMIT)
    requests = await kimi.requests()
    assert len(requests) == 2 * EACH
    assert {request["status"] for request in requests} == {200}
    arrivals = sorted(request["arrived"] for request in requests)
    busiest = max(bisect.bisect_left(arrivals, at + 60) - place for place, at in enumerate(arrivals))
    assert busiest <= LIMIT
    assert any(note.startswith(f"waiting… – {LIMIT} requests a minute are used up; ") for note in told)


async def test_without_a_setting_nobody_is_held_back_here(kimi: Sandbox, tmp_path: Path) -> None:
    told = await _from_two_editors(kimi.environ, tmp_path, MORE_THAN_THE_SERVICE_TAKES)
    assert len(await kimi.requests()) == 2 * MORE_THAN_THE_SERVICE_TAKES
    assert told
    assert not any("used up" in note or "go first" in note for note in told)


async def _from_two_editors(environ: dict[str, str], folder: Path, each: int, **settings: Any) -> list[str]:
    """Ask so many times from each of two servers, and return what their progress said."""
    async with AsyncExitStack() as stack:
        editors = [
            await stack.enter_async_context(
                editor(
                    {**environ, "KIMI_LSP_PROTOCOL": protocol},
                    opened(folder / protocol).parent.parent,
                    commands="attached",
                    ui={"markdown": True},
                    **settings,
                )
            )
            for protocol in PROTOCOLS
        ]
        await asyncio.gather(*(_ask(ed, each) for ed in editors))
        reports = [
            one for ed in editors for one in ed.progress if isinstance(one, types.WorkDoneProgressReport)
        ]
        return [one.message or "" for one in reports]


async def _ask(ed: Editor, times: int) -> None:
    uri = ed.open("shop/cart.py", (ed.root / "shop" / "cart.py").read_text("utf-8"))
    for _ in range(times):
        answer = await ed.run("kimi.explain", ed.place(uri, TOTAL))
        assert answer["status"] == "ok", answer
