"""An answer on its way: its pace, its pauses, its faults, and the moment the client goes away.

This is the ASGI side. What is said was decided before; how it is spelled came with the beats.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kimi_lsp.sandbox.bill import Bill
from kimi_lsp.sandbox.control import Control, Hold
from kimi_lsp.sandbox.dialect import Beat
from kimi_lsp.sandbox.faults import Fault
from kimi_lsp.sandbox.journal import Journal, Record
from kimi_lsp.sandbox.tokens import count

_COMMENT_EVERY = 0.05
"""Seconds between the comments of a stream that has nothing else."""
_KINDS = ("opening", "reasoning", "content", "closing")


@dataclass(frozen=True, slots=True)
class Play:
    """One answer, spelled for both ways of giving it, and how it goes."""

    beats: Sequence[Beat]
    whole: Mapping[str, Any]
    stream: bool
    think: float
    """Seconds over which the reasoning is spread."""
    fault: Fault | None
    error_beat: bytes
    """An error for the middle of the stream."""
    bill: Bill
    """What the whole answer costs."""

    def shows(self, fault: str) -> bool:
        """Tell whether this answer has a fault."""
        return self.fault is not None and self.fault.name == fault


class Playing(Response):
    """A response that is given over time; it ends at once when the client disconnects."""

    def __init__(self, play: Play, record: Record, control: Control, journal: Journal) -> None:
        self.status_code = 200
        self.background = None
        self._play = play
        self._record = record
        self._control = control
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the answer until it is done or the client is gone."""
        giving = asyncio.create_task(self._give(send))
        leaving = asyncio.create_task(_left(receive, lambda: self._journal.end(self._record, "disconnected")))
        try:
            await asyncio.wait({giving, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if giving.done():
                await giving
        finally:
            giving.cancel()
            leaving.cancel()
            await asyncio.gather(giving, leaving, return_exceptions=True)
            # A client may go so soon that sending fails before its going is told: every request ends, whichever comes first.
            self._journal.end(self._record, "disconnected")

    def _generated(self, tokens: int) -> None:
        """Put what has been generated on the bill, which holds wherever the answer ends."""
        so_far = self._record.bill or replace(self._play.bill, completion_tokens=0)
        most = self._play.bill.completion_tokens
        self._record.bill = replace(so_far, completion_tokens=min(most, so_far.completion_tokens + tokens))

    async def _give(self, send: Send) -> None:
        if self._play.shows("slow-first-byte") and self._play.fault:
            await asyncio.sleep(self._play.fault.seconds)
        self._record.status = 200
        self._generated(0)
        await (self._give_stream(send) if self._play.stream else self._give_whole(send))

    async def _give_stream(self, send: Send) -> None:
        play = self._play
        parts = {kind: [beat for beat in play.beats if beat.kind == kind] for kind in _KINDS}
        head = [*_numbered(self._record), (b"cache-control", b"no-cache")]
        await _start(send, b"text/event-stream; charset=utf-8", head)
        while play.shows("comments-only"):
            await _more(send, b": ping\n\n")
            await asyncio.sleep(_COMMENT_EVERY)
        await self._pause("before_reasoning")
        for beat in parts["opening"]:
            await _more(send, beat.data)
        thought = parts["reasoning"]
        for index, beat in enumerate(thought):
            if play.shows("stall") and index == len(thought) // 2:
                await _for_ever()
            self._generated(count(beat.said))
            await _more(send, beat.data)
            await asyncio.sleep(play.think / len(thought))
        await self._pause("before_content")
        if not await self._give_content(send, parts["content"]):
            return
        for beat in parts["closing"]:
            await _more(send, beat.data)
        await self._finish(send)

    async def _give_content(self, send: Send, content: Sequence[Beat]) -> bool:
        """Send the content, with what happens in its middle; tell whether the stream goes on."""
        # Events that only open or close something are not its middle: half of what is said comes before.
        spoken = [index for index, beat in enumerate(content) if beat.said]
        middle = spoken[len(spoken) // 2] if spoken else len(content)
        await self._give_beats(send, content[:middle])
        await self._pause("in_content")
        if self._play.shows("cut"):
            self._journal.end(self._record, "finished")
            return False
        if self._play.shows("stream-error"):
            await _more(send, self._play.error_beat)
            await self._finish(send)
            return False
        if self._play.shows("invalid-utf8") and spoken:
            said = json.dumps(content[middle].said, ensure_ascii=False)[1:-1].encode()
            await _more(send, b"\xff\xfe\xc3(".join(content[middle].data.rsplit(said, 1)))
        if self._play.shows("invalid-json") and spoken:
            await _more(send, content[middle].data[: len(content[middle].data) * 2 // 3] + b"\n\n")
        await self._give_beats(send, content[middle:])
        return True

    async def _give_beats(self, send: Send, beats: Sequence[Beat]) -> None:
        for beat in beats:
            self._generated(count(beat.said))
            await _more(send, beat.data)
            await asyncio.sleep(0)

    async def _give_whole(self, send: Send) -> None:
        play = self._play
        body = json.dumps(play.whole, ensure_ascii=False).encode()
        await self._pause("before_reasoning")
        await asyncio.sleep(play.think)
        self._generated(sum(count(beat.said) for beat in play.beats if beat.kind == "reasoning"))
        await self._pause("before_content")
        await self._pause("in_content")
        self._generated(play.bill.completion_tokens)
        if play.shows("invalid-utf8"):
            body = body.replace(b"{", b'{"\xff\xfe": 0, ', 1)
        elif play.shows("invalid-json"):
            body = body[: len(body) // 2]
        length = (b"content-length", str(len(body)).encode())
        await _start(send, b"application/json", [*_numbered(self._record), length])
        if play.shows("stall") or play.shows("comments-only"):
            await _for_ever()
        if play.shows("cut"):
            await _more(send, body[: len(body) // 2])
            self._journal.end(self._record, "finished")
            return
        await _more(send, body)
        await self._finish(send)

    async def _pause(self, point: Hold) -> None:
        await self._control.pause(point, self._record, self._journal)

    async def _finish(self, send: Send) -> None:
        if not self._play.shows("stream-error"):
            self._record.usage = self._play.whole["usage"]
            self._record.bill = self._play.bill
        self._journal.end(self._record, "finished")
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive, note: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    note()


async def _start(send: Send, media_type: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    headers = [(b"content-type", media_type), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def _numbered(record: Record) -> list[tuple[bytes, bytes]]:
    return [(name, record.id.encode()) for name in (b"x-request-id", b"request-id")]


def _more(send: Send, data: bytes) -> Awaitable[None]:
    return send({"type": "http.response.body", "body": data, "more_body": True})


async def _for_ever() -> None:
    await asyncio.Event().wait()
