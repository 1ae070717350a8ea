"""A Model around a Model, which minds the money: it checks first, waits for its turn, and writes down what came of it.

Nothing here decides what is asked. A state folder that is of no use stops no request, unless a budget depends on it.
"""

import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from kimi_lsp.conversation import (
    Delta,
    Model,
    ModelError,
    ReasoningDelta,
    Reply,
    Request,
    TextDelta,
    Usage,
    Waiting,
)
from kimi_lsp.conversation.estimate import HEADROOM, request_tokens
from kimi_lsp.kimi import budget, calibration, ledger
from kimi_lsp.kimi.admission import Admission
from kimi_lsp.kimi.budget import Budgets
from kimi_lsp.kimi.calibration import Ratios
from kimi_lsp.kimi.catalog import CatalogEntry
from kimi_lsp.kimi.cost import NANO, Rates, measure
from kimi_lsp.kimi.errors import BeyondContext, BudgetUnchecked, KimiError, StateUnusable
from kimi_lsp.kimi.ledger import Asked, Outcome

_SPARE = 300.0
"""Seconds beyond the longest answer after which a request that nobody ended counts as lost."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What requests are held against, and what is written down of each."""

    model: str
    protocol: str
    total_timeout: float
    """Seconds for one answer."""
    budgets: Budgets = field(default_factory=Budgets)


