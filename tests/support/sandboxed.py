"""A sandbox on a real socket, and the levers by which a test holds it, breaks it and reads its journal."""

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

from kimi_lsp.sandbox import serve


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
async def sandbox() -> AsyncGenerator[Sandbox, None]:
    """Serve over a real socket from the test's own loop: a fresh one costs milliseconds."""
    line: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(announce=line.set_result))
    try:
        async with _asked(await line) as running:
            yield running
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


@asynccontextmanager
async def sandbox_process() -> AsyncGenerator[Sandbox, None]:
    """Serve from a process of its own, which takes no time from the loop that measures."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kimi_lsp", "sandbox", "--think", "0",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with _asked((await process.stdout.readline()).decode()) as running:
            yield running
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@asynccontextmanager
async def _asked(line: str) -> AsyncGenerator[Sandbox, None]:
    told = json.loads(line)
    headers = {"Authorization": f"Bearer {told['api_key']}"}
    # A connection that is kept may be closed by the sandbox in the moment in which it is used again.
    once = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=told["base_url"], headers=headers, trust_env=False, timeout=30, limits=once
    ) as http:
        with tempfile.TemporaryDirectory(prefix="kimi-lsp-state-", ignore_cleanup_errors=True) as state:
            yield Sandbox(told["base_url"], told["api_key"], http, state)
