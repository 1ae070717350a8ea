"""The ladder by which an explanation reaches the user."""

from pathlib import Path

from lsprotocol import types

from tests.support.editor import Editor, editor, profile
from tests.support.sandboxed import Sandbox

SOURCE = "def delivery(cents: int) -> int:\n    return 0 if cents > 100 else 5\n"


async def explain(ed: Editor) -> dict[str, str]:
    uri = ed.open("cart.py", SOURCE)
    told = await ed.pick(await ed.menu(uri, ed.range_of(uri, SOURCE)), "Kimi: Explain")
    assert told["status"] == "ok", told
    return told


async def test_markdown_in_the_answer_for_a_client_that_shows_it(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path, ui={"markdown": True}) as ed:
        told = await explain(ed)
        assert "delivery" in told["markdown"]
        assert "sandbox" in told["markdown"]
        assert ed.client.shown_documents == []


async def test_a_virtual_document_where_the_client_has_them(ed: Editor) -> None:
    await explain(ed)
    (shown,) = ed.client.shown_documents
    assert shown.uri.startswith("kimi:/explain/")
    text = await ed.client.workspace_text_document_content_async(types.TextDocumentContentParams(shown.uri))
    assert "delivery" in text.text


async def test_a_file_where_documents_can_be_shown(kimi: Sandbox, tmp_path: Path) -> None:
    environ = {**kimi.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    async with editor(environ, tmp_path, profile("neovim-0.11.4")) as ed:
        await explain(ed)
        (shown,) = ed.client.shown_documents
        assert shown.uri.startswith("file:")
        (file,) = tmp_path.glob("cache/**/*.md")
        assert "delivery" in file.read_text("utf-8")


async def test_a_message_for_the_rest(kimi: Sandbox, tmp_path: Path) -> None:
    environ = {**kimi.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    async with editor(environ, tmp_path, profile("emacs-28.2-eglot-1.9"), commands="attached") as ed:
        await explain(ed)
        (message,) = ed.messages
        assert "delivery" in message
