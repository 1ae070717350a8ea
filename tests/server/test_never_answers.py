"""A client that does not answer: every wait ends, nothing is kept, and what comes too late is ignored."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.editor import profile
from tests.support.swift_time import swiftly
from tests.support.talk import Json, Talk, agreeable, silent, talk

URI = "file:///nowhere/a.py"
PLACE = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}}
EDIT = json.dumps(
    {"summary": "s", "edits": [{"file": "a.py", "search": "two", "replace": "three", "line": 2}]}
)
VSCODE = profile("vscode-1.100.3")


def client(**options: Any) -> Json:
    given = {**VSCODE, "processId": None, "rootUri": None, "workspaceFolders": None}
    return {**given, "initializationOptions": {"commands": "attached", **options}}


async def asked(talking: Talk, method: str) -> Json:
    """Return the first question of a kind, once it has come."""
    for _ in range(1000):
        if talking.asked(method):
            break
        await asyncio.sleep(0.01)
    return talking.asked(method)[0]


def opened(talking: Talk, uri: str = URI) -> None:
    item = {"uri": uri, "languageId": "python", "version": 1, "text": "one\ntwo\n"}
    talking.notify("textDocument/didOpen", {"textDocument": item})


def command(talking: Talk, name: str, identity: int = 1, **more: Any) -> None:
    argument = {"uri": URI, "range": PLACE, "instruction": "x", **more}
    talking.request(identity, "workspace/executeCommand", {"command": name, "arguments": [argument]})


QUESTIONS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "window/workDoneProgress/create": ("kimi.explain", {}),
    "window/showDocument": ("kimi.explain", {}),
    "workspace/applyEdit": ("kimi.refactor", {}),
    "window/showMessageRequest": ("kimi.refactor", {"preview": "always"}),
    "kimi/preview": ("kimi.refactor", {"preview": "always", "ui": {"preview": True}}),
}


def all_but(method: str) -> Any:
    return lambda question: None if question["method"] == method else agreeable(question)


def params_for(method: str) -> Json:
    params = client(**QUESTIONS[method][1])
    if method == "window/showMessageRequest":
        # An editor that cannot ask by itself.
        workspace = {**params["capabilities"]["workspace"], "workspaceEdit": {"documentChanges": True}}
        params = {**params, "capabilities": {**params["capabilities"], "workspace": workspace}}
    if method == "window/showDocument":
        params["capabilities"]["workspace"].pop("textDocumentContent", None)
    return params


@pytest.mark.parametrize("method", QUESTIONS)
def test_a_question_that_is_never_answered_ends_and_leaves_nothing(method: str) -> None:
    async def run() -> None:
        async with talk(all_but(method), EDIT) as talking:
            await talking.begin(params_for(method))
            opened(talking)
            command(talking, QUESTIONS[method][0])
            question = await asked(talking, method)
            await talking.quiet()
            (answer,) = talking.answers(1)
            assert answer["result"]["status"] in ("ok", "refused")
            talking.nothing_is_left()
            told = [one["params"]["id"] for one in talking.asked("$/cancelRequest")]
            assert question["id"] in told
            before = len(talking.said)
            talking.send(agreeable(question))
            talking.send({"jsonrpc": "2.0", "id": question["id"], "error": {"code": 1, "message": "late"}})
            await talking.quiet()
            assert len(talking.said) == before
            talking.nothing_is_left()

    swiftly(run())


@pytest.mark.parametrize("method", QUESTIONS)
def test_a_job_is_cancelled_while_it_waits_for_an_answer(method: str) -> None:
    async def run() -> None:
        async with talk(all_but(method), EDIT) as talking:
            await talking.begin(params_for(method))
            opened(talking)
            command(talking, QUESTIONS[method][0])
            question = await asked(talking, method)
            talking.notify("$/cancelRequest", {"id": 1})
            await asyncio.sleep(0.1)
            assert [one["error"]["code"] for one in talking.answers(1)] == [-32800]
            assert [one["params"]["id"] for one in talking.asked("$/cancelRequest")] == [question["id"]]
            talking.nothing_is_left()
            began = [one for one in talking.asked("$/progress") if one["params"]["value"]["kind"] == "begin"]
            ended = [one for one in talking.asked("$/progress") if one["params"]["value"]["kind"] == "end"]
            assert len(began) == len(ended) == (method != "window/workDoneProgress/create")

    swiftly(run())


def test_a_client_that_answers_nothing_at_all_is_served() -> None:
    async def run() -> None:
        async with talk(silent, EDIT) as talking:
            await talking.begin(client())
            opened(talking)
            for identity in range(1, 6):
                command(talking, "kimi.explain", identity)
                command(talking, "kimi.refactor", 100 + identity)
                await talking.quiet()
                talking.nothing_is_left()
                assert len(talking.answers(identity)) == len(talking.answers(100 + identity)) == 1

    swiftly(run())


def test_an_edit_for_a_client_that_says_it_takes_none_is_not_waited_for() -> None:
    async def run() -> None:
        async with talk(silent, EDIT) as talking:
            await talking.begin({"capabilities": {}, "initializationOptions": {"commands": "attached"}})
            opened(talking)
            command(talking, "kimi.refactor")
            await asked(talking, "workspace/applyEdit")
            change = {"range": PLACE, "text": "three"}
            identity = {"uri": URI, "version": 2}
            talking.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": [change]})
            await asyncio.sleep(1)
            assert talking.answers(1)[0]["result"]["status"] == "ok"
            await talking.quiet()
            talking.nothing_is_left()

    swiftly(run())


@pytest.mark.parametrize("unread", [0, 1024 * 1024])
def test_a_client_that_is_slow_to_read_is_told_what_it_asked_for_and_nothing_on_the_way(unread: int) -> None:
    """What is on its way is told anew all the time, and would be kept for it without an end."""
    options = {"progress": "client", "ui": {"stream": True, "markdown": True}}

    async def run() -> None:
        async with talk(agreeable, "It adds.") as talking:
            await talking.begin(client(**options))
            opened(talking)
            talking.unread = unread
            command(talking, "kimi.explain")
            await talking.quiet()
            (answer,) = talking.answers(1)
            assert answer["result"]["status"] == "ok"
            told = {
                method: [one["params"]["done"] for one in talking.asked(method)]
                for method in ("kimi/progress", "kimi/explaining")
            }
            assert all(done[-1:] == [True] for done in told.values())
            assert (told["kimi/explaining"] == [True]) == bool(unread)
            assert (told["kimi/progress"] == [False, True]) == bool(unread)

    swiftly(run())


def test_notifications_leave_nothing_behind() -> None:
    async def run() -> None:
        async with talk(silent) as talking:
            await talking.begin(client())
            for _ in range(10):
                talking.notify("$/setTrace", {"value": "off"})
                talking.notify("workspace/didChangeConfiguration", {"settings": {}})
            await talking.quiet()
            talking.nothing_is_left()

    swiftly(run())


def test_the_end_of_the_connection_ends_all_questions() -> None:
    async def run() -> None:
        async with talk(all_but("workspace/applyEdit"), EDIT) as talking:
            await talking.begin(client())
            opened(talking)
            command(talking, "kimi.refactor")
            await asked(talking, "workspace/applyEdit")
            talking.request(2, "shutdown")
            command(talking, "kimi.explain", 3)
            await asyncio.sleep(0.1)
            assert talking.answers(2) == [{"jsonrpc": "2.0", "id": 2, "result": None}]
            assert talking.answers(3)[0]["error"]["code"] == -32600
            assert talking.answers(1)[0]["error"]["code"] == -32800
            talking.nothing_is_left()

    swiftly(run())
