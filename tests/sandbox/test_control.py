"""Holding, releasing and leaving, without a clock: every step waits for what the sandbox says has happened."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.sandbox.asking import chat, events, message, problem, said
from tests.sandbox.conftest import Sandbox

FIX = message("fix", "x = os.sep\n", problems=[problem(1, "undefined name 'os'", "F821")])
UNTOUCHED = {"fault": None, "hold": None, "requests_per_minute": None, "clock_scale": 1.0}
POINTS = ["before_reasoning", "before_content", "in_content"]


async def until_held(sandbox: Sandbox, lines: AsyncIterator[str]) -> str:
    """Read a stream until it has paused, and return what came."""
    got: list[str] = []
    reading = asyncio.create_task(_read(lines, got))
    await sandbox.wait("held")
    # All that was sent before the pause is in the socket by now; a request's round trip later it has been read.
    await sandbox.requests()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return "\n".join(got)


async def _read(lines: AsyncIterator[str], into: list[str]) -> None:
    async for line in lines:
        into.append(line)  # noqa: PERF401 (what came before it is cancelled is wanted)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_request_pauses_and_goes_on_when_it_is_released(
    sandbox: Sandbox, point: str, stream: bool
) -> None:
    expected = (await sandbox.ask(chat(FIX))).json()["choices"][0]["message"]["content"]
    await sandbox.control(hold=point)
    asking = asyncio.create_task(sandbox.ask(chat(FIX, stream=stream)))
    await sandbox.wait("held")
    record = (await sandbox.requests())[-1]
    assert (record["state"], record["held"], record["ended"]) == ("open", True, None)
    await sandbox.release()
    response = await asking
    if stream:
        assert said(events(response.text), "content") == expected
    else:
        assert response.json()["choices"][0]["message"]["content"] == expected
    record = (await sandbox.requests())[-1]
    assert (record["state"], record["held"]) == ("finished", False)


@pytest.mark.parametrize("point", POINTS)
async def test_a_pause_lets_through_what_comes_before_it(sandbox: Sandbox, point: str) -> None:
    await sandbox.control(hold=point)
    async with sandbox.client.stream("POST", "/v1/chat/completions", json=chat(FIX, stream=True)) as response:
        assert response.status_code == 200
        chunks = events(await until_held(sandbox, response.aiter_lines()))
        thought, spoken = said(chunks, "reasoning_content"), said(chunks, "content")
    assert (bool(thought), bool(spoken)) == {
        "before_reasoning": (False, False),
        "before_content": (True, False),
        "in_content": (True, True),
    }[point]
    assert thought == "" or thought.endswith("edits.")


@pytest.mark.parametrize("point", POINTS)
async def test_a_client_that_leaves_while_held_is_noted(sandbox: Sandbox, point: str) -> None:
    await sandbox.control(hold=point)
    async with sandbox.client.stream("POST", "/v1/chat/completions", json=chat(FIX, stream=True)):
        await sandbox.wait("held")
    await sandbox.wait("disconnected")
    (record,) = await sandbox.requests()
    assert record["state"] == "disconnected"
    assert record["ended"] > record["started"]
    assert record["usage"] is None


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_before_the_answer_is_noted(sandbox: Sandbox, stream: bool) -> None:
    await sandbox.control(think=3600)
    asking = asyncio.create_task(sandbox.ask(chat(FIX, stream=stream)))
    await sandbox.wait("open")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await sandbox.wait("disconnected")
    assert [record["state"] for record in await sandbox.requests()] == ["disconnected"]


async def test_a_client_that_leaves_while_it_thinks_is_noted(sandbox: Sandbox) -> None:
    await sandbox.control(think=3600)
    async with sandbox.client.stream("POST", "/v1/chat/completions", json=chat(FIX, stream=True)) as response:
        assert "assistant" in await anext(response.aiter_lines())
    await sandbox.wait("disconnected")


async def test_a_client_that_closes_at_the_last_event_has_finished(sandbox: Sandbox) -> None:
    async with sandbox.client.stream("POST", "/v1/chat/completions", json=chat(FIX, stream=True)) as response:
        async for line in response.aiter_lines():
            if line == "data: [DONE]":
                break
    await sandbox.wait("finished")
    (record,) = await sandbox.requests()
    assert record["state"] == "finished"
    assert record["usage"]["total_tokens"] > 0


async def test_several_requests_are_counted_and_released_together(sandbox: Sandbox) -> None:
    await sandbox.control(hold="before_content")
    asking = [asyncio.create_task(sandbox.ask(chat(FIX, stream=True))) for _ in range(5)]
    await sandbox.wait("held", 5)
    await sandbox.control(hold=None)
    assert (await sandbox.ask(chat(FIX))).status_code == 200
    await sandbox.release()
    assert {response.status_code for response in await asyncio.gather(*asking)} == {200}
    await sandbox.wait("finished", 6)


async def test_a_wait_that_is_not_met_says_how_far_it_came(sandbox: Sandbox) -> None:
    query: dict[str, str | int] = {"state": "finished", "count": 2, "timeout": 0}
    await sandbox.ask(chat(FIX))
    response = await sandbox.client.get("/sandbox/wait", params=query)
    assert response.status_code == 408
    assert response.json()["error"]["message"] == "1 of 2 requests were finished after 0 s."


MEANINGLESS: list[Any] = [
    [],
    {"thinking": 1},
    {"think": -1},
    {"think": "1"},
    {"think": True},
    {"hold": "later"},
    {"hold": ["later"]},
    {"fault": "nonsense"},
    {"fault": 7},
    {"fault": "429*0"},
    {"think": 9, "fault": "nonsense"},
    {"requests_per_minute": -1},
    {"requests_per_minute": "many"},
    {"clock_scale": -1},
    {"clock_scale": None},
]


async def test_a_setting_that_means_nothing_changes_nothing(sandbox: Sandbox) -> None:
    for settings in MEANINGLESS:
        response = await sandbox.client.post("/sandbox/control", json=settings)
        assert response.status_code == 400
        now = (await sandbox.client.post("/sandbox/control", json={})).json()
        assert now == {**UNTOUCHED, "think": 0.0}


async def test_a_wait_that_means_nothing_is_refused(sandbox: Sandbox) -> None:
    for query in (
        "",
        "state=asleep",
        "state=held&count=x",
        "state=held&timeout=nan",
        "state=held&timeout=-1",
    ):
        assert (await sandbox.client.get(f"/sandbox/wait?{query}")).status_code == 400


async def test_settings_that_are_not_named_stay(sandbox: Sandbox) -> None:
    await sandbox.control(think=0.5, hold="in_content")
    response: httpx.Response = await sandbox.client.post("/sandbox/control", json={"fault": "429:2*3"})
    assert response.json() == {**UNTOUCHED, "think": 0.5, "fault": "429", "hold": "in_content"}
