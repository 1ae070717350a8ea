"""What was asked, used and spent: one row a request, in the state's database. Never a text, never a key.

Money is in nanodollars, billionths of a US dollar: at the model card's prices every token is a whole number of them,
so that sums are exact. Each function is one piece of work for `State.run`; moments are seconds since 1970, UTC.
A request is written down before it is sent, with the most that it can cost, and again when it has ended.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kimi_lsp.conversation import Usage
from kimi_lsp.kimi.cost import nanodollars

Outcome = Literal["open", "finished", "cancelled", "failed", "lost"]
"""`lost`: its process ended before it did, and the most that it can have cost is counted."""

LONGEST = 7_200.0
"""Seconds that a request may be under way; what ends later than that was written by a clock that went wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, before it is sent."""

    id: str
    host: str
    model: str
    protocol: str
    kind: str = ""
    """`fix`, `explain` and so on; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """One request."""

    at: float
    host: str
    model: str
    protocol: str
    kind: str
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    tool_usage: dict[str, int]
    nanodollars: int
    estimated: bool
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Spent:
    """What a stretch of time has cost, in nanodollars."""

    ended: int = 0
    open: int = 0
    """The most that requests under way, of all processes, can cost."""


def reserve(db: sqlite3.Connection, asked: Asked, tokens: int, most: int, now: float, expires: float) -> None:
    """Write a request down as under way: prompt tokens as guessed, and the most that it can cost."""
    usage = Usage(prompt_tokens=tokens, estimated=True)
    _write(db, asked, usage, most, "open", now, expires)


def renew(db: sqlite3.Connection, asked: Asked, expires: float) -> None:
    """Say that a request that still waits is not lost."""
    db.execute("UPDATE requests SET expires = ? WHERE id = ? AND outcome = 'open'", (expires, asked.id))


def settle(db: sqlite3.Connection, asked: Asked, usage: Usage, outcome: Outcome, now: float) -> None:
    """Write down how a request ended, also where there was no writing down before it."""
    _write(db, asked, usage, nanodollars(usage.cost_usd), outcome, now, now)


def forget(db: sqlite3.Connection, asked: Asked) -> None:
    """Take back a request that was never sent."""
    db.execute("DELETE FROM requests WHERE id = ? AND outcome = 'open'", (asked.id,))


def give_up_lost(db: sqlite3.Connection, now: float) -> None:
    """Count requests whose processes are gone as lost; they no longer count as under way."""
    db.execute(
        "UPDATE requests SET outcome = 'lost' WHERE outcome = 'open' AND (expires <= ? OR expires > ?)",
        (now, now + LONGEST),
    )


def spent(db: sqlite3.Connection, since: float, until: float) -> Spent:
    """Return what was spent in a stretch of time, its end excluded."""
    query = "SELECT outcome = 'open', SUM(nanodollars) FROM requests WHERE at >= ? AND at < ? GROUP BY 1 ORDER BY 1"
    sums = dict(db.execute(query, (since, until)).fetchall())
    return Spent(sums.get(0, 0), sums.get(1, 0))


def rows(db: sqlite3.Connection, since: float) -> Sequence[Row]:
    """Return all requests since a moment, oldest first."""
    query = """
        SELECT at, host, model, protocol, kind, prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens,
               tools, nanodollars, estimated, outcome
        FROM requests WHERE at >= ? ORDER BY at, id
    """
    return [_row(*values) for values in db.execute(query, (since,))]


def _row(*values: Any) -> Row:
    figures = dict(zip(Row.__slots__, values, strict=True))
    return Row(
        **{
            **figures,
            "tool_usage": json.loads(figures["tool_usage"]),
            "estimated": bool(figures["estimated"]),
        }
    )


def _write(
    db: sqlite3.Connection, asked: Asked, usage: Usage, cost: int, outcome: Outcome, at: float, expires: float
) -> None:
    # A request belongs to the day on which it was sent, so the moment of the first writing stays.
    db.execute(
        """
        INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens,
            reasoning_tokens = excluded.reasoning_tokens, cached_tokens = excluded.cached_tokens,
            tools = excluded.tools, nanodollars = excluded.nanodollars, estimated = excluded.estimated,
            outcome = excluded.outcome, expires = excluded.expires
        """,
        (
            asked.id,
            at,
            asked.host,
            asked.model,
            asked.protocol,
            asked.kind,
            usage.prompt_tokens,
            usage.completion_tokens,
            usage.reasoning_tokens,
            usage.cached_tokens,
            json.dumps(dict(usage.tool_usage), sort_keys=True),
            cost,
            usage.estimated,
            outcome,
            expires,
        ),
    )
