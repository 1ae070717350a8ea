"""A refactoring whose model reads two files by tools and edits both, and the document: over all endpoints, in three
editors and in the terminal. The files have what goes wrong elsewhere: CRLF, tabs, a byte order mark, no last line end.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from kimi_lsp import features
from kimi_lsp.connect import open_model
from kimi_lsp.edits import EditFile
from kimi_lsp.features import FEATURES, Asking, Edited, Source, Wanted
from kimi_lsp.project.settings import Settings
from kimi_lsp.text import Snapshot, Span
from tests.cli.running import run
from tests.endpoints.shop import PROTOCOLS, Protocol, ignored
from tests.support.editor import Editor, editor, profile
from tests.support.sandboxed import Sandbox, sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARK = "\ufeff"
BEFORE = {
    "shop/cart.py": (
        "from shop.money import rounded\r\n\r\n\r\nclass Cart:\r\n\tclass Line:\r\n"
        '\t\tdef größe(self) -> float:\r\n\t\t\t"""In €, rounded."""\r\n\t\t\treturn rounded(self.preis * 2)'
    ),
    "shop/money.py": (
        f'{MARK}def rounded(value: float) -> float:\n    """Round to whole cents – “kaufmännisch”."""\n    return round(value, 2)\n'
    ),
    "till/desk.py": "import shop.money\r\n\r\nSUM = shop.money.rounded(1.005)\r\nOTHER = rounded_up = 2\r\n",
}
AFTER = {
    "shop/cart.py": BEFORE["shop/cart.py"]
    .replace("import rounded", "import to_cents")
    .replace("return rounded(", "return to_cents("),
    "shop/money.py": BEFORE["shop/money.py"].replace("def rounded(", "def to_cents("),
    "till/desk.py": BEFORE["till/desk.py"].replace("money.rounded(", "money.to_cents("),
}
WISH = "Rename `rounded` to `to_cents`, wherever it is used."
TOLD = "shop/cart.py: 2 changes; shop/money.py: 1 change; till/desk.py: 1 change."
CLIENTS = dict(zip(PROTOCOLS, ("vscode-1.100.3", "neovim-0.11.4", "emacs-28.2-eglot-1.9"), strict=True))
"""Three editors: one that asks before an edit, one that does not say what it can, one that makes no files."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kimi() -> AsyncGenerator[Sandbox, None]:
    async with sandbox() as running:
        yield running


def opened(root: Path) -> Path:
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in BEFORE.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root / "shop/cart.py"


def on_disk(root: Path) -> dict[str, str]:
    return {name: (root / name).read_bytes().decode() for name in BEFORE}


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_the_model_reads_two_files_and_edits_three(
    protocol: Protocol, kimi: Sandbox, tmp_path: Path
) -> None:
    file = opened(tmp_path)
    source = Source(Snapshot(file.as_uri(), 1, "python", BEFORE["shop/cart.py"]), file, (tmp_path,))
    wish = FEATURES["refactor"].wish(Asking(source, Span(0, 0), WISH, several=True))
    before = len(await kimi.requests())
    model = await open_model(Settings(base_url=kimi.base_url, protocol=protocol), kimi.environ)
    try:
        edited = await features.perform(model, Wanted("refactor", wish, features.toolbox(source)), ignored)
    finally:
        await model.close()
    assert isinstance(edited, Edited)
    assert edited.told() == TOLD
    made = {step.path: step.plan.apply() for step in edited.files if isinstance(step, EditFile)}
    assert made == AFTER
    assert len(await kimi.requests()) == before + 3, "where, the two files, the answer"
    assert on_disk(tmp_path) == BEFORE


@dataclass(frozen=True)
class Landed:
    status: str
    message: str
    buffers: dict[str, str]
    messages: list[str]


