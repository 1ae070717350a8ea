"""The limit of requests a minute, by the sandbox's own clock; and what all requests came to."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from kimi_lsp.sandbox import serve
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.rate import Clock, Rate
from tests.sandbox.asking import chat, message
from tests.sandbox.conftest import Sandbox
from tests.sandbox.talking import TALKERS, Talker, talk

EXPLAIN = message("explain", "def f():\n    return 1\n")


@pytest.fixture(params=TALKERS, ids=lambda one: one.__name__.lower())
def talker(request: pytest.FixtureRequest) -> Talker:
    built: Talker = request.param()
    built.say(EXPLAIN)
    return built


class Wall:
    """A wall clock that stands until it is moved."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_clock_runs_at_its_scale_and_never_jumps() -> None:
    wall = Wall()
    clock = Clock(wall)
    wall.seconds += 10
    assert clock.now() == 10
    clock.run(60)
    assert clock.now() == 10
    wall.seconds += 2
    assert clock.now() == 130
    clock.run(0)
    wall.seconds += 99
    assert (clock.now(), clock.scale) == (130, 0)


def test_a_minute_holds_as_many_requests_as_the_limit_says() -> None:
    wall = Wall()
    rate = Rate(2, Clock(wall))
    rate.admit()
    wall.seconds += 30
    rate.admit()
    for _ in range(3):
        with pytest.raises(Rejected) as raised:
            rate.admit()
        assert (raised.value.status, raised.value.code) == (429, "rate_limit_exceeded")
    wall.seconds += 30
    rate.admit()
    with pytest.raises(Rejected):
        rate.admit()
    rate.limit = None
    rate.admit()


async def test_more_than_the_limit_is_answered_429(sandbox: Sandbox, talker: Talker) -> None:
    # A clock that stands makes one minute of the whole test.
    await sandbox.control(requests_per_minute=2, clock_scale=0)
    answers = [await talk(sandbox, talker) for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 429, 429]
    assert "limit of 2 requests a minute" in answers[-1].error["message"]
    assert answers[-1].error["type"] == "rate_limit_error"
    records = await sandbox.requests()
    assert [record["status"] for record in records] == [200, 200, 429, 429]
    assert len({record["arrived"] for record in records}) == 1
    await sandbox.control(requests_per_minute=None)
    assert (await talk(sandbox, talker)).status == 200


async def test_a_fast_clock_lets_the_minute_pass(sandbox: Sandbox) -> None:
    await sandbox.control(requests_per_minute=1, clock_scale=0)
    assert (await sandbox.ask(chat("Hello"))).status_code == 200
    assert (await sandbox.ask(chat("Hello"))).status_code == 429
    # A minute is over sooner than the next request can come.
    await sandbox.control(clock_scale=1_000_000)
    while (await sandbox.ask(chat("Hello"))).status_code != 200:
        continue
    arrived = [record["arrived"] for record in await sandbox.requests()]
    assert arrived[-1] - arrived[0] > 60


async def test_a_fault_is_not_used_up_by_a_request_over_the_limit(sandbox: Sandbox) -> None:
    await sandbox.control(requests_per_minute=0, fault="503*1")
    assert (await sandbox.ask(chat("Hello"))).status_code == 429
    await sandbox.control(requests_per_minute=None)
    assert (await sandbox.ask(chat("Hello"))).status_code == 503


async def test_a_limit_can_be_set_at_the_start() -> None:
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(0, announce=told.set_result, requests_per_minute=0))
    about = json.loads(await told)
    async with httpx.AsyncClient(
        base_url=about["base_url"], headers={"x-api-key": about["api_key"]}
    ) as client:
        response = await client.post("/v1/responses", json={"model": "kimi-k2-7-code", "input": "Hello"})
    assert response.status_code == 429
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


# What it all came to


NOTHING: dict[str, Any] = {
    "requests": 0,
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "total_tokens": 0,
    "tool_usage": {},
    "cost_usd": 0,
}


async def test_what_was_answered_is_added_up(sandbox: Sandbox, talker: Talker) -> None:
    assert await sandbox.spend() == NOTHING
    one = await talk(sandbox, talker, stream=True)
    two = await talk(sandbox, talker, tool_web_search=True)
    assert (await talk(sandbox, talker, temperature=0)).status == 400
    assert (await talk(sandbox, talker, fault="500")).status == 500
    spent = await sandbox.spend()
    assert spent["requests"] == 4
    assert spent["cost_usd"] == pytest.approx(one.usage["cost_usd"] + two.usage["cost_usd"])
    assert spent["tool_usage"] == {"web_search": 1}
    assert [bool(record["bill"]) for record in await sandbox.requests()] == [True, True, False, False]


@pytest.mark.parametrize("stream", [True, False])
async def test_what_is_cut_off_costs_what_was_generated_until_then(
    sandbox: Sandbox, talker: Talker, stream: bool
) -> None:
    whole = (await talk(sandbox, talker)).usage
    generated = whole.get("completion_tokens") or whole["output_tokens"]
    bills: list[dict[str, Any]] = []
    for point in ("before_reasoning", "before_content", "in_content"):
        await sandbox.control(hold=point)
        body = talker.body(stream=stream)
        asking = asyncio.create_task(sandbox.ask(body, endpoint=talker.endpoint))
        await sandbox.wait("held", len(bills) + 1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await sandbox.wait("disconnected", len(bills) + 1)
        bills.append((await sandbox.requests())[-1]["bill"])
    completions = [bill["completion_tokens"] for bill in bills]
    assert completions[0] == 0
    assert 0 < completions[1] < generated
    assert completions[1] < completions[2] < generated if stream else completions[2] == completions[1]
    assert all(bill["prompt_tokens"] > 0 for bill in bills)
    spent = await sandbox.spend()
    assert spent["completion_tokens"] == generated + sum(completions)
    assert spent["cost_usd"] == pytest.approx(whole["cost_usd"] + sum(bill["cost_usd"] for bill in bills))
