"""Whole sessions as no editor holds them: edits out of order, held against a plain text, and real processes left half-way."""

import asyncio
import contextlib
import os
import tempfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kimi_lsp.text import Lines, Position
from tests.server.test_unbreakable import PARAMS, REQUESTS, notifications, requests
from tests.support.swift_time import swiftly
from tests.support.talk import agreeable, talk
from tests.support.wire import Wire, wire

URIS = ("file:///nowhere/a.py", "untitled:Untitled-1", "")
WORDS = st.text(st.sampled_from("ab\n\r😀é\u2028\f"), max_size=8)
WHERE = st.builds(
    lambda line, character: {"line": line, "character": character}, st.integers(0, 4), st.integers(0, 9)
)
RANGES = st.builds(lambda one, two: {"start": one, "end": two}, WHERE, WHERE)
CHANGES = st.lists(
    st.one_of(
        st.builds(lambda text: {"text": text}, WORDS),
        st.builds(lambda range_, text: {"range": range_, "text": text}, RANGES, WORDS),
    ),
    max_size=3,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(URIS), st.integers(-1, 5), WORDS),
        st.tuples(st.just("change"), st.sampled_from(URIS), st.integers(-1, 9), CHANGES),
        st.tuples(st.just("change"), st.sampled_from(URIS), st.integers(5, 40), CHANGES),
        st.tuples(st.just("close"), st.sampled_from(URIS), st.none(), st.none()),
    ),
    max_size=20,
)  # fmt: skip


class Plain:
    """One open document as the specification has it: a text, and its version as long as that only grows."""

    def __init__(self, version: int, text: str) -> None:
        self.version, self.text, self.in_step = version, text, True

    def change(self, version: int, changes: list[dict[str, Any]]) -> None:
        if version <= self.version:
            self.in_step = False
        for one in changes:
            if "range" not in one:
                self.text, self.in_step = one["text"], True
            elif self.in_step:
                start, end = sorted(self._offset(one["range"][name]) for name in ("start", "end"))
                self.text = self.text[:start] + one["text"] + self.text[end:]
        if self.in_step:
            self.version = version

    def _offset(self, place: dict[str, int]) -> int:
        return Lines.of(self.text).offset(Position(place["line"], place["character"]), "utf-16")


@given(STEPS)
def test_documents_are_what_the_editor_has_or_are_not_used(steps: list[tuple[str, str, Any, Any]]) -> None:
    async def run() -> None:
        plain: dict[str, Plain] = {}
        async with talk(agreeable) as talking:
            await talking.begin({"capabilities": {}})
            for what, uri, version, more in steps:
                document: dict[str, Any] = {"uri": uri, "version": version}
                if what == "open":
                    plain[uri] = Plain(version, more)
                    item = {**document, "languageId": "python", "text": more}
                    talking.notify("textDocument/didOpen", {"textDocument": item})
                elif what == "change":
                    if uri in plain:
                        plain[uri].change(version, more)
                    params = {"textDocument": document, "contentChanges": more}
                    talking.notify("textDocument/didChange", params)
                else:
                    plain.pop(uri, None)
                    talking.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            kept = {one.uri: one for one in talking.front.desk.documents}
            assert kept.keys() == plain.keys()
            for uri, one in plain.items():
                assert kept[uri].in_step == one.in_step
                if one.in_step:
                    assert kept[uri].snapshot().text == one.text
            assert not [one for one in talking.said if "method" not in one and one["id"] != "initialize"]

    swiftly(run())


@settings(max_examples=max(5, settings().max_examples // 20))
@given(
    st.lists(st.one_of(requests, notifications), max_size=8),
    st.integers(0, 200),
    st.booleans(),
    st.sampled_from(["hang up", "stop reading", "exit", "shut down", "junk"]),
)
def test_a_real_server_ends_whenever_its_client_goes(
    stream: list[Any], cut: int, initialized: bool, leaving: str
) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as home:
            environ = {"HOME": home, "XDG_CONFIG_HOME": home, "KIMI_LSP_STATE": home, "PATH": os.defpath}
            async with wire(environ) as server:
                if initialized:
                    await server.initialize(**{**PARAMS[-1], "processId": None})
                for message in stream:
                    server.send(message)
                await _leave(server, leaving, cut)
                code = await asyncio.wait_for(server.process.wait(), 30)
                assert code == (0 if leaving == "shut down" else 1), (leaving, code)

    asyncio.run(run())


async def _leave(server: Wire, leaving: str, cut: int) -> None:
    if leaving == "shut down":
        if not server.notifications and not await _knows(server):
            await server.initialize()
        assert await server.end() == 0
        return
    if leaving == "exit":
        server.notify("exit")
        return
    if leaving == "junk":
        server.raw(b"Content-Length: x\r\n\r\n")
        return
    # A frame that is never ended.
    server.raw(b"Content-Length: 200\r\n\r\n" + b"[" * cut)
    if leaving == "stop reading":
        server.stop_reading()
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                server.request("more", *REQUESTS[0])
            await server.sent()
    server.hang_up()


async def _knows(server: Wire) -> bool:
    """Tell whether a server was initialized: it says so by the code of its answer."""
    server.request("known", "initialize", {"capabilities": {}})
    return "error" in await server.answer("known")