class Metered:
    """Fulfils `conversation.Model`. One for each connection; all share the books through the state."""

    def __init__(
        self, model: Model, admission: Admission, terms: Terms, entry: Callable[[], CatalogEntry]
    ) -> None:
        """`entry` gives what is known of the model at that moment."""
        self._model = model
        self._door = admission
        self._state, self._clock = admission.state, admission.clock
        self._terms = terms
        self._entry = entry
        self._ratios: Ratios = {}

    def ratio(self, language: str) -> float:
        """Return counted over guessed tokens for a language, as it was known when last looked at; else 1."""
        return self._ratios.get(language, 1.0)

    def dearest(self, request: Request) -> float:
        """Return the most that a request can cost, in US dollars: what a budget is held against."""
        return budget.most(request, self._tokens(request), self._entry().rates) / NANO

    async def recall(self) -> None:
        """Read what all processes have learned of the ratios; where that cannot be read, nothing is known."""
        try:
            self._ratios = await self._state.run(partial(calibration.ratios, model=self._terms.model))
        except StateUnusable as trouble:
            self._state.warn(trouble)

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Check, wait for the turn, ask, and write down what came of it, however it ends.

        Raises OverBudget, BudgetUnchecked and BeyondContext before anything is sent, and what the model raises.
        """
        guessed = request_tokens(request)
        tokens = self._tokens(request)
        self._check_context(request, guessed)
        asked = Asked(
            uuid4().hex, self._door.host, self._terms.model, self._terms.protocol, kind=request.kind
        )
        call = _Call(self._door, asked, request, guessed, self._entry().rates)
        try:
            if request.web_search:
                yield Waiting(f"it may search the web, ${self._entry().search_usd:.3f} for each search")
            if not await self._reserve(asked, request, tokens):
                yield Waiting("what this costs cannot be written down, since the state folder is of no use")
            async with aclosing(self._turn(call, tokens)) as waits:
                async for wait in waits:
                    yield wait
            call.sent = True
            async with aclosing(self._model.stream(request)) as deltas:
                async for delta in deltas:
                    call.hear(delta)
                    yield delta
                    if isinstance(delta, Waiting) and delta.cause is not None:
                        # It is sent again, and that is one more request in this minute.
                        async with aclosing(self._turn(call, tokens, delta.cause)) as waits:
                            async for wait in waits:
                                yield wait
                        call.sent = True
        except ModelError as error:
            call.fail(error)
            raise
        finally:
            # Where the generator is closed or its task cancelled; so nothing here may wait.
            call.end("cancelled", None)

    def _tokens(self, request: Request) -> int:
        return round(request_tokens(request) * self.ratio(request.language) * HEADROOM)

    def _check_context(self, request: Request, guessed: int) -> None:
        entry = self._entry()
        likely = round(guessed * self.ratio(request.language))
        if likely + request.max_tokens > entry.context_tokens:
            raise BeyondContext(
                what=f"the prompt is about {likely:,} tokens and max_tokens is {request.max_tokens:,}, together more "
                f"than the {entry.context_tokens:,} that {entry.model} reads"
            )

    async def _reserve(self, asked: Asked, request: Request, tokens: int) -> bool:
        """Hold the request against the budgets and write it down; False where that first fails, to be told once."""
        budgets = self._terms.budgets
        cost = budget.most(request, tokens, self._entry().rates)
        budget.check_request(budgets, cost)

        def work(db: sqlite3.Connection) -> Ratios:
            now = self._clock.now()
            ledger.give_up_lost(db, now)
            budget.check_periods(db, budgets, cost, self._clock)
            ledger.reserve(db, asked, tokens, cost, now, self._expiry())
            return calibration.ratios(db, self._terms.model)

        try:
            self._ratios = await self._state.run(work)
        except StateUnusable as trouble:
            if budgets.needs_ledger:
                raise BudgetUnchecked(what=trouble.what) from None
            return not self._state.warn(trouble)
        return True

    async def _turn(
        self, call: "_Call", tokens: int, failure: ModelError | None = None
    ) -> AsyncGenerator[Waiting, None]:
        later = failure.retry_after or 0.0 if isinstance(failure, KimiError) else 0.0
        turn = self._door.turn(call.slot, tokens + call.request.max_tokens, later)
        async with aclosing(turn) as waits:
            async for wait in waits:
                yield wait
                self._state.later(partial(ledger.renew, asked=call.asked, expires=self._expiry()))

    def _expiry(self) -> float:
        return self._clock.now() + self._terms.total_timeout + _SPARE


class _Call:
    """One request on its way, and what is to be written down of it."""

    def __init__(self, door: Admission, asked: Asked, request: Request, guessed: int, rates: Rates) -> None:
        self.asked = asked
        self.request = request
        self.slot = asked.id
        self.sent = False
        self._door = door
        self._guessed = guessed
        self._rates = rates
        self._generated: list[str] = []
        self._heard = False
        self._ended = False

    def hear(self, delta: Delta) -> None:
        """Take note of what came."""
        match delta:
            case Waiting(cause=ModelError() as failure):
                self._door.refused(self.slot, failure)
                self.slot = uuid4().hex
                self.sent = False
                return
            case Waiting():
                return
            case ReasoningDelta(text) | TextDelta(text):
                self._generated.append(text)
            case Reply(usage=usage):
                self.end("finished", usage)
                return
        if not self._heard:
            self._heard = True
            self._door.arrived(self.slot)

    def fail(self, error: ModelError) -> None:
        """Take note of a failure, and of what it cost."""
        used = error.usage if isinstance(error, KimiError) else None
        if used is None:
            used = self._so_far() if self._generated else Usage()
            if self.sent:
                self._door.refused(self.slot, error)
        self.end("failed", used)

    def end(self, outcome: Outcome, usage: Usage | None) -> None:
        """Write down how it ended; without the service's figures, an estimate. Only the first end counts."""
        if self._ended:
            return
        self._ended = True
        if not self.sent:
            self._door.state.later(partial(ledger.forget, asked=self.asked))
            return
        used = self._so_far() if usage is None else usage
        self._door.arrived(self.slot, used.prompt_tokens + used.completion_tokens)
        self._door.state.later(partial(self._settle, usage=used, outcome=outcome))

    def _settle(self, db: sqlite3.Connection, usage: Usage, outcome: Outcome) -> None:
        ledger.settle(db, self.asked, usage, outcome, self._door.clock.now())
        language = self.request.language
        if outcome == "finished" and not usage.estimated and language:
            calibration.learn(db, self.asked.model, language, self._guessed, usage.prompt_tokens)

    def _so_far(self) -> Usage:
        return measure(self.request, "".join(self._generated), None, self._rates)
