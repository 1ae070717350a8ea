"""What the sandbox was told to do: how long to think, which fault to show, where to pause. One per app."""

import asyncio
from typing import Any, Literal, get_args

from kimi_lsp.sandbox.faults import Fault
from kimi_lsp.sandbox.journal import Journal, Record
from kimi_lsp.sandbox.rate import Clock, Rate

Hold = Literal["before_reasoning", "before_content", "in_content"]
HOLDS: tuple[Hold, ...] = get_args(Hold)


class Control:
    """The settings of a running sandbox; they hold from the next request on."""

    def __init__(self, think: float, fault: str | None, requests_per_minute: int | None = None) -> None:
        """Take seconds of thinking for each answer, a fault's spelling and a limit. Raises UnknownFault."""
        self.think = think
        self.fault = Fault.parse(fault) if fault else None
        self.hold: Hold | None = None
        self.clock = Clock()
        self.rate = Rate(requests_per_minute, self.clock)
        self._gate = asyncio.Event()

    def as_json(self) -> dict[str, Any]:
        """Return the settings as they are now."""
        return {
            "think": self.think,
            "fault": self.fault.name if self.fault else None,
            "hold": self.hold,
            "requests_per_minute": self.rate.limit,
            "clock_scale": self.clock.scale,
        }

    def take_fault(self) -> Fault | None:
        """Return the fault for one request, and count it."""
        fault = self.fault
        self.fault = fault.spent() if fault else None
        return fault

    async def pause(self, point: Hold, record: Record, journal: Journal) -> None:
        """Wait for the next release where a hold is set at this point."""
        if self.hold == point:
            gate = self._gate
            journal.hold(record)
            await gate.wait()
            record.held = False

    def release(self) -> None:
        """Let everything that is paused go on; the hold itself stays set."""
        gate, self._gate = self._gate, asyncio.Event()
        gate.set()
