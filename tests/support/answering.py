"""A model that says word for word what a test tells it, over a real socket: what no sandbox would be so bad to say."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from tests.kimi.server import DONE, Peer, Server, answers, delta, event, streams
from tests.support.sandboxed import Sandbox

USED = {"choices": [], "model": "scripted", "usage": {"prompt_tokens": 100, "completion_tokens": 20}}


class Answering:
    """Gives its answers one after another; holds each of them back while the gate is closed."""

    def __init__(self) -> None:
        self.says: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.came = asyncio.Event()
        self._server = Server()
        self._server.plays(self._play)

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which a server finds this model and nothing of the machine's own settings."""
        return Sandbox(self._server.url, "sk-test", None).environ  # type: ignore[arg-type]

    def answers(self, *objects: Any) -> None:
        self.says = [json.dumps(one) for one in objects]

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None, None]:
        async with self._server.listening():
            yield

    async def _play(self, peer: Peer) -> None:
        received = self._server.requests[-1]
        if not received.line.startswith("POST"):
            await answers("404 Not Found", {"error": {"message": "no catalog here"}})(peer)
            return
        self.asked.append(received.json)
        self.came.set()
        text = self.says[len(self.asked) - 1]
        await self.gate.wait()
        await streams(
            delta(role="assistant", content=""), delta(content=text), delta("stop"), event(USED), DONE
        )(peer)
