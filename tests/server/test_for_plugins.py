"""README.md's part for plugin authors, held against what the server says and takes."""

import re
from pathlib import Path
from typing import Any

from kimi_lsp.server.client_profile import profile
from tests.server.test_preview import SOURCE, fix
from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox

ROOT = Path(__file__).parent.parent.parent
PART = (ROOT / "README.md").read_text("utf-8").partition("### For plugin authors\n")[2].partition("\n## ")[0]
FIELDS = {
    name: fields.split(", ") for name, fields in re.findall(r"(?m)^\| `(kimi/\w+)` \| `\{(.*?)\}`", PART)
}
OPTIONS: dict[str, dict[str, Any]] = {
    'clientCommands: ["kimi.client.prompt"]': {"clientCommands": ["kimi.client.prompt"]},
    "ui.markdown: true": {"ui": {"markdown": True}},
    'progress: "client"': {"progress": "client"},
    "ui.stream: true": {"ui": {"stream": True}},
    "ui.status: true": {"ui": {"status": True}},
    "ui.preview: true": {"ui": {"preview": True}},
}


def test_the_messages_are_those_of_the_code() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "kimi_lsp" / "server").rglob("*.py")]
    assert set(FIELDS) == {name for text in sources for name in re.findall(r'"(kimi/\w+)"', text)}


def test_each_option_is_known() -> None:
    assert re.findall(r"(?m)^\| `([^`/]+)` \| ", PART) == list(OPTIONS)
    for options in OPTIONS.values():
        assert profile({"initializationOptions": options}) != profile({})


async def test_the_fields_are_those_that_are_sent(kimi: Sandbox, tmp_path: Path) -> None:
    shows = {"markdown": True, "stream": True, "status": True, "preview": True}
    async with editor(kimi.environ, tmp_path, ui=shows, progress="client", preview="always") as ed:
        await everything(ed)
        for method, told in ed.told.items():
            assert {tuple(one) for one in told} == {tuple(FIELDS[method])}, method
        assert list(ed.told["kimi/status"][0]["today"]) == between(r"`today` is `\{(.*?)\}`")
        (shown,) = ed.previews
        assert list(shown) == FIELDS["kimi/preview"]
        assert list(shown["files"][0]) == between(r"`files` is `\{(.*?)\}`")
        assert list(shown["files"][0]["hunks"][0]) == between(r"each hunk is\n`\{(.*?)\}`")


async def everything(ed: Editor) -> None:
    uri = ed.open("cart.py", SOURCE)
    assert (await ed.run("kimi.explain", ed.place(uri, SOURCE)))["status"] == "ok"
    assert (await fix(ed, uri))["status"] == "refused"
    await ed.until("kimi/status", lambda told: told["jobs"] == 0)
    assert set(ed.told) == {"kimi/progress", "kimi/explaining", "kimi/status"}


def between(pattern: str) -> list[str]:
    found = re.search(pattern, PART, re.DOTALL)
    assert found
    return re.split(r",\s+", found[1])
