"""Settings in, a model out: the one place that reads settings and builds the client of the `kimi` room.

It stands above `features`, which are given a model, and below `server` and `cli`, which ask for one.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import date
from functools import partial
from uuid import uuid4

from kimi_lsp.conversation import Delta, ModelError, Request
from kimi_lsp.kimi import CatalogEntry, Client, ClientConfig, LimitUnread, StateUnusable, find_key
from kimi_lsp.kimi.admission import Admission
from kimi_lsp.kimi.budget import Budgets
from kimi_lsp.kimi.catalog import fallback
from kimi_lsp.kimi.catalog_file import Kept, load, store
from kimi_lsp.kimi.clock import Clock
from kimi_lsp.kimi.config import address
from kimi_lsp.kimi.limits import SERVICE_LIMITS, Limits, fingerprint
from kimi_lsp.kimi.metered import Metered, Terms
from kimi_lsp.kimi.spending import Spending, spending
from kimi_lsp.kimi.state import State, folder
from kimi_lsp.project.settings import CARD_BASE_URL, Settings

_log = logging.getLogger(__name__)


class Connected:
    """A model with the connections it holds open, its books and its limits; fulfils `conversation.Model`."""

    def __init__(
        self, client: Client, admission: Admission, terms: Terms, root: str, kept: Kept | None = None
    ) -> None:
        self._client = client
        self._door = admission
        self._root = root
        self._kept = kept
        self._entry = kept.entry if kept else fallback(terms.model)
        self._metered = Metered(client, admission, terms, lambda: self._entry)
        self._budgets = terms.budgets
        self._asking: asyncio.Task[None] | None = None
        self._streams = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Ask the model. Raises conversation.ModelError."""
        self._streams += 1
        self._idle.clear()
        try:
            self._refresh()
            async with aclosing(self._metered.stream(request)) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            self._streams -= 1
            if not self._streams:
                self._idle.set()

    async def catalog(self) -> CatalogEntry:
        """Ask the service what it says of the model, and keep that. Raises conversation.ModelError."""
        now = self._door.clock.now()
        entry = await self._client.catalog()
        self._entry, self._kept = entry, Kept(entry, now)
        try:
            await asyncio.to_thread(store, self._door.state.path, self._root, entry, now)
        except StateUnusable as trouble:
            self._door.state.warn(trouble)
        return entry

    def ratio(self, language: str) -> float:
        """Return how the tokens of a language come out: counted over guessed, 0.5 to 2, and 1 where nothing is known."""
        return self._metered.ratio(language)

    def dearest(self, request: Request) -> float:
        """Return the most that a request can cost, in US dollars."""
        return self._metered.dearest(request)

    async def spent(self) -> Spending:
        """Return what was spent since the first of this month, what has just ended included. Raises ModelError."""
        return await spending(self._door.state, self._budgets, None, self._door.clock)

    async def recall(self) -> None:
        """Read what was learned before this connection was made."""
        await self._metered.recall()

    async def close(self) -> None:
        """Close all connections now, and let the books be written to their end."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        await self._client.close()
        await self._door.state.close()

    async def close_when_idle(self) -> None:
        """Close once the answers under way have ended: a change of settings does not cut them."""
        await self._idle.wait()
        await self.close()

    def _refresh(self) -> None:
        """Beside a request that the user asked for, ask for the model's entry where it is older than a day."""
        fresh = self._kept is not None and self._kept.fresh(self._door.clock.now())
        if not fresh and (self._asking is None or self._asking.done()):
            self._asking = asyncio.ensure_future(self._ask_again())

    async def _ask_again(self) -> None:
        try:
            if await self._door.free(uuid4().hex):
                await self.catalog()
        except ModelError as error:
            # The request beside it tells the user what is wrong; this one is for better figures only.
            _log.info("the model's entry was not renewed: %s", type(error).__name__)


async def open_model(settings: Settings, environ: Mapping[str, str], clock: Clock | None = None) -> Connected:
    """Find the key and build the client; nothing is sent yet.

    Raises conversation.ModelError where a limit cannot be read or without an address that can be used, for which no key
    is looked for, or without a key.
    """
    if settings.unread:
        raise LimitUnread(what=" ".join(settings.unread).removesuffix("."))
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
    place = address(config.base_url)
    # A key command may wait for a person, and a keyring for a daemon.
    key = await asyncio.to_thread(find_key, environ, settings.api_key_command)
    state = State(folder(environ))
    kept = await asyncio.to_thread(load, state.path, place.root, settings.model)
    admission = Admission(
        state, partial(fingerprint, root=place.root, key=key), _limits(settings), place.host, clock or Clock()
    )
    terms = Terms(settings.model, settings.protocol, settings.total_timeout, _budgets(settings))
    client = Client(config, key, kept.entry if kept else None)
    connected = Connected(client, admission, terms, place.root, kept)
    await connected.recall()
    return connected


async def spent(settings: Settings, environ: Mapping[str, str], since: date | None = None) -> Spending:
    """Return what was spent since a calendar day; without one, since the first of this month.

    Nothing is sent, and no key is needed. Raises conversation.ModelError where the ledger cannot be read.
    """
    state = State(folder(environ))
    try:
        return await spending(state, _budgets(settings), since, Clock())
    finally:
        await state.close()


def _budgets(settings: Settings) -> Budgets:
    return Budgets(settings.budget_request, settings.budget_day, settings.budget_month)


def _limits(settings: Settings) -> Limits:
    """Return the service's limits at its own address, and elsewhere those that the user gives."""
    service = address(settings.base_url).host == address(CARD_BASE_URL).host
    usual = SERVICE_LIMITS if service else Limits()
    return Limits(settings.requests_per_minute or usual.requests, settings.tokens_per_minute or usual.tokens)
