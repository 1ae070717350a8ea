"""A tool looks at texts that are not saved: real ones, and fakes that tell what they were given."""

import json
import os
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kimi_lsp.project.checkers import TOOLS, CheckFailed, Document, Found, Tool, look
from tests.project import faked

SCRIPTS = Path(sysconfig.get_path("scripts"))
RUFF, MYPY = str(SCRIPTS / "ruff"), str(SCRIPTS / "mypy")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs without a suffix, links")

TELL = """
import json, os, sys
row = {"said": sys.stdin.read(), "words": sys.argv[1:], "cwd": os.getcwd(), "environ": dict(os.environ)}
row["folder"] = {name: os.path.islink(name) for name in sorted(os.listdir("."))}
with open(%r, "a") as log:
    log.write(json.dumps(row) + "\\n")
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def document(root: Path, name: str, before: str, after: str) -> Document:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("on disk, and not looked at", "utf-8")
    return Document(path, (root,), before, after)


def tree(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def telling(root: Path, name: str, prints: str = "") -> tuple[str, Callable[[], list[dict[str, object]]]]:
    """Return a fake tool, and a function for what it was given at each of its starts."""
    log = root.parent / "log"
    program = faked.tool(root.parent / "bin", name, TELL % str(log) + prints)
    return str(program), lambda: [json.loads(line) for line in log.read_text("utf-8").split("\n") if line]


async def test_ruff_looks_at_both_texts_and_writes_nothing(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.ruff]\nfix = true\nlint.select = ["F"]\n')
    before = '\ufeffé = "🙂"; x = undefined\r\ny = "é"; z = other\r\n'
    one = document(root, "a.py", before, before.replace("other", "1"))
    was = tree(root.parent)
    found = await look(TOOLS["ruff"], RUFF, one)
    first = Found(1, 14, "F821", "Undefined name `undefined`")
    assert found == ((first, Found(2, 14, "F821", "Undefined name `other`")), (first,))
    assert tree(root.parent) == was


async def test_ruff_tells_what_does_not_parse(root: Path) -> None:
    before, after = await look(TOOLS["ruff"], RUFF, document(root, "a.py", "def f(:\n    pass\n", "x = 1\n"))
    assert before
    assert all(one.blocking and one.line for one in before)
    assert after == ()


async def test_mypy_sees_a_change_that_keeps_the_length_each_time(root: Path) -> None:
    (root / "mypy.ini").write_text("[mypy]\npretty = true\n")
    (root / "b.py").write_text("from a import f\nx: int = f()\n")
    wrong, right = 'def f() -> int:\n    return "x"\n', "def f() -> int:\n    return 123\n"
    one = document(root, "a.py", wrong, right)
    one.path.write_text(wrong, "utf-8")
    was = tree(root)
    for texts in ((wrong, right), (right, wrong)):
        found = await look(TOOLS["mypy"], MYPY, replace(one, before=texts[0], after=texts[1]))
        assert [[(told.line, told.code, told.file) for told in side] for side in found] == [
            [(2, "return-value", "")] if text == wrong else [] for text in texts
        ]
    assert tree(root) == was
    assert not list(root.parent.glob("kimi-lsp-*"))


async def test_mypy_tells_of_files_that_the_document_imports(root: Path) -> None:
    (root / "lib").mkdir()
    (root / "lib/b.py").write_text("import a\nx: str = a.f()\n")
    one = document(root, "a.py", "import lib.b\ndef f() -> str: ...\n", "import lib.b\ndef f() -> int: ...\n")
    before, after = await look(TOOLS["mypy"], MYPY, one)
    assert [told.file for told in before] == [""]
    assert [told.file for told in after] == ["lib/b.py", ""]


async def test_a_copy_has_the_document_and_links_to_all_else(root: Path) -> None:
    (root / ".git").mkdir()
    (root / "app/target").mkdir(parents=True)
    (root / "app/Cargo.lock").write_text("locked")
    (root / "app/Cargo.toml").write_text("")
    one = document(root, "app/src/main.rs", "fn é() {}\r\n", "fn b() {}\n")
    show = (
        "print(json.dumps({'message': None}))\nprint(open('src/main.rs', newline='').read(), file=sys.stderr)"
    )
    program, told = telling(
        root, "cargo", show + "\nopen('Cargo.lock', 'w').close()\nopen('new', 'w').close()"
    )
    was = tree(root)
    assert await look(TOOLS["cargo"], program, one) == ((), ())
    first, second = told()
    assert first["folder"] == {"Cargo.lock": False, "Cargo.toml": True, "src": False}
    assert first["cwd"] == second["cwd"] != str(root / "app")
    assert first["said"] == ""
    target = root.parent / "cache/kimi-lsp/checks"
    assert str(first["words"]).count(str(target)) == 1
    assert not Path(str(first["cwd"])).exists()
    assert tree(root) == was


async def test_an_overlay_names_the_file_that_holds_the_text(root: Path) -> None:
    (root / "go.mod").write_text("module m")
    one = document(root, "sub/é.go", "package m\n", "package n\n")
    program, told = telling(
        root,
        "go",
        "overlay = json.load(open(sys.argv[sys.argv.index('-overlay') + 1]))['Replace']\n"
        "(real, stand_in), = overlay.items()\n"
        "posn = os.path.join(os.path.dirname(os.path.dirname(stand_in)), 'kimi-lsp-before', 'é.go')\n"
        "row = {'posn': posn + ':1:10', 'message': real + '=' + open(stand_in).read()}\n"
        "print(json.dumps({'m': {'printf': [row]}}))\n",
    )
    before, after = await look(TOOLS["go"], program, one)
    # A remembered answer names the temporary folder of another time.
    assert [found.file for found in (*before, *after)] == ["", ""]
    assert [found.message for found in (*before, *after)] == [
        f"{one.path}=package m\n",
        f"{one.path}=package n\n",
    ]
    assert told()[0]["cwd"] == str(root)
    assert str(told()[0]["words"]).endswith("'./sub']")


@pytest.mark.parametrize(("name", "columns"), [("ruff", (6, 7)), ("eslint", (7, 8)), ("go", (10, 10))])
async def test_columns_are_code_points_whatever_the_tool_counts(
    name: str, columns: tuple[int, int], root: Path
) -> None:
    text = '\ufeffé🙂 = x\r\n"🙂" + y\n'
    one = document(root, "a.txt", text, "")
    found = [Found(line + 1, column, "C", "m", file="a.txt") for line, column in enumerate(columns)]
    tool = replace(
        TOOLS[name], way="stdin", needs_project=False, arguments=lambda _: [], read=lambda _: [*found, *found]
    )
    before, after = await look(tool, str(faked.tool(root.parent / "bin", name, "")), one)
    assert [(told.line, told.column, told.file) for told in before] == [(1, 6, ""), (2, 7, "")]
    assert [told.column for told in after] == [1, 1]


async def test_the_key_reaches_no_tool(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EMPIRIOLABS_API_KEY", "KIMI_LSP_API_KEY", "KIMI_LSP_BASE_URL"):
        monkeypatch.setenv(name, "sk-secret")
    monkeypatch.setenv("PATH", os.pathsep.join([str(root / "bin"), os.environ["PATH"]]))
    program, told = telling(root, "ruff", "print('[]')")
    await look(TOOLS["ruff"], program, document(root, "a.py", "a", "b"))
    for row in told():
        assert "sk-secret" not in json.dumps(row)
        assert str(root / "bin") not in json.dumps(row["environ"])
    assert [row["said"] for row in told()] == ["a", "b"]


async def test_a_tool_inside_the_workspace_is_not_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".git").mkdir()
    ran = root.parent / "ran"
    faked.tool(root / "node_modules/.bin", "ruff", f"open({str(ran)!r}, 'w').close()\nprint('[]')")
    monkeypatch.setenv("PATH", str(root / "node_modules/.bin"))
    one = document(root, "app/a.py", "a", "b")
    # The repository around the workspace's folder is a stranger's as well.
    with pytest.raises(CheckFailed, match="inside the workspace"):
        await look(TOOLS["ruff"], "ruff", replace(one, roots=(root / "app",)))
    assert not ran.exists()


PRINTS: tuple[tuple[str, str], ...] = (
    ("print('Welcome to ruff!')", r"^its output was not understood$"),
    ("print('[' * 200_000)", r"^its output was not understood$"),
    ("sys.stdout.buffer.write(bytes(range(256)))", r"^its output was not understood$"),
    (
        "print('x\\nruff error: \\x1b[31mno such\\trule ' + 'y' * 500, file=sys.stderr); sys.exit(2)",
        r"^it ended with 2: ruff error: \[31mno such rule y+…$",
    ),
    ("os.kill(os.getpid(), 9)", r"^it ended with -9$"),
    ("print('[]'); sys.exit(1)", r"^it ended with 1: \[\]$"),
    ("import time; time.sleep(600)", r"^it did not finish within 0\.5 s$"),
)


@pytest.mark.parametrize(("program", "reason"), PRINTS, ids=[reason for _, reason in PRINTS])
async def test_a_tool_that_cannot_tell_says_why(program: str, reason: str, root: Path) -> None:
    limit = 0.5 if "sleep" in program else 30
    tool: Tool = replace(TOOLS["ruff"], seconds=limit)
    path = faked.tool(root.parent / "bin", "ruff", f"import os, sys\n{program}")
    with pytest.raises(CheckFailed, match=reason):
        await look(tool, str(path), document(root, "a.py", "a", "b"))


async def test_half_a_surrogate_pair_cannot_be_looked_at(root: Path) -> None:
    with pytest.raises(CheckFailed, match="half of a surrogate pair"):
        await look(TOOLS["ruff"], RUFF, document(root, "a.py", "x = '\ud83d'", "x = 1"))


async def test_a_tool_that_needs_a_project_says_so(root: Path) -> None:
    program, _ = telling(root, "tsc")
    with pytest.raises(CheckFailed, match=r"^there is no tsconfig\.json or jsconfig\.json above the file$"):
        await look(TOOLS["tsc"], program, document(root, "a.ts", "a", "b"))


@pytest.mark.parametrize(
    ("config", "used"),
    [
        ('{"include": ["src"]}', "tsconfig.json"),
        ('{"files": [], /* refers */ "references": [{"path": "./tsconfig.app.json"}]}', "tsconfig.app.json"),
        ('{"files": [], "references": [{"path": "./gone.json"}]}', "tsconfig.json"),
    ],
)
async def test_tsc_takes_the_project_file_that_has_the_sources(config: str, used: str, root: Path) -> None:
    (root / "tsconfig.json").write_text(config)
    (root / "tsconfig.app.json").write_text("{}")
    program, told = telling(root, "tsc", "print('src/x.ts(1,3): error TS2304: Cannot find.'); sys.exit(2)")
    found = await look(TOOLS["tsc"], program, document(root, "src/x.ts", "é nope", "b"))
    assert found[0] == (Found(1, 3, "TS2304", "Cannot find."),)
    words = told()[0]["words"]
    assert isinstance(words, list)
    assert words[:3] == ["-p", used, "--noEmit"]
