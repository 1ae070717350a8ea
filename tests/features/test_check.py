"""The tools that reported problems look at the fixed text again: real ruff and mypy, and fakes for the rest."""

import asyncio
import sys
import sysconfig
from pathlib import Path

import pytest

from kimi_lsp.features import Source
from kimi_lsp.features.check import check
from kimi_lsp.project.checkers import Checked
from kimi_lsp.prompt import Target
from kimi_lsp.text import Diagnostic, Snapshot, Span
from tests.project import faked

SCRIPTS = Path(sysconfig.get_path("scripts"))
RUFF, MYPY = str(SCRIPTS / "ruff"), str(SCRIPTS / "mypy")
TEXT = 'import os\nimport re\n\n\ndef f() -> int:\n    return "é"\n'

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs without a suffix, links")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def problem(at: str, message: str, source: str, code: str = "", text: str = TEXT) -> Diagnostic:
    start = text.index(at)
    return Diagnostic(Span(start, start + len(at)), message, source=source, code=code)


UNUSED = (
    problem("os", "`os` imported but unused", "Ruff", "F401"),
    problem("re\n", "`re` imported but unused", "Ruff", "F401"),
)
WRONG = problem('"é"', 'Incompatible return value type (got "str", expected "int")', "Mypy", "return-value")


async def checked(
    root: Path, after: str, problems: tuple[Diagnostic, ...], *checkers: str, language: str = "python"
) -> tuple[Checked, ...]:
    path = root / "a.py"
    snapshot = Snapshot(path.as_uri(), 1, language, TEXT)
    target = Target(snapshot, Span(0, 0), "a.py")
    return await check(target, Source(snapshot, path, (root,)), problems, after, checkers)


async def test_the_tool_that_reported_the_problems_says_that_they_are_fixed(root: Path) -> None:
    after = TEXT.replace("import os\nimport re\n", "")
    (told,) = await checked(root, after, UNUSED, RUFF, MYPY)
    assert told == Checked("ruff", fixed=2)
    assert told.sentence() == "ruff: fixed 2, 0 new"


async def test_each_tool_counts_its_own_problems_in_the_settings_order(root: Path) -> None:
    (root / "a.py").write_text("on disk\n")
    after = TEXT.replace("import re\n", "").replace('"é"', "len(nothing)")
    found = await checked(root, after, (*UNUSED, WRONG), MYPY, RUFF)
    assert [one.sentence() for one in found] == [
        'mypy: fixed 1, 1 new: name-defined Name "nothing" is not defined (line 5)',
        "ruff: fixed 1, 1 left, 1 new: F821 Undefined name `nothing` (line 5)",
    ]


async def test_a_problem_without_a_source_counts_for_the_tools_of_the_language(root: Path) -> None:
    bare = problem("os", "`os` imported but unused", "")
    after = TEXT.replace("import os\n", "")
    assert await checked(root, after, (bare,), RUFF, "tsc") == (Checked("ruff", fixed=1),)
    assert await checked(root, after, (bare,), RUFF, language="") == (Checked("ruff", fixed=1),)


@pytest.mark.parametrize(
    ("source", "language", "checkers"),
    [
        ("Pylance", "python", (RUFF, MYPY)),
        ("Ruff", "python", (MYPY,)),
        ("Ruff", "python", ()),
        ("Ruff", "python", ("flake8", "./ruff", "/somewhere/python3")),
        ("Ruff", "markdown", (RUFF,)),
        ("compiler", "java", ("go",)),
        ("", "ruby", (RUFF,)),
    ],
)
async def test_no_other_tool_is_asked(
    source: str, language: str, checkers: tuple[str, ...], root: Path
) -> None:
    asked = (problem("os", "`os` imported but unused", source),)
    assert await checked(root, "", asked, *checkers, language=language) == ()


async def test_nothing_is_looked_at_where_there_is_nothing_to_see(root: Path) -> None:
    assert await checked(root, TEXT, UNUSED, RUFF) == ()
    assert await checked(root, "", (), RUFF) == ()
    untitled = Snapshot("untitled:1", 1, "python", TEXT)
    target = Target(untitled, Span(0, 0), "untitled")
    assert await check(target, Source(untitled, None), UNUSED, "", (RUFF,)) == ()


async def test_a_missing_tool_is_told_where_a_problem_names_it(root: Path) -> None:
    (told,) = await checked(root, "", UNUSED, "ruff")
    assert told.sentence() == "ruff: not checked, it is not on PATH"
    assert await checked(root, "", (problem("os", "unused", ""),), "ruff") == ()
    assert await checked(root, "", (problem("os", "unused", "Pylance"),), "pyright") == ()
    (told,) = await checked(root, "", (problem("os", "unused", "Pyright"),), "pyright")
    assert told.reason


async def test_a_tool_of_the_workspace_is_told_and_not_run(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked.tool(root / ".venv/bin", "ruff", f"open({str(root / 'ran')!r}, 'w').close()")
    monkeypatch.setenv("PATH", str(root / ".venv/bin"))
    (told,) = await checked(root, "", UNUSED, "ruff")
    assert told.sentence().startswith("ruff: not checked, the one on PATH lies inside the workspace")
    assert not (root / "ran").exists()


async def test_a_tool_that_fails_says_why_beside_one_that_does_not(root: Path) -> None:
    broken = faked.tool(root.parent / "bin", "mypy", "print('no JSON')")
    found = await checked(root, TEXT.replace("import os\n", ""), (*UNUSED, WRONG), RUFF, str(broken))
    assert [one.sentence() for one in found] == [
        "ruff: fixed 1, 1 left, 0 new",
        "mypy: not checked, its output was not understood",
    ]


async def test_a_tool_listed_twice_runs_once(root: Path) -> None:
    after = TEXT.replace("import os\nimport re\n", "")
    assert await checked(root, after, UNUSED, RUFF, "ruff", RUFF) == (Checked("ruff", fixed=2),)


async def test_cancelling_ends_the_tool(root: Path) -> None:
    ended: asyncio.Queue[bytes] = asyncio.Queue()
    started = asyncio.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        started.set()
        ended.put_nowait(await reader.read())
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        program = f"import socket, time\ns = socket.create_connection(('127.0.0.1', {port}))\ntime.sleep(600)"
        hanging = faked.tool(root.parent / "bin", "ruff", program)
        running = asyncio.create_task(checked(root, "", UNUSED, str(hanging)))
        await started.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await ended.get() == b""
