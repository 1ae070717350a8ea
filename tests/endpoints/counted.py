"""How many requests a sandbox has seen, and how far they came."""

import asyncio
from typing import Literal

from tests.support.sandboxed import Sandbox


async def reached(kimi: Sandbox, state: Literal["open", "held", "finished", "disconnected"]) -> int:
    """Return how many requests have ever come to that."""
    answer = await kimi.http.get("/sandbox/wait", params={"state": state, "count": 0})
    count: int = answer.raise_for_status().json()["count"]
    return count


async def all_ended(kimi: Sandbox) -> None:
    """Return once no request is under way any more; each ends finished or disconnected, and which is chance."""
    async with asyncio.timeout(20):
        while await reached(kimi, "finished") + await reached(kimi, "disconnected") < await reached(
            kimi, "open"
        ):
            continue
