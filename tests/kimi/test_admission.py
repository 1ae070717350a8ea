"""Waiting for one's turn: told, counted down, given back, and shared with all that use the same account."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from kimi_lsp.conversation import Waiting
from kimi_lsp.kimi import RateLimited
from kimi_lsp.kimi.budget import Budgets
from kimi_lsp.kimi.limits import Limits
from tests.kimi.books import NOON, Hands, outcomes, select
from tests.kimi.conftest import MakeClient
from tests.kimi.metering import CODE, COST, Meters, ask, waits
from tests.kimi.server import GOOD, HEAD, Server, answers

SLOW_DOWN = answers("429 Too Many Requests", {"error": {"message": "slow"}}, "Retry-After: 7")


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def meter(make: MakeClient, tmp_path: Path, hands: Hands) -> Meters:
    return Meters(make, tmp_path, hands)


async def test_the_turn_is_waited_for_and_the_wait_is_told(
    server: Server, meter: Meters, hands: Hands
) -> None:
    server.plays(GOOD)
    metered = meter(limits=Limits(requests=2))
    for _ in range(2):
        assert waits(await ask(metered)) == []
    hands.now += 50
    told = waits(await ask(meter(limits=Limits(requests=2))))
    assert told[0] == "2 requests a minute are used up; going on in 11 s"
    assert told[-1] == "2 requests a minute are used up; going on in 1 s"
    assert max(hands.slept) == 2.0
    assert hands.now == pytest.approx(NOON + 60.25, abs=0.1)
    assert len(server.requests) == 3


async def test_tokens_are_limited_by_estimate_before_and_by_use_after(server: Server, meter: Meters) -> None:
    server.plays(GOOD)
    assert waits(await ask(meter(limits=Limits(tokens=3600)))) == []
    assert waits(await ask(meter(limits=Limits(tokens=3600)))) == []
    assert waits(await ask(meter(limits=Limits(tokens=3600))))[0].startswith(
        "3,600 tokens a minute are used up; "
    )


async def test_a_cancelled_wait_leaves_nothing(server: Server, meter: Meters, tmp_path: Path) -> None:
    server.plays(GOOD)
    one = Limits(requests=1)
    await ask(meter(limits=one))
    waiting = meter(limits=one)
    async with aclosing(waiting.stream(CODE)) as deltas:
        assert isinstance(await anext(deltas), Waiting)
        assert [outcome for outcome, _ in outcomes(tmp_path)] == ["finished", "open"]
    await waiting._state.close()
    assert outcomes(tmp_path) == [("finished", COST)]
    assert select(tmp_path, "SELECT * FROM queue") == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("steps", range(12))
async def test_a_cancellation_at_any_step_leaves_no_reservation(
    server: Server, meter: Meters, tmp_path: Path, steps: int
) -> None:
    server.plays(server.holding(HEAD))
    metered = meter(Budgets(day=100), Limits(50, 10**6))
    task = asyncio.ensure_future(ask(metered))
    for _ in range(steps**2):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await metered._state.run(lambda _db: None)
    assert {outcome for outcome, _ in outcomes(tmp_path)} <= {"cancelled"}
    assert select(tmp_path, "SELECT * FROM queue") == []
    assert select(tmp_path, "SELECT * FROM slots WHERE travelling") == []


async def test_an_attempt_again_is_one_more_request(server: Server, meter: Meters, tmp_path: Path) -> None:
    server.plays(answers("503 Service Unavailable", {"error": {"message": "busy"}}), GOOD)
    told = waits(await ask(meter(limits=Limits(requests=1))))
    assert told[0].endswith("is overloaded; asking again in 1 s")
    assert told[1] == "1 requests a minute are used up; going on in 61 s"
    assert len(server.requests) == 2
    assert outcomes(tmp_path) == [("finished", COST)]


async def test_a_pause_that_the_service_asks_for_holds_for_all(
    server: Server, meter: Meters, hands: Hands
) -> None:
    server.plays(SLOW_DOWN, GOOD)
    first, second, stranger = meter(), meter(), meter(account="you")
    async with aclosing(first.stream(CODE)) as deltas:
        told = await anext(deltas)
        assert isinstance(told, Waiting)
        assert isinstance(told.cause, RateLimited)
        # The pause that it asked for itself is not waited for twice.
        assert not isinstance(await anext(deltas), Waiting)
        assert hands.slept == []
        assert waits(await ask(second))[0] == "api.example asks to slow down; going on in 7 s"
        assert waits(await ask(stranger)) == []
        assert [delta async for delta in deltas]


async def test_a_pause_longer_than_anybody_waits_is_a_failure(server: Server, meter: Meters) -> None:
    server.plays(answers("429 Too Many Requests", {"error": {"message": "slow"}}, "Retry-After: 600"), GOOD)
    for _ in range(2):
        with pytest.raises(RateLimited):
            await ask(meter(limits=Limits(50)))
    assert len(server.requests) == 1


async def test_without_limits_nobody_is_held_back(server: Server, meter: Meters) -> None:
    server.plays(GOOD)
    metered = meter()
    every = await asyncio.gather(*(ask(metered) for _ in range(60)))
    assert all(waits(deltas) == [] for deltas in every)
    assert len(server.requests) == 60
