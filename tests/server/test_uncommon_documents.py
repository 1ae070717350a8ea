"""Cells of notebooks, buffers without a file, several folders, files that cannot be written, and very long lines."""

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.cli.running import run
from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox

CELL = "%matplotlib inline\n\ndef größe(order):\n\tif order is not None:\n\t\treturn 1\n\treturn 0\n"
Json = dict[str, Any]


def cell_uri(root: Path, number: int, name: str = "shop.ipynb") -> str:
    return (root / name).as_uri().replace("file:", "vscode-notebook-cell:") + f"#W{number}sZmlsZQ%3D%3D"


def tell(ed: Editor, method: str, params: Json) -> None:
    # As it stands: the library's own types would not let a broken message out.
    ed.client.protocol._send_data(
        {"jsonrpc": "2.0", "method": f"notebookDocument/{method}", "params": params}
    )


def opened(ed: Editor, *texts: str) -> list[str]:
    """Open a notebook with cells, and keep them as buffers, as an editor does."""
    uris = [cell_uri(ed.root, number) for number in range(len(texts))]
    notebook = {
        "uri": (ed.root / "shop.ipynb").as_uri(),
        "notebookType": "jupyter-notebook",
        "version": 1,
        "cells": [{"kind": 2, "document": uri} for uri in uris],
    }
    cells = [
        {"uri": uri, "languageId": "python", "version": 1, "text": text}
        for uri, text in zip(uris, texts, strict=True)
    ]
    tell(ed, "didOpen", {"notebookDocument": notebook, "cellTextDocuments": cells})
    for uri, text in zip(uris, texts, strict=True):
        ed.buffers[uri], ed.versions[uri] = text, 1
    return uris


async def test_a_cell_is_edited_and_no_other(ed: Editor, kimi: Sandbox) -> None:
    first, second = opened(ed, "x = 1\n", CELL)
    assert ed.capabilities is not None
    assert ed.capabilities.notebook_document_sync is not None
    menu = await ed.menu(second, ed.range_of(second, "def größe"))
    assert menu[0].title == "Kimi: Refactor selection"
    told = await ed.run("kimi.document", ed.place(second, "größe"))
    assert told["status"] == "refused", "the cell's magic is no Python, so the sandbox cannot read it"
    (request,) = await kimi.requests()
    sent = request["body"]["messages"][-1]["content"]
    assert '<file path="shop.ipynb#cell" language="python">' in sent
    assert '<cell place="above" language="python">\nx = 1\n</cell>' in sent
    third = cell_uri(ed.root, 7)
    change = {
        "structure": {
            "array": {"start": 1, "deleteCount": 1, "cells": [{"kind": 2, "document": third}]},
            "didOpen": [{"uri": third, "languageId": "python", "version": 1, "text": ""}],
            "didClose": [{"uri": second}],
        },
        "textContent": [
            {"document": {"uri": third, "version": 2}, "changes": [{"text": CELL.partition("\n\n")[2]}]},
        ],
    }
    tell(ed, "didChange", {"notebookDocument": {"version": 2, "uri": "x:"}, "change": {"cells": change}})
    ed.buffers[third], ed.versions[third] = CELL.partition("\n\n")[2], 2
    done = await ed.run("kimi.document", ed.place(third, "größe"))
    assert done["status"] == "ok", done
    assert '\t"""Größe (drafted' in ed.buffers[third]
    assert ed.buffers[first] == "x = 1\n"
    with pytest.raises(Exception, match="not open"):
        await ed.run("kimi.explain", {"uri": second})
    tell(
        ed,
        "didClose",
        {"notebookDocument": {"uri": "x:"}, "cellTextDocuments": [{"uri": first}, {"uri": third}]},
    )
    with pytest.raises(Exception, match="not open"):
        await ed.run("kimi.explain", {"uri": first})


@pytest.mark.parametrize("synced", [True, False])
async def test_a_cell_of_an_ignored_notebook_is_never_sent(synced: bool, ed: Editor, kimi: Sandbox) -> None:
    (ed.root / ".kimiignore").write_text("*.ipynb\n", "utf-8")
    if synced:
        (uri,) = opened(ed, "SECRET = 1\n")
    else:
        uri = cell_uri(ed.root, 3)
        ed.buffers[uri], ed.versions[uri] = "SECRET = 1\n", 1
        item = types.TextDocumentItem(uri, "python", 1, "SECRET = 1\n")
        ed.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    told = await ed.run("kimi.explain", ed.place(uri, "SECRET"))
    assert told["message"] == "Nothing was sent to the model: shop.ipynb is excluded by .kimiignore."
    assert await kimi.requests() == []


