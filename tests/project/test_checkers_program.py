"""Which program is started, and what it is given of our environment."""

import os
import sys
from pathlib import Path

import pytest

from kimi_lsp.project.checkers import InsideWorkspace, NotOnPath, find_program, tool_of
from kimi_lsp.project.checkers.program import child_environ
from tests.project import faked

posix = pytest.mark.skipif(sys.platform == "win32", reason="programs without a suffix")


@pytest.mark.parametrize(
    ("checker", "name"),
    [
        ("ruff", "ruff"),
        ("mypy", "mypy"),
        ("flake8", None),
        ("", None),
        ("./ruff", None),
        ("bin/ruff", None),
        ("ruff --fix", None),
    ],
)
def test_a_word_of_the_setting_names_a_tool(checker: str, name: str | None) -> None:
    tool = tool_of(checker)
    assert (tool.name if tool else None) == name


@pytest.mark.parametrize(
    ("file", "name"), [("ruff", "ruff"), ("Ruff.EXE", "ruff"), ("tsc.cmd", "tsc"), ("python3", None)]
)
def test_a_full_path_is_known_by_its_file_name(file: str, name: str | None, tmp_path: Path) -> None:
    tool = tool_of(str(tmp_path / file))
    assert (tool.name if tool else None) == name


def path_of(*folders: Path | str) -> dict[str, str]:
    return {"PATH": os.pathsep.join(map(str, folders))}


@posix
def test_the_first_program_on_the_path_is_taken(tmp_path: Path) -> None:
    wanted = faked.tool(tmp_path / "one", "ruff", "")
    faked.tool(tmp_path / "two", "ruff", "")
    found = find_program("ruff", path_of(tmp_path / "none", tmp_path / "one", tmp_path / "two"), ())
    assert found == wanted


@posix
def test_a_program_of_the_workspace_is_passed_over(tmp_path: Path) -> None:
    root = tmp_path / "project"
    theirs = faked.tool(root / ".venv/bin", "ruff", "")
    ours = faked.tool(tmp_path / "bin", "ruff", "")
    assert find_program("ruff", path_of(theirs.parent, ours.parent), (root,)) == ours
    with pytest.raises(InsideWorkspace, match="inside the workspace"):
        find_program("ruff", path_of(theirs.parent), (root,))


@posix
def test_links_do_not_hide_where_a_program_lies(tmp_path: Path) -> None:
    root = tmp_path / "project"
    theirs = faked.tool(root / "bin", "ruff", "")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ruff").symlink_to(theirs)
    (tmp_path / "linked").symlink_to(theirs.parent, target_is_directory=True)
    ours = faked.tool(tmp_path / "ours", "mypy", "")
    (root / "bin/mypy").symlink_to(ours)
    for folder, name in (("bin", "ruff"), ("linked", "ruff"), ("project/bin", "mypy")):
        with pytest.raises(InsideWorkspace):
            find_program(name, path_of(tmp_path / folder), (root,))


@posix
def test_a_relative_folder_of_the_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked.tool(tmp_path / "bin", "ruff", "")
    monkeypatch.chdir(tmp_path / "bin")
    for folder in (".", "../bin"):
        with pytest.raises(InsideWorkspace):
            find_program("ruff", path_of(folder), (tmp_path / "project",))
    with pytest.raises(NotOnPath, match="it is not on PATH"):
        find_program("ruff", path_of("", ""), ())


@posix
def test_the_user_may_name_a_program_of_the_workspace_by_its_full_path(tmp_path: Path) -> None:
    theirs = faked.tool(tmp_path / ".venv/bin", "ruff", "")
    assert find_program(str(theirs), {}, (tmp_path,)) == theirs
    with pytest.raises(NotOnPath, match="there is no such program"):
        find_program(str(tmp_path / "gone/ruff"), {}, (tmp_path,))


def test_a_child_gets_neither_our_key_nor_the_workspace_on_its_path(tmp_path: Path) -> None:
    root = tmp_path / "project"
    environ = {
        "EMPIRIOLABS_API_KEY": "sk-1",
        "KIMI_LSP_API_KEY": "sk-2",
        "kimi_lsp_base_url": "https://api.example.com",
        "KIMI_LSP_LOG": "x",
        "HOME": "/there",
        "LANG": "C",
        **path_of(root / "node_modules/.bin", tmp_path / "bin", ".", ""),
    }
    assert child_environ(environ, (root,)) == {"HOME": "/there", "LANG": "C", **path_of(tmp_path / "bin")}
