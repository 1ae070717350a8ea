"""A server, a client of it, and no pauses between retries."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio
import stamina

from kimi_lsp.conversation import Delta, Message, ReasoningDelta, Reply, Request, TextDelta
from kimi_lsp.kimi import Client, ClientConfig, Key
from tests.kimi.server import Server
from tests.kimi.spoken import Spoken, speak

SECRET = "sk-empiriolabs-Zx81mQ04pLr7"
ASK = Request((Message.of("system", "You are a programmer."), Message.of("user", "Hello")))

MakeClient = Callable[..., Client]


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries come at once; their number stays ours."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    scripted = Server()
    async with scripted.listening():
        yield scripted


@pytest_asyncio.fixture
async def make(server: Server) -> AsyncIterator[MakeClient]:
    """Return clients of the server; timers that a test does not set are far longer than any test."""
    made: list[Client] = []

    def build(base_url: str = "", **settings: object) -> Client:
        timers = dict.fromkeys(
            ("connect_timeout", "first_data_timeout", "idle_timeout", "total_timeout"), 50.0
        )
        config = ClientConfig(base_url=base_url or server.url, **{**timers, **settings})  # type: ignore[arg-type]
        made.append(Client(config, Key(SECRET)))
        return made[-1]

    yield build
    for client in made:
        await client.close()


async def collect(client: Client, request: Request = ASK) -> list[Delta]:
    """Return all that a stream yields."""
    return [delta async for delta in client.stream(request)]


def reply_of(deltas: list[Delta]) -> Reply:
    """Return the reply, which must be the last delta and the only one."""
    assert isinstance(deltas[-1], Reply)
    assert sum(isinstance(delta, Reply) for delta in deltas) == 1
    return deltas[-1]


def streamed(deltas: list[Delta]) -> tuple[str, str]:
    """Return the thought and the text, as they streamed."""
    thought = "".join(delta.text for delta in deltas if isinstance(delta, ReasoningDelta))
    return thought, "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


@pytest.fixture(params=["chat", "responses", "messages"])
def said(request: pytest.FixtureRequest) -> Spoken:
    """An answer to be spoken, over each endpoint in turn."""
    return speak(request.param)