async def test_tests_of_a_cell_have_no_place(ed: Editor, kimi: Sandbox) -> None:
    (uri,) = opened(ed, CELL)
    told = await ed.run("kimi.writeTests", ed.place(uri, "größe"))
    assert "it is not known where tests of a notebook's cell go" in told["message"]
    assert await kimi.requests() == []


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("didOpen", {"notebookDocument": {"uri": "x:1"}, "cellTextDocuments": [1]}),
        ("didOpen", {"notebookDocument": 1, "cellTextDocuments": []}),
        ("didChange", {"notebookDocument": {"uri": "x:1"}, "change": {"cells": []}}),
        ("didChange", {"notebookDocument": {"uri": "x:1"}, "change": {"cells": {"structure": [1]}}}),
        ("didChange", {"notebookDocument": {"uri": "x:1"}, "change": {"cells": {"textContent": [{"document": 1}]}}}),
        ("didClose", {"cellTextDocuments": {}}),
    ],
)  # fmt: skip
async def test_a_broken_notebook_message_harms_nobody(method: str, params: Json, ed: Editor) -> None:
    tell(ed, method, params)
    uri = ed.open("a.py", "def f():\n    return 1\n")
    assert (await ed.run("kimi.explain", ed.place(uri, "return")))["status"] == "ok"


async def test_a_buffer_without_a_file_is_worked_on_and_has_no_files_around(
    ed: Editor, kimi: Sandbox
) -> None:
    uri = "untitled:Untitled-1"
    ed.buffers[uri], ed.versions[uri] = "def größe():\r\n\treturn 1\r\n", 1
    item = types.TextDocumentItem(uri, "python", 1, ed.buffers[uri])
    ed.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    assert (await ed.run("kimi.document", ed.place(uri, "größe")))["status"] == "ok"
    assert '\t"""Größe (drafted by the sandbox from the signature)."""\r\n' in ed.buffers[uri]
    tests = await ed.run("kimi.writeTests", ed.place(uri, "größe"))
    assert tests["status"] == "refused"
    assert tests["message"].endswith("this document lies in no folder of the workspace. Save it there first.")
    assert len(await kimi.requests()) == 1


async def test_each_folder_of_a_workspace_has_its_own_paths_and_rules(kimi: Sandbox, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        (folder / "tests").mkdir(parents=True)
        (folder / "shop.py").write_text("def total(prices):\n    return sum(prices)\n", "utf-8")
    (two / ".kimiignore").write_text("hidden.py\n", "utf-8")
    async with editor(kimi.environ, one) as ed:
        added = types.WorkspaceFolder(two.as_uri(), "two")
        event = types.WorkspaceFoldersChangeEvent([types.WorkspaceFolder(one.as_uri(), "one"), added], [])
        ed.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        ed.root = two
        uri = ed.put("shop.py", "def total(prices):\n    return sum(prices)\n")
        told = await ed.run("kimi.writeTests", ed.place(uri, "def total"))
        assert told["status"] == "ok", told
        new = (two / "tests" / "test_shop.py").as_uri()
        assert "from shop import total" in ed.buffers[new]
        assert not (one / "tests" / "test_shop.py").exists()
        hidden = ed.put("hidden.py", "x = 1\n")
        refused = await ed.run("kimi.explain", ed.place(hidden, "x"))
        assert refused["message"] == "Nothing was sent to the model: hidden.py is excluded by .kimiignore."


async def test_an_editor_that_refuses_a_read_only_file_is_quoted(ed: Editor) -> None:
    uri = ed.open("a.py", "def f():\n    return 1\n")

    def refused(_params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        return types.ApplyWorkspaceEditResult(applied=False, failure_reason="a.py is read-only")

    ed.apply = refused  # type: ignore[method-assign, assignment]
    told = await ed.run("kimi.document", ed.place(uri, "def f"))
    assert told["status"] == "refused"
    assert "a.py is read-only" in told["message"]
    assert ed.buffers[uri] == "def f():\n    return 1\n"


LONG = "x = [" + "1, " * 100_000 + "]"


async def test_a_very_long_line_elsewhere_is_left_out_and_one_that_is_meant_is_too_large(
    ed: Editor, kimi: Sandbox
) -> None:
    uri = ed.open("a.py", f"def größe():\n\treturn 1\n{LONG}\n")
    told = await ed.run("kimi.document", ed.place(uri, "größe"))
    assert told["status"] == "ok", told
    assert (
        ed.buffers[uri]
        == f'def größe():\n\t"""Größe (drafted by the sandbox from the signature)."""\n\treturn 1\n{LONG}\n'
    )
    (request,) = await kimi.requests()
    sent = request["body"]["messages"][-1]["content"]
    assert '<file path="a.py" language="python" part="lines 1-2">' in sent
    refused = await ed.run("kimi.explain", ed.place(uri, "x = ["))
    assert refused["status"] == "failed"
    assert "select less" in refused["message"]
    menu = await ed.menu(uri, ed.range_of(uri, "x = ["))
    assert [one.title for one in menu] == ["Kimi: Refactor selection", "Kimi: Explain"]
    assert len(await kimi.requests()) == 1


async def test_a_terminal_leaves_a_read_only_file_alone(kimi: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("def f():\n    return 1\n", "utf-8")
    file.chmod(0o444)
    told = await run("document", str(file), "--apply", environ=kimi.environ)
    assert told.code == 1
    assert "read-only" in told.err
    assert file.read_text("utf-8") == "def f():\n    return 1\n"
