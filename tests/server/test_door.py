"""The front door and what stands behind it say the same, and not a byte is lost between them."""

import io
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.server.app import build
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.door import greet
from kimi_lsp.server.front import Front
from kimi_lsp.server.stdio import Writer
from tests.support.editor import PROFILES
from tests.support.wire import wire

ODD: list[dict[str, Any]] = [
    {"capabilities": {}},
    {"capabilities": {"general": {"positionEncodings": []}}},
    {"capabilities": {"general": {"positionEncodings": ["utf-7", "utf-32"]}}},
    {"capabilities": {"general": {"positionEncodings": ["utf-7"]}}, "processId": None, "rootUri": None},
]


class Pieces(io.RawIOBase):
    """A pipe that gives its bytes in the pieces that it is told."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = [piece for piece in pieces if piece]

    def read(self, _size: int = -1) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


def frame(message: object) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def request(params: object) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}


def greeted(*pieces: bytes) -> tuple[dict[str, Any] | None, bytes, bytes]:
    sink = io.BytesIO()
    result = greet(Pieces(*pieces), sink)  # type: ignore[arg-type]
    return result.initialize, result.rest, sink.getvalue()


def read(data: bytes) -> Any:
    return json.loads(data.partition(b"\r\n\r\n")[2])


class Sink:
    def __init__(self) -> None:
        self.data = b""

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.data += data


async def without_a_door(message: dict[str, Any]) -> Any:
    front, sink = Front(Desk({})), Sink()
    front.set_writer(Writer(sink))  # type: ignore[arg-type]
    front.receive(message)
    return read(sink.data)


@pytest.mark.parametrize(
    "params", [*(json.loads(file.read_text()) for file in sorted(PROFILES.glob("*.json"))), *ODD]
)
async def test_all_halves_agree(params: dict[str, Any]) -> None:
    message = request(params.get("params", params))
    _, _, said = greeted(frame(message))
    assert read(said) == await without_a_door(message)
    full = build(Desk({}))
    full.begin(message["params"])
    told = read(said)["result"]["capabilities"]
    assert full.protocol.encoding == told["positionEncoding"]
    assert sorted(full.protocol.fm.commands) == sorted(told["executeCommandProvider"]["commands"])


@given(st.binary(max_size=60), st.lists(st.integers(0, 400)))
def test_no_byte_is_lost(more: bytes, cuts: list[int]) -> None:
    data = frame(request({"capabilities": {}})) + more
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(places)]
    pipe = Pieces(*pieces)
    result = greet(pipe, io.BytesIO())  # type: ignore[arg-type]
    assert result.initialize == request({"capabilities": {}})
    assert result.rest + b"".join(pipe.pieces) == more


@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=40).map(lambda body: b"Content-Length: %d\r\n\r\n%b" % (len(body), body)),
        st.sampled_from(
            [
                frame({"jsonrpc": "2.0", "id": 1, "method": "shutdown"}),
                frame({"jsonrpc": "2.0", "method": "initialize", "params": {"capabilities": {}}}),
                frame(request(None)),
                frame(request({"capabilities": 3})),
                frame({**request({"capabilities": {}}), "id": None}),
                frame([request({"capabilities": {}})]),
                b"Content-Length: 99999999999\r\n\r\n{}",
                b"Content-Length: -1\r\n\r\n{}",
                b"x" * 70_000,
                b"",
            ]
        ),
    )
)
def test_what_is_not_plainly_initialize_is_left_as_it_came(data: bytes) -> None:
    initialize, rest, said = greeted(data)
    assert initialize is None
    assert rest == data
    assert said == b""


def test_the_door_needs_next_to_nothing() -> None:
    code = "import sys, kimi_lsp.cli, kimi_lsp.server.door; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert {"kimi_lsp.server.door", "json"} <= set(loaded.split())
    assert not {"asyncio", "logging", "pygls", "pydantic", "httpx"} & set(loaded.split())


async def test_a_client_whose_capabilities_cannot_be_read_is_served_all_the_same(tmp_path: Path) -> None:
    async with wire() as server:
        server.request(1, "initialize", {"capabilities": {"workspace": 3}, "rootUri": tmp_path.as_uri()})
        assert "codeActionProvider" in (await server.answer(1))["result"]["capabilities"]
        server.notify("initialized", {})
        await server.alive()
        assert await server.end() == 0


def test_a_client_that_reads_no_more_ends_the_server_in_order() -> None:
    reading, writing = os.pipe()
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})
    with subprocess.Popen(
        [sys.executable, "-m", "kimi_lsp", "serve"],
        stdin=subprocess.PIPE,
        stdout=writing,
        stderr=subprocess.PIPE,
        env={"PATH": os.defpath, "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"},
    ) as process:
        os.close(writing)
        os.close(reading)
        _, told = process.communicate(f"Content-Length: {len(body)}\r\n\r\n{body}".encode(), timeout=30)
    assert process.returncode == 1
    assert b"Traceback" not in told
