"""What an editor without a preview of its own is asked before an edit, the diff as a document, and a stale edit's way on."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio
from lsprotocol import types

from tests.support.answering import Answering
from tests.support.editor import Editor, editor, profile

SOURCE = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
NEOVIM = profile("neovim-0.11.4")


def answer(search: str, replace: str) -> dict[str, Any]:
    edit = {"file": "a.py", "search": search, "replace": replace, "line": None}
    return {"summary": "Shifted.", "edits": [edit], "files": []}


TEN = answer("    return 1\n", "    return 10\n")


@pytest_asyncio.fixture
async def model() -> AsyncGenerator[Answering, None]:
    scripted = Answering()
    async with scripted.listening():
        yield scripted


@pytest_asyncio.fixture
async def ed(model: Answering, tmp_path: Path) -> AsyncGenerator[Editor, None]:
    environ = {**model.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    async with editor(environ, tmp_path, NEOVIM, preview="always") as running:
        yield running


async def refactor(ed: Editor, uri: str, part: str = "def one():\n    return 1\n") -> Any:
    return await ed.run("kimi.refactor", ed.place(uri, part, instruction="shift"))


def choosing(ed: Editor, *answers: str | Callable[[], str]) -> None:
    left = list(answers)

    async def choose(_params: types.ShowMessageRequestParams) -> str | None:
        answer = left.pop(0)
        return answer if isinstance(answer, str) else answer()

    ed.choose = choose


def titles(ed: Editor) -> list[list[str]]:
    return [[action.title for action in question.actions or []] for question in ed.questions]


async def test_the_diff_is_shown_and_the_question_is_put_again(
    ed: Editor, model: Answering, tmp_path: Path
) -> None:
    model.answers(TEN)
    uri = ed.put("a.py", SOURCE)
    choosing(ed, "Show diff", "Apply")
    assert (await refactor(ed, uri))["status"] == "ok"
    assert ed.buffers[uri] == SOURCE.replace("return 1", "return 10")
    assert titles(ed) == [["Apply", "Show diff", "Discard"], ["Apply", "Discard"]]
    (shown,) = ed.client.shown_documents
    (file,) = tmp_path.glob("cache/**/*.diff")
    assert ed.file(shown.uri) == file
    text = file.read_text("utf-8")
    assert text.startswith("--- a/a.py\n+++ b/a.py\n@@ ")
    assert "-    return 1\n+    return 10\n" in text


async def test_what_was_seen_and_is_not_wanted_is_not_made(ed: Editor, model: Answering) -> None:
    model.answers(TEN)
    uri = ed.put("a.py", SOURCE)
    choosing(ed, "Show diff", "Discard")
    told = await refactor(ed, uri)
    assert told == {"status": "refused", "message": "The edit was declined; nothing was changed."}
    assert ed.buffers[uri] == SOURCE
    assert ed.asked == []


async def test_an_editor_with_virtual_documents_needs_no_file(model: Answering, tmp_path: Path) -> None:
    model.answers(TEN)
    plain = profile("vscode-1.100.3")
    del plain["capabilities"]["workspace"]["workspaceEdit"]["changeAnnotationSupport"]
    async with editor(model.environ, tmp_path, plain, preview="always") as ed:
        uri = ed.put("a.py", SOURCE)
        choosing(ed, "Show diff", "Apply")
        assert (await refactor(ed, uri))["status"] == "ok"
        (shown,) = ed.client.shown_documents
        assert shown.uri.startswith("kimi:/diff/")
        params = types.TextDocumentContentParams(shown.uri)
        assert "+    return 10" in (await ed.client.workspace_text_document_content_async(params)).text


async def test_an_editor_that_shows_no_documents_is_told_where_the_diff_is(
    model: Answering, tmp_path: Path
) -> None:
    model.answers(TEN)
    environ = {**model.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    params = profile("emacs-28.2-eglot-1.9")
    async with editor(environ, tmp_path, params, preview="always", commands="attached") as ed:
        uri = ed.put("a.py", SOURCE)
        choosing(ed, "Show diff", "Apply")
        assert (await refactor(ed, uri))["status"] == "ok"
        (file,) = tmp_path.glob("cache/**/*.diff")
        assert ed.questions[1].message == f"Kimi: Refactor. Shifted. The whole text is in {file}. Apply it?"


async def test_a_part_that_fits_can_be_seen_first(ed: Editor, model: Answering) -> None:
    wrong = answer("    return 33\n", "    return 30\n")["edits"]
    half = {**TEN, "edits": [*TEN["edits"], *wrong]}
    model.answers(half, half)
    uri = ed.put("a.py", SOURCE)
    choosing(ed, "Show diff", "Apply the one that fits")
    assert (await refactor(ed, uri))["status"] == "ok"
    assert ed.buffers[uri] == SOURCE.replace("return 1", "return 10")


def overtyping(ed: Editor, uri: str, then: str) -> Callable[[], str]:
    def act() -> str:
        ed.type(uri, "return 1", "return 11", replace=True)
        return then

    return act


async def test_a_stale_edit_is_asked_for_again_about_the_text_as_it_is_now(
    ed: Editor, model: Answering
) -> None:
    model.answers(TEN, answer("    return 11\n", "    return 110\n"))
    uri = ed.put("a.py", SOURCE)
    choosing(ed, overtyping(ed, uri, "Apply"), "Show diff", "Ask again", "Apply")
    assert (await refactor(ed, uri))["status"] == "ok"
    assert ed.buffers[uri] == SOURCE.replace("return 1", "return 110")
    assert titles(ed)[1:3] == [["Ask again", "Show diff", "Discard"], ["Ask again", "Discard"]]
    assert "line 2" in ed.questions[1].message
    again = str(model.asked[1]["messages"])
    assert "return 11\\n" in again
    assert "return 1\\n" not in again
    # Nothing but the two questions told of it.
    assert ed.messages == []


async def test_a_stale_edit_that_is_let_go_stays_stale(ed: Editor, model: Answering) -> None:
    model.answers(TEN)
    uri = ed.put("a.py", SOURCE)
    choosing(ed, overtyping(ed, uri, "Apply"), "Discard")
    told = await refactor(ed, uri)
    assert told["status"] == "stale"
    assert ed.buffers[uri] == SOURCE.replace("return 1", "return 11")
    assert len(model.asked) == 1
    assert ed.messages == []


async def test_a_question_holds_up_no_other_request_on_the_document(ed: Editor, model: Answering) -> None:
    model.answers(TEN, answer("    return 2\n", "    return 20\n"))
    uri = ed.put("a.py", SOURCE)
    other: list[asyncio.Future[Any]] = []

    async def choose(params: types.ShowMessageRequestParams) -> str | None:
        if not other:
            _, begun = ed.start("kimi.refactor", ed.place(uri, "def two():\n    return 2\n"))
            other.append(begun)
            # While this question stands, the other is asked about, taken and made.
            assert (await begun)["status"] == "ok"
            assert ed.buffers[uri] == SOURCE.replace("return 2", "return 20")
        return "Apply"

    ed.choose = choose
    assert (await refactor(ed, uri))["status"] == "ok"
    assert ed.buffers[uri] == SOURCE.replace("return 1", "return 10").replace("return 2", "return 20")
    assert titles(ed) == [["Apply", "Show diff", "Discard"]] * 2


async def test_another_request_on_the_same_lines_takes_the_question_back(
    ed: Editor, model: Answering
) -> None:
    model.answers(TEN, TEN)
    uri = ed.put("a.py", SOURCE)
    stands, ended = asyncio.Event(), asyncio.Event()

    async def choose(_params: types.ShowMessageRequestParams) -> str | None:
        if not stands.is_set():
            stands.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
        return "Apply"

    ed.choose = choose
    first = asyncio.ensure_future(refactor(ed, uri))
    await stands.wait()
    assert (await refactor(ed, uri))["status"] == "ok"
    assert (await first)["status"] == "cancelled"
    await ended.wait()
    assert ed.buffers[uri] == SOURCE.replace("return 1", "return 10")
