"""Waiting for one's turn within the service's limits, and telling why it takes long. It sends nothing itself.

A state folder that is of no use holds nobody back: the service then says itself when it is too much.
"""

import math
import sqlite3
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import partial

from kimi_lsp.conversation import ModelError, Waiting
from kimi_lsp.kimi import limits
from kimi_lsp.kimi.clock import Clock
from kimi_lsp.kimi.errors import RateLimited, StateUnusable
from kimi_lsp.kimi.limits import Hold, Limits
from kimi_lsp.kimi.retry import LONGEST_WAIT
from kimi_lsp.kimi.state import State

Account = Callable[[sqlite3.Connection], str]
"""Gives the account's name in the database."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The door to one account of one service."""

    state: State
    account: Account
    limits: Limits
    host: str
    clock: Clock

    async def turn(self, ident: str, tokens: int, later: float = 0.0) -> AsyncGenerator[Waiting, None]:
        """Yield why there is a wait until the turn has come; closing it, or cancelling, gives the place back.

        `later` is the seconds that the caller waits by itself after it. Raises RateLimited where the service asked
        for a longer pause than is waited for.
        """
        admitted, told = False, ""
        try:
            while True:
                hold = await self.state.run(partial(self._take, ident=ident, tokens=tokens, later=later))
                if hold is None:
                    admitted = True
                    return
                if hold.why == "pause" and hold.seconds > LONGEST_WAIT:
                    raise RateLimited(self.host, retry_after=hold.seconds)
                reason = self._reason(hold)
                if reason != told:
                    yield Waiting(reason)
                told = reason
                await self.clock.sleep(min(hold.seconds, limits.LOOK))
        except StateUnusable as trouble:
            self.state.warn(trouble)
        finally:
            if not admitted:
                self.state.later(partial(limits.leave, ident=ident))

    async def free(self, ident: str) -> bool:
        """Take a turn for a small request where one is free at once."""
        try:
            taken = await self.state.run(partial(self._take_now, ident=ident))
        except StateUnusable as trouble:
            self.state.warn(trouble)
            return True
        return taken

    def arrived(self, ident: str, tokens: int | None = None) -> None:
        """Note that a request has reached the service and, where that is known, the tokens that it came to."""
        self.state.later(partial(self._arrived, ident=ident, tokens=tokens))

    def refused(self, ident: str, failure: ModelError) -> None:
        """Note that the service did not take a request; the pause that it asks for holds for all processes."""
        self.arrived(ident, 0)
        if isinstance(failure, RateLimited) and failure.retry_after:
            self.state.later(partial(self._pause, seconds=failure.retry_after))

    def _take(self, db: sqlite3.Connection, ident: str, tokens: int, later: float) -> Hold | None:
        return limits.take(db, ident, self.account(db), tokens, self.limits, self.clock.now(), later)

    def _take_now(self, db: sqlite3.Connection, ident: str) -> bool:
        if self._take(db, ident, 0, 0.0) is None:
            limits.arrived(db, ident, self.clock.now())
            return True
        limits.leave(db, ident)
        return False

    def _arrived(self, db: sqlite3.Connection, ident: str, tokens: int | None) -> None:
        limits.arrived(db, ident, self.clock.now())
        if tokens is not None:
            limits.used(db, ident, tokens)

    def _pause(self, db: sqlite3.Connection, seconds: float) -> None:
        limits.pause(db, self.account(db), seconds, self.clock.now())

    def _reason(self, hold: Hold) -> str:
        going_on = f"going on in {max(1, math.ceil(hold.seconds))} s"
        match hold.why:
            case "requests":
                return f"{self.limits.requests:,} requests a minute are used up; {going_on}"
            case "tokens":
                return f"{self.limits.tokens:,} tokens a minute are used up; {going_on}"
            case "pause":
                return f"{self.host} asks to slow down; {going_on}"
            case "queue":
                return "other requests of yours go first"
