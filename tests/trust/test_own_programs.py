"""A workspace that brings programs and modules of its own: none of them is run, and none gets the key."""

import json
import os
import sys
from pathlib import Path

import pytest

from kimi_lsp.kimi import KeyCommandFailed, find_key
from tests.cli.running import keyless, nowhere, run

posix = pytest.mark.skipif(sys.platform == "win32", reason="scripts of POSIX")


def program(file: Path, prints: str, ran: Path | None = None) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    touch = f"open({str(ran)!r}, 'w').close(); " if ran else ""
    file.write_text(f"#!{sys.executable}\n{touch}import json, os\nprint({prints})\n", "utf-8")
    file.chmod(0o755)
    return file


@posix
@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin"])
def test_a_key_command_is_not_looked_for_where_the_editor_happens_to_be(
    entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    for folder in (tmp_path / "work", tmp_path / "work" / "bin"):
        program(folder / "print-key", "'sk-theirs'", ran)
    program(tmp_path / "own" / "print-key", "'sk-mine'")
    monkeypatch.chdir(tmp_path / "work")
    path = os.pathsep.join((entry, str(tmp_path / "own"), os.environ["PATH"]))
    assert find_key({"PATH": path}, ["print-key"], keyring=False).reveal() == "sk-mine"
    assert not ran.exists()


@posix
def test_a_key_command_needs_a_full_path_or_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = tmp_path / "ran"
    program(tmp_path / "bin" / "print-key", "'sk-theirs'", ran)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        KeyCommandFailed, match="names print-key by a relative path, and a full path is needed"
    ):
        find_key({"PATH": os.environ["PATH"]}, ["bin/print-key"], keyring=False)
    assert not ran.exists()


def test_a_key_command_is_not_run_where_the_environment_has_a_key(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    command = [sys.executable, "-c", f"open({str(ran)!r}, 'w')"]
    assert find_key({"KIMI_LSP_API_KEY": "sk-mine"}, command, keyring=False).reveal() == "sk-mine"
    assert not ran.exists()


@posix
def test_a_key_command_gets_no_key_of_the_environment(tmp_path: Path) -> None:
    """One that is blank is none; its name is not handed on either."""
    told = program(tmp_path / "told", "json.dumps(sorted(os.environ)).replace(' ', '')")
    environ = {"PATH": os.environ["PATH"], "EMPIRIOLABS_API_KEY": " ", "KIMI_LSP_API_KEY": "", "VAULT": "v"}
    names = json.loads(find_key(environ, [str(told)], keyring=False).reveal())
    assert "VAULT" in names
    assert not {"EMPIRIOLABS_API_KEY", "KIMI_LSP_API_KEY"} & set(names)


async def test_modules_of_the_workspace_are_not_imported(tmp_path: Path) -> None:
    """As `python -m kimi_lsp` would, for which Python looks in the current folder first."""
    ran = tmp_path / "ran"
    work = tmp_path / "work"
    work.mkdir()
    for name in ("argparse", "httpx", "keyring", "pydantic", "tomllib"):
        (work / f"{name}.py").write_text(f"open({str(ran)!r}, 'w').close()\nraise ImportError\n", "utf-8")
    ended = await run("doctor", environ=nowhere(), cwd=work)
    assert "FAIL  service: 127.0.0.1:9 cannot be reached (connection refused)" in ended.out
    assert "No API key" in (await run("doctor", environ=keyless(nowhere()), cwd=work)).out
    assert not ran.exists()
