"""Each failure has its class and its sentence; which of them are asked again, and which fields are given up."""

import asyncio
from typing import Any

import pytest

from kimi_lsp.conversation import Request, Schema, Waiting
from kimi_lsp.kimi import (
    GarbledStream,
    KeyRejected,
    KimiError,
    Overloaded,
    QuotaUsed,
    RateLimited,
    Redirected,
    RequestRejected,
    ServiceFault,
    Unreachable,
)
from tests.kimi.conftest import ASK, MakeClient, collect, reply_of
from tests.kimi.server import (
    DONE,
    GOOD,
    HEAD,
    Peer,
    Script,
    Server,
    answers,
    delta,
    event,
    sends,
    streams,
)

SHAPED = Request(ASK.messages, answer=Schema("edits", {"type": "object", "properties": {}}))


class Failing:
    """A script, the class of the error, a part of its sentence, and how often the server is asked."""

    def __init__(self, name: str, script: Script, kind: type[KimiError], says: str, asked: int = 1) -> None:
        self.name, self.script, self.kind, self.says, self.asked = name, script, kind, says, asked


def error(message: str, **fields: object) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


FAILING = (
    Failing(
        "key",
        answers("401 Unauthorized", error("no", code="invalid_api_key")),
        KeyRejected,
        "accept the API key",
    ),
    Failing(
        "quota",
        answers("429 Too Many Requests", error("pay", type="exceeded_current_quota_error"), "Retry-After: 1"),
        QuotaUsed,
        "quota",
    ),
    Failing("rate", answers("429 Too Many Requests", error("slow")), RateLimited, "wait a minute", 3),
    Failing(
        "rate, no retry",
        answers("429 Too Many Requests", error("slow"), "x-should-retry: false"),
        RateLimited,
        "wait a minute",
    ),
    Failing(
        "rate, far too long",
        answers("429 Too Many Requests", error("slow"), "Retry-After: 3600"),
        RateLimited,
        "wait a minute",
    ),
    Failing("rejected", answers("400 Bad Request", error("what?")), RequestRejected, "invalid.*“what\\?”"),
    Failing(
        "redirect", answers("302 Found", b"", "Location: https://evil.example/"), Redirected, "evil.example"
    ),
    Failing("overloaded", answers("503 Service Unavailable", b""), Overloaded, "overloaded", 3),
    Failing(
        "proxy page",
        answers("502 Bad Gateway", b"<html><title>502 Bad Gateway</title></html>", content_type="text/html"),
        ServiceFault,
        "HTTP 502.*“502 Bad Gateway”",
        3,
    ),
    Failing("dropped", sends(), Unreachable, "closed the connection without an answer", 3),
    Failing("no http", sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), GarbledStream, "no HTTP"),
    Failing(
        "a page",
        answers("200 OK", b"<html>Log in</html>", content_type="text/html"),
        GarbledStream,
        "text/html",
    ),
    Failing(
        "an error with status 200",
        answers("200 OK", error("busy", type="overloaded_error")),
        Overloaded,
        "busy",
        3,
    ),
    Failing("not json", streams(delta(content="a"), b"data: {oops\n\n"), GarbledStream, "not JSON"),
    Failing("not an object", streams(b"data: [1]\n\n"), GarbledStream, "not a JSON object"),
    Failing("not UTF-8", streams(b'data: {"a": "\xff"}\n\n'), GarbledStream, "not UTF-8"),
    Failing(
        "error in mid-stream",
        streams(delta(content="a"), event(error("the worker died", code=500))),
        ServiceFault,
        "HTTP 500.*the worker died",
    ),
    Failing(
        "overloaded in mid-stream",
        streams(delta(content="a"), event(error("busy", type="engine_overloaded_error"))),
        Overloaded,
        "busy",
    ),
    Failing(
        "error in the choice",
        streams(event({"choices": [{"error": {"message": "lost"}}]})),
        ServiceFault,
        "lost",
    ),
)


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.name)
async def test_a_failure_has_its_class_and_its_sentence(
    server: Server, make: MakeClient, case: Failing
) -> None:
    server.plays(case.script)
    with pytest.raises(KimiError, match=case.says) as caught:
        await collect(make())
    assert type(caught.value) is case.kind
    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert len(server.requests) == case.asked


