"""Settings: what a layer may say, what is told about it, and what a stranger's workspace may not do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp.project.own_actions import OwnAction
from kimi_lsp.project.settings import ENVIRONMENT, LIMITING, Loaded, Settings, describe
from tests.project.layers import DEFAULTS, loaded, workspace


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
        ("api_key_command", "pass show kimi"),
    ],
)
def test_a_wrong_value_is_told_and_the_layer_below_stays(tmp_path: Path, name: str, value: object) -> None:
    result = loaded(tmp_path, editor={name: value})
    assert result.settings == DEFAULTS
    (remark,) = result.remarks
    assert remark.startswith(f"the editor's settings: {name} is not usable: ")
    assert remark.endswith(".")


LIMITS: Sequence[tuple[str, object]] = (
    ("budget_request", "1"),
    ("budget_day", True),
    ("budget_day", -1),
    ("budget_day", float("nan")),
    ("budget_day", float("inf")),
    ("budget_month", 1e300),
    ("budget_month", "20 $"),
    ("exclude", "*.py"),
    ("exclude", [1]),
    ("proxy", 8080),
    ("ca_file", ["a.pem"]),
    ("web_search", "no"),
    ("tools", 0),
    ("review_on_save", "no"),
    ("context", "fil"),
)
"""Each limits what is sent, where to or at what price, and cannot be read."""


@pytest.mark.parametrize(("name", "value"), LIMITS)
def test_a_limit_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path, name: str, value: object) -> None:
    result = loaded(tmp_path, editor={name: value, "model": "other"})
    assert result.settings.model == "other"
    (remark,) = result.remarks
    assert remark.startswith(f"the editor's settings: {name} is not usable: ")
    assert result.settings.unread == (remark,)
    assert result.settings != loaded(tmp_path, editor={"model": "other"}).settings


def test_every_limit_is_tried() -> None:
    assert {name for name, _ in LIMITS} == LIMITING


def test_a_later_layer_of_the_users_may_name_a_limit_that_can_be_read(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text('budget_day = "5"\nexclude = 5\n')
    result = loaded(tmp_path, user_file=user, editor={"budgetDay": 5})
    assert result.settings.budget_day == 5
    assert [one.split(" is ")[0] for one in result.settings.unread] == ["config.toml: exclude"]
    assert len(result.remarks) == 2


def test_a_workspace_does_not_mend_what_its_user_wrote(tmp_path: Path) -> None:
    """Nor may it break something: to withhold more is all that it can do."""
    (tmp_path / ".kimi-lsp.toml").write_text('budget_day = 1000\nexclude = ["a"]\nproxy = 1\nca_file = 1\n')
    result = loaded(tmp_path, root=tmp_path, editor={"budgetDay": "5", "exclude": "*.py"})
    assert [one.split(" is ")[0] for one in result.settings.unread] == [
        "the editor's settings: budget_day",
        "the editor's settings: exclude",
    ]


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
        "context": "file",
        "webSearch": True,
        "tools": True,
        "budgetRequest": 0.5,
        "budgetDay": 2,
        "budgetMonth": 20,
        "requestsPerMinute": 10,
        "tokensPerMinute": 1000,
        "checkers": ["mypy"],
        "codeActions": "off",
        "preview": "never",
        "suggestions": "lenses",
        "reviewOnSave": True,
        "exclude": ["a"],
        "apiKeyCommand": ["b"],
        "proxy": "http://proxy:1",
        "caFile": "c",
        "connectTimeout": 1,
        "firstDataTimeout": 2,
        "idleTimeout": 3,
        "totalTimeout": 4,
        "disableFormatting": False,
        "actions": [{"name": "a", "title": "A", "prompt": "a"}],
        "trustedWorkspaces": ["e"],
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
        "web_search": True,
        "tools": True,
        "budget_request": 0.5,
        "budget_day": 2,
        "budget_month": 20,
        "requests_per_minute": 10,
        "tokens_per_minute": 1000,
        "context": "file",
        "checkers": ("mypy",),
        "code_actions": "off",
        "preview": "never",
        "suggestions": "lenses",
        "review_on_save": True,
        "exclude": ("a",),
        "api_key_command": ("b",),
        "proxy": "http://proxy:1",
        "ca_file": "c",
        "connect_timeout": 1,
        "first_data_timeout": 2,
        "idle_timeout": 3,
        "total_timeout": 4,
        "disable_formatting": False,
        "actions": (OwnAction(name="a", title="A", prompt="a").model_dump(),),
        "trusted_workspaces": ("e",),
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
    """It leads nowhere, above all not to a host that the user did not name."""
    result = loaded(
        tmp_path,
        environ={"KIMI_LSP_BASE_URL": "https://environment.example"},
        editor={"baseUrl": url, "model": "other"},
    )
    assert result.settings == DEFAULTS.model_copy(update={"base_url": "", "model": "other"})
    (remark,) = result.remarks
    assert "word" not in remark
    assert remark.startswith("the editor's settings: base_url is not usable: ")


def test_a_later_layer_may_name_an_address_that_does(tmp_path: Path) -> None:
    environ = {"KIMI_LSP_BASE_URL": "nonsense"}
    result = loaded(tmp_path, environ=environ, editor={"baseUrl": "https://editor.example"})
    assert result.settings.base_url == "https://editor.example"
    assert len(result.remarks) == 1


def test_the_table_for_people_is_complete() -> None:
    rows = describe()
    assert [row.name for row in rows] == list(Settings.model_fields)
    assert all(row.meaning for row in rows)
    assert {row.name: row.environment for row in rows if row.environment} == dict(ENVIRONMENT)
    assert {row.name: row.workspace for row in rows if row.workspace != "no"} == {
        "max_tokens": "lower",
        "context_tokens": "lower",
        "context": "narrower",
        "web_search": "`false`",
        "tools": "`false`",
        "budget_request": "lower",
        "budget_day": "lower",
        "budget_month": "lower",
        "code_actions": "quieter",
        "preview": "`always`",
        "suggestions": "`hints`",
        "review_on_save": "`false`",
        "exclude": "more",
        "actions": "where you trust it",
    }
    assert {row.name: row.default for row in rows} == {
        "base_url": "https://api.empiriolabs.ai",
        "model": "kimi-k2-7-code",
        "protocol": "chat",
        "max_tokens": "16384",
        "context_tokens": "64000",
        "web_search": "false",
        "tools": "false",
        "budget_request": "",
        "budget_day": "",
        "budget_month": "",
        "requests_per_minute": "",
        "tokens_per_minute": "",
        "context": "definitions",
        "checkers": "ruff",
        "code_actions": "diagnosticsAndSelection",
        "preview": "auto",
        "suggestions": "hints",
        "review_on_save": "false",
        "exclude": "",
        "api_key_command": "",
        "proxy": "",
        "ca_file": "",
        "connect_timeout": "10",
        "first_data_timeout": "120",
        "idle_timeout": "90",
        "total_timeout": "900",
        "disable_formatting": "true",
        "actions": "",
        "trusted_workspaces": "",
        "log_file": "",
    }
