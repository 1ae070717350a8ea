"""`kimi.fixAll`: which problems it is about, told by the editor or found by the checkers."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox

SOURCE = "import os\r\nimport sys\r\n\r\n\r\ndef größe(x):\r\n\treturn x == None, json.dumps(x)\r\n"


@pytest_asyncio.fixture
async def ed(kimi: Sandbox, tmp_path: Path) -> Any:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.defpath))
    async with editor({**kimi.environ, "PATH": path}, tmp_path) as made:
        yield made


def problems(ed: Editor, uri: str) -> list[dict[str, Any]]:
    return [
        ed.diagnostic(uri, "os", "`os` imported but unused", source="ruff", code="F401"),
        ed.diagnostic(uri, "== None", "Comparison to `None`", source="ruff", code="E711"),
    ]


async def test_what_the_editor_told_is_fixed_in_one_edit(ed: Editor) -> None:
    uri = ed.open("größe.py", SOURCE)
    told = {"uri": uri, "version": 1, "diagnostics": problems(ed, uri)}
    ed.client.protocol.notify("kimi/didChangeDiagnostics", told)
    done = await ed.run("kimi.fixAll", ed.place(uri, "sys", diagnostics=problems(ed, uri)[:1]))
    assert done["status"] == "ok", done
    assert ed.buffers[uri] == SOURCE.replace("import os\r\n", "").replace("== None", "is None")
    assert len(ed.asked) == 1
    assert ed.asked[0].label == "Kimi: Fix 2 problems"


async def test_those_of_one_code_are_fixed_alone(ed: Editor) -> None:
    uri = ed.open("größe.py", SOURCE)
    argument = {"uri": uri, "diagnostics": problems(ed, uri), "code": "E711"}
    assert (await ed.run("kimi.fixAll", argument))["status"] == "ok"
    assert ed.buffers[uri] == SOURCE.replace("== None", "is None")
    none = await ed.run("kimi.fixAll", {**argument, "code": "X1"})
    assert none["message"] == "There is no problem of the code X1 here to fix."


async def test_where_nobody_told_of_any_the_checkers_look(ed: Editor, kimi: Sandbox) -> None:
    uri = ed.open("größe.py", SOURCE)
    assert (await ed.run("kimi.fixAll", {"uri": uri}))["status"] == "ok"
    assert ed.buffers[uri].startswith("import json\r\n\r\n\r\ndef größe(x):")
    sound = ed.open("sound.py", "x = 1\n")
    none = await ed.run("kimi.fixAll", {"uri": sound})
    assert none == {"status": "refused", "message": "No problem was found, and nothing was sent."}
    assert len(await kimi.requests()) == 1
