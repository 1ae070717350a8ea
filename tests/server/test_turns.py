"""One job at a time on a document: who is superseded, who waits and says so, and how many may."""

import asyncio

import pytest

from kimi_lsp.server.jobs import Jobs, TooManyJobs, Turn
from kimi_lsp.text import Span
from tests.server.test_never_answers import PLACE, URI, client, command, opened
from tests.support.swift_time import swiftly
from tests.support.talk import Talk, agreeable, silent, talk

ELSEWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}


def lines(talking: Talk, token: str) -> list[str]:
    told = [one["params"] for one in talking.asked("$/progress") if one["params"]["token"] == token]
    return [one["value"].get("message", one["value"]["kind"]) for one in told]


def test_the_one_that_waits_says_so_and_is_done_after_the_first() -> None:
    async def run() -> None:
        async with talk(agreeable) as talking:
            await talking.begin(client(ui={"markdown": True}))
            opened(talking)
            talking.model.free.clear()
            command(talking, "kimi.explain", 1)
            command(talking, "kimi.explain", 2, range=ELSEWHERE)
            await asyncio.sleep(10)
            assert talking.model.asked == 1
            assert lines(talking, "kimi-2") == ["begin", "waiting for the request before it"]
            talking.model.free.set()
            await asyncio.sleep(10)
            assert [one["id"] for one in talking.said if one.get("id") in (1, 2) and "result" in one] == [
                1,
                2,
            ]
            assert talking.model.asked == 2
            talking.nothing_is_left()

    swiftly(run())


def test_a_client_without_progress_is_told_that_it_waits() -> None:
    async def run() -> None:
        async with talk(silent) as talking:
            await talking.begin({"capabilities": {}})
            opened(talking)
            talking.model.free.clear()
            command(talking, "kimi.explain", 1)
            command(talking, "kimi.explain", 2, range=ELSEWHERE)
            told = [one["params"]["message"] for one in talking.asked("window/showMessage")]
            assert told == []
            await asyncio.sleep(1)
            told = [one["params"]["message"] for one in talking.asked("window/showMessage")]
            assert [" waits " in one for one in told] == [False, True]

    swiftly(run())


def test_a_waiting_one_can_be_cancelled_and_the_first_goes_on() -> None:
    async def run() -> None:
        async with talk(agreeable) as talking:
            await talking.begin(client(ui={"markdown": True}))
            opened(talking)
            talking.model.free.clear()
            command(talking, "kimi.explain", 1)
            command(talking, "kimi.explain", 2, range=ELSEWHERE)
            await asyncio.sleep(1)
            talking.notify("window/workDoneProgress/cancel", {"token": "kimi-2"})
            await asyncio.sleep(1)
            assert talking.answers(2)[0]["result"] == {"status": "cancelled"}
            assert talking.answers(1) == []
            talking.model.free.set()
            await asyncio.sleep(1)
            assert talking.answers(1)[0]["result"]["status"] == "ok"
            assert talking.model.asked == 1

    swiftly(run())


def test_the_same_lines_supersede_and_the_superseded_is_not_waited_for_in_words() -> None:
    async def run() -> None:
        async with talk(agreeable) as talking:
            await talking.begin(client(ui={"markdown": True}))
            opened(talking)
            talking.model.free.clear()
            command(talking, "kimi.explain", 1)
            await asyncio.sleep(1)
            command(talking, "kimi.explain", 2, range=PLACE)
            await asyncio.sleep(1)
            assert talking.answers(1)[0]["result"] == {"status": "cancelled"}
            assert not any("before it" in line for line in lines(talking, "kimi-2"))
            assert talking.model.asked == 2

    swiftly(run())


async def test_a_seventeenth_job_is_refused_unless_it_supersedes_one() -> None:
    jobs, done = Jobs(), asyncio.Event()

    async def work(_job: str, turn: Turn) -> None:
        await turn.come()
        await done.wait()

    first = jobs.start(URI, "first", Span(0, 1), work)
    for number in range(1, 16):
        jobs.start(URI, "more", Span(number * 10, number * 10 + 1), work)
    with pytest.raises(TooManyJobs, match="16 requests"):
        jobs.start(URI, "too much", Span(900, 901), work)
    assert not first.task.cancelling()
    again = jobs.start(URI, "again", Span(0, 1), work)
    assert first.task.cancelling()
    done.set()
    await again.task
    assert jobs.of() == []


async def test_jobs_of_two_documents_run_side_by_side() -> None:
    jobs, both = Jobs(), asyncio.Barrier(2)

    async def work(_job: str, turn: Turn) -> None:
        await turn.come()
        await both.wait()

    tasks = [jobs.start(uri, "t", Span(0, 1), work).task for uri in (URI, "file:///b.py")]
    await asyncio.gather(*tasks)
    assert jobs.of() == []
