"""Own actions in a real editor session: in the menu within its limit, as a command, and what is sent for them."""

import asyncio
from typing import Any

import pytest

from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox

SOURCE = "class Größe:\r\n\tdef cents(self):\r\n\t\treturn 1\r\n"
ACTIONS: list[dict[str, Any]] = [
    {"name": "doc", "title": "Say it", "prompt": "Write a docstring for {selection} of {file}, {language}", "languages": ["python"]},
    {"name": "tell", "title": "Tell", "prompt": "What is {instruction}?", "output": "text", "kinds": ["quickfix", "kimi"]},
    {"name": "whole", "title": "All", "prompt": "tidy line {line}", "context": "file", "languages": ["go"]},
]  # fmt: skip


def part(markdown: str, name: str) -> str:
    return markdown.partition(f"<{name}>\n")[2].partition(f"\n</{name}>")[0]


async def test_they_are_offered_where_they_fit_and_the_menu_stays_short(kimi: Sandbox, tmp_path: Any) -> None:
    async with editor(kimi.environ, tmp_path, actions=ACTIONS) as ed:
        uri = ed.open("a.py", SOURCE)
        place = ed.range_of(uri, "return 1")
        assert [one.title for one in await ed.menu(uri, place)] == [
            "Kimi: Refactor selection",
            "Kimi: Say it",
            "Kimi: Tell",
        ]
        (fix,) = await ed.menu(uri, place, only=["quickfix"])
        assert (fix.title, fix.kind) == ("Kimi: Tell", "quickfix.kimi.tell")
        other = ed.open("b.go", "package b\n", "go")
        go = [one.title for one in await ed.menu(other, ed.range_of(other, "package"))]
        assert go == ["Kimi: Refactor selection", "Kimi: Tell", "Kimi: All"]
        told = await ed.pick(await ed.menu(uri, place), "Say it")
        assert told["status"] == "ok", told
        assert '\t\t"""Cents (drafted by the sandbox from the signature)."""\r\n' in ed.buffers[uri]
        (request,) = await kimi.requests()
        sent = request["body"]["messages"][-1]["content"]
        assert (
            part(sent, "instruction") == "Write a docstring for the selection (lines 3 to 3) of a.py, python"
        )
        assert ed.asked[0].label == "Kimi: Say it"
        shown = await ed.run("kimi.showRequest", ed.place(uri, "return 1", name="whole", kind="action"))
        assert shown["status"] == "refused"
        argument = ed.place(other, "package", name="whole", kind="action")
        assert "tidy line 1\n" in (await ed.run("kimi.showRequest", argument))["markdown"]


async def test_a_text_is_told_and_words_are_asked_for(ed: Editor, kimi: Sandbox) -> None:
    async with editor(kimi.environ, ed.root, actions=ACTIONS, ui={"markdown": True}) as second:
        uri = second.open("a.py", SOURCE)
        argument = second.place(uri, "return 1", name="tell")
        without = await second.run("kimi.action", argument)
        assert without["message"] == "Nothing was sent to the model: say in a few words what “Tell” shall do."
        told = await second.run("kimi.action", {**argument, "instruction": "this {file}"})
        assert told["status"] == "ok"
        assert "cents(self)" in told["markdown"]
        assert second.buffers[uri] == SOURCE
        (request,) = await kimi.requests()
        assert part(request["body"]["messages"][-1]["content"], "instruction") == "What is this {file}?"
        unknown = await second.run("kimi.action", {**argument, "name": "none"})
        assert unknown["status"] == "refused"
        language = await second.run("kimi.action", {**argument, "name": "whole"})
        assert language["message"] == "Nothing was sent to the model: the action whole is for go."


@pytest.mark.parametrize(("options", "there"), [({}, False), ({"workspaceTrusted": True}, True)])
async def test_those_of_a_workspace_need_trust(
    options: dict[str, Any], there: bool, kimi: Sandbox, tmp_path: Any
) -> None:
    text = '[[actions]]\nname = "a"\ntitle = "Theirs"\nprompt = "x"\n\n[[actions]]\nname = "b"\ntitle = ""\nprompt = "x"\n'
    (tmp_path / ".kimi-lsp.toml").write_text(text, "utf-8")
    async with editor(kimi.environ, tmp_path, **options) as ed:
        uri = ed.open("a.py", SOURCE)
        menu = await ed.menu(uri, ed.range_of(uri, "return 1"))
        assert ("Kimi: Theirs" in [one.title for one in menu]) is there
        told = await ed.run("kimi.action", ed.place(uri, "return 1", name="a"))
        assert ("no action of this name" in told["message"]) is not there
        said = "line 8 is not usable: title" if there else "not obeyed"
        async with asyncio.timeout(20):
            while not any(said in message for message in ed.messages):
                await ed.run("kimi.cancel", {})
