import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from kimi_lsp.sandbox import serve


@dataclass(frozen=True)
class Sandbox:
    base_url: str
    api_key: str
    client: httpx.AsyncClient

    async def ask(
        self, body: Mapping[str, Any], *, endpoint: str = "/v1/chat/completions", **headers: str
    ) -> httpx.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(endpoint, json=body, headers=names)

    async def control(self, **settings: Any) -> None:
        (await self.client.post("/sandbox/control", json=settings)).raise_for_status()

    async def release(self) -> None:
        (await self.client.post("/sandbox/release")).raise_for_status()

    async def wait(self, state: str, count: int = 1) -> None:
        query: dict[str, str | int] = {"state": state, "count": count}
        (await self.client.get("/sandbox/wait", params=query)).raise_for_status()

    async def spend(self) -> dict[str, Any]:
        spent: dict[str, Any] = (await self.client.get("/sandbox/spend")).json()
        return spent

    async def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.client.get("/sandbox/requests")).json()
        return found


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox on a free port, over real sockets."""
    line: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(0, announce=line.set_result))
    about = json.loads(await line)
    headers = {"authorization": f"Bearer {about['api_key']}"}
    async with httpx.AsyncClient(
        base_url=about["base_url"], headers=headers, trust_env=False, timeout=30
    ) as client:
        yield Sandbox(about["base_url"], about["api_key"], client)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
