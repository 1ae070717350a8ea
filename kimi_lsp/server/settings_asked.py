"""Whether the editor still owes an answer about its settings. A request to the model waits for it: what the user has set
there of files, money and previews counts for the first command, too."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ANSWER_LIMIT = 5.0
"""Seconds for a client to answer `workspace/configuration`; the settings at hand stay in force without."""


class SettingsAsked:
    """The questions for the settings that are under way."""

    def __init__(self) -> None:
        self._open = 0
        self._known = asyncio.Event()
        self._known.set()

    def announce(self) -> None:
        """Say that a question will come soon."""
        self._known.clear()

    @contextmanager
    def question(self) -> Iterator[None]:
        """Stand for one question, from before it is sent until its answer has been taken or given up."""
        self._open += 1
        self._known.clear()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._known.set()

    async def answered(self) -> None:
        """Return once no question is open, after twice the limit at the latest."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._known.wait(), 2 * ANSWER_LIMIT)
