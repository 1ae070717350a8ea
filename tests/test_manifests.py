"""What the editors' files say of commands, settings and defaults, against the server's own tables. Needs no editor.

Each file is read as simply as is sure: JSON as JSON, the others by forms that they must keep, and a form that is not found
fails.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kimi_lsp.features import FEATURES
from kimi_lsp.project.settings import Settings
from kimi_lsp.server import app, capabilities
from kimi_lsp.server.client_profile import ClientProfile, profile

ROOT = Path(__file__).parent.parent
EDITORS = ROOT / "editors"
README = (ROOT / "README.md").read_text("utf-8")
PACKAGE = EDITORS / "vscode" / "package.json"
EMACS = (EDITORS / "emacs" / "kimi-lsp.el").read_text("utf-8")


def test_what_is_advertised_is_what_is_handled() -> None:
    assert set(capabilities.COMMANDS) == set(app.COMMANDS)


def test_the_readme_has_every_command() -> None:
    assert set(re.findall(r"(?m)^\| `(kimi\.\w+)`", README)) == set(app.COMMANDS)


def test_emacs_has_every_command() -> None:
    (table,) = re.findall(r"(?ms)^\(defconst kimi-lsp-commands\n  '\((.*?)\)\n  \"", EMACS)
    rows = re.findall(r'\("[^"]+" "(kimi\.\w+)" (kimi-lsp-[\w-]+) "(\w)"\)', table)
    assert len(rows) == table.count('"kimi.'), "a row has another form"
    assert {name for name, _, _ in rows} == set(app.COMMANDS)
    assert len({key for _, _, key in rows}) == len(rows)
    defined = set(re.findall(r"(?m)^\(defun (kimi-lsp-[\w-]+) ", EMACS))
    assert {command for _, command, _ in rows} <= defined


def test_emacs_names_no_other_command() -> None:
    assert named_in(EMACS) <= set(app.COMMANDS)


def test_emacs_can_show_the_request_of_every_feature() -> None:
    (kinds,) = re.findall(r"(?s)\(defvar kimi-lsp-kinds\n  '\((.*?)\)", EMACS)
    assert {*re.findall(r'"(\w+)"', kinds)} == {*FEATURES, "commitMessage"}


def test_emacs_says_what_it_can_do_in_words_that_the_server_knows() -> None:
    (options,) = re.findall(r"(?s)\(defconst kimi-lsp--options\n  '\((.*?)\)\n  \"", EMACS)
    found = profile({"initializationOptions": plist(options)})
    bare = ClientProfile(answers="attached")
    changed = {name for name in ClientProfile.__slots__ if getattr(found, name) != getattr(bare, name)}
    # One flag for each word: four under `ui`, the prompt, and the client's own progress.
    assert len(changed) == 6, changed


def test_neovim_has_every_command() -> None:
    code = (EDITORS / "nvim" / "lua" / "kimi" / "commands.lua").read_text("utf-8")
    rows = re.findall(r'(?m)^  \["([a-z-]+)"\] = \{ command = "(kimi\.\w+)"', code)
    assert len(rows) == len(re.findall(r"\bcommand = ", code)), "a row has another form"
    assert {name for _, name in rows} == set(app.COMMANDS)
    help_ = (EDITORS / "nvim" / "doc" / "kimi.txt").read_text("utf-8")
    assert {word for word, _ in rows} <= set(re.findall(r"[a-z]+(?:-[a-z]+)*", help_))


# Each makes a manifest wrong.
SPOILT: tuple[Callable[[Any], object], ...] = (
    lambda one: one["contributes"]["commands"].pop(),
    lambda one: one["contributes"]["commands"].append({"command": "kimi.client.frobnicate"}),
    lambda one: one["contributes"]["configuration"]["properties"].pop("kimi.preview"),
    lambda one: one["contributes"]["configuration"]["properties"].update({"kimi.colour": {"default": 1}}),
    lambda one: one["contributes"]["configuration"]["properties"]["kimi.preview"].update(default="never"),
    lambda one: one["contributes"]["configuration"]["properties"]["kimi.preview"].update(enum=["auto"]),
)


def test_a_manifest_is_held_to_the_tables() -> None:
    """The check itself, with a manifest that is right and some that are wrong."""
    right = as_package()
    assert wrong_in(right) == []
    for spoil in SPOILT:
        manifest = as_package()
        spoil(manifest)
        assert wrong_in(manifest) != []


def test_the_manifest_of_vs_code() -> None:
    assert wrong_in(json.loads(PACKAGE.read_text("utf-8"))) == []


def test_vs_code_runs_every_command() -> None:
    table = (EDITORS / "vscode" / "src" / "commands.ts").read_text("utf-8")
    (rows,) = re.findall(r"(?s)export const TABLE: Record<string, Row> = \{\n(.*?)\n\};", table)
    assert {f"kimi.{name}" for name in re.findall(r"(?m)^  (\w+): \{", rows)} == set(app.COMMANDS)


def test_no_setting_of_vs_code_may_come_from_a_workspace() -> None:
    package = json.loads(PACKAGE.read_text("utf-8"))
    properties = {
        name: one
        for section in package["contributes"]["configuration"]
        for name, one in section["properties"].items()
    }
    assert {one["scope"] for one in properties.values()} == {"machine"}
    restricted = package["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert set(restricted) == set(properties)


OWN_COMMANDS = re.compile(r"kimi\.client\.\w+")
"""Commands of the extension itself: a command of the server's with `client.` in it, or one of those below."""
OWN = {
    *("setKey", "forgetKey", "restart", "showLog", "menu", "installServer", "openWalkthrough"),
    "reviewChanges",
    *("acceptEdit", "rejectEdit", "askAgain", "chooseChanges"),
}
OWN_SETTINGS = re.compile(r"kimi\.(server\.\w+|trace\.server|statusBar\.\w+|status\.\w+)")
"""Settings of the extension itself, which the server never reads."""


