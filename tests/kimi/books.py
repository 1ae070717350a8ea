"""A clock that a test turns, requests as the ledger knows them, and its rows without going through it."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

from kimi_lsp.kimi.clock import Clock
from kimi_lsp.kimi.ledger import Asked

NOON = 1_795_435_200.0
"""2026-11-23 12:00 UTC."""
DAY = 86_400.0


class Hands:
    """A clock's hands: asleep, the time passes at once."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep, UTC)


def asked(ident: str = "1", model: str = "kimi-k2-7-code", kind: str = "fix") -> Asked:
    return Asked(ident, "api.example", model, "chat", kind)


def select(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "state.db")) as db:
        return db.execute(query).fetchall()


def outcomes(folder: Path) -> list[tuple[str, int]]:
    """Return how each request ended and what it cost, in nanodollars."""
    return select(folder, "SELECT outcome, nanodollars FROM requests ORDER BY at, outcome")
