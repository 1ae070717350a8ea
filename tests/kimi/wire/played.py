"""Transcripts of streams, and playing them through the client's own reader without a socket."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from kimi_lsp.conversation import Delta, Reply, Request
from kimi_lsp.kimi import Client, ClientConfig, Key, KimiError, NoFirstData, TookTooLong
from kimi_lsp.kimi.config import Protocol
from kimi_lsp.kimi.timers import Limit
from tests.kimi.conftest import ASK, SECRET, streamed

FILES = {file.stem: file for file in sorted((Path(__file__).parent / "transcripts").glob("*.txt"))}


@dataclass(frozen=True)
class Played:
    """What a stream came to."""

    deltas: tuple[Delta, ...]
    error: KimiError | None = None

    @property
    def reply(self) -> Reply:
        assert isinstance(self.deltas[-1], Reply)
        return self.deltas[-1]

    @property
    def streamed(self) -> tuple[str, str]:
        return streamed(list(self.deltas))


def transcript(name: str) -> bytes:
    return FILES[name].read_bytes()


def protocol_of(name: str) -> Protocol:
    match name.partition("-")[0]:
        case "responses":
            return "responses"
        case "messages":
            return "messages"
        case _:
            return "chat"


async def play(protocol: Protocol, pieces: Iterable[bytes], request: Request = ASK) -> Played:
    """Play bytes in the pieces in which they come; what is raised besides a KimiError is the test's failure."""
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=_Pieces(pieces))
    deltas: list[Delta] = []
    error: KimiError | None = None
    async with Client(ClientConfig(protocol=protocol), Key(SECRET)) as client:
        limits = Limit.after(50, NoFirstData, "h"), Limit.after(50, TookTooLong, "h")
        try:
            deltas += [delta async for delta in client._read(request, response, *limits)]
        except KimiError as caught:
            error = caught
    return Played(tuple(deltas), error)


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
