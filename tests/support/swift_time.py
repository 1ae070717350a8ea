"""An event loop whose clock jumps to the next timer when there is nothing to do: an hour passes in no time.

Nothing is raced: as long as a thread works for the loop, no clock jumps.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

_GLANCE = 0.02
"""Seconds between looks for a thread that works."""


class _Jumping(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.jumped = 0.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(_GLANCE if self.threads else 0)
        if not ready and not self.threads:
            self.jumped += timeout
        return ready


class SwiftLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return super().time() + self._jumping.jumped

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Result], *args: Any
    ) -> "asyncio.Future[Result]":
        future = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        future.add_done_callback(self._done)
        return future

    def _done(self, _future: "asyncio.Future[Any]") -> None:
        self._jumping.threads -= 1


def swiftly(work: Coroutine[Any, Any, Result]) -> Result:
    """Run work on a loop of its own, where every wait is short."""
    with asyncio.Runner(loop_factory=SwiftLoop) as runner:
        return runner.run(work)
