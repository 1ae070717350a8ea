"""Settings that a connection cannot be built from, and what a proxy gets to see."""

import socket
from typing import Any

import pytest

from kimi_lsp.kimi import (
    BadSetting,
    Client,
    ClientConfig,
    Key,
    ProxyFailed,
    Unreachable,
)
from tests.kimi.conftest import SECRET, MakeClient, collect
from tests.kimi.server import (
    GOOD,
    Server,
    sends,
)


async def test_a_proxy_that_is_none_is_said_without_its_password() -> None:
    config = ClientConfig(base_url="https://api.example", proxy="gopher://me:hunter2@proxy")
    async with Client(config, Key(SECRET)) as client:
        with pytest.raises(BadSetting, match="HTTP proxy") as caught:
            await collect(client)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("from_environment", [True, False])
async def test_a_proxy_does_not_see_the_key(
    server: Server, make: MakeClient, monkeypatch: pytest.MonkeyPatch, from_environment: bool
) -> None:
    server.plays(sends(b"HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\n\r\n"))
    if from_environment:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
    client = make("https://api.example", proxy=None if from_environment else server.url)
    with pytest.raises(ProxyFailed, match=r"The proxy did not connect to api\.example \(407"):
        await collect(client)
    (request,) = server.requests
    assert request.line == "CONNECT api.example:443 HTTP/1.1"
    assert not any(SECRET in value for _, value in request.headers)


async def test_a_host_without_an_address_is_said(make: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_address(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_address)
    with pytest.raises(Unreachable, match=r"api\.example cannot be reached \(no such host\)"):
        await collect(make("https://api.example"))


async def test_this_machine_takes_no_proxy(
    server: Server, make: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.plays(GOOD)
    await collect(make())
    await collect(make(proxy="http://127.0.0.1:1"))
    assert len(server.requests) == 2


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_certificate_file_that_is_none_is_said(content: str | None, tmp_path: Any) -> None:
    file = tmp_path / "company.pem"
    if content is not None:
        file.write_text(content)
    async with Client(ClientConfig(base_url="https://127.0.0.1:1", ca_file=str(file)), Key(SECRET)) as client:
        with pytest.raises(BadSetting, match="ca_file is not a readable file of certificates"):
            await collect(client)
