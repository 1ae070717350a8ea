"""Money before and after: what is refused before anything is sent, and what is written down however a request ends."""

import asyncio
import sqlite3
from contextlib import aclosing, closing
from functools import partial
from pathlib import Path

import pytest

from kimi_lsp.conversation import TextDelta
from kimi_lsp.kimi import (
    BeyondContext,
    BudgetUnchecked,
    CatalogEntry,
    KeyRejected,
    OverBudget,
    StreamCut,
    ledger,
)
from kimi_lsp.kimi.budget import Budgets
from kimi_lsp.kimi.limits import Limits
from kimi_lsp.kimi.state import State
from tests.kimi.books import NOON, Hands, asked, outcomes, select
from tests.kimi.conftest import MakeClient, reply_of
from tests.kimi.metering import CODE, COST, Meters, ask, waits
from tests.kimi.server import GOOD, HEAD, Server, answers, delta, event, streams


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def meter(make: MakeClient, tmp_path: Path, hands: Hands) -> Meters:
    return Meters(make, tmp_path, hands)


async def test_an_answer_is_written_down(server: Server, meter: Meters, tmp_path: Path) -> None:
    server.plays(GOOD)
    assert reply_of(await ask(meter())).usage.cost_usd == pytest.approx(COST / 1e9)
    query = """SELECT at, host, model, protocol, kind, prompt_tokens, completion_tokens, estimated, outcome, nanodollars
        FROM requests"""
    assert select(tmp_path, query) == [
        (NOON, "api.example", "kimi-k2-7-code", "chat", "fix", 1000, 500, 0, "finished", COST)
    ]
    texts = (CODE.messages[0].text, "Hello there", "Let me see")
    for file in tmp_path.iterdir():
        assert not any(text.encode() in file.read_bytes() for text in texts)


async def test_the_service_s_own_cost_is_what_counts(server: Server, meter: Meters, tmp_path: Path) -> None:
    used = {
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "tool_usage": {"web_search": 2},
        "cost_usd": 0.123456789,
    }
    server.plays(streams(delta("stop", content="a"), event({"choices": [], "usage": used})))
    await ask(meter())
    assert outcomes(tmp_path) == [("finished", 123_456_789)]
    assert select(tmp_path, "SELECT tools FROM requests") == [('{"web_search": 2}',)]


async def test_a_cancelled_answer_is_written_down_as_far_as_it_came(
    server: Server, meter: Meters, tmp_path: Path
) -> None:
    server.plays(server.holding(HEAD, delta(content="y" * 400)))
    metered = meter()
    async with aclosing(metered.stream(CODE)) as deltas:
        assert await anext(deltas) == TextDelta("y" * 400)
    await server.client_closed.wait()
    await metered._state.close()
    query = "SELECT outcome, prompt_tokens, completion_tokens, estimated, nanodollars FROM requests"
    assert select(tmp_path, query) == [("cancelled", 750, 100, 1, 750 * 950 + 100 * 4_000)]


async def test_a_cancelled_task_is_written_down(server: Server, meter: Meters, tmp_path: Path) -> None:
    server.plays(server.holding(HEAD, delta(content="y" * 400)))
    metered, heard = meter(), asyncio.Event()

    async def follow() -> None:
        async for _ in metered.stream(CODE):
            heard.set()

    task = asyncio.ensure_future(follow())
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.client_closed.wait()
    await metered._state.close()
    assert [outcome for outcome, _ in outcomes(tmp_path)] == ["cancelled"]
    assert select(tmp_path, "SELECT travelling FROM slots") == [(0,)]


async def test_a_failure_without_an_answer_costs_nothing(
    server: Server, meter: Meters, tmp_path: Path
) -> None:
    server.plays(answers("401 Unauthorized", {"error": {"message": "no"}}))
    with pytest.raises(KeyRejected):
        await ask(meter())
    assert outcomes(tmp_path) == [("failed", 0)]


async def test_a_failure_within_an_answer_costs_what_came(
    server: Server, meter: Meters, tmp_path: Path
) -> None:
    server.plays(streams(delta(content="y" * 400)))
    with pytest.raises(StreamCut):
        await ask(meter())
    assert outcomes(tmp_path) == [("failed", 750 * 950 + 100 * 4_000)]


# What is refused.


