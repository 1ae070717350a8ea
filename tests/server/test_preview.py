"""`kimi/preview`: an edit is seen before it is made. It is taken, in part or whole, left, or asked for again."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox

SOURCE = '''\
"""Prices in €."""


def first(value: int) -> int:
    return value


def total(lines: list[int]) -> str:
    return json.dumps({"😀": sum(lines)})


def last(name=[]) -> str:
    return name
'''
FIXED = SOURCE.replace('"""Prices in €."""\n', '"""Prices in €."""\n\nimport json\n')
Json = dict[str, Any]


@pytest_asyncio.fixture
async def seen(kimi: Sandbox, tmp_path: Path) -> AsyncGenerator[Editor, None]:
    async with editor(kimi.environ, tmp_path, ui={"preview": True}, preview="always") as ed:
        yield ed


def undefined(ed: Editor, uri: str) -> Json:
    severity = types.DiagnosticSeverity.Error
    return ed.diagnostic(uri, "json", "Undefined name `json`", code="F821", source="ruff", severity=severity)


async def fix(ed: Editor, uri: str) -> Json:
    answer: Json = await ed.run("kimi.fix", ed.place(uri, "json", diagnostics=[undefined(ed, uri)]))
    return answer


async def fix_default(ed: Editor, uri: str, *more: Json) -> Json:
    message = "Do not use mutable data structures for argument defaults"
    severity = types.DiagnosticSeverity.Warning
    found = ed.diagnostic(uri, "[]) ->", message, code="B006", source="ruff", severity=severity)
    answer: Json = await ed.run("kimi.fix", ed.place(uri, "name=[]", diagnostics=[found, *more]))
    return answer


def answering(ed: Editor, *answers: Any) -> None:
    left = list(answers)

    async def answer(_preview: Json) -> Any:
        return left.pop(0)

    ed.preview = answer


async def test_an_edit_is_seen_before_it_is_made(seen: Editor) -> None:
    uri = seen.open("cart.py", SOURCE)
    answering(seen, {"action": "accept"})
    assert (await fix(seen, uri))["status"] == "ok"
    assert seen.buffers[uri] == FIXED
    (shown,) = seen.previews
    (file,) = shown["files"]
    assert (file["uri"], file["kind"]) == (uri, "edit")
    assert (file["before"], file["after"]) == (SOURCE, FIXED)
    assert "+import json" in file["diff"]
    assert "(sandbox)" in shown["summary"]
    assert "$" in shown["cost"]
    # The preview was the question: the editor is not to ask another one.
    assert seen.questions == []
    annotations = seen.asked[0].edit.change_annotations or {}
    assert not any(one.needs_confirmation for one in annotations.values())


@pytest.mark.parametrize(
    "answer",
    [
        {"action": "reject"},
        {"action": "perhaps"},
        {},
        None,
        [1],
        {"action": 1},
        {"action": "accept", "hunks": []},
        {"action": "accept", "hunks": {"file:///other.py": [0]}},
        {"action": "accept", "hunks": {"URI": [7]}},
        {"action": "accept", "hunks": {"URI": [True]}},
        {"action": "accept", "hunks": {"URI": "0"}},
    ],
    ids=str,
)
async def test_an_edit_that_is_not_taken_is_not_made(answer: Any, seen: Editor) -> None:
    uri = seen.open("cart.py", SOURCE)
    if isinstance(answer, dict) and isinstance(answer.get("hunks"), dict):
        answer = {
            **answer,
            "hunks": {name.replace("URI", uri): kept for name, kept in answer["hunks"].items()},
        }
    answering(seen, answer)
    result = await fix(seen, uri)
    assert result["status"] == "refused"
    assert "nothing was changed" in result["message"].lower()
    assert seen.buffers[uri] == SOURCE
    assert seen.asked == []


async def test_another_answer_goes_on_with_the_same_conversation(seen: Editor, kimi: Sandbox) -> None:
    uri = seen.open("cart.py", SOURCE)
    answering(
        seen,
        {"action": "again", "remark": "put it first, sk-abcdefghijklmnop0123456789"},
        {"action": "accept"},
    )
    assert (await fix(seen, uri))["status"] == "ok"
    assert seen.buffers[uri] == FIXED
    first, second = (one["body"]["messages"] for one in await kimi.requests())
    assert second[: len(first)] == first
    model, user = second[len(first) :]
    assert model["role"] == "assistant"
    assert model["reasoning_content"]
    assert "put it first" in str(user["content"])
    assert "sk-abcdefghijklmnop0123456789" not in str(user["content"])
    # What was asked for twice is paid twice, and the second preview says so.
    assert seen.previews[0]["cost"] != seen.previews[1]["cost"]


async def test_only_the_hunks_that_were_kept_are_made(seen: Editor) -> None:
    uri = seen.open("shop.py", SOURCE)
    answering(seen, {"action": "accept", "hunks": {uri: [0]}})
    answer = await fix_default(seen, uri, undefined(seen, uri))
    (file,) = seen.previews[0]["files"]
    hunks = file["hunks"]
    lines = SOURCE.splitlines(keepends=True)
    for hunk in hunks:
        assert "".join(lines[hunk["start"] : hunk["end"]]) == hunk["before"]
    assert len(hunks) > 1
    first = hunks[0]
    expected = "".join([*lines[: first["start"]], first["after"], *lines[first["end"] :]])
    assert answer["status"] == "ok", answer
    assert seen.buffers[uri] == expected


async def test_no_hunk_at_all_changes_nothing(seen: Editor) -> None:
    uri = seen.open("cart.py", SOURCE)
    answering(seen, {"action": "accept", "hunks": {uri: []}})
    assert (await fix(seen, uri))["status"] == "ok"
    assert seen.buffers[uri] == SOURCE


async def test_what_is_typed_while_a_preview_is_open_stays(seen: Editor) -> None:
    uri = seen.open("cart.py", SOURCE)

    async def type_and_accept(_preview: Json) -> Json:
        seen.type(uri, "def last", "# typed meanwhile 😀\n")
        return {"action": "accept"}

    seen.preview = type_and_accept
    assert (await fix(seen, uri))["status"] == "ok"
    assert seen.buffers[uri] == FIXED.replace("def last", "# typed meanwhile 😀\ndef last")


async def test_typing_in_the_same_lines_while_a_preview_is_open_refuses_it(seen: Editor) -> None:
    uri = seen.open("cart.py", SOURCE)

    async def type_and_accept(_preview: Json) -> Json:
        seen.type(uri, "name=[]", "names=[]", replace=True)
        return {"action": "accept"}

    seen.preview = type_and_accept
    answer = await fix_default(seen, uri)
    assert answer["status"] == "stale"
    assert seen.buffers[uri] == SOURCE.replace("name=[]", "names=[]")
    assert seen.asked == []


async def test_cancelling_takes_an_open_preview_back(seen: Editor) -> None:
    uri = seen.open("cart.py", SOURCE)
    opened, closed = asyncio.Event(), asyncio.Event()

    async def never(_preview: Json) -> Any:
        opened.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            closed.set()
            raise

    seen.preview = never
    fixing = asyncio.ensure_future(fix(seen, uri))
    await opened.wait()
    await seen.run("kimi.cancel", {"uri": uri})
    assert (await fixing)["status"] == "cancelled"
    await closed.wait()
    assert seen.buffers[uri] == SOURCE


async def test_an_open_preview_holds_up_no_other_request_on_the_document(seen: Editor) -> None:
    uri = seen.open("cart.py", SOURCE)

    async def ask_elsewhere_first(_preview: Json) -> Json:
        if len(seen.previews) == 1:
            assert (await fix_default(seen, uri))["status"] == "ok"
            assert "name=[]" not in seen.buffers[uri]
        return {"action": "accept"}

    seen.preview = ask_elsewhere_first
    assert (await fix(seen, uri))["status"] == "ok"
    assert "import json" in seen.buffers[uri]
    assert "name=[]" not in seen.buffers[uri]


async def test_a_client_that_gets_no_late_answer_sees_previews_too(kimi: Sandbox, tmp_path: Path) -> None:
    shows = {"preview": True, "status": True}
    async with editor(kimi.environ, tmp_path, ui=shows, preview="always", commands="detached") as ed:
        uri = ed.open("cart.py", SOURCE)
        answering(ed, {"action": "accept"})
        started = await fix(ed, uri)
        assert started["status"] == "started"
        await ed.until("kimi/status", lambda told: told["jobs"] == 1)
        async with ed.heard:
            await ed.heard.wait_for(lambda: ed.told["kimi/status"][-1]["jobs"] == 0)
        assert [one["job"] for one in ed.previews] == [started["job"]]
        assert ed.buffers[uri] == FIXED


async def test_without_doubts_nothing_is_shown_unless_it_is_always_wanted(
    kimi: Sandbox, tmp_path: Path
) -> None:
    async with editor(kimi.environ, tmp_path, ui={"preview": True}, preview="auto") as ed:
        uri = ed.open("cart.py", SOURCE)
        assert (await fix(ed, uri))["status"] == "ok"
        assert ed.previews == []
        assert ed.buffers[uri] == FIXED
