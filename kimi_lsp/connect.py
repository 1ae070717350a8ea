"""Settings in, a model out: the one place that reads settings and builds the client of the `kimi` room.

It stands above `features`, which are given a model, and below `server` and `cli`, which ask for one.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from kimi_lsp.conversation import Delta, Request
from kimi_lsp.kimi import CatalogEntry, Client, ClientConfig, find_key
from kimi_lsp.project.settings import Settings


class Connected:
    """A model with the connections it holds open; fulfils `conversation.Model`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._streams = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Ask the model. Raises conversation.ModelError."""
        self._streams += 1
        self._idle.clear()
        try:
            async with aclosing(self._client.stream(request)) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            self._streams -= 1
            if not self._streams:
                self._idle.set()

    async def catalog(self) -> CatalogEntry:
        """Return what the service says of the model. Raises conversation.ModelError."""
        return await self._client.catalog()

    async def close(self) -> None:
        """Close all connections now."""
        await self._client.close()

    async def close_when_idle(self) -> None:
        """Close once the answers under way have ended: a change of settings does not cut them."""
        await self._idle.wait()
        await self._client.close()


async def open_model(settings: Settings, environ: Mapping[str, str]) -> Connected:
    """Find the key and build the client; nothing is sent yet. Raises conversation.ModelError without a key."""
    config = ClientConfig(
        base_url=settings.base_url,
        model=settings.model,
        protocol=settings.protocol,
        connect_timeout=settings.connect_timeout,
        first_data_timeout=settings.first_data_timeout,
        idle_timeout=settings.idle_timeout,
        total_timeout=settings.total_timeout,
        proxy=settings.proxy,
        ca_file=settings.ca_file,
        disable_formatting=settings.disable_formatting,
    )
    # A key command may wait for a person, and a keyring for a daemon.
    key = await asyncio.to_thread(find_key, environ, settings.api_key_command)
    return Connected(Client(config, key))
