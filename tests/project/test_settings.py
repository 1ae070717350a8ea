"""Settings: what a layer may say, what is told about it, and what a stranger's workspace may not do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp.project.settings import ENVIRONMENT, Loaded, Settings, describe, load

DEFAULTS = Settings()


def loaded(tmp_path: Path, **layers: Any) -> Loaded:
    """Load without the settings file of whoever runs the tests."""
    return load(**{"user_file": tmp_path / "none.toml", **layers})


def workspace(tmp_path: Path, text: str, name: str = ".kimi-lsp.toml") -> Loaded:
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    (root / name).write_text(text, "utf-8", newline="")
    return loaded(tmp_path, root=root)


def test_without_any_layer_the_defaults_are_in_force(tmp_path: Path) -> None:
    assert loaded(tmp_path, root=tmp_path) == Loaded(DEFAULTS, ())
    assert DEFAULTS.base_url == "https://api.empiriolabs.ai"
    assert DEFAULTS.model == "kimi-k2-7-code"


def test_later_layers_win(tmp_path: Path) -> None:
    user, root = tmp_path / "config.toml", tmp_path / "project"
    root.mkdir()
    user.write_text(
        'model = "user"\nmax_tokens = 9000\ncontext_tokens = 9000\nbase_url = "https://user.example"\n'
    )
    (root / "pyproject.toml").write_text("[tool.kimi-lsp]\nmax_tokens = 7000\ncontext_tokens = 7000\n")
    (root / ".kimi-lsp.toml").write_text("context_tokens = 6000\n")
    environ = {"KIMI_LSP_BASE_URL": "https://environment.example", "KIMI_LSP_MODEL": "environment"}
    editor = {"model": "editor", "maxTokens": 8000}
    layers: list[dict[str, Any]] = [
        {"user_file": user},
        {"environ": environ},
        {"editor": editor},
        {"root": root},
    ]
    seen = []
    for count in range(len(layers) + 1):
        given = {name: value for layer in layers[:count] for name, value in layer.items()}
        result = loaded(tmp_path, **given)
        assert result.remarks == ()
        now = result.settings
        seen.append((now.base_url, now.model, now.max_tokens, now.context_tokens))
    assert seen == [
        ("https://api.empiriolabs.ai", "kimi-k2-7-code", 16_384, 64_000),
        ("https://user.example", "user", 9000, 9000),
        ("https://environment.example", "environment", 9000, 9000),
        ("https://environment.example", "editor", 8000, 9000),
        ("https://environment.example", "editor", 7000, 6000),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", True),
        ("max_tokens", "9000"),
        ("max_tokens", 9000.5),
        ("max_tokens", 0),
        ("max_tokens", 131_073),
        ("context_tokens", 1),
        ("disable_formatting", "yes"),
        ("disable_formatting", 0),
        ("connect_timeout", True),
        ("connect_timeout", "10"),
        ("connect_timeout", 0),
        ("idle_timeout", float("nan")),
        ("total_timeout", float("inf")),
        ("model", 5),
        ("model", "  "),
        ("code_actions", "loud"),
        ("preview", True),
        ("exclude", "*.py"),
        ("exclude", [1]),
        ("api_key_command", "pass show kimi"),
        ("proxy", 8080),
    ],
)
def test_a_wrong_value_is_told_and_the_layer_below_stays(tmp_path: Path, name: str, value: object) -> None:
    result = loaded(tmp_path, editor={name: value})
    assert result.settings == DEFAULTS
    (remark,) = result.remarks
    assert remark.startswith(f"the editor's settings: {name} is not usable: ")
    assert remark.endswith(".")


def test_whole_seconds_and_lists_are_taken(tmp_path: Path) -> None:
    result = loaded(
        tmp_path, editor={"connectTimeout": 5, "apiKeyCommand": ["pass", "kimi"], "exclude": ["*.x"]}
    )
    assert result.remarks == ()
    assert result.settings.connect_timeout == 5
    assert result.settings.api_key_command == ("pass", "kimi")
    assert result.settings.exclude == ("*.x",)


def test_every_setting_can_be_named_in_camel_case_by_an_editor(tmp_path: Path) -> None:
    values: dict[str, object] = {
        "baseUrl": "http://localhost:9/v1/",
        "model": "m",
        "protocol": "chat",
        "maxTokens": 1,
        "contextTokens": 2000,
        "codeActions": "off",
        "preview": "never",
        "exclude": ["a"],
        "apiKeyCommand": ["b"],
        "proxy": "http://proxy:1",
        "caFile": "c",
        "connectTimeout": 1,
        "firstDataTimeout": 2,
        "idleTimeout": 3,
        "totalTimeout": 4,
        "disableFormatting": False,
        "logFile": "d",
    }
    camel = loaded(tmp_path, editor=values)
    assert camel.remarks == ()
    assert camel.settings.model_dump() == {
        "base_url": "http://localhost:9/v1",
        "model": "m",
        "protocol": "chat",
        "max_tokens": 1,
        "context_tokens": 2000,
        "code_actions": "off",
        "preview": "never",
        "exclude": ("a",),
        "api_key_command": ("b",),
        "proxy": "http://proxy:1",
        "ca_file": "c",
        "connect_timeout": 1,
        "first_data_timeout": 2,
        "idle_timeout": 3,
        "total_timeout": 4,
        "disable_formatting": False,
        "log_file": "d",
    }
    assert loaded(tmp_path, editor=camel.settings.model_dump()).settings == camel.settings


def test_null_from_an_editor_means_not_set(tmp_path: Path) -> None:
    assert loaded(tmp_path, editor={"proxy": None, "maxTokens": None}) == Loaded(DEFAULTS, ())


def test_unknown_names_are_told_as_they_were_written(tmp_path: Path) -> None:
    result = loaded(tmp_path, editor={"maxTokns": 1, "model": "m"})
    assert result.settings.model == "m"
    assert result.remarks == ("the editor's settings: there is no setting 'maxTokns'.",)


def test_many_unknown_names_are_one_remark(tmp_path: Path) -> None:
    result = workspace(tmp_path, "".join(f"name{number} = 1\n" for number in range(9)) + "x" * 99 + " = 1\n")
    assert result.remarks == (".kimi-lsp.toml: there are no settings 'name0', 'name1', 'name2' and 7 more.",)


def test_a_very_long_unknown_name_is_cut(tmp_path: Path) -> None:
    (remark,) = workspace(tmp_path, "x" * 999 + " = 1\n").remarks
    assert len(remark) < 100


@pytest.mark.parametrize("protocol", ["responses", "messages"])
def test_an_endpoint_that_is_not_built_is_said_in_plain_words(tmp_path: Path, protocol: str) -> None:
    result = loaded(tmp_path, environ={"KIMI_LSP_PROTOCOL": protocol})
    assert result.settings.protocol == "chat"
    assert result.remarks == (
        f"the environment: KIMI_LSP_PROTOCOL is not usable: the {protocol} endpoint is not built yet; chat is used.",
    )


def test_the_environment_sets_what_it_names_and_an_empty_variable_nothing(tmp_path: Path) -> None:
    environ = {
        "KIMI_LSP_BASE_URL": "https://e.example",
        "KIMI_LSP_MODEL": "e",
        "KIMI_LSP_PROTOCOL": "",
        "KIMI_LSP_LOG": "e.log",
        "KIMI_LSP_OTHER": "x",
    }
    result = loaded(tmp_path, environ=environ)
    assert result.remarks == ()
    assert (result.settings.base_url, result.settings.model) == ("https://e.example", "e")
    assert result.settings.log_file == "e.log"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com:8443/kimi/v1",
        "https://10.1.2.3",
        "http://localhost:8080",
        "http://127.0.0.1:1/v1",
        "http://127.9.9.9",
        "http://[::1]:5",
    ],
)
def test_a_base_url_that_keeps_the_key_safe(tmp_path: Path, url: str) -> None:
    result = loaded(tmp_path, environ={"KIMI_LSP_BASE_URL": url})
    assert result == Loaded(DEFAULTS.model_copy(update={"base_url": url}), ())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https:///v1",
        "https://me:word@api.example.com",
        "https://me@api.example.com",
        "https://@api.example.com",
        "https://api.example.com@evil.example",
        "https://api.example.com\\@evil.example",
        "https://api.example.com\\v1",
        "https://api.exa\tmple.com",
        "https://api.exa\nmple.com",
        "https://api.example .com",
        "https://api.example.com/a b",
        "https://api.example.com/\x00",
        "https://api.example.com/\x7f",
        "https://api.ex\u0430mple.com",
        "https://api.example.com?x=1",
        "https://api.example.com?",
        "https://api.example.com#x",
        "https://api.example.com#",
        "https://api.example.com:port",
        "https://api.example.com:99999",
        "https://[::1",
        "http://api.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0",
        "http://10.0.0.1",
    ],
)
def test_a_base_url_that_does_not(tmp_path: Path, url: str) -> None:
    result = loaded(tmp_path, editor={"baseUrl": url})
    assert result.settings == DEFAULTS
    (remark,) = result.remarks
    assert "word" not in remark
    assert remark.startswith("the editor's settings: base_url is not usable: ")


FORBIDDEN: Mapping[str, str] = {
    "base_url": '"https://evil.example"',
    "model": '"dear"',
    "protocol": '"chat"',
    "api_key_command": '["evil"]',
    "proxy": '"http://evil.example"',
    "ca_file": '"evil.pem"',
    "connect_timeout": "1",
    "first_data_timeout": "1",
    "idle_timeout": "1",
    "total_timeout": "1",
    "disable_formatting": "false",
    "log_file": '"evil.log"',
}
HARMLESS: Mapping[str, tuple[str, str]] = {
    "max_tokens": ("100", "20000"),
    "context_tokens": ("5000", "70000"),
    "code_actions": ('"invoked"', '"diagnosticsAndSelection"'),
    "preview": ('"always"', '"never"'),
}


@pytest.mark.parametrize("name", FORBIDDEN)
@pytest.mark.parametrize("file", [".kimi-lsp.toml", "pyproject.toml"])
def test_a_workspace_may_not_set(tmp_path: Path, name: str, file: str) -> None:
    table = "[tool.kimi-lsp]\n" if file == "pyproject.toml" else ""
    result = workspace(tmp_path, f"{table}{name} = {FORBIDDEN[name]}\n", file)
    assert result.settings == DEFAULTS
    assert result.remarks == (f"{file}: a workspace may not set {name}; it was not obeyed.",)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_workspace_may_only_go_the_harmless_way(tmp_path: Path, name: str) -> None:
    good, bad = HARMLESS[name]
    obeyed = workspace(tmp_path, f"{name} = {good}\n")
    assert obeyed.remarks == ()
    assert getattr(obeyed.settings, name) != getattr(DEFAULTS, name)
    (tmp_path / "project" / ".kimi-lsp.toml").write_text(f"{name} = {bad}\n")
    refused = loaded(tmp_path, root=tmp_path / "project", editor={"codeActions": "invoked"})
    assert refused.settings == DEFAULTS.model_copy(update={"code_actions": "invoked"})
    (remark,) = refused.remarks
    assert remark.startswith(f".kimi-lsp.toml: a workspace may set {name} only ")
    assert remark.endswith("; it was not obeyed.")


def test_a_workspace_adds_to_what_is_never_sent(tmp_path: Path) -> None:
    root = tmp_path
    (root / "pyproject.toml").write_text('[tool.kimi-lsp]\nexclude = ["b"]\n')
    (root / ".kimi-lsp.toml").write_text('exclude = ["c"]\n')
    assert loaded(tmp_path, root=root, editor={"exclude": ["a"]}).settings.exclude == ("a", "b", "c")


def test_every_setting_is_either_forbidden_or_harmless() -> None:
    assert {*FORBIDDEN, *HARMLESS, "exclude"} == set(Settings.model_fields)


def test_a_workspaces_bad_value_is_told(tmp_path: Path) -> None:
    result = workspace(tmp_path, 'max_tokens = true\nexclude = "x"\n')
    assert result.settings == DEFAULTS
    assert [remark.split(": ")[1] for remark in result.remarks] == [
        "max_tokens is not usable",
        "exclude is not usable",
    ]


@pytest.mark.parametrize(
    ("file", "text", "remarks"),
    [
        (".kimi-lsp.toml", "max_tokens = 5\n", 1),
        (".kimi-lsp.toml", "# nothing\n", 0),
        ("pyproject.toml", "[tool.kimi-lsp]\nmax_tokens = 5\n", 1),
        ("pyproject.toml", "[tool.other]\nx = 1\n", 0),
    ],
)
def test_a_link_in_a_workspace_is_not_obeyed(tmp_path: Path, file: str, text: str, remarks: int) -> None:
    (tmp_path / "elsewhere.toml").write_text(text)
    root = tmp_path / "project"
    root.mkdir()
    (root / file).symlink_to(tmp_path / "elsewhere.toml")
    result = loaded(tmp_path, root=root)
    assert result.settings == DEFAULTS
    assert result.remarks == (f"{file} is a link; it was not obeyed.",) * remarks


@pytest.mark.parametrize("file", [".kimi-lsp.toml", "pyproject.toml"])
def test_a_link_to_nothing_and_to_no_file_is_not_read(tmp_path: Path, file: str) -> None:
    (tmp_path / file).symlink_to("/dev/zero")
    assert loaded(tmp_path, root=tmp_path) == Loaded(DEFAULTS, ())
    (tmp_path / file).unlink()
    (tmp_path / file).symlink_to(tmp_path / "missing")
    assert loaded(tmp_path, root=tmp_path) == Loaded(DEFAULTS, ())


def test_the_users_own_file_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles.toml").write_text('model = "mine"\n')
    (tmp_path / "config.toml").symlink_to(tmp_path / "dotfiles.toml")
    assert load(user_file=tmp_path / "config.toml").settings.model == "mine"


@pytest.mark.parametrize("file", [".kimi-lsp.toml", "pyproject.toml"])
def test_a_huge_file_is_told(tmp_path: Path, file: str) -> None:
    result = workspace(tmp_path, "#" * (256 * 1024 + 1), file)
    assert result.remarks == (f"{file} is larger than 256 KiB; it was not read.",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("max_tokens = 5\nmodel\n", 2),
        ("max_tokens = 5\n\nmodel = ", 3),
        ('model = """\n\n', 2),
        ("max_tokens = 5\nmax_tokens = 6\n", 2),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    result = workspace(tmp_path, text)
    assert result.settings == DEFAULTS
    (remark,) = result.remarks
    assert remark.startswith(f".kimi-lsp.toml is not TOML (line {line}): ")