@pytest.mark.parametrize("piece", [b"x" * 65_536, b"data: x\n" * 8192, b": x\n" * 16_384])
@pytest.mark.parametrize("before", [(), (delta(content="a"),)], ids=["at once", "later"])
async def test_an_event_without_an_end_is_given_up(
    before: tuple[bytes, ...], piece: bytes, server: Server, make: MakeClient
) -> None:
    """It would fill the memory long before the time is over."""
    sent = 0

    async def endless(peer: Peer) -> None:
        nonlocal sent
        await peer.send(HEAD, *before, b"data: ")
        while sent < 256 * 1024 * 1024:
            await peer.send(piece)
            sent += len(piece)

    server.plays(endless)
    with pytest.raises(GarbledStream, match="an event of more than 8 MiB"):
        await collect(make())
    assert sent < 64 * 1024 * 1024
    assert len(server.requests) == 1


async def test_many_events_may_be_more_than_one_may(server: Server, make: MakeClient) -> None:
    long = delta(content="x" * 3_000_000)
    server.plays(streams(long, long, long, long, delta("stop"), DONE))
    assert len(reply_of(await collect(make())).message.text) == 12_000_000


async def test_a_closed_port_is_unreachable(make: MakeClient) -> None:
    listening = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    with pytest.raises(Unreachable, match="connection refused"):
        await collect(make(f"http://127.0.0.1:{port}"))


async def test_a_retry_is_announced_and_then_works(server: Server, make: MakeClient) -> None:
    server.plays(
        answers("429 Too Many Requests", error("slow down"), "Retry-After: 7"),
        answers("503 Service Unavailable", error("Loading model", type="unavailable_error", code=503)),
        GOOD,
    )
    deltas = await collect(make())
    host = f"127.0.0.1:{server.port}"
    assert isinstance(deltas[0], Waiting)
    assert deltas[0].reason == f"{host} asks to slow down; asking again in 7 s"
    assert isinstance(deltas[1], Waiting)
    assert deltas[1].reason.startswith(f"{host} is overloaded; asking again in ")
    assert reply_of(deltas).message.text == "Hello there"
    assert len(server.requests) == 3


async def test_the_last_failure_announces_no_retry(server: Server, make: MakeClient) -> None:
    server.plays(answers("503 Service Unavailable", b""))
    stream = make().stream(ASK)
    assert isinstance(await anext(stream), Waiting)
    assert isinstance(await anext(stream), Waiting)
    with pytest.raises(Overloaded):
        await anext(stream)


async def test_all_attempts_say_the_same(server: Server, make: MakeClient) -> None:
    server.plays(answers("500 Internal Server Error", b""), GOOD)
    await collect(make())
    assert server.requests[0].body == server.requests[1].body


async def test_an_optional_field_that_is_rejected_is_left_out_from_then_on(
    server: Server, make: MakeClient
) -> None:
    body = {"detail": [{"loc": ["body", "disable_formatting"], "msg": "Extra inputs are not permitted"}]}
    server.plays(answers("422 Unprocessable Entity", body), GOOD)
    client = make()
    await collect(client)
    await collect(client)
    assert ["disable_formatting" in request.json for request in server.requests] == [True, False, False]


async def test_structured_output_steps_down_as_far_as_it_must(server: Server, make: MakeClient) -> None:
    server.plays(
        answers("400 Bad Request", error("response_format.type json_schema is not supported")),
        answers("400 Bad Request", error("json_object is not supported", param="response_format")),
        GOOD,
    )
    client = make()
    await collect(client, SHAPED)
    await collect(client, SHAPED)
    sent = [request.json.get("response_format", {}).get("type") for request in server.requests]
    assert sent == ["json_schema", "json_object", None, None]


async def test_a_rejection_that_names_nothing_optional_is_final(server: Server, make: MakeClient) -> None:
    server.plays(answers("400 Bad Request", error("response_format is odd")))
    with pytest.raises(RequestRejected):
        await collect(make())
    assert len(server.requests) == 1
