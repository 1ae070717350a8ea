"""A conversation with a whole server inside the test: its front, its full half, and no process between."""

import asyncio
import functools
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

from kimi_lsp.conversation import Delta, Message, Reply, Request, Text, TextDelta
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.front import Front
from kimi_lsp.server.protocol import lenient_converter
from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.stdio import Writer
from tests.support.scripted import USED

Json = dict[str, Any]
Answering = Callable[[Json], Any]
"""What a client makes of a request of the server's: the message that it sends back, or None for silence."""

AN_HOUR = 3600.0
ELSEWHERE = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "KIMI_LSP_STATE": "/nonexistent"}


class Model:
    """Says the same to everybody, after a moment; it can be held."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self.asked = 0
        self.free = asyncio.Event()
        self.free.set()

    async def stream(self, _request: Request) -> AsyncGenerator[Delta, None]:
        self.asked += 1
        await self.free.wait()
        yield TextDelta(self._answer)
        yield Reply(Message("assistant", (Text(self._answer),)), "stop", USED, "scripted")

    def ratio(self, _language: str) -> float:
        return 1.0

    def dearest(self, _request: Request) -> float:
        return 0.0

    async def close(self) -> None:
        self.free.set()

    async def close_when_idle(self) -> None:
        await self.close()


class Talk:
    def __init__(self, model: Model, answering: Answering) -> None:
        self.model, self.answering = model, answering
        self.front = Front(Desk(ELSEWHERE))
        self.front.set_writer(Writer(self))  # type: ignore[arg-type]
        self.said: list[Json] = []
        self.unread = 0
        """Bytes that the client has not read yet."""

    @property
    def transport(self) -> "Talk":
        return self

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        """Take one frame of the server's, as a stream does."""
        head, _, body = data.partition(b"\r\n\r\n")
        assert int(head.split(b"\r\n")[0].partition(b":")[2]) == len(body)
        message = json.loads(body, parse_constant=_no_json)
        self.said.append(message)
        if "method" in message and "id" in message:
            answer = self.answering(message)
            if answer is not None:
                asyncio.get_running_loop().call_soon(self.send, answer)

    def send(self, message: Any) -> None:
        self.front.receive(message)

    def request(self, identity: int | str, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def answers(self, identity: Any) -> list[Json]:
        return [one for one in self.said if "method" not in one and same(one.get("id", "missing"), identity)]

    def asked(self, method: str) -> list[Json]:
        """Return what the server said by one method."""
        return [one for one in self.said if one.get("method") == method]

    async def begin(self, params: Mapping[str, Any]) -> None:
        self.request("initialize", "initialize", dict(params))
        self.notify("initialized", {})
        await self.front.settled()

    @property
    def full(self) -> KimiServer:
        full = self.front._full
        assert isinstance(full, KimiServer)
        return full

    async def quiet(self) -> None:
        """Let an hour pass."""
        await self.front.settled()
        await asyncio.sleep(AN_HOUR)
        await _until(lambda: self.front._full is None or not self.full.protocol._request_futures)

    async def ended(self) -> list[Json]:
        """Ask for the end; return what is answered to that."""
        self.request("bye", "shutdown")
        await asyncio.sleep(1)
        await _until(lambda: bool(self.answers("bye")))
        return self.answers("bye")

    def nothing_is_left(self) -> None:
        assert self.full.protocol._request_futures == {}
        assert self.full.protocol._result_types == {}
        assert self.front.desk.jobs.of() == []
        assert self.front._held == []
        assert asyncio.all_tasks() == {asyncio.current_task()}, "a task is left"


@asynccontextmanager
async def talk(answering: Answering, answer: str = "It adds.") -> AsyncGenerator[Talk, None]:
    model = Model(answer)

    async def opened(*_args: Any) -> Model:
        return model

    talking = Talk(model, answering)
    with (
        mock.patch("kimi_lsp.server.session.open_model", opened),
        mock.patch("kimi_lsp.server.session.lenient_converter", _converter),
    ):
        try:
            yield talking
        finally:
            model.free.set()
            await talking.front.stop()


async def _until(holds: Callable[[], bool]) -> None:
    """Wait for the books, which have a thread of their own that the clock does not know of."""
    for _ in range(500):
        if holds():
            return
        await asyncio.to_thread(time.sleep, 0.01)


def silent(_question: Json) -> None:
    """Never answer."""


def agreeable(question: Json) -> Json:
    """Answer each question as a client does that lets the server have its way."""
    results: Mapping[str, Any] = {
        "workspace/applyEdit": {"applied": True},
        "workspace/configuration": [{}],
        "window/showDocument": {"success": True},
        "window/showMessageRequest": {"title": "Apply"},
    }
    return {"jsonrpc": "2.0", "id": question["id"], "result": results.get(question["method"])}


def same(one: Any, other: Any) -> bool:
    """Tell whether two ids are one, as JSON sees it: `1` is not `true`."""
    return bool(one == other) and type(one) is type(other)


@functools.cache
def _converter() -> Any:
    """It keeps nothing of a connection, and takes a while to make."""
    return lenient_converter()


def _no_json(name: str) -> None:
    raise AssertionError(f"the server said {name}, which is no JSON")
