"""The set-up files for editors: those in a format that Python reads are read, and all start the same server."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp.cli import main
from kimi_lsp.project.settings import load
from kimi_lsp.server.app import COMMANDS as SERVED
from kimi_lsp.server.client_profile import profile

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

    assert understood(settings["language-server"]["kimi"]["config"]["kimi"])


def test_sublime_starts_kimi() -> None:
    client = sublime("LSP.sublime-settings")["clients"]["kimi"]
    assert client["enabled"] is True
    assert client["command"] == COMMAND
    assert all(name.startswith("kimi.") for name in client["settings"])
    assert understood({name.removeprefix("kimi."): value for name, value in client["settings"].items()})


def test_sublime_asks_the_client_that_its_settings_name() -> None:
    clients = sublime("LSP.sublime-settings")["clients"]
    for entry in sublime("Default.sublime-commands"):
        assert entry["args"]["session_name"] in clients
        assert entry["args"]["command_name"] in SERVED


def test_sublime_fills_in_what_it_can() -> None:
    """LSP for Sublime Text replaces its own placeholders only where they are a whole argument."""
    for entry in sublime("Default.sublime-commands"):
        (argument,) = entry["args"]["command_args"]
        assert argument in ("${document_id}", {}), "an object of LSP's placeholders is sent as it stands"


def test_zed_starts_kimi_in_every_language_it_names() -> None:
    manifest = tomllib.loads((EDITORS / "zed/extension.toml").read_text("utf-8"))
    server = manifest["language_servers"]["kimi-lsp"]
    assert sorted(server["languages"]) == sorted(server["language_ids"])
    code = (EDITORS / "zed/src/lib.rs").read_text("utf-8")
    assert f'worktree.which("{COMMAND[0]}")' in code
    assert f'vec!["{COMMAND[1]}".into()]' in code
    assert tomllib.loads((EDITORS / "zed/Cargo.toml").read_text("utf-8"))["lib"]["crate-type"] == ["cdylib"]


def test_zed_has_settings_for_the_server_of_the_extension() -> None:
    manifest = tomllib.loads((EDITORS / "zed/extension.toml").read_text("utf-8"))
    settings = with_comments("zed/settings.json")
    assert settings["lsp"].keys() == manifest["language_servers"].keys()
    assert understood(settings["lsp"]["kimi-lsp"]["settings"])
    for language, chosen in settings["languages"].items():
        assert language in manifest["language_servers"]["kimi-lsp"]["languages"]
        assert chosen["language_servers"] == ["...", "kimi-lsp"]


def test_the_template_for_jetbrains_starts_kimi() -> None:
    template = json.loads((EDITORS / "jetbrains/kimi-lsp/template.json").read_text("utf-8"))
    assert template.keys() == {"id", "name", "programArgs", "fileTypeMappings"}
    assert template["programArgs"]["default"].split() == COMMAND
    assert template["programArgs"]["windows"].split() == [f"{COMMAND[0]}.exe", COMMAND[1]]
    for one in template["fileTypeMappings"]:
        assert one["languageId"]
        assert all(pattern.startswith("*.") for pattern in one["fileType"]["patterns"])
    settings = json.loads((EDITORS / "jetbrains/kimi-lsp/settings.json").read_text("utf-8"))
    assert understood(settings["kimi"])
    options = json.loads((EDITORS / "jetbrains/kimi-lsp/initializationOptions.json").read_text("utf-8"))
    assert profile({"initializationOptions": options}).answers == options["commands"] == "attached"


def test_kakoune_starts_kimi_and_names_its_commands() -> None:
    text = (EDITORS / "kakoune/kimi.kak").read_text("utf-8")
    code = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    assert closed(code, "{}")
    (table,) = re.findall(r"(?s)%exp\{(.*?)\n    \}", code)
    # What the shell puts in is a path.
    server = tomllib.loads(re.sub(r'"%sh\{.*\}"', '"/"', table))["kimi"]
    assert [server["command"], *server["args"]] == COMMAND
    assert understood(server["settings"][server["settings_section"]])
    named = re.findall(r"lsp-execute-command (\S+) '(.*)'", code)
    assert named
    assert all(name in SERVED and json.loads(argument) == [{}] for name, argument in named)


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


def understood(settings: dict[str, object]) -> bool:
    """Tell whether the server takes settings of an editor's without a remark, and they are what it would do anyway."""
    nothing = EDITORS / "no such file"
    assert settings
    loaded = load(editor=settings, user_file=nothing)
    return loaded == load(user_file=nothing)


def closed(code: str, pair: str) -> bool:
    depth = 0
    for one in re.findall(f"[{re.escape(pair)}]", code):
        depth += 1 if one == pair[0] else -1
        if depth < 0:
            return False
    return depth == 0


def with_comments(path: str) -> Any:
    """Read JSON with lines that are comments, as Zed does."""
    lines = (EDITORS / path).read_text("utf-8").split("\n")
    return json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))


def sublime(name: str) -> Any:
    return json.loads((EDITORS / "sublime" / name).read_text("utf-8"))
