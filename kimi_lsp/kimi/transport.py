"""The one place that opens a connection and the one place that reveals the key.

The key goes into one header, to the configured origin only. Redirects are not followed, and a connection to this
machine takes no proxy. What httpx raises is turned into our own errors here and does not travel with them: its
exceptions keep the request and its headers.
"""

import codecs
import json
import os
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import truststore
from httpx_sse import EventSource

from kimi_lsp import __version__
from kimi_lsp.kimi.config import ClientConfig, address
from kimi_lsp.kimi.credentials import Key
from kimi_lsp.kimi.errors import (
    BadSetting,
    ConnectTimedOut,
    ExpiredCertificate,
    ForeignCertificate,
    GarbledStream,
    KimiError,
    ProxyFailed,
    ProxyUnreachable,
    ProxyWantsLogin,
    Redirected,
    StreamCut,
    Unreachable,
    UntrustedCertificate,
)
from kimi_lsp.kimi.plain_httpx import httpx
from kimi_lsp.kimi.verdict import judge, plain
from kimi_lsp.kimi.wire import fault

_LONGEST_FAULT = 65_536
"""Bytes of a failed answer that are read; its cause stands at its start."""
_LONGEST_EVENT = 8 * 1024 * 1024
"""Bytes of one event; the longest there is repeats a whole answer, which is far less."""


class Transport:
    """Requests to one service. The connection pool is built at the first of them."""

    def __init__(self, config: ClientConfig, key: Key) -> None:
        self._config = config
        self._key = key
        self._address = address(config.base_url)
        self.host = self._address.host
        try:
            origin = httpx.URL(self._address.root)
        except httpx.InvalidURL:
            raise BadSetting(what="base_url is not a URL") from None
        self._auth = _Bearer(key, origin)
        self._client: httpx.AsyncClient | None = None

    async def open_stream(
        self, path: str, body: Mapping[str, Any], more_headers: Mapping[str, str]
    ) -> httpx.Response:
        """Post a JSON body and return the answer with its event stream still unread; the caller closes it.

        `more_headers` are the endpoint's own. Raises a KimiError for anything else than an event stream.
        """
        # ASCII only: a document may hold half of a surrogate pair, which UTF-8 cannot carry and JSON can.
        content = json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "Cache-Control": "no-store",
            **more_headers,
        }
        response = await self._send("POST", path, content, headers)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.is_success and kind == "text/event-stream":
            return response
        said = await _beginning(response)
        if not response.is_success:
            raise self._failed(response, said)
        found = fault.read(said) if kind.endswith("json") and '"error"' in said else None
        if found and (found.message or found.names):
            raise self.judged(found)
        what = self.quoted(kind)[:60] or "nothing named"
        raise GarbledStream(self.host, what=f"{what} instead of an event stream")

    async def payloads(self, response: httpx.Response) -> AsyncGenerator[str, None]:
        """Yield the data of each event; comments and events without data are passed over in silence.

        Raises StreamCut where the connection breaks, GarbledStream for bytes that are no event stream in UTF-8 or an event
        that does not end.
        """
        body = _Utf8(response)
        readable = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=body)
        failure: KimiError
        try:
            async with aclosing(EventSource(readable).aiter_sse()) as events:
                async for event in events:
                    body.unfinished = 0
                    if event.data:
                        yield event.data
                return
        except (UnicodeDecodeError, httpx.DecodingError):
            failure = GarbledStream(self.host, what="bytes that are not UTF-8 text")
        except _Endless:
            failure = GarbledStream(self.host, what=f"an event of more than {_LONGEST_EVENT // 2**20} MiB")
        except httpx.HTTPError:
            failure = StreamCut(self.host)
        raise failure

    async def get(self, path: str) -> str:
        """Return the body of a GET. Raises KimiError."""
        response = await self._send("GET", path, None, {"Accept": "application/json"})
        said = await _beginning(response)
        if not response.is_success:
            raise self._failed(response, said)
        return said

    def judged(self, found: fault.Fault) -> KimiError:
        """Return the error that a failure without an HTTP status stands for."""
        return judge(None, found, {}, host=self.host, model=self._config.model, hide=self._key.hide)

    def quoted(self, said: str) -> str:
        """Return words from the other side as an error may quote them."""
        return plain(said, self._key.hide)

    async def close(self) -> None:
        """Close all connections; a later request would open new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> httpx.Response:
        if self._client is None:
            self._client = _built(self._config)
        request = self._client.build_request(
            method, self._address.url(path), content=content, headers=headers
        )
        try:
            return await self._client.send(request, stream=True, auth=self._auth)
        except httpx.HTTPError as error:
            failure = self._unanswered(error)
        raise failure

    def _failed(self, response: httpx.Response, said: str) -> KimiError:
        if response.is_redirect:
            target = urlsplit(response.headers.get("location", "")).hostname or "another path"
            return Redirected(self.host, what=self.quoted(target)[:100])
        return judge(
            response.status_code,
            fault.read(said),
            response.headers,
            host=self.host,
            model=self._config.model,
            hide=self._key.hide,
        )

    def _unanswered(self, error: httpx.HTTPError) -> KimiError:
        if isinstance(error, httpx.ConnectTimeout):
            return ConnectTimedOut(self.host, what=f"{self._config.connect_timeout:g}")
        if isinstance(error, httpx.WriteTimeout):
            return Unreachable(self.host, what="it did not take the request in time")
        if isinstance(error, httpx.ProxyError):
            said = self.quoted(str(error))[:100]
            refused = ProxyWantsLogin if said.startswith("407") else ProxyFailed
            return refused(self.host, what=said)
        if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
            return GarbledStream(self.host, what="no HTTP")
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                said = self.quoted(cause.verify_message)[:100].rstrip(".")
                return _distrust(said)(self.host, what=said)
            if isinstance(cause, ssl.SSLError):
                return Unreachable(self.host, what="TLS failed")
            if isinstance(cause, socket.gaierror):
                return self._unconnected("no such host")
            if isinstance(cause, ConnectionRefusedError):
                return self._unconnected("connection refused")
        if isinstance(error, httpx.ConnectError):
            return self._unconnected("no connection")
        return Unreachable(self.host, what="it closed the connection without an answer")

    def _unconnected(self, reason: str) -> KimiError:
        """Where a proxy stands in between, it is what was not reached: of the service it would tell itself."""
        proxy = _proxy_on_the_way(self._config)
        if proxy:
            return ProxyUnreachable(self.host, what=f"{proxy}: {reason}")
        return Unreachable(self.host, what=reason)


class _Bearer(httpx.Auth):
    """Writes the Authorization header, for one origin only."""

    def __init__(self, key: Key, origin: httpx.URL) -> None:
        self._key = key
        self._origin = (origin.scheme, origin.host, origin.port)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if (request.url.scheme, request.url.host, request.url.port) == self._origin:
            request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        yield request


class _Endless(Exception):
    """An event does not end."""


class _Utf8(httpx.AsyncByteStream):
    """A response's bytes, checked: httpx would put U+FFFD for a broken character, and that would land in a document.

    Raises _Endless once too much of it came without an event.
    """

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.unfinished = 0
        """Bytes since the last event; whoever reads the events sets it back."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # The decoder also drops a byte order mark, which an event stream may begin with.
        decoder = codecs.getincrementaldecoder("utf-8-sig")("strict")
        async for chunk in self._response.aiter_bytes():
            self.unfinished += len(chunk)
            if self.unfinished > _LONGEST_EVENT:
                raise _Endless
            if text := decoder.decode(chunk):
                yield text.encode("utf-8")

    async def aclose(self) -> None:
        await self._response.aclose()


