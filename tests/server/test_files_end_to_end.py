"""Files that come, change, move and go: from the model's answer to an editor with buffers and a real folder."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.support.answering import Answering
from tests.support.editor import Editor, editor, profile

SHOP = "PRICE = 1\n\n\ndef total(n):\n    return n * PRICE\n"
NEW = "PRICE = 1\n"
MOVED = "from app.prices import PRICE\n\n\ndef total(n):\n    return n * PRICE\n"


def answer(*files: dict[str, Any], edits: bool = True) -> dict[str, Any]:
    edit = {
        "file": "app/shop.py",
        "search": "PRICE = 1\n\n\ndef total(n):",
        "replace": "from app.prices import PRICE\n\n\ndef total(n):",
        "line": 1,
    }
    return {"summary": "Moved the price.", "edits": [edit] if edits else [], "files": list(files)}


def create(path: str = "app/prices.py", text: str = NEW) -> dict[str, Any]:
    return {"action": "create", "path": path, "new_path": None, "text": text}


def rename(path: str, new_path: str) -> dict[str, Any]:
    return {"action": "rename", "path": path, "new_path": new_path, "text": None}


def delete(path: str) -> dict[str, Any]:
    return {"action": "delete", "path": path, "new_path": None, "text": None}


@pytest_asyncio.fixture
async def model() -> AsyncGenerator[Answering, None]:
    scripted = Answering()
    async with scripted.listening():
        yield scripted


@pytest_asyncio.fixture
async def ed(model: Answering, tmp_path: Path) -> AsyncGenerator[Editor, None]:
    async with editor(model.environ, tmp_path) as running:
        yield running


async def refactor(ed: Editor, uri: str) -> Any:
    return await ed.run("kimi.refactor", ed.place(uri, "PRICE = 1", instruction="move the price"))


def operations(ed: Editor) -> list[str]:
    (asked,) = ed.asked
    return [str(getattr(part, "kind", "edit")) for part in asked.edit.document_changes or []]


async def test_a_new_file_and_an_edit_land_together(ed: Editor, model: Answering) -> None:
    model.answers(answer(create()))
    uri = ed.put("app/shop.py", SHOP)
    told = await refactor(ed, uri)
    assert told["status"] == "ok", told
    assert told["message"].startswith(
        "Moved the price. app/shop.py: 1 change; app/prices.py: new file, 1 line. ("
    )
    assert ed.buffers[uri] == MOVED
    assert ed.buffers[(ed.root / "app/prices.py").as_uri()] == NEW
    assert operations(ed) == ["edit", "create", "edit"]
    assert ed.messages == []
    schema = model.asked[0]["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["summary", "edits", "files"]


async def test_what_is_typed_meanwhile_stays(ed: Editor, model: Answering) -> None:
    model.answers(answer(create()))
    model.gate.clear()
    uri = ed.put("app/shop.py", SHOP)
    _, waiting = ed.start("kimi.refactor", ed.place(uri, "PRICE = 1"))
    await model.came.wait()
    ed.type(uri, "def total", "# mine\n")
    model.gate.set()
    told = await waiting
    # The edit quotes both neighbours of what it replaces; a line that came between them is kept.
    assert told["status"] == "ok", told
    assert ed.buffers[uri] == MOVED.replace("def total", "# mine\ndef total")


async def test_the_document_itself_is_renamed_and_its_closing_does_not_cancel(
    ed: Editor, model: Answering
) -> None:
    model.answers(answer(rename("app/shop.py", "app/till.py"), create()))
    uri = ed.put("app/shop.py", SHOP)
    told = await refactor(ed, uri)
    assert told["status"] == "ok", told
    assert uri not in ed.buffers
    assert ed.buffers[(ed.root / "app/till.py").as_uri()] == MOVED
    assert not (ed.root / "app/shop.py").exists()
    assert operations(ed) == ["edit", "create", "edit", "rename"]


async def test_a_deletion_is_confirmed_by_the_editor_where_it_can(ed: Editor, model: Answering) -> None:
    model.answers(answer(delete("app/old.py")))
    ed.put("app/old.py", "gone = True\n")
    uri = ed.put("app/shop.py", SHOP)
    assert (await refactor(ed, uri))["status"] == "ok"
    assert not (ed.root / "app/old.py").exists()
    (annotation,) = (ed.asked[0].edit.change_annotations or {}).values()
    assert annotation.needs_confirmation
    assert annotation.description == "Moved the price. app/shop.py: 1 change; app/old.py: deleted."
    assert ed.questions == []


@pytest.mark.parametrize("meanwhile", ["gone = True\n", "kept = True\n"])
async def test_what_no_editor_has_open_is_looked_at_after_the_question(
    meanwhile: str, ed: Editor, model: Answering
) -> None:
    """An editor that asks compares the versions of what is open when it is answered, and nothing else."""
    model.answers(answer(delete("app/old.py")))
    (ed.root / "app").mkdir()
    old = ed.root / "app/old.py"
    old.write_text("gone = True\n")
    uri = ed.put("app/shop.py", SHOP)

    async def takes_its_time(_params: types.ShowMessageRequestParams) -> str | None:
        old.write_text(meanwhile)
        return "Apply"

    ed.choose = takes_its_time
    told = await refactor(ed, uri)
    if meanwhile.startswith("gone"):
        assert (told["status"], old.exists(), ed.buffers[uri]) == ("ok", False, MOVED)
        (annotation,) = (ed.asked[0].edit.change_annotations or {}).values()
        assert not annotation.needs_confirmation
    else:
        assert (
            told["message"]
            == "Nothing was changed: old.py was changed on disk meanwhile; it was not written."
        )
        assert (told["status"], ed.asked, ed.buffers[uri]) == ("stale", [], SHOP)
        assert old.read_text() == meanwhile


@pytest.mark.parametrize("choice", ["Apply", "Discard"])
@pytest.mark.parametrize(
    ("change", "word"),
    [
        (delete("app/old.py"), "It deletes app/old.py."),
        (create(".github/ci.yml", "a: 1\n"), ".github/ci.yml"),
    ],
)
async def test_elsewhere_a_message_asks_first(
    choice: str, change: dict[str, Any], word: str, model: Answering, tmp_path: Path
) -> None:
    model.answers(answer(change))
    async with editor(model.environ, tmp_path, profile("neovim-0.11.4")) as ed:
        (ed.root / "app").mkdir()
        (ed.root / "app/old.py").write_text("gone = True\n")
        uri = ed.put("app/shop.py", SHOP)

        async def chooses(params: types.ShowMessageRequestParams) -> str | None:
            return choice

        ed.choose = chooses
        told = await refactor(ed, uri)
        (question,) = ed.questions
        assert word in question.message
        done = choice == "Apply"
        assert told["status"] == ("ok" if done else "refused"), told
        assert (ed.buffers[uri] == MOVED) == done
        assert (ed.root / "app/old.py").exists() == (not done or change["action"] == "create")
        assert (ed.root / ".github/ci.yml").exists() == (done and change["action"] == "create")


async def test_a_client_without_the_operation_is_told_so_and_nothing_changes(
    model: Answering, tmp_path: Path
) -> None:
    model.answers(answer(create()), answer(create()))
    some = profile("vscode-1.100.3")
    some["capabilities"]["workspace"]["workspaceEdit"]["resourceOperations"] = ["rename"]
    async with editor(model.environ, tmp_path, some) as ed:
        uri = ed.put("app/shop.py", SHOP)
        told = await refactor(ed, uri)
        assert told["status"] == "refused"
        assert ed.messages == [
            "Kimi: Nothing was changed: this editor cannot create files for a language server."
        ]
        assert (ed.buffers[uri], ed.asked) == (SHOP, [])


async def test_a_client_without_any_operation_is_never_offered_files(
    model: Answering, tmp_path: Path
) -> None:
    model.answers(answer(create()), {**answer(edits=True), "summary": "Only here."})
    async with editor(model.environ, tmp_path, profile("emacs-28.2-eglot-1.9"), commands="attached") as ed:
        uri = ed.put("app/shop.py", SHOP)
        assert (await refactor(ed, uri))["status"] == "ok"
        schema = model.asked[0]["response_format"]["json_schema"]["schema"]
        assert list(schema["properties"]) == ["summary", "edits"]
        assert "the editor cannot create one; do without it" in str(model.asked[1]["messages"][-1])
        assert ed.buffers[uri] == MOVED


@pytest.mark.parametrize(
    "change",
    [
        create("../out.py"),
        create("/etc/out.py"),
        create(".git/hooks/post-checkout"),
        create("app/SHOP.py"),
        create("app/there.py"),
        create("link/out.py"),
        create("build/out.py"),
        rename("app/shop.py", "app/there.py"),
        delete("app/none.py"),
    ],
    ids=lambda change: change["new_path"] or change["path"],
)
async def test_what_may_not_be_is_refused_and_nothing_is_asked_of_the_editor(
    change: dict[str, Any], ed: Editor, model: Answering, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (ed.root / "app").mkdir()
    (ed.root / "app/there.py").write_text("")
    (ed.root / ".gitignore").write_text("build/\n")
    outside = tmp_path_factory.mktemp("outside")
    (ed.root / "link").symlink_to(outside, target_is_directory=True)
    model.answers(answer(change), answer(change))
    uri = ed.put("app/shop.py", SHOP)
    told = await refactor(ed, uri)
    assert told["status"] == "refused", told
    assert told["message"].startswith("Nothing was changed: ")
    assert (ed.asked, ed.questions, list(outside.iterdir())) == ([], [], [])
    assert ed.messages == [f"Kimi: {told['message']}"]


async def test_an_editor_that_stops_in_the_middle_is_told_of(ed: Editor, model: Answering) -> None:
    model.answers(answer(create()))
    ed.breaks_at = 1
    uri = ed.put("app/shop.py", SHOP)
    told = await refactor(ed, uri)
    assert told["status"] == "failed"
    assert "Changed: app/shop.py. Not changed: app/prices.py." in told["message"]
    assert ed.buffers[uri] == MOVED


async def test_a_file_that_came_meanwhile_is_not_overwritten(ed: Editor, model: Answering) -> None:
    model.answers(answer(create()), answer(create()))
    model.gate.clear()
    uri = ed.put("app/shop.py", SHOP)
    _, waiting = ed.start("kimi.refactor", ed.place(uri, "PRICE = 1"))
    await model.came.wait()
    (ed.root / "app/prices.py").write_text("mine\n")
    model.gate.set()
    told = await waiting
    assert told["status"] == "refused"
    assert told["message"] == "Nothing was changed: app/prices.py exists already."
    assert (ed.root / "app/prices.py").read_text() == "mine\n"
    assert (ed.buffers[uri], ed.asked) == (SHOP, [])
