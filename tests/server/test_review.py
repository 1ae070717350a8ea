"""`kimi.review` in real sessions: hints that stay with the text, fixes from memory, and what is dismissed stays so."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from kimi_lsp.server.capabilities import initialize_result
from tests.server.test_show_request import fenced
from tests.support.editor import Editor, editor, profile
from tests.support.repository import ALONE, put, repository
from tests.support.sandboxed import Sandbox

PYTHON = (
    "import os\r\n\r\n\r\nclass Äpfel:\r\n\tclass Kern:\r\n\t\tdef größe(self, x=[]):\r\n"
    '\t\t\ttry:\r\n\t\t\t\treturn "€😀" == None, x\r\n\t\t\texcept:\r\n\t\t\t\treturn x\r\n'
)
SCRIPT = 'function größe() {\r\n\tdebugger;\r\n\treturn "€😀";\r\n}\r\n'
UNUSED, DEFAULT, IDENTITY, BARE, DEBUGGER = (
    f"{reason} (sandbox)"
    for reason in (
        "`os` is imported but not used",
        "All calls share this mutable default",
        "A class may say what `==` None means; compare by `is`",
        "A bare except also catches an interruption",
        "A `debugger` was left behind",
    )
)
HINTS = types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
AUTOMATIC = types.CodeActionTriggerKind.Automatic


async def hints(ed: Editor, uri: str, *reasons: str) -> dict[str, Any]:
    """Return what was published last, once it is about the present version and holds just these."""

    def fits(told: dict[str, Any]) -> bool:
        found = [one["message"] for one in told["diagnostics"]]
        return (told["uri"], told.get("version"), found) == (uri, ed.versions[uri], list(reasons))

    return await ed.until(HINTS, fits)


async def action(ed: Editor, uri: str, part: str, title: str) -> types.CodeAction:
    menu = await ed.menu(uri, ed.range_of(uri, part), trigger=AUTOMATIC)
    return next(one for one in menu if title in one.title)


def made(ed: Editor, chosen: types.CodeAction) -> None:
    assert chosen.edit is not None
    assert ed.apply(types.ApplyWorkspaceEditParams(chosen.edit)).applied


@pytest.mark.parametrize("protocol", ["chat", "responses", "messages"])
async def test_suggestions_come_as_hints_and_are_made_from_memory(
    protocol: str, kimi: Sandbox, tmp_path: Path
) -> None:
    async with editor({**kimi.environ, "KIMI_LSP_PROTOCOL": protocol}, tmp_path) as ed:
        uri = ed.open("äpfel.py", PYTHON)
        done = await ed.run("kimi.review", {"uri": uri})
        assert done["status"] == "ok", done
        assert done["message"].startswith("4 suggestions. (")
        assert [one["reason"] for one in done["suggestions"]] == [UNUSED, DEFAULT, IDENTITY, BARE]
        shown = await hints(ed, uri, UNUSED, DEFAULT, IDENTITY, BARE)
        assert {(one["severity"], one["source"]) for one in shown["diagnostics"]} == {(4, "kimi")}

        ed.type(uri, "class Äpfel", "# 😀 typed\r\n")
        made(ed, await action(ed, uri, "€😀", "Apply"))
        ed.type(uri, "except:", "xx")
        wanted = PYTHON.replace("class Äpfel", "# 😀 typed\r\nclass Äpfel").replace("==", "is")
        assert ed.buffers[uri] == wanted.replace("except", "xxexcept")
        await hints(ed, uri, UNUSED, DEFAULT)
        made(ed, await action(ed, uri, "x=[]", "Apply"))
        assert "\t\tdef größe(self, x=None):\r\n\t\t\tif x is None:\r\n\t\t\t\tx = []\r\n" in ed.buffers[uri]
        await hints(ed, uri, UNUSED)

        other = ed.open("größe.js", SCRIPT, "javascript")
        assert (await ed.run("kimi.review", ed.place(other, SCRIPT)))["status"] == "ok"
        made(ed, await action(ed, other, "debugger", "Apply"))
        assert ed.buffers[other] == SCRIPT.replace("\tdebugger;\r\n", "")
        await hints(ed, other)
        assert len(await kimi.requests()) == 2
        assert ed.messages == []


async def test_what_is_dismissed_does_not_come_back_after_a_restart(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path) as ed:
        uri = ed.open("a.py", PYTHON)
        await ed.run("kimi.review", {"uri": uri})
        chosen = await action(ed, uri, "€😀", "Dismiss")
        told = await ed.pick([chosen], "Dismiss")
        assert told == {"status": "ok", "message": f"Dismissed “{IDENTITY}”."}
        await hints(ed, uri, UNUSED, DEFAULT, BARE)
        again = await ed.run("kimi.review", {"uri": uri})
        assert again["message"].startswith("3 suggestions. 1 dismissed before. (")
    async with editor(kimi.environ, tmp_path) as ed:
        # Elsewhere in another file, and with other blanks, it is the same.
        uri = ed.open("b.py", "\n\nif True:\n" + PYTHON.replace("\r\n", "\n").replace("import os\n", "")[2:])
        uri = ed.open("b.py", PYTHON.replace("\r\n", "\n").replace("import os\n", "x = 1\n"))
        told = await ed.run("kimi.review", {"uri": uri})
        assert [one["reason"] for one in told["suggestions"]] == [DEFAULT, BARE]
        assert (await ed.run("kimi.dismiss", {"uri": uri}))["message"] == "2 suggestions dismissed."
        assert (await ed.run("kimi.review", {"uri": uri}))["suggestions"] == []
        await hints(ed, uri)


async def test_where_the_state_is_of_no_use_it_is_said(kimi: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    async with editor({**kimi.environ, "KIMI_LSP_STATE": str(tmp_path / "file")}, tmp_path) as ed:
        uri = ed.open("a.py", PYTHON)
        await ed.run("kimi.review", {"uri": uri})
        told = await ed.run("kimi.dismiss", ed.place(uri, "import os"))
        assert told["status"] == "ok"
        assert told["message"].startswith(f"Dismissed “{UNUSED}”. They may come back: ")
        await hints(ed, uri, DEFAULT, IDENTITY, BARE)


async def test_what_is_typed_while_the_model_thinks_is_respected(ed: Editor, kimi: Sandbox) -> None:
    await kimi.control(hold="before_content")
    uri = ed.open("a.py", PYTHON)
    _, running = ed.start("kimi.review", {"uri": uri})
    await kimi.wait("held")
    ed.type(uri, "import os", "# first\r\n")
    ed.type(uri, "except:", "yy")
    await kimi.release()
    told = await running
    assert told["message"].startswith("3 suggestions. 1 about lines that have changed meanwhile. (")
    await hints(ed, uri, UNUSED, DEFAULT, IDENTITY)
    made(ed, await action(ed, uri, "import os", "Apply"))
    assert ed.buffers[uri].startswith("# first\r\nclass")


async def test_by_command_it_is_asked_where_the_user_wants_that(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path, preview="always", ui={"preview": True}) as ed:
        uri = ed.open("a.py", PYTHON)
        await ed.run("kimi.review", {"uri": uri})
        chosen = await action(ed, uri, "€😀", "Apply")
        assert chosen.edit is None
        told = await ed.pick([chosen], "Apply")
        assert (told["status"], ed.buffers[uri]) == ("refused", PYTHON)

        async def accept(_preview: dict[str, Any]) -> Any:
            return {"action": "accept"}

        ed.preview = accept
        assert await ed.pick([chosen], "Apply") == {"status": "ok", "message": f"Applied “{IDENTITY}”."}
        assert ed.buffers[uri] == PYTHON.replace("==", "is")
        gone = await ed.pick([chosen], "Apply")
        assert gone["message"] == "There is no suggestion here; what it was about may have changed."
        place = await ed.run("kimi.applySuggestion", ed.place(uri, "import os"))
        assert place["status"] == "ok"
        assert ed.buffers[uri].startswith("class")


async def test_a_selection_leaves_the_other_suggestions(ed: Editor) -> None:
    uri = ed.open("a.py", PYTHON)
    await ed.run("kimi.review", {"uri": uri})
    ed.type(uri, "except:", "except ValueError:", replace=True)
    told = await ed.run(
        "kimi.review", ed.place(uri, PYTHON[PYTHON.index("\t\t\ttry") : PYTHON.index(" == None")])
    )
    assert [one["reason"] for one in told["suggestions"]] == [UNUSED, DEFAULT, IDENTITY]


async def test_only_what_is_not_committed(kimi: Sandbox, tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": PYTHON.replace("\r\n", "\n").replace("== None", "is None")})
    put(root, {"a.py": PYTHON})
    async with editor({**kimi.environ, **ALONE}, root) as ed:
        uri = ed.open("a.py", PYTHON)
        argument = {"uri": uri, "diff": True}
        shown = await ed.run("kimi.showRequest", {**argument, "kind": "review"})
        assert await kimi.requests() == []
        told = await ed.run("kimi.review", argument)
        assert [one["reason"] for one in told["suggestions"]] == [IDENTITY]
        (request,) = await kimi.requests()
        sent = [message["content"] for message in request["body"]["messages"]]
        assert fenced(shown["markdown"])[: len(sent)] == sent
        assert '+\t\t\t\treturn "€😀" == None, x\n' in sent[1]
        ed.type(uri, "== None", "is None", replace=True)
        none = await ed.run("kimi.review", argument)
        assert none["message"] == "Nothing was sent to the model: all of a.py is committed."


async def test_hints_go_when_the_document_is_closed(ed: Editor) -> None:
    uri = ed.open("a.py", PYTHON)
    await ed.run("kimi.review", {"uri": uri})
    await hints(ed, uri, UNUSED, DEFAULT, IDENTITY, BARE)
    ed.close(uri)
    await ed.until(
        HINTS, lambda told: told["uri"] == uri and not told["diagnostics"] and "version" not in told
    )


async def test_an_editor_that_asks_by_itself_is_told_when_and_gets_all_of_it(
    kimi: Sandbox, tmp_path: Path
) -> None:
    params = profile("vscode-1.100.3")
    document, workspace = params["capabilities"]["textDocument"], params["capabilities"]["workspace"]
    del document["publishDiagnostics"]
    document |= {"diagnostic": {}, "inlineCompletion": {"dynamicRegistration": True}}
    workspace |= {"diagnostics": {"refreshSupport": True}, "codeLens": {"refreshSupport": True}}
    async with editor(kimi.environ, tmp_path, params, suggestions="lenses") as ed:
        told = asyncio.Event()
        ed.client.feature(types.WORKSPACE_CODE_LENS_REFRESH)(lambda _params=None: told.set())
        assert ed.capabilities.inline_completion_provider is True
        assert ed.capabilities.diagnostic_provider is not None
        uri = ed.open("a.py", PYTHON)
        here = types.TextDocumentIdentifier(uri)
        await ed.run("kimi.review", {"uri": uri})
        await told.wait()
        # Both are asked one after the other, the lenses first.
        async with asyncio.timeout(30):
            while not ed.client.diagnostic_refresh_count:
                await ed.run("kimi.cancel", {})
        pulled = await ed.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(here))
        assert isinstance(pulled, types.RelatedFullDocumentDiagnosticReport)
        assert [one.message for one in pulled.items] == [UNUSED, DEFAULT, IDENTITY, BARE]
        lenses = await ed.client.text_document_code_lens_async(types.CodeLensParams(here))
        assert lenses is not None
        commands = [one.command.command for one in lenses if one.command is not None]
        assert commands == ["kimi.applySuggestion", "kimi.dismiss"] * 4
        at = ed.range_of(uri, "€😀").start
        context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
        asked = types.InlineCompletionParams(context, here, at)
        found = await ed.client.text_document_inline_completion_async(asked)
        assert isinstance(found, types.InlineCompletionList)
        (item,) = found.items
        assert item.insert_text == '\t\t\t\treturn "€😀" is None, x'
        assert HINTS not in ed.told


def test_what_a_client_does_not_name_is_not_offered() -> None:
    bare = initialize_result({"capabilities": {}})["capabilities"]
    assert not {"inlineCompletionProvider", "diagnosticProvider"} & bare.keys()
    both: dict[str, Any] = {
        "textDocument": {"diagnostic": {}, "publishDiagnostics": {}, "inlineCompletion": None}
    }
    pushed = initialize_result({"capabilities": both})["capabilities"]
    assert not {"inlineCompletionProvider", "diagnosticProvider"} & pushed.keys()
