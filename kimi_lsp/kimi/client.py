"""Kimi as a conversation.Model: one request at a time becomes one stream of deltas, or one error that says why not.

The socket is closed as soon as the generator is closed or its task is cancelled. Nothing is asked twice once an answer
has begun, and nothing is asked that the caller did not ask for.
"""

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from types import TracebackType
from typing import Self
from urllib.parse import quote

from kimi_lsp.conversation import Delta, Reply, Request, Waiting
from kimi_lsp.kimi.catalog import CatalogEntry, fallback, read_entry
from kimi_lsp.kimi.config import ClientConfig, Protocol
from kimi_lsp.kimi.cost import measure
from kimi_lsp.kimi.credentials import Key
from kimi_lsp.kimi.errors import (
    BadRequest,
    ContentRefused,
    GarbledStream,
    KimiError,
    ModelNotFound,
    NoFirstData,
    OutOfTokens,
    RequestRejected,
    StreamCut,
    TimedOut,
    TookTooLong,
    WentSilent,
)
from kimi_lsp.kimi.plain_httpx import httpx
from kimi_lsp.kimi.retry import ATTEMPTS, attempts, backoff
from kimi_lsp.kimi.timers import Limit, within
from kimi_lsp.kimi.transport import Transport
from kimi_lsp.kimi.wire.chat import CHAT
from kimi_lsp.kimi.wire.check import complaint
from kimi_lsp.kimi.wire.endpoint import Decoder, Endpoint, News
from kimi_lsp.kimi.wire.fault import FaultInStream, Malformed
from kimi_lsp.kimi.wire.messages import MESSAGES
from kimi_lsp.kimi.wire.responses import RESPONSES

_log = logging.getLogger(__name__)

_ENDPOINTS: dict[Protocol, Endpoint] = {"chat": CHAT, "responses": RESPONSES, "messages": MESSAGES}
_AFTER_FINISH = 5.0
"""Seconds: a whole answer is not held back longer than this for the usage that may follow it."""
_CATALOG_SECONDS = 20.0
_TOOL_MARKUP = "<|tool_call"
"""How the model's own template writes a call; a server that leaves it in the text has failed to read it."""


class Client:
    """One service and one model. Use it as an async context manager, or close it."""

    def __init__(self, config: ClientConfig, key: Key, entry: CatalogEntry | None = None) -> None:
        """Check the settings; nothing is opened yet. Raises BadSetting.

        `entry` is what is known of the model; without one it is the model card's.
        """
        self._config = config
        self._transport = Transport(config, key)
        self._endpoint = _ENDPOINTS[config.protocol]
        self._dialect = replace(self._endpoint.dialect, disable_formatting=config.disable_formatting)
        self._entry = entry or fallback(config.model)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Yield deltas as they come and, last, one Reply. Raises KimiError, with `usage` where something was generated.

        Waiting is yielded before each retry. Close the generator, or cancel its task, to stop the request.
        """
        if what := complaint(request, self._endpoint):
            raise BadRequest(self._transport.host, what=what)
        total = Limit.after(self._config.total_timeout, TookTooLong, self._transport.host)
        async for attempt in attempts():
            first = Limit.after(self._config.first_data_timeout, NoFirstData, self._transport.host)
            try:
                response = await within(self._open(request), first, total)
            except KimiError as error:
                _log.info("attempt %d: %s", attempt.num, type(error).__name__)
                failure = error
            else:
                async with aclosing(self._read(request, response, first, total)) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            pause = backoff(failure)
            if pause is not False and attempt.num < ATTEMPTS:
                seconds = attempt.next_wait if pause is True else pause
                yield Waiting(f"{failure.note}; asking again in {max(1, round(seconds))} s", failure)
            with attempt:
                raise failure

    async def catalog(self) -> CatalogEntry:
        """Return what the service lists about the model, and price later answers by it.

        Where the service has no such listing, or one that is not understood, it is the model card's entry.
        Raises KimiError where the service cannot be reached, does not take the key or fails.
        """
        limit = Limit.after(_CATALOG_SECONDS, TimedOut, self._transport.host)
        entry: CatalogEntry | None = None
        try:
            listing = await within(self._transport.get(f"models/{quote(self._config.model)}"), limit)
            entry = read_entry(json.loads(listing), self._config.model)
        except (ModelNotFound, RequestRejected, ValueError, RecursionError) as error:
            _log.info("no listing of the model: %s", type(error).__name__)
        self._entry = entry or fallback(self._config.model)
        return self._entry

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def _open(self, request: Request) -> httpx.Response:
        while True:
            dialect = self._dialect
            body = self._endpoint.encode(request, self._config.model, dialect)
            _log.debug("asking %s: %d messages", self._transport.host, len(request.messages))
            try:
                return await self._transport.open_stream(self._endpoint.path, body, self._endpoint.headers)
            except RequestRejected as error:
                poorer = dialect.without(error.said, structured=request.answer is not None)
                if poorer is None:
                    raise
            _log.info("%s does not take all optional fields; left out from now on", self._transport.host)
            self._dialect = poorer

    async def _read(
        self, request: Request, response: httpx.Response, first: Limit, total: Limit
    ) -> AsyncGenerator[Delta, None]:
        decoder = self._endpoint.decoder(request)
        limit = first
        try:
            async with aclosing(self._transport.payloads(response)) as payloads:
                while not decoder.done:
                    data = await self._next(payloads, decoder, limit, total)
                    if data is None:
                        break
                    news = self._decoded(decoder, data)
                    if news is None:
                        continue
                    for delta in news:
                        yield delta
                    patience = self._config.idle_timeout
                    patience = min(patience, _AFTER_FINISH) if decoder.complete else patience
                    limit = Limit.after(patience, WentSilent, self._transport.host)
            yield self._reply(request, decoder)
        except KimiError as error:
            # The answer began, so what came of it is paid all the same.
            error.usage = measure(
                request, decoder.generated, decoder.tokens, self._entry.rates, ended=decoder.complete
            )
            raise
        finally:
            await response.aclose()

    async def _next(
        self, payloads: AsyncGenerator[str, None], decoder: Decoder, limit: Limit, total: Limit
    ) -> str | None:
        try:
            return await within(anext(payloads, None), limit, total)
        except KimiError:
            # A break after the answer's end costs the usage, not the answer.
            if decoder.complete:
                return None
            raise

    def _decoded(self, decoder: Decoder, data: str) -> News | None:
        failure: KimiError
        try:
            return decoder.feed(data)
        except FaultInStream as error:
            failure = self._transport.judged(error.fault)
        except Malformed as error:
            failure = GarbledStream(self._transport.host, what=str(error))
        raise failure

    def _reply(self, request: Request, decoder: Decoder) -> Reply:
        host = self._transport.host
        message = decoder.message()
        if not decoder.complete:
            raise StreamCut(host)
        if decoder.finish == "content_filter":
            raise ContentRefused(host, said=self._transport.quoted(decoder.refusal))
        if decoder.finish == "length" and not message.text.strip() and not message.tool_calls:
            raise OutOfTokens(host, what=f"{request.max_tokens:,}")
        if request.tools and not message.tool_calls and _TOOL_MARKUP in message.text:
            raise GarbledStream(host, what="a tool call that the server left in the text")
        usage = measure(request, decoder.generated, decoder.tokens, self._entry.rates)
        _log.info("answered: %s", usage.sentence())
        finish = decoder.finish or ("tool_calls" if message.tool_calls else "stop")
        return Reply(message, finish, usage, decoder.model)
