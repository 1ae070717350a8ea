"""`kimi.implement` and pictures, in a real editor session against a sandbox: the menu, what is sent, what is refused."""

import base64
from typing import Any

import pytest
from lsprotocol import types

from tests.support import pictures
from tests.support.editor import Editor
from tests.support.sandboxed import Sandbox

COMMENT = "# kimi: build the login form, see mockups/form.png\n"
SOURCE = f"import html\n\n{COMMENT}def form() -> str:\n    ...\n\n\ndef other() -> int:\n    return two\n"


def picture(ed: Editor, name: str = "mockups/form.png", data: bytes = pictures.PNG) -> None:
    path = ed.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


async def sent(kimi: Sandbox) -> list[dict[str, Any]]:
    (request,) = await kimi.requests()
    content = request["body"]["messages"][-1]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


async def titles(ed: Editor, uri: str, part: str, *problems: types.Diagnostic) -> list[str]:
    return [action.title for action in await ed.menu(uri, ed.range_of(uri, part), problems)]


async def test_it_is_offered_first_where_code_is_missing(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("a.py", SOURCE)
    cursor = types.Range(types.Position(4, 7), types.Position(4, 7))
    assert [action.title for action in await ed.menu(uri, cursor)] == [
        "Kimi: Implement",
        "Kimi: Refactor this function",
        "Kimi: Explain",
    ]
    assert (await titles(ed, uri, "def form() -> str:\n    ..."))[0] == "Kimi: Implement"
    assert await titles(ed, uri, "return two") == ["Kimi: Refactor selection", "Kimi: Explain"]
    assert await kimi.requests() == []


async def test_the_menu_stays_at_three_entries(ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    found = types.Diagnostic(ed.range_of(uri, SOURCE), "Bad", severity=types.DiagnosticSeverity.Error)
    assert await titles(ed, uri, "return two", found) == [
        "Kimi: Fix “Bad”",
        "Kimi: Refactor selection",
        "Kimi: Explain",
    ]
    assert await titles(ed, uri, "def form() -> str:\n    ...", found) == [
        "Kimi: Fix “Bad”",
        "Kimi: Implement",
        "Kimi: Refactor selection",
    ]


@pytest.mark.parametrize(
    ("only", "offered"),
    [("refactor", True), ("refactor.rewrite.kimi", True), ("quickfix", False), ("kimi", False)],
)
async def test_only_is_honoured(only: str, offered: bool, ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    menu = await ed.menu(uri, ed.range_of(uri, "..."), only=[only])
    assert ("refactor.rewrite.kimi.implement" in [action.kind for action in menu]) is offered


async def test_nothing_is_offered_unasked(ed: Editor) -> None:
    uri = ed.open("a.py", SOURCE)
    automatic = types.CodeActionTriggerKind.Automatic
    assert await ed.menu(uri, ed.range_of(uri, "..."), (), automatic) == []


async def test_the_comment_and_its_picture_are_sent_and_an_edit_lands(ed: Editor, kimi: Sandbox) -> None:
    picture(ed)
    uri = ed.open("a.py", SOURCE)
    menu = await ed.menu(uri, ed.range_of(uri, "..."))
    told = await ed.pick(menu, "Kimi: Implement")
    assert told["status"] == "ok", told
    assert "def login_form_see()" in ed.buffers[uri]
    text, image = await sent(kimi)
    assert "<instruction>\nbuild the login form, see mockups/form.png\n</instruction>" in text["text"]
    assert '<image path="mockups/form.png" type="image/png">' in text["text"]
    url = image["image_url"]["url"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == pictures.PNG
    waiting = [one.message for one in ed.progress if isinstance(one, types.WorkDoneProgressReport)]
    assert "waiting… – sending mockups/form.png (1 KiB)" in waiting


@pytest.mark.parametrize("command", ["kimi.explain", "kimi.refactor", "kimi.implement"])
async def test_pictures_are_taken_as_paths_and_as_uris(command: str, ed: Editor, kimi: Sandbox) -> None:
    picture(ed)
    picture(ed, "b.png", pictures.png(3, 3))
    uri = ed.open("a.py", SOURCE)
    images = ["mockups/form.png", (ed.root / "b.png").as_uri()]
    told = await ed.run(command, ed.place(uri, "return two", instruction="guard clauses", images=images))
    assert told["status"] in ("ok", "refused"), told
    assert [part["type"] for part in await sent(kimi)] == ["text", "image_url", "image_url"]


async def test_a_picture_that_cannot_be_sent_stops_the_request(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("a.py", SOURCE)
    told = await ed.run("kimi.implement", ed.place(uri, "..."))
    assert told["status"] == "refused"
    assert told["message"] == (
        "There is no file mockups/form.png in the workspace. Nothing was sent to the model; "
        "a name that is no more than a name goes in backquotes."
    )
    picture(ed)
    (ed.root / ".kimiignore").write_text("*.png\n", "utf-8")
    ignored = await ed.run("kimi.explain", ed.place(uri, "return two", images=["mockups/form.png"]))
    assert ignored["status"] == "refused"
    assert ignored["message"].startswith("mockups/form.png is excluded by .kimiignore.")
    assert ed.messages == [f"Kimi: {told['message']}", f"Kimi: {ignored['message']}"]
    assert await kimi.requests() == []
    assert ed.buffers[uri] == SOURCE


async def test_a_wrong_argument_is_said_and_the_server_goes_on(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("a.py", SOURCE)
    with pytest.raises(Exception, match="takes one object"):
        await ed.run("kimi.explain", ed.place(uri, "return two", images=None))
    told = await ed.run("kimi.explain", ed.place(uri, "return two", images=[1]))
    assert told["status"] == "refused"
    assert await kimi.requests() == []
    assert (await ed.run("kimi.explain", ed.place(uri, "return two")))["status"] == "ok"
