"""The books: one row a request, exact sums, calendar days, and requests whose process is gone."""

import subprocess
import sys
from datetime import UTC, date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.conversation import Message, Request, Usage
from kimi_lsp.kimi import OverBudget, ledger
from kimi_lsp.kimi.budget import Budgets, check_periods, check_request, most
from kimi_lsp.kimi.cost import CARD_RATES, NANO, NO_RATES, dollars, measure, nanodollars
from kimi_lsp.kimi.ledger import LONGEST, Spent
from kimi_lsp.kimi.spending import spending
from kimi_lsp.kimi.state import State
from kimi_lsp.kimi.wire.tokens import Tokens
from tests.kimi.books import DAY, NOON, Hands, asked, outcomes

ASK = Request((Message.of("user", "x"),), max_tokens=1000)
USED = Usage(1000, 500, 80, 400, {"web_search": 1}, 0.018)


@given(st.lists(st.tuples(st.integers(0, 262_144), st.integers(0, 131_072), st.integers(0, 9)), max_size=50))
def test_sums_at_the_card_s_prices_are_exact(answers: list[tuple[int, int, int]]) -> None:
    costs = [
        nanodollars(
            measure(ASK, "", Tokens(prompt, completion, 0, 0, {"web_search": searches}), CARD_RATES).cost_usd
        )
        for prompt, completion, searches in answers
        if prompt or completion
    ]
    exact = sum(950 * one + 4_000 * two + 15_000_000 * three for one, two, three in answers if one or two)
    assert sum(costs) == exact


def test_money_as_a_person_reads_it() -> None:
    assert [dollars(nanos) for nanos in (0, 17_500_000, 1_234 * NANO)] == [
        "$0.0000",
        "$0.0175",
        "$1,234.0000",
    ]


async def test_a_request_is_one_row_from_its_reservation_to_its_end(tmp_path: Path) -> None:
    state = State(tmp_path)
    await state.run(
        partial(ledger.reserve, asked=asked(), tokens=900, most=70_000_000, now=NOON, expires=NOON + 1)
    )
    assert outcomes(tmp_path) == [("open", 70_000_000)]
    await state.run(partial(ledger.settle, asked=asked(), usage=USED, outcome="finished", now=NOON + 60))
    (row,) = await state.run(partial(ledger.rows, since=0))
    assert (row.at, row.kind, row.outcome, row.nanodollars) == (NOON, "fix", "finished", 18_000_000)
    assert (row.prompt_tokens, row.completion_tokens, row.reasoning_tokens, row.cached_tokens) == (
        1000,
        500,
        80,
        400,
    )
    assert (row.tool_usage, row.estimated) == ({"web_search": 1}, False)


async def test_what_was_never_sent_is_forgotten_and_what_ended_is_not(tmp_path: Path) -> None:
    state = State(tmp_path)
    await state.run(partial(ledger.reserve, asked=asked("1"), tokens=1, most=1, now=NOON, expires=NOON + 1))
    await state.run(partial(ledger.settle, asked=asked("2"), usage=USED, outcome="failed", now=NOON))
    for ident in "12":
        await state.run(partial(ledger.forget, asked=asked(ident)))
    assert outcomes(tmp_path) == [("failed", 18_000_000)]


async def test_a_request_that_nobody_ends_is_lost_at_the_most_it_can_cost(tmp_path: Path) -> None:
    state = State(tmp_path)
    await state.run(partial(ledger.reserve, asked=asked(), tokens=1, most=5, now=NOON, expires=NOON + 100))
    await state.run(partial(ledger.give_up_lost, now=NOON + 99))
    assert outcomes(tmp_path) == [("open", 5)]
    await state.run(partial(ledger.renew, asked=asked(), expires=NOON + 200))
    await state.run(partial(ledger.give_up_lost, now=NOON + 199))
    assert outcomes(tmp_path) == [("open", 5)]
    await state.run(partial(ledger.give_up_lost, now=NOON + 200))
    assert outcomes(tmp_path) == [("lost", 5)]


async def test_a_clock_that_went_back_leaves_no_reservation_for_ever(tmp_path: Path) -> None:
    state = State(tmp_path)
    future = NOON + 10 * 365 * DAY
    await state.run(
        partial(ledger.reserve, asked=asked(), tokens=1, most=5, now=future, expires=future + 100)
    )
    await state.run(partial(ledger.give_up_lost, now=NOON))
    assert outcomes(tmp_path) == [("lost", 5)]
    assert await state.run(partial(ledger.spent, since=NOON, until=NOON + DAY)) == Spent()
    assert LONGEST < 10 * 365 * DAY


# Budgets.


def test_the_most_that_a_request_can_cost() -> None:
    assert most(ASK, 10_000, CARD_RATES) == 9_500_000 + 4_000_000
    searching = Request(ASK.messages, max_tokens=131_072, web_search=True)
    assert most(searching, 1, CARD_RATES) == 950 + 524_288_000 + 15_000_000
    assert most(ASK, 10_000, NO_RATES) == 0


def test_the_budget_of_a_request() -> None:
    check_request(Budgets(), 10**12)
    check_request(Budgets(request=0.05), 50_000_000)
    with pytest.raises(OverBudget) as caught:
        check_request(Budgets(request=0.05), 50_000_001)
    assert str(caught.value) == (
        "Nothing was sent, because it may cost up to $0.0500, more than budget_request ($0.05) allows: "
        "select less, lower max_tokens, or raise the budget in your settings."
    )


