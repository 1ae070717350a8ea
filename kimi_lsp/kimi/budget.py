"""Budgets: the most that a request, a day or a month may cost, held against what was spent before anything is sent.

A budget is a ceiling, so a request counts with the most that it can cost: its prompt as estimated with headroom, all of
`max_tokens`, and one web search where searching is allowed. How often the model searches is the service's affair;
further searches are recorded, and count for the next request. A model without known prices costs nothing here.
"""

import math
import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta

from kimi_lsp.conversation import Request
from kimi_lsp.kimi import ledger
from kimi_lsp.kimi.clock import Clock
from kimi_lsp.kimi.cost import NANO, Rates, dollars
from kimi_lsp.kimi.errors import OverBudget


@dataclass(frozen=True, slots=True)
class Budgets:
    """The most US dollars for a request, a calendar day and a calendar month; None is no budget."""

    request: float | None = None
    day: float | None = None
    month: float | None = None

    @property
    def needs_ledger(self) -> bool:
        """Whether what was spent before must be known."""
        return self.day is not None or self.month is not None


def most(request: Request, prompt_tokens: int, rates: Rates) -> int:
    """Return the most that a request can cost, in nanodollars, rounded up."""
    usd = (prompt_tokens * rates.prompt + request.max_tokens * rates.completion) / 1e6
    usd += rates.search if request.web_search else 0.0
    # What is a whole number but for the last bit of a float is not rounded up to the next one.
    return math.ceil(round(usd * NANO, 3))


def check_request(budgets: Budgets, cost: int) -> None:
    """Hold the most that a request can cost, in nanodollars, against its own budget. Raises OverBudget."""
    if budgets.request is not None and cost > round(budgets.request * NANO):
        raise OverBudget(
            what=f"it may cost up to {dollars(cost)}, more than budget_request ({_given(budgets.request)}) allows"
        )


def check_periods(db: sqlite3.Connection, budgets: Budgets, cost: int, clock: Clock) -> None:
    """Hold it against what is left of the day's and the month's budget, requests under way included.

    Raises OverBudget.
    """
    now = clock.now()
    today = clock.day(now)
    for name, budget, first, end in (
        ("budget_day", budgets.day, today, today + timedelta(days=1)),
        ("budget_month", budgets.month, month(today), month(month(today) + timedelta(days=31))),
    ):
        if budget is None:
            continue
        spent = ledger.spent(db, clock.start(first), clock.start(end))
        if spent.ended + spent.open + cost > round(budget * NANO):
            held = f" and {dollars(spent.open)} held for requests under way" if spent.open else ""
            raise OverBudget(
                what=f"it may cost up to {dollars(cost)}, and of {name} ({_given(budget)}) "
                f"{dollars(spent.ended)} is spent{held}"
            )


def month(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def _given(usd: float) -> str:
    return f"${usd:,.2f}" if round(usd, 2) == usd else f"${usd:,}"