def test_what_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".kimi-lsp.toml").write_bytes(b'max_tokens = 5\r\nmodel = "\xff"\r\n')
    assert loaded(tmp_path, root=tmp_path).remarks == (
        ".kimi-lsp.toml is not TOML (line 2): it is not UTF-8.",
    )


def test_deep_nesting_is_told(tmp_path: Path) -> None:
    (remark,) = workspace(tmp_path, "x = " + "[" * 100_000).remarks
    assert remark == ".kimi-lsp.toml is not TOML: it is nested too deeply."


def test_a_number_that_python_does_not_read_is_told(tmp_path: Path) -> None:
    (remark,) = workspace(tmp_path, "x = " + "9" * 5000).remarks
    assert remark.startswith(".kimi-lsp.toml is not TOML: ")


def test_another_tools_broken_project_file_is_not_our_matter(tmp_path: Path) -> None:
    assert workspace(tmp_path, "[tool.other\n", "pyproject.toml") == Loaded(DEFAULTS, ())


def test_a_table_that_is_none_is_told(tmp_path: Path) -> None:
    result = workspace(tmp_path, "[tool]\nkimi-lsp = 5\n", "pyproject.toml")
    assert result == Loaded(DEFAULTS, ("pyproject.toml: tool.kimi-lsp is not a table.",))


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert workspace(tmp_path, "\ufeffmax_tokens = 5\n") == Loaded(
        DEFAULTS.model_copy(update={"max_tokens": 5}), ()
    )


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    result = load(user_file=tmp_path / "config.toml")
    assert result == Loaded(DEFAULTS, ("config.toml is not a regular file; it was not read.",))


def test_the_table_for_people_is_complete() -> None:
    rows = describe()
    assert [row.name for row in rows] == list(Settings.model_fields)
    assert all(row.meaning for row in rows)
    assert {row.name: row.environment for row in rows if row.environment} == dict(ENVIRONMENT)
    assert {row.name: row.workspace for row in rows if row.workspace != "no"} == {
        "max_tokens": "lower",
        "context_tokens": "lower",
        "code_actions": "quieter",
        "preview": "`always`",
        "exclude": "more",
    }
    assert {row.name: row.default for row in rows} == {
        "base_url": "https://api.empiriolabs.ai",
        "model": "kimi-k2-7-code",
        "protocol": "chat",
        "max_tokens": "16384",
        "context_tokens": "64000",
        "code_actions": "diagnosticsAndSelection",
        "preview": "auto",
        "exclude": "",
        "api_key_command": "",
        "proxy": "",
        "ca_file": "",
        "connect_timeout": "10",
        "first_data_timeout": "120",
        "idle_timeout": "90",
        "total_timeout": "900",
        "disable_formatting": "true",
        "log_file": "",
    }
