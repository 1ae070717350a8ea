"""What was spent, added up for people: by calendar day, by model, in all, and what the budgets have left.

Reads the ledger and shapes it; printing is for `cli`, showing for `server`. Money is in nanodollars.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from kimi_lsp.kimi import ledger
from kimi_lsp.kimi.budget import Budgets, month
from kimi_lsp.kimi.clock import Clock
from kimi_lsp.kimi.cost import dollars, nanodollars
from kimi_lsp.kimi.ledger import Row
from kimi_lsp.kimi.state import State

HEADINGS = ("", "requests", "tokens in", "tokens out", "searches", "cost")


@dataclass(frozen=True, slots=True)
class Total:
    """Several requests, added up."""

    name: str
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    searches: int = 0
    nanodollars: int = 0
    estimated: int = 0
    """Requests whose figures are our own estimate, those under way included."""
    lost: int = 0
    """Requests whose process ended before they did; the most that they can have cost is counted."""

    def cells(self) -> tuple[str, ...]:
        """Return the row of a table, under `HEADINGS`."""
        about = "about " if self.estimated or self.lost else ""
        counts = (self.requests, self.prompt_tokens, self.completion_tokens, self.searches)
        return (self.name, *(f"{count:,}" for count in counts), f"{about}{dollars(self.nanodollars)}")


@dataclass(frozen=True, slots=True)
class Left:
    """A budget and what it has left, requests under way taken off."""

    name: str
    budget: int
    left: int

    def sentence(self) -> str:
        """Return what a person is told of it."""
        return f"{self.name}: {dollars(max(0, self.left))} of {dollars(self.budget)} left"


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent since a day."""

    since: date
    today: Total
    month: Total
    total: Total
    days: Sequence[Total] = ()
    models: Sequence[Total] = ()
    left: Sequence[Left] = ()
    rows: Sequence[Row] = field(default=(), repr=False)

    def sentence(self) -> str:
        """Return it in one line, for example `today $0.0123 (3 requests), this month $0.4567`."""
        many = "" if self.today.requests == 1 else "s"
        today, this_month = dollars(self.today.nanodollars), dollars(self.month.nanodollars)
        return f"today {today} ({self.today.requests:,} request{many}), this month {this_month}"

    def remarks(self) -> list[str]:
        """Return what is to be said beside the tables."""
        said = [left.sentence() for left in self.left]
        if self.total.lost:
            what = "request" if self.total.lost == 1 else "requests"
            said.append(f"{self.total.lost} {what} of a process that was ended: counted as the most possible")
        return said


async def spending(state: State, budgets: Budgets, since: date | None, clock: Clock) -> Spending:
    """Add up what was spent since a calendar day; without one, since the first of this month.

    Raises StateUnusable.
    """
    now = clock.now()
    today = clock.day(now)
    first = since or month(today)
    rows = await state.run(partial(_rows, since=clock.start(min(first, month(today))), now=now))
    days = [(clock.day(row.at), row) for row in rows]
    of_today = [row for day, row in days if day == today]
    of_month = [row for day, row in days if month(day) == month(today)]
    shown = [(day, row) for day, row in days if day >= first]
    return Spending(
        first,
        _total("today", of_today),
        _total("this month", of_month),
        _total("total", [row for _, row in shown]),
        _grouped(shown, lambda day, _: day.isoformat()),
        _grouped(shown, lambda _, row: f"{row.model} at {row.host}"),
        _left(budgets, of_today, of_month),
        [row for _, row in shown],
    )


def _rows(db: sqlite3.Connection, since: float, now: float) -> Sequence[Row]:
    ledger.give_up_lost(db, now)
    return ledger.rows(db, since)


def _grouped(shown: Sequence[tuple[date, Row]], name: Callable[[date, Row], str]) -> list[Total]:
    names = sorted({name(day, row) for day, row in shown})
    return [_total(one, [row for day, row in shown if name(day, row) == one]) for one in names]


def _total(name: str, rows: Iterable[Row]) -> Total:
    total = Total(name)
    for row in rows:
        searches = sum(count for tool, count in row.tool_usage.items() if "search" in tool)
        total = Total(
            name,
            total.requests + 1,
            total.prompt_tokens + row.prompt_tokens,
            total.completion_tokens + row.completion_tokens,
            total.searches + searches,
            total.nanodollars + row.nanodollars,
            total.estimated + row.estimated,
            total.lost + (row.outcome == "lost"),
        )
    return total


def _left(budgets: Budgets, of_today: Sequence[Row], of_month: Sequence[Row]) -> list[Left]:
    return [
        Left(name, nanodollars(budget), nanodollars(budget) - sum(row.nanodollars for row in rows))
        for name, budget, rows in (
            ("budget_day", budgets.day, of_today),
            ("budget_month", budgets.month, of_month),
        )
        if budget is not None
    ]
