"""The four timers, and what the user stops: the socket closes, and nothing is asked again."""

import asyncio

import httpx
import pytest

from kimi_lsp.conversation import Message, Request, Waiting
from kimi_lsp.kimi import (
    Client,
    ConnectTimedOut,
    NoFirstData,
    StreamCut,
    TookTooLong,
    Unreachable,
    WentSilent,
)
from kimi_lsp.kimi.config import Protocol
from tests.kimi.conftest import ASK, MakeClient, collect, reply_of
from tests.kimi.server import (
    GOOD,
    HEAD,
    Peer,
    Script,
    Server,
    answers,
    delta,
    event,
)
from tests.kimi.spoken import speak


async def test_no_tls_within_the_connect_timeout(server: Server, make: MakeClient) -> None:
    server.plays(server.holding())
    with pytest.raises(ConnectTimedOut, match=r"within 0\.05 s \(connect_timeout\)"):
        await collect(make(server.url.replace("http:", "https:"), connect_timeout=0.05))


async def test_nothing_at_all_within_the_first_data_timeout(server: Server, make: MakeClient) -> None:
    server.plays(server.holding())
    with pytest.raises(NoFirstData, match=r"within 0\.05 s \(first_data_timeout\)"):
        await collect(make(first_data_timeout=0.05))
    await server.client_closed.wait()
    assert len(server.requests) == 1


COMMENT = b": keep-alive\n\n"


def repeating(filler: bytes, *pieces: bytes) -> Script:
    """Return a script that sends some bytes and then a filler again and again until the client goes away."""

    async def play(peer: Peer) -> None:
        await peer.send(*pieces)
        while True:
            await peer.send(filler)
            await asyncio.sleep(0.002)

    return play


async def test_comments_are_not_the_first_data(server: Server, make: MakeClient) -> None:
    server.plays(repeating(COMMENT, HEAD))
    with pytest.raises(NoFirstData):
        await collect(make(first_data_timeout=0.1))
    assert len(server.requests) == 1


async def test_comments_do_not_feed_the_idle_timer(server: Server, make: MakeClient) -> None:
    server.plays(repeating(COMMENT, HEAD, delta(content="a")))
    with pytest.raises(WentSilent, match=r"for 0\.1 s \(idle_timeout\)") as caught:
        await collect(make(idle_timeout=0.1))
    assert len(server.requests) == 1
    assert caught.value.usage is not None


KEEP_ALIVE: tuple[tuple[Protocol, str], ...] = (
    ("chat", "ping"),
    ("responses", "keepalive"),
    ("messages", "ping"),
)


@pytest.mark.parametrize(("name", "kind"), KEEP_ALIVE)
async def test_events_that_only_keep_the_connection_open_feed_no_timer(
    server: Server, make: MakeClient, name: Protocol, kind: str
) -> None:
    said = speak(name)
    nothing = event({"type": kind})
    server.plays(repeating(nothing, HEAD), repeating(nothing, HEAD, said.opening(), said.text("a")))
    with pytest.raises(NoFirstData):
        await collect(make(protocol=name, first_data_timeout=0.1))
    with pytest.raises(WentSilent):
        await collect(make(protocol=name, idle_timeout=0.1))


async def test_data_without_end_runs_into_the_total_timeout(server: Server, make: MakeClient) -> None:
    server.plays(repeating(delta(reasoning_content="hm "), HEAD))
    with pytest.raises(TookTooLong, match=r"after 0\.1 s \(total_timeout\)"):
        await collect(make(total_timeout=0.1))
    assert len(server.requests) == 1


async def test_closing_the_generator_closes_the_socket(server: Server, make: MakeClient) -> None:
    server.plays(server.holding(HEAD, delta(content="a")))
    client = make()
    stream = client.stream(ASK)
    await anext(stream)
    await stream.aclose()
    # Closed by now, and not when some task or the garbage collector gets to it.
    assert open_connections(client) == 0
    await server.client_closed.wait()


def open_connections(client: Client) -> int:
    assert client._transport._client is not None
    pool = client._transport._client._transport
    assert isinstance(pool, httpx.AsyncHTTPTransport)
    return len(pool._pool.connections)


@pytest.mark.parametrize("pieces", [(), (HEAD,), (HEAD, delta(content="a"))], ids=["asked", "head", "data"])
async def test_cancelling_the_task_closes_the_socket(
    server: Server, make: MakeClient, pieces: tuple[bytes, ...]
) -> None:
    played = asyncio.Event()
    hold = server.holding(*pieces)

    async def play(peer: Peer) -> None:
        played.set()
        await hold(peer)

    server.plays(play)
    task = asyncio.create_task(collect(make()))
    await played.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.client_closed.wait()
    assert len(server.requests) == 1


async def test_closing_the_generator_while_it_waits_for_a_retry_asks_no_more(
    server: Server, make: MakeClient
) -> None:
    server.plays(answers("503 Service Unavailable", b""), GOOD)
    stream = make().stream(ASK)
    assert isinstance(await anext(stream), Waiting)
    await stream.aclose()
    assert len(server.requests) == 1


async def test_a_client_that_was_closed_opens_again(server: Server, make: MakeClient) -> None:
    server.plays(GOOD)
    client = make()
    await collect(client)
    await client.close()
    assert reply_of(await collect(client)).finish == "stop"


async def test_closing_the_client_ends_an_answer_as_a_cut(server: Server, make: MakeClient) -> None:
    server.plays(server.holding(HEAD, delta(content="a")))
    client = make()
    stream = client.stream(ASK)
    await anext(stream)
    rest = asyncio.create_task(anext(stream))
    await client.close()
    with pytest.raises(StreamCut):
        await rest
    await server.client_closed.wait()


async def test_a_server_that_does_not_take_the_request_is_unreachable(make: MakeClient) -> None:
    ended = asyncio.Event()

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    listener = await asyncio.start_server(ignore, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    large = Request((Message.of("user", "x" * 30_000_000),))
    with pytest.raises(Unreachable, match="did not take the request"):
        await collect(make(f"http://127.0.0.1:{port}", idle_timeout=0.05), large)
    ended.set()
    listener.close()
    await listener.wait_closed()
