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


async def test_what_yields_gives_way_to_all_and_supersedes_nothing_else() -> None:
    jobs, done = Jobs(), asyncio.Event()

    async def waits(_job: str, _turn: Turn) -> None:
        await done.wait()

    asked = jobs.start(URI, "asked", Span(0, 3), waits)
    first = jobs.start(URI, "first", Span(0, 9), waits, yields=True)
    second = jobs.start(URI, "second", Span(0, 9), waits, yields=True)
    assert second.turn.before == [asked, first]
    with pytest.raises(asyncio.CancelledError):
        await first.task
    other = jobs.start(URI, "other", Span(20, 21), waits)
    with pytest.raises(asyncio.CancelledError):
        await second.task
    done.set()
    await asyncio.gather(asked.task, other.task)
