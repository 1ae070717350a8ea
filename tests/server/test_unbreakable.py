"""Any stream of messages: each request is answered once, with the right code, and nothing is left behind."""

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.editor import PROFILES
from tests.support.swift_time import swiftly
from tests.support.talk import Answering, Json, Talk, agreeable, silent, talk

URI = "file:///nowhere/a.py"
PLACE = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
FOUND = {"range": PLACE, "message": "m", "severity": 1, "source": "ruff", "code": "F821", "data": {"a": [1]}}
AT = {"textDocument": {"uri": URI}, "range": PLACE}

NOTIFICATIONS: Sequence[tuple[str, Any]] = (
    ("initialized", {}),
    ("textDocument/didOpen", {"textDocument": {"uri": URI, "languageId": "python", "version": 1, "text": "one\ntwo\n"}}),
    ("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"range": PLACE, "text": "😀"}]}),
    ("textDocument/didChange", {"textDocument": {"uri": URI, "version": 3}, "contentChanges": [{"text": "def one():\n    pass\n"}]}),
    ("textDocument/didClose", {"textDocument": {"uri": URI}}),
    ("$/cancelRequest", {"id": 3}),
    ("$/setTrace", {"value": "verbose"}),
    ("window/workDoneProgress/cancel", {"token": "kimi-1"}),
    ("workspace/didChangeConfiguration", {"settings": {"kimi": {"preview": "always", "exclude": ["*.x"]}}}),
    ("workspace/didChangeWorkspaceFolders", {"event": {"added": [{"uri": "file:///nowhere/b", "name": "b"}], "removed": [{"uri": "file:///nowhere", "name": "n"}]}}),
    ("notebookDocument/didOpen", {"notebookDocument": {"uri": "x:1", "notebookType": "n", "version": 1, "cells": []}, "cellTextDocuments": []}),
    ("no/suchNotification", {"a": 1}),
)  # fmt: skip
REQUESTS: Sequence[tuple[str, Any]] = (
    ("textDocument/codeAction", {**AT, "context": {"diagnostics": [FOUND], "triggerKind": 1, "only": ["quickfix"]}}),
    ("textDocument/codeAction", {**AT, "context": {"diagnostics": [FOUND], "triggerKind": 2}}),
    ("workspace/executeCommand", {"command": "kimi.explain", "arguments": [{"uri": URI, "range": PLACE}]}),
    ("workspace/executeCommand", {"command": "kimi.fix", "arguments": [{"uri": URI, "range": PLACE, "diagnostics": [FOUND]}]}),
    ("workspace/executeCommand", {"command": "kimi.refactor", "arguments": [{"uri": URI, "range": PLACE, "instruction": "x", "images": ["a.png"], "tools": True, "search": False}]}),
    ("workspace/executeCommand", {"command": "kimi.implement", "arguments": [{"uri": URI, "range": PLACE}]}),
    ("workspace/executeCommand", {"command": "kimi.refactor", "arguments": [{"uri": URI, "range": PLACE, "instruction": "x", "alternatives": 2}]}),
    ("workspace/executeCommand", {"command": "kimi.ask", "arguments": [{"uri": URI, "range": PLACE, "instruction": "x"}]}),
    ("workspace/executeCommand", {"command": "kimi.document", "arguments": [{"uri": URI, "range": PLACE}]}),
    ("workspace/executeCommand", {"command": "kimi.doComment", "arguments": [{"uri": URI, "range": PLACE}]}),
    ("workspace/executeCommand", {"command": "kimi.renameBetter", "arguments": [{"uri": URI, "range": PLACE}]}),
    ("workspace/executeCommand", {"command": "kimi.writeTests", "arguments": [{"uri": URI, "range": PLACE}]}),
    ("workspace/executeCommand", {"command": "kimi.action", "arguments": [{"uri": URI, "range": PLACE, "name": "a"}]}),
    ("workspace/executeCommand", {"command": "kimi.commitMessage", "arguments": [{"uri": URI, "instruction": "x"}]}),
    ("workspace/executeCommand", {"command": "kimi.cancel", "arguments": [{"job": "kimi-1", "uri": URI}]}),
    ("workspace/executeCommand", {"command": "kimi.showRequest", "arguments": [{"uri": URI, "range": PLACE, "kind": "fix"}]}),
    ("workspace/executeCommand", {"command": "kimi.usage", "arguments": [{}]}),
    ("workspace/textDocumentContent", {"uri": "kimi:/explain/1.md"}),
    ("initialize", {"capabilities": {}}),
)  # fmt: skip
UNKNOWN = (
    "no/such",
    "textDocument/hover",
    "textDocument/didOpen",
    "initialized",
    "$/setTrace",
    "workspace/applyEdit",
)
ANSWER = json.dumps(
    {"summary": "s", "edits": [{"file": "a.py", "search": "two", "replace": "three", "line": 2}]}
)

odd_ids: st.SearchStrategy[Any] = st.sampled_from([None, True, 1.5, [], {}, [1]])
ids = st.one_of(st.integers(1, 4), st.sampled_from(["", "a", "\ud800", 10**30]))
junk: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 7, 10**30, 1.5, float("inf"), "", "x", "\ud800", "\0", "file://[", "file:///%00", "initialized",
     [], {}, [[]], [None], {"a": 1}, {"jsonrpc": "2.0", "id": 1, "method": "no/such"}]
).map(copy.deepcopy)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every part of a JSON value."""
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*path, name))


@st.composite
def mutated(draw: st.DrawFn, messages: Sequence[Json]) -> Json:
    """Take a real message and put something wrong in one or two of its places."""
    message = copy.deepcopy(draw(st.sampled_from(messages)))
    for _ in range(draw(st.integers(0, 2))):
        found = list(places(message.get("params"), ("params",)))
        *path, last = draw(st.sampled_from(found))
        holder: Any = message
        for name in path:
            holder = holder[name]
        if draw(st.booleans()) or isinstance(holder, list):
            holder[last] = draw(junk)
        else:
            holder.pop(last, None)
    return message


def framed(method: str, params: Any) -> Json:
    return {"jsonrpc": "2.0", "method": method, "params": params}


notifications = mutated([framed(*one) for one in NOTIFICATIONS])
requests = st.builds(
    lambda message, identity: {**message, "id": identity}, mutated([framed(*one) for one in REQUESTS]), ids
)
unknown = st.builds(
    lambda name, identity: {**framed(name, {}), "id": identity}, st.sampled_from(UNKNOWN), ids
)
answers = st.builds(
    lambda identity, rest: {"jsonrpc": "2.0", "id": identity, **rest},
    st.one_of(ids, odd_ids),
    st.sampled_from(
        [{"result": {}}, {"result": None}, {"error": None}, {"error": 3}, {"error": {"code": 1}}]
    ),
)
broken: st.SearchStrategy[Any] = st.one_of(
    junk,
    st.builds(lambda message, identity: {**message, "id": identity}, requests, odd_ids),
    st.builds(lambda message, version: {**message, "jsonrpc": version}, requests, junk),
    st.builds(lambda message, method: {**message, "method": method}, requests, junk),
    ids.map(lambda identity: {"jsonrpc": "2.0", "id": identity}),
)
streams = st.lists(
    st.one_of(requests, requests, notifications, notifications, unknown, answers, broken), max_size=12
)


@st.composite
def clients(draw: st.DrawFn) -> Answering:
    """Return a client that answers each kind of question well, badly or never."""
    manner = draw(
        st.sampled_from(["well", "never", "with junk", "with an error", "without a result", "twice"])
    )
    nonsense = draw(junk)

    def answer(question: Json) -> Any:
        match manner:
            case "well" if question["method"] == "kimi/preview":
                return {"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept"}}
            case "well" | "twice":
                return agreeable(question)
            case "with junk":
                return {"jsonrpc": "2.0", "id": question["id"], "result": nonsense}
            case "with an error":
                return {"jsonrpc": "2.0", "id": question["id"], "error": nonsense}
            case "without a result":
                return {"jsonrpc": "2.0", "id": question["id"]}
        return silent(question)

    return answer


PARAMS: Sequence[Json] = [
    {"capabilities": {}},
    *(json.loads(file.read_text("utf-8")) for file in sorted(Path(PROFILES).glob("*.json"))),
]
beginnings = mutated([framed("initialize", {**one, "processId": None}) for one in PARAMS])


def due(message: Any) -> list[Any]:
    """Return the ids of the answers that a message must get: one or none."""
    if not isinstance(message, dict):
        return [None]
    identity = message.get("id")
    told = identity if isinstance(identity, int | str) and not isinstance(identity, bool) else None
    answers_us = "result" in message or "error" in message
    if message.get("jsonrpc") == "2.0" and "method" not in message:
        return [] if answers_us else [told]
    return [told] if "id" in message or "method" not in message else []


def owed(stream: Sequence[Any]) -> list[str]:
    return sorted(json.dumps(one) for message in stream for one in due(message))


def given_(talking: Talk) -> list[str]:
    return sorted(json.dumps(one["id"]) for one in talking.said if "method" not in one)


def sound(talking: Talk) -> None:
    for one in talking.said:
        if "method" not in one:
            assert ("result" in one) != ("error" in one), one
            assert one.get("error", {}).get("code") in (None, -32600, -32601, -32602, -32002, -32800), one


@given(stream=streams, client=clients(), previews=st.booleans())
def test_any_stream_in_the_middle(stream: list[Any], client: Answering, previews: bool) -> None:
    options = {"ui": {"preview": previews}, "actions": [{"name": "a", "title": "A", "prompt": "a"}]}

    async def run() -> None:
        async with talk(client, ANSWER) as talking:
            await talking.begin({**PARAMS[-1], "initializationOptions": options})
            before = len(talking.said)
            for message in stream:
                talking.send(copy.deepcopy(message))
            await talking.quiet()
            del talking.said[:before]
            assert given_(talking) == owed(stream)
            sound(talking)
            talking.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
            talking.request("alive", *REQUESTS[0])
            assert talking.answers("alive") == [{"jsonrpc": "2.0", "id": "alive", "result": None}]
            talking.nothing_is_left()
            await ends(talking)

    swiftly(run())


@given(
    stream=st.lists(st.one_of(requests, notifications, unknown, answers, broken), max_size=20),
    client=clients(),
)
def test_nothing_but_a_command_asks_the_model(stream: list[Any], client: Answering) -> None:
    """No menu, no change, no opened document, whatever the client is and says."""
    (opened,) = [one for one in NOTIFICATIONS if one[0] == "textDocument/didOpen"]
    menus = [one for one in REQUESTS if one[0] == "textDocument/codeAction"]

    async def run() -> None:
        async with talk(client, ANSWER) as talking:
            await talking.begin(PARAMS[-1])
            talking.notify(*opened)
            talking.request("usage", "workspace/executeCommand", {"command": "kimi.usage", "arguments": [{}]})
            for number, menu in enumerate(menus):
                talking.request(f"menu {number}", *menu)
            for message in stream:
                if not (isinstance(message, dict) and message.get("method") == "workspace/executeCommand"):
                    talking.send(copy.deepcopy(message))
            await talking.quiet()
            assert talking.answers("menu 0")[0]["result"]
            assert talking.model.asked == 0
            talking.nothing_is_left()

    swiftly(run())


@given(beginning=beginnings, early=streams, late=streams)
def test_any_stream_before_any_initialize_and_after_shutdown(
    beginning: Json, early: list[Any], late: list[Any]
) -> None:
    async def run() -> None:
        async with talk(agreeable) as talking:
            early_ones = [
                one for one in early if not (isinstance(one, dict) and one.get("method") == "initialize")
            ]
            for message in early_ones:
                talking.send(copy.deepcopy(message))
            await talking.quiet()
            assert given_(talking) == owed(early_ones)
            for one in talking.said:
                assert one["error"]["code"] in (-32002, -32600), one
            talking.said.clear()
            talking.send({**beginning, "id": "first"})
            await talking.quiet()
            (answer,) = talking.answers("first")
            if "error" in answer:
                assert answer["error"]["code"] == -32602
                talking.request("second", "initialize", {"capabilities": {}})
                assert len(talking.answers("second")) == 1
            talking.notify("initialized", {})
            await talking.quiet()
            agrees(talking, beginning if "error" not in answer else {"params": {}})
            await ends(talking)
            talking.said.clear()
            for message in late:
                talking.send(copy.deepcopy(message))
            await talking.quiet()
            assert given_(talking) == owed(late)
            for one in talking.said:
                assert one["error"]["code"] == -32600, one
            talking.nothing_is_left()

    swiftly(run())


def agrees(talking: Talk, beginning: Json) -> None:
    """Check that what the client was told is what both halves go by."""
    assert talking.full.protocol.encoding == talking.front.desk.encoding, beginning


async def ends(talking: Talk) -> None:
    assert await talking.ended() == [{"jsonrpc": "2.0", "id": "bye", "result": None}]
    assert talking.front.exit_code == 0
