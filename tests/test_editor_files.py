"""The set-up files for editors: those in a format that Python reads are read, and all start the same server."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp.cli import main

EDITORS = Path(__file__).parent.parent / "editors"
COMMAND = ["kimi-lsp", "serve"]


def test_what_the_files_start_exists() -> None:
    with pytest.raises(SystemExit) as ended:
        main([*COMMAND[1:], "--help"])
    assert ended.value.code == 0


def test_helix_starts_kimi_beside_the_usual_server_of_each_language() -> None:
    settings = tomllib.loads((EDITORS / "helix/languages.toml").read_text("utf-8"))
    server = settings["language-server"]["kimi"]
    assert [server["command"], *server["args"]] == COMMAND
    for language in settings["language"]:
        *usual, kimi = language["language-servers"]
        assert usual
        assert kimi == {"name": "kimi", "only-features": ["code-action", "workspace-command"]}


def test_sublime_starts_kimi() -> None:
    client = sublime("LSP.sublime-settings")["clients"]["kimi"]
    assert client["enabled"] is True
    assert client["command"] == COMMAND


def test_sublime_asks_the_client_that_its_settings_name() -> None:
    clients = sublime("LSP.sublime-settings")["clients"]
    for entry in sublime("Default.sublime-commands"):
        assert entry["args"]["session_name"] in clients


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("nvim/lua/kimi/config.lua", 'command = { "kimi-lsp", "serve" },'),
        ("emacs/kimi-lsp.el", """(defcustom kimi-lsp-server-command '("kimi-lsp" "serve")"""),
        ("kakoune/kimi.kak", 'args = ["serve"]'),
    ],
)
def test_the_other_files_start_the_same(path: str, line: str) -> None:
    assert line in (EDITORS / path).read_text("utf-8")


def test_every_file_is_named_in_the_overview() -> None:
    overview = (EDITORS / "README.md").read_text("utf-8")
    for folder in EDITORS.iterdir():
        if folder.is_dir():
            assert f"]({folder.name}" in overview


def test_every_parenthesis_for_emacs_is_closed() -> None:
    text = (EDITORS / "emacs/kimi-lsp.el").read_text("utf-8")
    code = re.sub(r'"(?:\\.|[^"\\])*"|;[^\n]*', "", text)
    depth = 0
    for form in re.findall(r"[()]|\n(?=\()", code):
        if form == "\n":
            assert depth == 0, "a form starts before the one above it ends"
        else:
            depth += 1 if form == "(" else -1
    assert depth == 0


def sublime(name: str) -> Any:
    return json.loads((EDITORS / "sublime" / name).read_text("utf-8"))
