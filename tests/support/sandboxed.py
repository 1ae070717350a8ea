"""A sandbox in a process of its own, and the levers by which a test holds it, breaks it and reads its journal."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Sandbox:
    base_url: str
    api_key: str
    http: httpx.AsyncClient
    state: str = ""
    """A folder for the books of whatever asks this sandbox, which goes when the sandbox does."""

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which a server finds this sandbox and nothing of the machine's own settings."""
        kept = {
            name: os.environ[name]
            for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG")
            if name in os.environ
        }
        scratch = os.environ.get("KIMI_LSP_TEST_HOME", "/nonexistent")
        return {
            **kept,
            "HOME": scratch,
            "XDG_CONFIG_HOME": scratch,
            "XDG_CACHE_HOME": scratch,
            "KIMI_LSP_BASE_URL": self.base_url,
            "KIMI_LSP_API_KEY": self.api_key,
            "KIMI_LSP_STATE": self.state,
            "PYTHONWARNINGS": "default",
        }

    async def control(self, **settings: Any) -> None:
        (await self.http.post("/sandbox/control", json=settings)).raise_for_status()

    async def release(self) -> None:
        (await self.http.post("/sandbox/release")).raise_for_status()

    async def wait(self, state: str, count: int = 1) -> None:
        """Return once that many requests in all have been held, finished or disconnected."""
        answer = await self.http.get("/sandbox/wait", params={"state": state, "count": count})
        answer.raise_for_status()

    async def requests(self) -> list[dict[str, Any]]:
        answer = await self.http.get("/sandbox/requests")
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found


@asynccontextmanager
async def sandbox(*options: str) -> AsyncGenerator[Sandbox, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kimi_lsp",
        "sandbox",
        "--think",
        "0",
        *options,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        told = json.loads(await process.stdout.readline())
        headers = {"Authorization": f"Bearer {told['api_key']}"}
        async with httpx.AsyncClient(base_url=told["base_url"], headers=headers, timeout=30) as http:
            with tempfile.TemporaryDirectory(prefix="kimi-lsp-state-", ignore_cleanup_errors=True) as state:
                yield Sandbox(told["base_url"], told["api_key"], http, state)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