def wrong_in(package: Mapping[str, Any]) -> list[str]:
    """Return what a package.json says of commands, settings and defaults that is not so."""
    contributes = package["contributes"]
    commands = {one["command"] for one in contributes["commands"]}
    wanted = {f"kimi.client.{name.removeprefix('kimi.')}" for name in app.COMMANDS}
    own = {f"kimi.client.{name}" for name in OWN}
    wrong = [f"no command {name}" for name in sorted(wanted - commands)]
    wrong += [f"what is the command {name}?" for name in sorted(commands - wanted - own)]
    sections = contributes["configuration"]
    sections = sections if isinstance(sections, list) else [sections]
    found: dict[str, Any] = {}
    for section in sections:
        found |= section["properties"]
    schema = Settings.model_json_schema()["properties"]
    settings = {f"kimi.{camel(name)}": name for name in Settings.model_fields}
    wrong += [f"no setting {name}" for name in settings if name not in found]
    for name, described in found.items():
        if name not in settings:
            wrong += [] if OWN_SETTINGS.fullmatch(name) else [f"what is the setting {name}?"]
            continue
        default = Settings.model_fields[settings[name]].default
        default = list(default) if isinstance(default, tuple) else default
        if described.get("default") != default:
            wrong.append(f"{name} is {default!r} by default, not {described.get('default')!r}")
        if described.get("enum") != schema[settings[name]].get("enum"):
            wrong.append(f"{name} is one of {schema[settings[name]].get('enum')}")
    return wrong


def as_package() -> dict[str, Any]:
    """Return what a package.json must say, made from the server's tables."""
    schema = Settings.model_json_schema()["properties"]
    properties = {
        f"kimi.{camel(name)}": {
            "default": list(field.default) if isinstance(field.default, tuple) else field.default,
            **({"enum": schema[name]["enum"]} if "enum" in schema[name] else {}),
        }
        for name, field in Settings.model_fields.items()
    }
    commands = [{"command": f"kimi.client.{name.removeprefix('kimi.')}"} for name in app.COMMANDS]
    return {"contributes": {"commands": commands, "configuration": {"properties": properties}}}


def named_in(code: str) -> set[str]:
    """Return the commands of the server that a file names in quotes."""
    return set(re.findall(r"""["'](kimi\.(?!client\b)[a-z]\w*)["']""", code))


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def plist(words: str) -> dict[str, Any]:
    """Read a property list of keywords, strings, `t`, vectors of strings and lists of the same."""
    tokens = re.findall(r'[()\[\]]|"[^"]*"|:?[\w-]+', words)

    def value() -> Any:
        token = tokens.pop(0)
        if token == "(":
            return table()
        if token == "[":
            return [one.strip('"') for one in iter(lambda: tokens.pop(0), "]")]
        return {"t": True, "nil": None}[token] if token in ("t", "nil") else token.strip('"')

    def table() -> dict[str, Any]:
        found: dict[str, Any] = {}
        while tokens and tokens[0] != ")":
            name = tokens.pop(0).removeprefix(":")
            found[name] = value()
        if tokens:
            tokens.pop(0)
        return found

    return table()
