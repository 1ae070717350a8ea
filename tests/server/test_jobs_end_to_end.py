"""From the menu to the buffer: a real server over stdio, a real stream over HTTP, an editor with its own buffer."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.support.editor import PROFILES, Editor, editor, profile
from tests.support.sandboxed import Sandbox

SOURCE = '''\
"""Prices in €."""


def first() -> int:
    return 1


def total(lines: list[int]) -> str:
    return json.dumps({"😀": sum(lines)})


def last(name: str) -> str:
    return name
'''
MESSAGE = "Undefined name `json`"
FIXED = SOURCE.replace('"""Prices in €."""\n', '"""Prices in €."""\n\nimport json\n')


def problem(ed: Editor, uri: str) -> types.Diagnostic:
    return types.Diagnostic(
        ed.range_of(uri, "json"), MESSAGE, severity=types.DiagnosticSeverity.Error, code="F821", source="ruff"
    )


async def fix_by_menu(ed: Editor, uri: str) -> dict[str, Any]:
    found = problem(ed, uri)
    return await ed.pick(await ed.menu(uri, found.range, [found]), "Kimi: Fix")


async def start_fix(ed: Editor, uri: str) -> tuple[int, Any]:
    found = problem(ed, uri)
    action = (await ed.menu(uri, found.range, [found]))[0]
    assert action.command is not None
    assert action.command.arguments
    return ed.start(action.command.command, action.command.arguments[0])


@pytest.mark.parametrize("client", sorted(path.stem for path in PROFILES.glob("*.json")))
async def test_a_fix_lands_in_every_client(client: str, kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path, profile(client), commands="attached") as ed:
        uri = ed.open("cart.py", SOURCE)
        answer = await fix_by_menu(ed, uri)
        assert answer["status"] == "ok", answer
        assert ed.buffers[uri] == FIXED
        assert len(ed.asked) == 1
        assert ed.messages == []


async def test_the_edit_is_one_versioned_change(ed: Editor) -> None:
    uri = ed.open("cart.py", SOURCE)
    await fix_by_menu(ed, uri)
    (asked,) = ed.asked
    assert asked.label is not None
    assert asked.label.startswith("Kimi: ")
    assert asked.edit.changes is None
    (change,) = asked.edit.document_changes or []
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == 1


async def test_typing_elsewhere_while_it_thinks_lands_on_the_right_lines(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("cart.py", SOURCE)
    await kimi.control(hold="before_content")
    _, answer = await start_fix(ed, uri)
    await kimi.wait("held")
    ed.type(uri, "def last", "# typed meanwhile 😀\n")
    ed.type(uri, "return 1", "return 2", replace=True)
    await kimi.release()
    assert (await answer)["status"] == "ok"
    expected = FIXED.replace("def last", "# typed meanwhile 😀\ndef last").replace("return 1", "return 2")
    assert ed.buffers[uri] == expected


async def test_the_document_is_taken_at_the_moment_of_the_command(ed: Editor, kimi: Sandbox) -> None:
    asked, agreed = asyncio.Event(), asyncio.Event()

    async def slow_to_agree(params: types.WorkDoneProgressCreateParams) -> None:
        ed.client.progress_reports[params.token] = []
        asked.set()
        await agreed.wait()

    ed.client.protocol.fm.features[types.WINDOW_WORK_DONE_PROGRESS_CREATE] = slow_to_agree
    uri = ed.open("cart.py", SOURCE)
    _, answer = await start_fix(ed, uri)
    await asked.wait()
    ed.type(uri, "def first", "# typed above\n\n\n")
    agreed.set()
    assert (await answer)["status"] == "ok"
    assert ed.buffers[uri] == FIXED.replace("def first", "# typed above\n\n\ndef first")
    (request,) = await kimi.requests()
    shown = request["body"]["messages"][-1]["content"]
    assert "typed above" not in str(shown)
    assert f"line {SOURCE[: SOURCE.index('json')].count(chr(10)) + 1}, " in str(shown)


async def test_typing_into_the_same_lines_is_refused_with_the_reason(ed: Editor, kimi: Sandbox) -> None:
    text = "def same(value: object) -> bool:\n    return value == None\n"
    uri = ed.open("same.py", text)
    found = ed.diagnostic(
        uri,
        "value == None",
        "Comparison to `None`",
        severity=types.DiagnosticSeverity.Warning,
        code="E711",
        source="ruff",
    )
    await kimi.control(hold="before_content")
    _, answer = ed.start("kimi.fix", ed.place(uri, "value == None", diagnostics=[found]))
    await kimi.wait("held")
    ed.type(uri, "value == None", "not ")
    await kimi.release()
    told = await answer
    assert told["status"] == "stale"
    assert "line 2" in told["message"]
    assert ed.buffers[uri] == text.replace("value ==", "not value ==")
    assert ed.asked == []
    (question,) = ed.questions
    assert question.message == f"Kimi: Fix “Comparison to `None`”: {told['message']}"
    assert ed.messages == []


async def test_progress_tells_the_phases_without_a_percentage(ed: Editor) -> None:
    uri = ed.open("cart.py", SOURCE)
    await fix_by_menu(ed, uri)
    begin, *reports, end = ed.progress
    assert isinstance(begin, types.WorkDoneProgressBegin)
    assert begin.cancellable
    assert begin.percentage is None
    assert isinstance(end, types.WorkDoneProgressEnd)
    phases = [report.message.partition("…")[0] for report in reports]
    assert phases[0] in ("waiting", "thinking")
    assert "thinking" in phases
    assert "writing" in phases
    assert phases[-1] == "checking"


@pytest.mark.parametrize("way", ["request", "progress", "command", "action"])
async def test_each_way_to_cancel_closes_the_stream(way: str, ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("cart.py", SOURCE)
    await kimi.control(hold="before_content")
    identity, answer = await start_fix(ed, uri)
    await kimi.wait("held")
    if way == "request":
        ed.client.cancel_request(types.CancelParams(identity))
    elif way == "progress":
        (token,) = ed.client.progress_reports
        ed.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    elif way == "command":
        await ed.run("kimi.cancel", {})
    else:
        menu = await ed.menu(uri, ed.range_of(uri, "first"))
        await ed.pick(menu, "Kimi: Cancel")
    await kimi.wait("disconnected")
    if way == "request":
        with pytest.raises(Exception, match="cancelled"):
            await answer
    else:
        assert (await answer)["status"] == "cancelled"
    assert ed.buffers[uri] == SOURCE
    assert ed.messages == []
    assert isinstance(ed.progress[-1], types.WorkDoneProgressEnd)
    await kimi.control(hold=None)
    assert (await fix_by_menu(ed, uri))["status"] == "ok"


async def test_closing_the_document_stops_the_request(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("cart.py", SOURCE)
    await kimi.control(hold="before_content")
    _, answer = await start_fix(ed, uri)
    await kimi.wait("held")
    ed.close(uri)
    await kimi.wait("disconnected")
    assert (await answer)["status"] == "cancelled"


async def test_a_second_request_on_the_same_lines_supersedes_the_first(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("cart.py", SOURCE)
    await kimi.control(hold="before_content")
    _, first = await start_fix(ed, uri)
    await kimi.wait("held")
    await kimi.control(hold=None)
    _, second = await start_fix(ed, uri)
    assert (await first)["status"] == "cancelled"
    assert (await second)["status"] == "ok"
    assert ed.buffers[uri] == FIXED


async def test_shutdown_with_a_request_under_way_is_clean(kimi: Sandbox, tmp_path: Path) -> None:
    await kimi.control(hold="before_content")
    async with editor(kimi.environ, tmp_path) as ed:
        uri = ed.open("cart.py", SOURCE)
        _, answer = await start_fix(ed, uri)
        await kimi.wait("held")
    await kimi.wait("disconnected")
    with pytest.raises(Exception, match="cancelled"):
        await answer


FAILURES = {
    "401": "key",
    "402": "credit",
    "429": "",
    "500": "",
    "502-html": "",
    "cut": "",
    "invalid-json": "",
    "not-json-answer": "",
    "truncated-json": "",
    "empty-length": "",
}


@pytest.mark.parametrize("fault", sorted(FAILURES))
async def test_a_failure_is_one_sentence_and_the_server_goes_on(
    fault: str, ed: Editor, kimi: Sandbox
) -> None:
    uri = ed.open("cart.py", SOURCE)
    await kimi.control(fault="429:0" if fault == "429" else fault)
    told = await fix_by_menu(ed, uri)
    assert told["status"] == "failed"
    assert FAILURES[fault] in told["message"]
    assert ed.messages == [f"Kimi: {told['message']}"]
    assert ed.buffers[uri] == SOURCE
    await kimi.control(fault=None)
    assert (await fix_by_menu(ed, uri))["status"] == "ok"
    assert ed.buffers[uri] == FIXED


async def test_each_failure_has_a_sentence_of_its_own(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("cart.py", SOURCE)
    sentences = []
    for fault in FAILURES:
        await kimi.control(fault="429:0" if fault == "429" else fault)
        sentences.append((await fix_by_menu(ed, uri))["message"])
    # A 500 and a 502 are the same to a person, but for the status; the rest differ in words.
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"KIMI_LSP_API_KEY": ""}, "EMPIRIOLABS_API_KEY"),
        ({"KIMI_LSP_API_KEY": "sk-wrong"}, "key"),
        ({"KIMI_LSP_BASE_URL": "http://127.0.0.1:9"}, "cannot be reached"),
    ],
)
async def test_no_key_wrong_key_no_host(
    change: dict[str, str], word: str, kimi: Sandbox, tmp_path: Path
) -> None:
    async with editor({**kimi.environ, **change}, tmp_path) as ed:
        uri = ed.open("cart.py", SOURCE)
        told = await fix_by_menu(ed, uri)
        assert told["status"] == "failed"
        assert word in told["message"]
        assert "sk-wrong" not in told["message"]
        assert ed.buffers[uri] == SOURCE
        assert len(ed.messages) == 1
        assert await ed.menu(uri, ed.range_of(uri, "first"))


async def test_an_ignored_file_is_not_sent(ed: Editor, kimi: Sandbox) -> None:
    (ed.root / ".kimiignore").write_text("secret*.py\n", "utf-8")
    uri = ed.open("secret_cart.py", SOURCE)
    told = await fix_by_menu(ed, uri)
    assert told["status"] == "refused"
    assert ".kimiignore" in told["message"]
    assert await kimi.requests() == []


async def test_crlf_and_the_final_newline_survive(ed: Editor) -> None:
    uri = ed.open("cart.py", SOURCE.replace("\n", "\r\n").rstrip())
    assert (await fix_by_menu(ed, uri))["status"] == "ok"
    assert ed.buffers[uri] == FIXED.replace("\n", "\r\n").rstrip()


async def test_a_client_that_never_answers_loses_nothing(kimi: Sandbox, tmp_path: Path) -> None:
    mute = {**profile("vscode-1.100.3"), "capabilities": {"workspace": {"applyEdit": False}}}
    async with editor(kimi.environ, tmp_path, mute, commands="attached") as ed:
        ed.answers_apply_edit = False
        uri = ed.open("cart.py", SOURCE)
        assert (await fix_by_menu(ed, uri))["status"] == "ok"
        assert ed.buffers[uri] == FIXED


async def test_a_detached_client_is_answered_at_once(kimi: Sandbox, tmp_path: Path) -> None:
    await kimi.control(hold="before_content")
    async with editor(kimi.environ, tmp_path, profile("emacs-28.2-eglot-1.9")) as ed:
        uri = ed.open("cart.py", SOURCE)
        told = await fix_by_menu(ed, uri)
        assert told["status"] == "started"
        assert told["job"]
        await kimi.wait("held")
        assert ed.messages == ["Kimi: Fix is under way; it may take a minute. kimi.cancel stops it."]
        assert (await ed.run("kimi.cancel", {"job": told["job"]}))["status"] == "ok"
        await kimi.wait("disconnected")


async def test_what_the_sandbox_cannot_do_is_said_and_nothing_is_changed(ed: Editor) -> None:
    uri = ed.open("cart.py", SOURCE)
    told = await ed.run("kimi.refactor", ed.place(uri, "return name", instruction="translate it to French"))
    assert told["status"] == "refused"
    assert "sandbox" in told["message"]
    assert ed.buffers[uri] == SOURCE