def _built(config: ClientConfig) -> httpx.AsyncClient:
    where = address(config.base_url)
    # To this machine no proxy is of use, and over plain http it would see the key.
    proxy = None if where.loopback else config.proxy
    try:
        return httpx.AsyncClient(
            verify=_trust(config)
            if where.root.startswith("https:")
            else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            proxy=proxy,
            trust_env=config.proxy is None and not where.loopback,
            follow_redirects=False,
            headers={"User-Agent": f"kimi-lsp/{__version__}"},
            # Reading has its own timers, which know data from comments.
            timeout=httpx.Timeout(
                connect=config.connect_timeout, read=None, write=config.idle_timeout, pool=None
            ),
        )
    except (httpx.InvalidURL, ValueError, ImportError):
        # Not quoted: a proxy's URL may hold a password.
        name = "proxy" if proxy is not None else "proxy, or HTTPS_PROXY or ALL_PROXY in the environment,"
    raise BadSetting(what=f"{name} must be the URL of an HTTP proxy, such as http://proxy.example:3128")


def _proxy_on_the_way(config: ClientConfig) -> str:
    """Return the proxy's host and port, without the password that its URL may hold; empty where there is none."""
    host = urlsplit(address(config.base_url).root).hostname or ""
    url = config.proxy
    if url is None and not proxy_bypass(host):
        named = getproxies()
        url = named.get("https") or named.get("all")
    if address(config.base_url).loopback or not url:
        return ""
    return urlsplit(url if "://" in url else f"//{url}").netloc.rpartition("@")[2]


def _distrust(said: str) -> type[UntrustedCertificate]:
    """Return which error a verifier's words stand for; OpenSSL, macOS and Windows have words of their own."""
    words = said.lower()
    if "expired" in words or "not yet valid" in words:
        return ExpiredCertificate
    if "mismatch" in words or "not match" in words:
        return ForeignCertificate
    return UntrustedCertificate


def _trust(config: ClientConfig) -> ssl.SSLContext:
    path = config.ca_file or os.environ.get("SSL_CERT_FILE")
    if not path:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return ssl.create_default_context(cafile=path)
    except OSError:
        name = "ca_file" if config.ca_file else "SSL_CERT_FILE (in the environment)"
    raise BadSetting(what=f"{name} is not a readable file of certificates in PEM format")


async def _beginning(response: httpx.Response) -> str:
    """Read a body up to a limit and close the answer; what came before a break is better than nothing."""
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) >= _LONGEST_FAULT:
                break
    except httpx.HTTPError as error:
        body += f" ({type(error).__name__})".encode()
    finally:
        await response.aclose()
    return body[:_LONGEST_FAULT].decode("utf-8", "replace")


def _causes(error: BaseException) -> Iterator[BaseException]:
    todo: list[BaseException | None] = [error]
    while todo:
        cause = todo.pop()
        if cause is None:
            continue
        yield cause
        todo += [cause.__cause__ or cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            todo += cause.exceptions