@pytest.mark.parametrize(
    ("budgets", "name"),
    [
        (Budgets(request=0.004), "budget_request"),
        (Budgets(day=0.0079), "budget_day"),
        (Budgets(month=0.0079), "budget_month"),
    ],
)
async def test_a_budget_refuses_before_anything_is_sent(
    server: Server, meter: Meters, tmp_path: Path, budgets: Budgets, name: str
) -> None:
    server.plays(GOOD)
    if name == "budget_request":
        with pytest.raises(OverBudget, match=r"it may cost up to \$0.0050, more than budget_request"):
            await ask(meter(budgets))
        assert server.requests == []
        return
    await ask(meter(budgets))
    with pytest.raises(OverBudget, match=rf"of {name} \(\$0.0079\) \$0.0029 is spent: "):
        await ask(meter(budgets))
    assert len(server.requests) == 1
    assert outcomes(tmp_path) == [("finished", COST)]


async def test_two_at_once_do_not_both_slip_under_a_budget(
    server: Server, meter: Meters, tmp_path: Path
) -> None:
    server.plays(server.holding(HEAD, delta(content="a")))
    first, second = meter(Budgets(day=0.0099)), meter(Budgets(day=0.0099))
    async with aclosing(first.stream(CODE)) as deltas:
        await anext(deltas)
        with pytest.raises(OverBudget, match=r"\$0.0000 is spent and \$0.0050 held for requests under way"):
            await ask(second)
    await first._state.close()
    server.plays(GOOD)
    await ask(second)
    assert [outcome for outcome, _ in outcomes(tmp_path)] == ["cancelled", "finished"]


async def test_the_reservation_of_a_killed_process_expires(
    server: Server, meter: Meters, tmp_path: Path, hands: Hands
) -> None:
    server.plays(GOOD)
    state = State(tmp_path)
    await state.run(
        partial(ledger.reserve, asked=asked("dead"), tokens=1, most=9 * 10**6, now=NOON, expires=NOON + 1200)
    )
    with pytest.raises(OverBudget):
        await ask(meter(Budgets(day=0.01)))
    hands.now += 1200
    with pytest.raises(OverBudget, match=r"\$0.0090 is spent: "):
        await ask(meter(Budgets(day=0.01)))
    hands.now += 12 * 3600
    await ask(meter(Budgets(day=0.01)))
    assert outcomes(tmp_path) == [("lost", 9 * 10**6), ("finished", COST)]


async def test_what_cannot_fit_is_not_sent(server: Server, meter: Meters) -> None:
    with pytest.raises(BeyondContext) as caught:
        await ask(meter(entry=CatalogEntry(context_tokens=1999)))
    assert str(caught.value) == (
        "Nothing was sent, because the prompt is about 1,000 tokens and max_tokens is 1,000, together more than the "
        "1,999 that kimi-k2-7-code reads: select less code, or lower context_tokens or max_tokens in the settings."
    )
    assert server.requests == []


async def test_the_ratio_is_learned_for_all(server: Server, meter: Meters) -> None:
    used = {"prompt_tokens": 750, "completion_tokens": 5}
    server.plays(streams(delta("stop", content="a"), event({"choices": [], "usage": used})))
    for _ in range(20):
        await ask(meter())
    other = meter(entry=CatalogEntry(context_tokens=1800))
    assert (other.ratio("python"), other.ratio("rust")) == (1.0, 1.0)
    await other.recall()
    assert other.ratio("python") == pytest.approx(0.75, abs=0.01)
    assert other.ratio("rust") == 1.0
    reply_of(await ask(other))


# The state folder is of no use.


@pytest.fixture
def useless(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "state"


async def test_it_goes_on_without_books_and_says_so_once(
    server: Server, meter: Meters, useless: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.plays(GOOD)
    metered = meter(Budgets(request=1), Limits(1, 1000), useless)
    await metered.recall()
    caplog.clear()
    assert waits(await ask(metered)) == []
    fresh = meter(Budgets(request=1), Limits(1, 1000), useless)
    said = "what this costs cannot be written down, since the state folder is of no use"
    assert [waits(await ask(fresh)), waits(await ask(fresh))] == [[said], []]
    assert sum("What is spent cannot be read or kept" in record.message for record in caplog.records) == 1


@pytest.mark.parametrize("budgets", [Budgets(day=100), Budgets(month=100)])
async def test_a_budget_that_cannot_be_checked_refuses(
    server: Server, meter: Meters, useless: Path, budgets: Budgets
) -> None:
    with pytest.raises(BudgetUnchecked, match="a budget is set and what was spent so far cannot be read"):
        await ask(meter(budgets, folder=useless))
    assert server.requests == []


async def test_a_held_database_delays_no_answer_s_end(server: Server, meter: Meters, tmp_path: Path) -> None:
    server.plays(GOOD)
    metered = meter()
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as other:
        async with aclosing(metered.stream(CODE)) as deltas:
            await anext(deltas)
            other.execute("BEGIN IMMEDIATE")
            reply_of([delta async for delta in deltas])
        other.execute("COMMIT")
    await metered._state.close()
    assert outcomes(tmp_path) == [("finished", COST)]
