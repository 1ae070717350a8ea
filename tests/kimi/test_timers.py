"""Waiting under limits."""

import asyncio

import pytest

from kimi_lsp.kimi.errors import NoFirstData, TookTooLong
from kimi_lsp.kimi.timers import Limit, within


async def never() -> None:
    await asyncio.Event().wait()


async def test_work_that_ends_in_time_gives_its_result() -> None:
    async def soon() -> int:
        return 7

    assert await within(soon(), Limit.after(50, TookTooLong, "h")) == 7


async def test_the_limit_that_passes_first_is_told() -> None:
    early, late = Limit.after(0.01, NoFirstData, "h"), Limit.after(50, TookTooLong, "h")
    with pytest.raises(NoFirstData, match=r"within 0\.01 s") as caught:
        await within(never(), late, early)
    assert caught.value.__context__ is None


async def test_a_timeout_of_the_work_itself_is_not_the_limits() -> None:
    async def fails() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await within(fails(), Limit.after(50, TookTooLong, "h"))


async def test_cancellation_from_outside_passes_through() -> None:
    started = asyncio.Event()

    async def work() -> None:
        started.set()
        await never()

    task = asyncio.create_task(within(work(), Limit.after(50, TookTooLong, "h")))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
