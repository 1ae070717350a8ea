"""Reviews on save: only where the user's own settings say so, only of what is new, and never in the user's way."""

import asyncio
from pathlib import Path
from typing import Any

import pytest_asyncio
from lsprotocol import types

from tests.server.test_review import BARE, HINTS, IDENTITY, hints
from tests.support.editor import Editor, editor
from tests.support.repository import ALONE, repository
from tests.support.sandboxed import Sandbox

OLD = "try:\n\tx = 'é'\nexcept:\n\tx = None\n"
NEW = OLD + "y = x == None\n"


def save(ed: Editor, uri: str) -> None:
    ed.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))


@pytest_asyncio.fixture
async def ed(kimi: Sandbox, tmp_path: Path) -> Any:
    root = repository(tmp_path, {"a.py": OLD, ".kimiignore": "secret.py\n"})
    async with editor({**kimi.environ, **ALONE}, root, reviewOnSave=True) as made:
        yield made


async def test_what_is_new_is_reviewed_and_the_price_is_said_once(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("a.py", OLD)
    save(ed, uri)
    ed.change(uri, len(OLD), len(OLD), NEW[len(OLD) :])
    save(ed, uri)
    await hints(ed, uri, IDENTITY)
    save(ed, uri)
    ed.type(uri, "y = x", "z = x == None\n")
    save(ed, uri)
    await hints(ed, uri, IDENTITY, IDENTITY)
    await ed.run("kimi.cancel", {})
    assert len(await kimi.requests()) == 2
    (message,) = ed.messages
    assert message.startswith("Kimi: a.py was reviewed as it was saved (")
    assert "$" in message
    assert message.endswith(
        "Each save costs about as much, as long as review_on_save is on in your settings."
    )


async def test_an_ignored_file_is_left_alone_without_a_word(ed: Editor, kimi: Sandbox) -> None:
    secret, uri = ed.open("secret.py", NEW), ed.open("a.py", NEW)
    save(ed, secret)
    save(ed, uri)
    await hints(ed, uri, IDENTITY)
    assert len(await kimi.requests()) == 1
    assert len(ed.messages) == 1


async def test_a_newer_save_and_the_user_s_own_requests_take_its_place(ed: Editor, kimi: Sandbox) -> None:
    await kimi.control(hold="before_content")
    uri = ed.open("a.py", NEW)
    save(ed, uri)
    await kimi.wait("held", 1)
    ed.type(uri, "y = x", "z = x == None\n")
    save(ed, uri)
    await kimi.wait("disconnected", 1)
    await kimi.wait("held", 2)
    _, asked = ed.start("kimi.explain", ed.place(uri, "z = x"))
    await kimi.wait("disconnected", 2)
    await kimi.wait("held", 3)
    # A save cancels nothing that the user asked for.
    ed.type(uri, "y = x", "zz = x == None\n")
    save(ed, uri)
    await kimi.control(hold=None)
    await kimi.release()
    assert (await asked)["status"] == "ok"
    await hints(ed, uri, IDENTITY, IDENTITY, IDENTITY)


async def test_outside_of_a_repository_all_of_the_file_is_reviewed(kimi: Sandbox, tmp_path: Path) -> None:
    environ = {**kimi.environ, **ALONE, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    async with editor(environ, tmp_path, reviewOnSave=True) as ed:
        uri = ed.open("a.py", NEW)
        save(ed, uri)
        await hints(ed, uri, BARE, IDENTITY)


async def test_a_workspace_cannot_turn_it_on(kimi: Sandbox, tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": OLD, ".kimi-lsp.toml": "review_on_save = true\n"})
    async with editor({**kimi.environ, **ALONE}, root) as ed:
        uri = ed.open("a.py", NEW)
        save(ed, uri)
        async with asyncio.timeout(30):
            while not any("a workspace may set review_on_save only" in one for one in ed.messages):
                await ed.run("kimi.cancel", {})
        save(ed, uri)
        await ed.run("kimi.cancel", {})
        assert await kimi.requests() == []
        assert HINTS not in ed.told


async def test_the_same_trouble_is_told_once(ed: Editor, kimi: Sandbox) -> None:
    await kimi.control(fault="402")
    uri = ed.open("a.py", NEW)
    save(ed, uri)
    await kimi.wait("finished", 1)
    ed.type(uri, "y = x", "z = 1\n")
    save(ed, uri)
    await kimi.wait("finished", 2)
    await kimi.control(fault=None)
    ed.type(uri, "y = x", "zz = 1\n")
    save(ed, uri)
    await hints(ed, uri, IDENTITY)
    assert len(ed.messages) == 2
    assert "credits" in ed.messages[0]
    assert "as it was saved" in ed.messages[1]
