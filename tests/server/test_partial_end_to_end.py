"""An answer of which only some edits fit: the rest is offered, never made unasked, and told in one message in all."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest_asyncio
from lsprotocol import types

from tests.support.answering import Answering
from tests.support.editor import Editor, editor, profile

SOURCE = "def one():\n    return 1\n\n\ndef two():\n    return 2\n\n\ndef three():\n    return 3\n"
SENTENCE = "2 of 3 edits fit; the third does not: "
TAKE = "Apply the 2 that fit"


def edit(search: str, replace: str) -> dict[str, Any]:
    return {"file": "a.py", "search": search, "replace": replace, "line": None}


THREE = {
    "summary": "Shifted.",
    "edits": [
        edit("    return 1\n", "    return 10\n"),
        edit("    return 2\n", "    return 20\n"),
        edit("    return 33\n", "    return 30\n"),
    ],
    "files": [],
}
TWO_OF_THREE = SOURCE.replace("return 1", "return 10").replace("return 2", "return 20")


@pytest_asyncio.fixture
async def model() -> AsyncGenerator[Answering, None]:
    scripted = Answering()
    scripted.answers(THREE, THREE)
    async with scripted.listening():
        yield scripted


@pytest_asyncio.fixture
async def ed(model: Answering, tmp_path: Path) -> AsyncGenerator[Editor, None]:
    async with editor(model.environ, tmp_path) as running:
        yield running


async def refactor(ed: Editor, uri: str) -> Any:
    return await ed.run("kimi.refactor", ed.place(uri, SOURCE, instruction="shift"))


async def takes(params: types.ShowMessageRequestParams) -> str | None:
    return TAKE


async def test_what_fits_is_made_once_the_user_says_so(ed: Editor) -> None:
    uri = ed.put("a.py", SOURCE)
    ed.choose = takes
    told = await refactor(ed, uri)
    assert told["status"] == "ok"
    assert told["message"].startswith(SENTENCE)
    assert ed.buffers[uri] == TWO_OF_THREE
    (question,) = ed.questions
    assert question.message.startswith(f"Kimi: Refactor: {SENTENCE}the lines to replace were not found")
    assert [action.title for action in question.actions or []] == [TAKE, "Show diff", "Leave it"]
    assert ed.messages == []


async def test_declined_is_refused_and_nothing_more_is_said(ed: Editor) -> None:
    uri = ed.put("a.py", SOURCE)
    told = await refactor(ed, uri)
    assert told["status"] == "refused"
    assert told["message"].startswith("Nothing was changed: ")
    assert ed.buffers[uri] == SOURCE
    assert ed.asked == []
    assert len(ed.questions) == 1
    assert ed.messages == []


async def test_what_the_user_types_while_the_question_stands_stays(ed: Editor) -> None:
    uri = ed.put("a.py", SOURCE)

    async def types_first(params: types.ShowMessageRequestParams) -> str | None:
        ed.type(uri, "def one", "# typed\n")
        return TAKE

    ed.choose = types_first
    assert (await refactor(ed, uri))["status"] == "ok"
    assert ed.buffers[uri] == "# typed\n" + TWO_OF_THREE


async def test_what_the_user_changes_meanwhile_is_not_overwritten(ed: Editor) -> None:
    uri = ed.put("a.py", SOURCE)

    async def changes_the_line(params: types.ShowMessageRequestParams) -> str | None:
        if len(ed.questions) > 1:
            return "Discard"
        ed.type(uri, "return 2", "return 22", replace=True)
        return TAKE

    ed.choose = changes_the_line
    told = await refactor(ed, uri)
    assert told["status"] == "stale"
    assert ed.buffers[uri] == SOURCE.replace("return 2", "return 22")


async def test_a_client_that_cannot_be_asked_gets_the_plain_message(model: Answering, tmp_path: Path) -> None:
    mute = {**profile("vscode-1.100.3"), "capabilities": {"workspace": {"applyEdit": False}}}
    async with editor(model.environ, tmp_path, mute, commands="attached") as ed:
        uri = ed.put("a.py", SOURCE)
        told = await refactor(ed, uri)
        assert told["status"] == "refused"
        assert ed.questions == []
        assert ed.messages == [f"Kimi: {told['message']}"]
        assert ed.buffers[uri] == SOURCE


async def test_a_detached_client_is_asked_too(model: Answering, tmp_path: Path) -> None:
    async with editor(model.environ, tmp_path, commands="detached") as ed:
        uri = ed.put("a.py", SOURCE)
        ed.choose = takes
        assert (await refactor(ed, uri))["status"] == "started"
        await ed.client.wait_for_notification(types.WINDOW_SHOW_MESSAGE)
        assert ed.buffers[uri] == TWO_OF_THREE
        assert len(ed.messages) == 1
        assert SENTENCE in ed.messages[0]


async def test_a_client_with_previews_is_asked_by_one(model: Answering, tmp_path: Path) -> None:
    async with editor(model.environ, tmp_path, ui={"preview": True}, preview="never") as ed:
        uri = ed.put("a.py", SOURCE)

        async def accept(_preview: dict[str, Any]) -> Any:
            return {"action": "accept"}

        assert (await refactor(ed, uri))["status"] == "refused"
        model.answers(*[THREE] * 4)
        ed.preview = accept
        assert (await refactor(ed, uri))["status"] == "ok"
        assert ed.buffers[uri] == TWO_OF_THREE
        assert [one["trouble"].startswith(SENTENCE) for one in ed.previews] == [True, True]
        assert (ed.questions, ed.messages) == ([], [])
