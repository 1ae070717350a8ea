"""Python reads this at its start where this folder is on its path: the product's clock then runs faster.

KIMI_LSP_TEST_CLOCK is the moment from which on it does, in seconds since 1970, and its pace, as `1795443600.0*100`.
"""

import asyncio
import os
import time

from kimi_lsp.kimi.clock import Clock

_began, _pace = (float(part) for part in os.environ["KIMI_LSP_TEST_CLOCK"].split("*"))


def _now() -> float:
    return _began + (time.time() - _began) * _pace


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds / _pace)


Clock.__init__.__defaults__ = (_now, _sleep, None)