async def _refactored(ed: Editor, *names: str) -> Landed:
    """Refactor in an editor that has some of the files open."""
    texts = {name: BEFORE[name].removeprefix(MARK) for name in names}
    for name, text in texts.items():
        ed.open(name, text)
    uri = (ed.root / "shop/cart.py").as_uri()
    told = await ed.run("kimi.refactor", ed.place(uri, "class Cart", instruction=WISH, tools=True))
    buffers = {name: ed.buffers.get((ed.root / name).as_uri(), "") for name in BEFORE}
    return Landed(told["status"], told["message"], buffers, ed.messages)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_it_lands_in_each_editor_in_one_edit(protocol: Protocol, kimi: Sandbox, tmp_path: Path) -> None:
    opened(tmp_path)
    environ = {**kimi.environ, "KIMI_LSP_PROTOCOL": protocol}
    async with editor(environ, tmp_path, profile(CLIENTS[protocol]), commands="attached") as ed:
        landed = await _refactored(ed, "till/desk.py", "shop/cart.py")
        assert landed.status == "ok", landed
        # What is open is looked through first.
        assert "shop/cart.py: 2 changes; till/desk.py: 1 change; shop/money.py: 1 change. (" in landed.message
        assert landed.buffers == {name: text.removeprefix(MARK) for name, text in AFTER.items()}
        assert landed.messages == []
        assert len(ed.asked) == 1
    assert on_disk(tmp_path) == BEFORE, "an editor's buffers are for its user to save"


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_the_terminal_writes_all_of_them(protocol: Protocol, kimi: Sandbox, tmp_path: Path) -> None:
    file = opened(tmp_path)
    environ = {**kimi.environ, "KIMI_LSP_PROTOCOL": protocol}
    words = ("refactor", str(file), "--instruction", WISH, "--tools", "--apply", "--json")
    told = json.loads((await run(*words, "--lines", "1-8", environ=environ, cwd=tmp_path)).out)
    assert told["status"] == "ok"
    assert told["message"].endswith(f". {TOLD} All of it was written.")
    assert told["diff"].count("diff --git ") == 3
    assert on_disk(tmp_path) == AFTER


MEANWHILE = {
    "an open file changes elsewhere": ("ok", ""),
    "an open file changes there": (
        "stale",
        "line 3 in till/desk.py was changed while the model was at work.",
    ),
    "another file changes on the disk": (
        "stale",
        "money.py was changed on disk meanwhile; it was not written.",
    ),
    "another file is opened and changed": (
        "stale",
        "line 1 in shop/money.py was changed while the model was at work.",
    ),
    "another file goes": ("stale", "There is no file "),
}


async def test_what_happens_during_the_wait(kimi: Sandbox, tmp_path: Path) -> None:
    """In one editor, one thing after the other happens to the same files."""
    desk = BEFORE["till/desk.py"]
    async with editor(kimi.environ, tmp_path) as ed:
        for number, (happening, (status, why)) in enumerate(MEANWHILE.items()):
            landed = await _during_the_wait(happening, number, ed, kimi)
            assert landed.status == status, (happening, landed)
            if status == "ok":
                assert landed.buffers["till/desk.py"] == f"# mine\r\n{AFTER['till/desk.py']}"
                assert landed.buffers["shop/cart.py"] == AFTER["shop/cart.py"]
                ed.asked.clear()
            else:
                assert landed.message.startswith("Nothing was changed: ")
                assert why in landed.message, happening
                assert landed.buffers["shop/cart.py"] == BEFORE["shop/cart.py"], happening
                assert landed.buffers["till/desk.py"] in (desk, desk.replace("1.005", "2.5")), happening
                assert ed.asked == []
            for uri in list(ed.buffers):
                ed.close(uri)


async def _during_the_wait(happening: str, number: int, ed: Editor, kimi: Sandbox) -> Landed:
    cart = opened(ed.root)
    desk, money = ed.root / "till/desk.py", ed.root / "shop/money.py"
    for name in ("till/desk.py", "shop/cart.py"):
        ed.open(name, BEFORE[name])
    await kimi.control(hold="before_reasoning")
    place = ed.place(cart.as_uri(), "class Cart", instruction=WISH, tools=True)
    _, waiting = ed.start("kimi.refactor", place)
    for turn in (1, 2):
        await kimi.wait("held", 3 * number + turn)
        await kimi.release()
    await kimi.wait("held", 3 * number + 3)
    # The model has read everything, and thinks.
    match happening:
        case "an open file changes elsewhere":
            ed.change(desk.as_uri(), 0, 0, "# mine\r\n")
        case "an open file changes there":
            ed.type(desk.as_uri(), "1.005", "2.5", replace=True)
        case "another file changes on the disk":
            money.write_bytes(BEFORE["shop/money.py"].encode() + b"\n")
        case "another file is opened and changed":
            uri = ed.open("shop/money.py", BEFORE["shop/money.py"].removeprefix(MARK))
            ed.type(uri, "def rounded", "async ")
        case "another file goes":
            money.unlink()
    await kimi.control(hold=None)
    await kimi.release()
    told = await asyncio.wait_for(waiting, 30)
    buffers = {name: ed.buffers.get((ed.root / name).as_uri(), "") for name in BEFORE}
    return Landed(told["status"], told["message"], buffers, list(ed.messages))
