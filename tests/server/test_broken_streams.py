"""What is no LSP at all: broken frames end the connection cleanly or are stepped over, and never make the server deaf."""

import asyncio
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.server.stdio import converse
from tests.server.test_unbreakable import NOTIFICATIONS, REQUESTS, due, framed, places
from tests.support.swift_time import swiftly
from tests.support.talk import Talk, agreeable, talk
from tests.support.wire import wire

JUNK: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "", "\ud800", "file://[", [], {}, [{}])
INITIALIZE = b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}}'
FILLER = b'{"jsonrpc":"2.0","id":"after","method":"no/such"}'

bodies = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            b"NaN",
            b"[" * 5_000,
            b'{"jsonrpc":"2.0","id":1e999}',
            b"9" * 5_000,
        ]
    ),
)
headers = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            b"Content-Length: -1",
            b"Content-Length: x",
            b"Content-Length: " + b"9" * 5_000,
            b"Content-Length:",
            b"A: b",
        ]
    ),
)


def frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Stream:
    """The part of a StreamWriter that the connection needs."""

    def __init__(self, talking: Talk) -> None:
        self.write = talking.write

    def is_closing(self) -> bool:
        return False

    async def drain(self) -> None:
        return


async def heard(talking: Talk, data: bytes) -> None:
    reader = asyncio.StreamReader(limit=2**20)
    reader.feed_data(data)
    reader.feed_eof()
    await converse(talking.front, reader, Stream(talking))  # type: ignore[arg-type]


@given(st.lists(bodies, max_size=5))
def test_a_sound_frame_after_broken_bodies_is_answered(before: list[bytes]) -> None:
    async def run() -> None:
        async with talk(agreeable) as talking:
            await heard(talking, b"".join(map(frame, [*before, FILLER])))
            assert [one["error"]["code"] for one in talking.answers("after")] == [-32002]
            assert len(talking.said) == len(before) + 1
            assert all(one["error"]["code"] in (-32700, -32600, -32002) for one in talking.said)

    swiftly(run())


@given(st.lists(headers, max_size=3), st.binary(max_size=60))
def test_the_connection_ends_whatever_bytes_come(broken: list[bytes], rest: bytes) -> None:
    async def run() -> None:
        async with talk(agreeable) as talking:
            await heard(talking, frame(FILLER) + b"\r\n".join(broken) + b"\r\n\r\n" + rest)
            assert len(talking.answers("after")) >= 1

    swiftly(run())


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Length: -1\r\n\r\n{}",
        b"Content-Length: x\r\n\r\n{}",
        b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        b"Content-Length: 999999999\r\n\r\n",
        b"Content-Type: x\r\n\r\n" + FILLER,
        b"POST / HTTP/1.1\r\nContent-Type: text/plain\r\n" + frame(FILLER),
        b"x" * 1_200_000,
        FILLER + b"\n\n",
    ],
)
async def test_a_stream_that_is_no_lsp_any_more_ends_the_server(data: bytes) -> None:
    async with wire() as server:
        await server.initialize()
        await server.alive()
        server.raw(data)
        assert await server.process.wait() == 1


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: x\r\n\r\n",
        # What a web page could send to a port of this machine.
        b"POST / HTTP/1.1\r\nOrigin: https://evil.example\r\n" + frame(INITIALIZE),
    ],
)
async def test_a_stream_that_begins_so_ends_the_server(data: bytes) -> None:
    async with wire() as server:
        server.raw(data)
        assert await server.process.wait() == 1


async def test_a_blank_line_between_frames_is_stepped_over() -> None:
    async with wire() as server:
        await server.initialize()
        server.raw(b"\r\n\n" + frame(FILLER))
        assert (await server.answer("after"))["error"]["code"] == -32601
        assert await server.end() == 0


async def test_the_real_process_survives_each_wrong_value_in_each_place_of_real_messages(
    tmp_path: Any,
) -> None:
    async with wire(
        {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "KIMI_LSP_STATE": str(tmp_path)}
    ) as server:
        await server.initialize()
        awaited = []
        for number, message in enumerate(one for real in (*NOTIFICATIONS, *REQUESTS) for one in wrong(*real)):
            if message["method"] in dict(REQUESTS):
                message["id"] = number
            awaited += due(message)
            server.send(message)
        server.request("last", "no/such")
        await server.answer("last")
        while (await asyncio.wait_for(still(server, awaited), 30)) > 0:
            pass
        assert await server.end() == 0


def wrong(method: str, params: Any) -> list[dict[str, Any]]:
    """Return the message with each wrong value in each place."""
    found = []
    for *path, last in places(params, ("params",)):
        for value in JUNK:
            message = copy.deepcopy(framed(method, params))
            holder: Any = message
            for name in path:
                holder = holder[name]
            holder[last] = value
            found.append(message)
    return found


async def still(server: Any, awaited: list[Any]) -> int:
    """Read one message unless all answers are here; return how many are missing."""
    given_ = [one["id"] for one in server.notifications if "method" not in one]
    missing = len(awaited) - len(given_)
    if missing:
        server.notifications.append(await server.receive())
        return missing
    assert sorted(map(json.dumps, given_)) == sorted(map(json.dumps, awaited))
    for one in server.notifications:
        assert one.get("error", {}).get("code") in (None, -32600, -32602), one
    return 0
