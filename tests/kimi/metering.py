"""Metered clients of a scripted server, which share their books, and what came of asking them."""

from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.conversation import Delta, Message, Request, Waiting
from kimi_lsp.kimi import CatalogEntry
from kimi_lsp.kimi.admission import Admission
from kimi_lsp.kimi.budget import Budgets
from kimi_lsp.kimi.limits import Limits
from kimi_lsp.kimi.metered import Metered, Terms
from kimi_lsp.kimi.state import State
from tests.kimi.books import Hands
from tests.kimi.conftest import MakeClient

COST = 950 * 1000 + 4_000 * 500
"""Nanodollars of `server.GOOD`, by its own figures."""
CODE = Request((Message.of("user", "x" * 3000),), max_tokens=1000, kind="fix", language="python")


@dataclass
class Meters:
    make: MakeClient
    folder: Path
    hands: Hands

    def __call__(
        self,
        budgets: Budgets | None = None,
        limits: Limits | None = None,
        folder: Path | None = None,
        entry: CatalogEntry | None = None,
        account: str = "me",
    ) -> Metered:
        state = State(folder or self.folder, patience=20)
        door = Admission(state, lambda _db: account, limits or Limits(), "api.example", self.hands.clock)
        terms = Terms("kimi-k2-7-code", "chat", 900, budgets or Budgets())
        return Metered(self.make(), door, terms, lambda: entry or CatalogEntry())


async def ask(metered: Metered, request: Request = CODE) -> list[Delta]:
    """Return all that a stream yields, once it is written down."""
    try:
        return [delta async for delta in metered.stream(request)]
    finally:
        await metered._state.close()


def waits(deltas: list[Delta]) -> list[str]:
    return [delta.reason for delta in deltas if isinstance(delta, Waiting)]
