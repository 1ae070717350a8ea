"""Listening on loopback until the process is told to end. No other address is ever bound."""

import asyncio
import contextlib
import json
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn

from kimi_lsp.sandbox.errors import PortTaken
from kimi_lsp.sandbox.service import app

_HOST = "127.0.0.1"
_LAST_PORT = 65_535


async def serve(
    port: int = 0,
    think: float = 0.0,
    fault: str | None = None,
    announce: Callable[[str], None] = lambda _line: None,
    *,
    requests_per_minute: int | None = None,
) -> None:
    """Serve until SIGINT, SIGTERM or cancellation; open answers are cut off then.

    Port 0 takes a free one; `think` is in seconds; without `requests_per_minute` there is no limit. `announce` gets one line of JSON, `{"base_url", "api_key"}`, as
    soon as requests are taken; the key is new each time. Raises PortTaken and UnknownFault.
    """
    api_key = f"sk-empiriolabs-sandbox-{secrets.token_hex(16)}"
    service = app(api_key, think=think, fault=fault, requests_per_minute=requests_per_minute)
    if not 0 <= port <= _LAST_PORT:
        raise PortTaken(port)
    try:
        listening = socket.create_server((_HOST, port), backlog=128)
    except OSError as error:
        raise PortTaken(port) from error
    # Each connection inherits it, and asyncio leaves it to a listener that was made outside: a small event would wait
    # for the acknowledgement of the one before.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    with listening:
        line = json.dumps({"base_url": f"http://{_HOST}:{listening.getsockname()[1]}", "api_key": api_key})
        config = uvicorn.Config(
            service,
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=0,
        )
        server = _Server(config, lambda: announce(line))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            await asyncio.gather(*server.server_state.tasks, return_exceptions=True)


class _Server(uvicorn.Server):
    """Uvicorn, but a signal ends it as a success, and it says when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