async def test_a_day_s_budget_is_of_the_calendar_s_day(tmp_path: Path) -> None:
    state, hands = State(tmp_path), Hands()
    budgets = Budgets(day=0.03)
    await state.run(partial(ledger.settle, asked=asked("1"), usage=USED, outcome="finished", now=NOON))
    check = partial(check_periods, budgets=budgets, clock=hands.clock)
    await state.run(partial(check, cost=12_000_000))
    with pytest.raises(OverBudget, match=r"of budget_day \(\$0\.03\) \$0\.0180 is spent: "):
        await state.run(partial(check, cost=12_000_001))
    hands.now += DAY / 2 - 1
    with pytest.raises(OverBudget):
        await state.run(partial(check, cost=12_000_001))
    hands.now += 1
    await state.run(partial(check, cost=30_000_000))


async def test_a_month_s_budget_counts_what_is_under_way(tmp_path: Path) -> None:
    state, hands = State(tmp_path), Hands()
    await state.run(
        partial(ledger.settle, asked=asked("0"), usage=USED, outcome="failed", now=NOON - 23 * DAY)
    )
    await state.run(
        partial(ledger.settle, asked=asked("1"), usage=USED, outcome="failed", now=NOON - 22 * DAY)
    )
    await state.run(
        partial(ledger.reserve, asked=asked("2"), tokens=1, most=10**7, now=NOON, expires=NOON + 1)
    )
    check = partial(check_periods, budgets=Budgets(month=0.1), clock=hands.clock)
    await state.run(partial(check, cost=100_000_000 - 18_000_000 - 10**7))
    with pytest.raises(
        OverBudget, match=r"of budget_month \(\$0\.10\) \$0\.0180 is spent and \$0\.0100 held for"
    ):
        await state.run(partial(check, cost=100_000_001 - 18_000_000 - 10**7))


# What people see.


async def test_spending_by_day_and_model(tmp_path: Path) -> None:
    state, hands = State(tmp_path), Hands()
    for ident, model, day in (("1", "a", -23), ("2", "a", -2), ("3", "b", 0), ("4", "a", 0)):
        work = partial(
            ledger.settle, asked=asked(ident, model), usage=USED, outcome="finished", now=NOON + day * DAY
        )
        await state.run(work)
    found = await spending(state, Budgets(day=0.04, month=1), None, hands.clock)
    assert found.sentence() == "today $0.0360 (2 requests), this month $0.0540"
    assert [(day.name, day.requests) for day in found.days] == [("2026-11-21", 1), ("2026-11-23", 2)]
    assert [(model.name, model.requests) for model in found.models] == [
        ("a at api.example", 2),
        ("b at api.example", 1),
    ]
    assert found.total.cells() == ("total", "3", "3,000", "1,500", "3", "$0.0540")
    assert found.remarks() == [
        "budget_day: $0.0040 of $0.0400 left",
        "budget_month: $0.9460 of $1.0000 left",
    ]
    assert (await spending(state, Budgets(), date(2026, 10, 31), hands.clock)).total.requests == 4
    assert (await spending(state, Budgets(), date(2026, 11, 23), hands.clock)).total.requests == 2
    assert found.since == date(2026, 11, 1)
    assert hands.clock.zone is UTC


async def test_lost_requests_are_told(tmp_path: Path) -> None:
    state, hands = State(tmp_path), Hands()
    await state.run(partial(ledger.reserve, asked=asked(), tokens=1, most=10**8, now=NOON, expires=NOON + 1))
    assert (await spending(state, Budgets(), None, hands.clock)).total.cells()[-1] == "about $0.1000"
    hands.now += 1
    found = await spending(state, Budgets(), None, hands.clock)
    assert found.remarks() == ["1 request of a process that was ended: counted as the most possible"]


WRITER = """
import asyncio, sys
from functools import partial
from pathlib import Path
from kimi_lsp.conversation import Usage
from kimi_lsp.kimi import ledger
from kimi_lsp.kimi.state import State

async def main(folder, name, count):
    state = State(Path(folder), patience=50)
    for number in range(int(count)):
        asked = ledger.Asked(f"{name}-{number}", "host", "model", "chat")
        await state.run(partial(ledger.reserve, asked=asked, tokens=1, most=7, now=1e9, expires=2e9))
        print(number, flush=True)
        await state.run(partial(ledger.settle, asked=asked, usage=Usage(cost_usd=3e-9), outcome="finished", now=1e9))

asyncio.run(main(*sys.argv[1:]))
"""


def writer(folder: Path, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(folder), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    writers = [writer(tmp_path, name, 25) for name in "abcd"]
    for process in writers:
        process.communicate()
        assert process.returncode == 0
    assert outcomes(tmp_path) == [("finished", 3)] * 100


def test_a_killed_process_leaves_its_rows_and_a_sound_database(tmp_path: Path) -> None:
    process = writer(tmp_path, "a", 1_000_000)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if int(line) == 20:
                break
    finally:
        process.kill()
        process.communicate()
    found = outcomes(tmp_path)
    assert len(found) >= 21
    assert set(found) <= {("finished", 3), ("open", 7)}
    assert sum(row == ("open", 7) for row in found) <= 1
    after = writer(tmp_path, "b", 1)
    after.communicate()
    assert len(outcomes(tmp_path)) == len(found) + 1
