"""Which jobs end with their document."""

import asyncio

import pytest

from kimi_lsp.server.jobs import Jobs, Turn
from kimi_lsp.text import Span

URI = "file:///a.py"


async def test_a_closed_document_takes_its_jobs_along_but_for_one_whose_edit_closes_it() -> None:
    jobs, landing, done = Jobs(), asyncio.Event(), asyncio.Event()

    async def lands(_job: str, _turn: Turn) -> str:
        jobs.outlive_document()
        landing.set()
        await done.wait()
        return "landed"

    async def waits(_job: str, turn: Turn) -> None:
        await done.wait()

    first = jobs.start(URI, "first", Span(0, 1), lands)
    second = jobs.start(URI, "second", Span(5, 6), waits)
    other = jobs.start("file:///b.py", "other", Span(0, 1), waits)
    await landing.wait()
    jobs.document_closed(URI)
    with pytest.raises(asyncio.CancelledError):
        await second.task
    done.set()
    assert await first.task == "landed"
    await other.task


async def test_a_job_that_lands_can_still_be_cancelled() -> None:
    jobs, landing = Jobs(), asyncio.Event()

    async def lands(_job: str, _turn: Turn) -> None:
        jobs.outlive_document()
        landing.set()
        await asyncio.Event().wait()

    job = jobs.start(URI, "first", Span(0, 1), lands)
    await landing.wait()
    assert jobs.cancel(uri=URI) == 1
    with pytest.raises(asyncio.CancelledError):
        await job.task
