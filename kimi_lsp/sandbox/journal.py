"""What was asked of the sandbox and how each request ended, for tests to read and to wait on."""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kimi_lsp.sandbox.bill import Bill
from kimi_lsp.sandbox.rate import Clock

State = Literal["open", "finished", "disconnected"]
Milestone = Literal["open", "held", "finished", "disconnected"]
"""A state that a request has been in; `held` means that it has paused where a hold was set."""


@dataclass(slots=True)
class Record:
    """One request. Times are seconds of the monotonic clock of this process."""

    id: str
    endpoint: str
    body: Any
    """The request's JSON, or None where it was not JSON."""
    state: State = "open"
    started: float = field(default_factory=time.monotonic)
    arrived: float = 0.0
    """Seconds of the sandbox's own clock, which the limit of requests a minute goes by."""
    ended: float | None = None
    status: int | None = None
    """The HTTP status that was answered."""
    fault: str | None = None
    held: bool = False
    """Whether it is paused right now."""
    usage: Mapping[str, Any] | None = None
    """What the client was told, where it was told."""
    bill: Bill | None = None
    """What it costs, also where it was cut off; None where nothing was asked of the model."""

    def as_json(self) -> dict[str, Any]:
        """Return the record as `GET /sandbox/requests` shows it."""
        shown = {name: getattr(self, name) for name in self.__slots__}
        return {**shown, "bill": self.bill.as_json() if self.bill else None}


class Journal:
    """The newest requests, oldest first, and how many have ever reached each milestone."""

    def __init__(self, clock: Clock, key: str, limit: int = 500) -> None:
        """Take the clock of the arrivals, and the key, which is kept out of every body that is noted."""
        self._clock = clock
        self._key = key
        self.spent = Bill()
        """All bills added up, those of forgotten records too."""
        self.records: deque[Record] = deque(maxlen=limit)
        self.reached: Counter[str] = Counter()
        self._waiting: list[tuple[Milestone, int, asyncio.Future[None]]] = []

    def open(self, endpoint: str, body: Any) -> Record:
        """Note a new request."""
        text = json.dumps(body, ensure_ascii=False)
        if self._key in text:
            body = json.loads(text.replace(self._key, "(the key)"))
        record = Record(f"sandbox-{self.reached['open'] + 1}", endpoint, body, arrived=self._clock.now())
        self.records.append(record)
        self._reach("open")
        return record

    def hold(self, record: Record) -> None:
        """Note that a request is paused."""
        record.held = True
        self._reach("held")

    def end(self, record: Record, state: Literal["finished", "disconnected"]) -> None:
        """Note how a request ended; only the first end counts."""
        if record.state == "open":
            record.state, record.ended, record.held = state, time.monotonic(), False
            self.spent += record.bill or Bill()
            self._reach(state)

    async def wait(self, milestone: Milestone, count: int) -> None:
        """Return once that many requests in all have reached a milestone."""
        if self.reached[milestone] >= count:
            return
        entry = (milestone, count, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        try:
            await entry[2]
        finally:
            self._waiting.remove(entry)

    def _reach(self, milestone: Milestone) -> None:
        self.reached[milestone] += 1
        for wanted, count, future in self._waiting:
            if wanted == milestone and self.reached[milestone] >= count and not future.done():
                future.set_result(None)
