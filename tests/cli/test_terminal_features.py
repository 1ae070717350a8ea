"""The features that a terminal has beside the first ones, as processes against a sandbox."""

import json
import os
import sys
from pathlib import Path

from kimi_lsp.edits import Proposal, plan
from kimi_lsp.edits.sameness import digest
from kimi_lsp.kimi.dismissed import Dismissed
from tests.cli.running import run
from tests.support.repository import ALONE, git, put, repository
from tests.support.sandboxed import Sandbox


async def test_tests_come_into_a_file_of_their_own_and_then_into_the_same(
    kimi: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    file = tmp_path / "shop.py"
    file.write_bytes(b"def one(a):\r\n    return a\r\n\r\n\r\nclass Two:\r\n    pass\r\n")
    first = await run("write-tests", str(file), "--lines", "1", "--apply", environ=kimi.environ, cwd=tmp_path)
    assert first.code == 0, first.err
    tests = tmp_path / "tests" / "test_shop.py"
    assert b"def test_one_takes_what_its_header_says() -> None:\r\n" in tests.read_bytes()
    second = await run(
        "write-tests", str(file), "--lines", "5-6", "--apply", environ=kimi.environ, cwd=tmp_path
    )
    assert second.code == 0, second.err
    assert tests.read_bytes().count(b"def test_") == 2
    assert b"\n" not in tests.read_bytes().replace(b"\r\n", b"")


async def test_all_that_the_checkers_find_is_fixed(kimi: Sandbox, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    file = tmp_path / "größe.py"
    file.write_text("import os\nimport sys\n\n\ndef f(x):\n\treturn json.dumps(x)\n", "utf-8")
    environ = {**kimi.environ, "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.defpath))}
    some = await run("fix-all", str(file), "--code", "F401", environ=environ, cwd=tmp_path)
    assert some.code == 0, some.err
    assert "-import os\n-import sys\n" in some.out
    assert "+import json" not in some.out
    done = await run("fix-all", str(file), "--apply", environ=environ, cwd=tmp_path)
    assert done.code == 0, done.err
    assert "ruff: fixed 3, 0 new." in done.err
    again = await run("fix-all", str(file), environ=environ, cwd=tmp_path)
    assert (again.code, again.err) == (3, "kimi-lsp: No problem was found, and nothing was sent.\n")


async def test_a_commit_gets_its_message_from_what_is_staged(kimi: Sandbox, tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "x = 1\n"})
    put(root, {"a.py": "x = '€'\n"})
    environ = {**kimi.environ, **ALONE}
    nothing = await run("commit-message", environ=environ, cwd=root)
    assert (nothing.code, nothing.out) == (3, "")
    git(root, "add", "--all")
    told = await run("commit-message", environ=environ, cwd=root)
    assert told.code == 0, told.err
    assert told.out.startswith("Change a.py (sandbox)\n\n")
    assert git(root, "status", "--porcelain") == "M  a.py\n"
    as_json = await run("commit-message", str(root / "a.py"), "--json", environ=environ, cwd=tmp_path.parent)
    assert json.loads(as_json.out)["markdown"] == told.out


async def test_an_action_of_ones_own_is_done_by_its_name(kimi: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "settings" / "kimi-lsp"
    folder.mkdir(parents=True)
    environ = {**kimi.environ, "XDG_CONFIG_HOME": str(folder.parent)}
    action = '[[actions]]\nname = "say"\ntitle = "Say"\nprompt = "a docstring, {instruction}"\n'
    (folder / "config.toml").write_text(action, "utf-8")
    file = tmp_path / "größe.py"
    file.write_text("def größe():\n\treturn 1\n", "utf-8")
    told = await run("action", "say", str(file), "--lines", "1", "--instruction", "short", environ=environ)
    assert told.code == 0, told.err
    assert '+\t"""' in told.out
    unknown = await run("action", "other", str(file), environ=environ)
    assert (unknown.code, "no action of this name" in unknown.err) == (3, True)


UNUSED_OS = digest(plan("import os\n", [Proposal(file="", search="import os", replace="", line=None)]))


async def test_a_review_is_printed_as_a_linter_does_and_written_where_it_fits_together(
    kimi: Sandbox, tmp_path: Path
) -> None:
    text = "import os\r\nimport json, sys\r\n\r\n\r\ndef größe(x):\r\n\treturn x == None, json\r\n"
    root = repository(tmp_path, {"größe.py": text.replace("== None", "is None"), "b.js": ""})
    environ = {**kimi.environ, **ALONE}
    put(root, {"größe.py": text, "b.js": "debugger;\n"})
    file = root / "größe.py"
    told = await run("review", str(file), environ=environ, cwd=root)
    assert told.code == 0, told.err
    assert told.out.split("\n") == [
        "größe.py:1:1: `os` is imported but not used (sandbox)",
        "größe.py:2:1: `sys` is imported but not used (sandbox)",
        "größe.py:6:2: A class may say what `==` None means; compare by `is` (sandbox)",
        "",
    ]
    assert told.err.startswith("3 suggestions. (")
    books = Dismissed.of(environ)
    await books.add([UNUSED_OS])
    await books.close()
    less = await run("review", str(file), environ=environ, cwd=root)
    assert less.out == told.out.partition("\n")[2]
    assert less.err.startswith("2 suggestions. 1 dismissed before. (")
    diff = await run("review", str(file), "--diff", "--json", environ=environ, cwd=root)
    (one,) = json.loads(diff.out)["suggestions"]
    assert (one["line"], one["column"]) == (6, 2)
    assert "+\treturn x is None, json\r\n" in one["diff"]
    assert file.read_bytes() == text.encode()
    done = await run("review", str(file), "--apply", environ=environ, cwd=root)
    assert done.code == 0, done.err
    assert file.read_bytes().decode() == text.replace(", sys", "").replace("==", "is")
    script = await run("review", str(root / "b.js"), "--lines", "1", "--apply", environ=environ, cwd=root)
    assert script.out == "b.js:1:1: A `debugger` was left behind (sandbox)\n"
    assert (root / "b.js").read_bytes() == b""
    nothing = await run("review", str(root / "b.js"), "--diff", environ=environ, cwd=root)
    assert (nothing.code, nothing.err) == (
        3,
        "kimi-lsp: Nothing was sent to the model: all of b.js is committed.\n",
    )
