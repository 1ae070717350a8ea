"""What a stranger's workspace may not do, and settings files that are broken, huge, or not files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kimi_lsp.project.ignore import is_ignored
from kimi_lsp.project.settings import Loaded, Settings, load
from tests.project.layers import DEFAULTS, loaded, workspace

FORBIDDEN: Mapping[str, str] = {
    "base_url": '"https://evil.example"',
    "model": '"dear"',
    "trusted_workspaces": '["/"]',
    "protocol": '"chat"',
    "api_key_command": '["evil"]',
    "proxy": '"http://evil.example"',
    "ca_file": '"evil.pem"',
    "requests_per_minute": "10",
    "tokens_per_minute": "1000",
    "checkers": '["mypy"]',
    "connect_timeout": "1",
    "first_data_timeout": "1",
    "idle_timeout": "1",
    "total_timeout": "1",
    "disable_formatting": "false",
    "log_file": '"evil.log"',
}
LOUD: Mapping[str, object] = {
    "web_search": True,
    "tools": True,
    "suggestions": "lenses",
    "review_on_save": True,
    "budget_request": 1.0,
    "budget_day": 1.0,
    "budget_month": 1.0,
}
"""What the user chose in these tests, where the default is already the quietest."""
HARMLESS: Mapping[str, tuple[str, str]] = {
    "max_tokens": ("100", "20000"),
    "context_tokens": ("5000", "70000"),
    "code_actions": ('"invoked"', '"diagnosticsAndSelection"'),
    "preview": ('"always"', '"never"'),
    "context": ('"file"', '"tabs"'),
    "web_search": ("false", "true"),
    "tools": ("false", "true"),
    "suggestions": ('"hints"', '"lenses"'),
    "review_on_save": ("false", "true"),
    "budget_request": ("0.5", "2"),
    "budget_day": ("0.5", "2"),
    "budget_month": ("0.5", "2"),
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
    file = tmp_path / "project" / ".kimi-lsp.toml"
    file.parent.mkdir()
    loud = {name: LOUD[name]} if name in LOUD else {}
    file.write_text(f"{name} = {good}\n")
    obeyed = loaded(tmp_path, root=file.parent, editor=loud)
    assert obeyed.remarks == ()
    assert getattr(obeyed.settings, name) != getattr(DEFAULTS.model_copy(update=loud), name)
    file.write_text(f"{name} = {bad}\n")
    quietest = {"true": False, '"lenses"': "hints"}
    quiet = {**loud, "code_actions": "invoked", **({name: quietest[bad]} if bad in quietest else {})}
    refused = loaded(tmp_path, root=file.parent, editor=quiet)
    assert refused.settings == DEFAULTS.model_copy(update=quiet)
    (remark,) = refused.remarks
    assert remark.startswith(f".kimi-lsp.toml: a workspace may set {name} only ")
    assert remark.endswith("; it was not obeyed.")


def test_a_workspace_adds_to_what_is_never_sent(tmp_path: Path) -> None:
    root = tmp_path
    (root / "pyproject.toml").write_text('[tool.kimi-lsp]\nexclude = ["b"]\n')
    (root / ".kimi-lsp.toml").write_text('exclude = ["c"]\n')
    assert loaded(tmp_path, root=root, editor={"exclude": ["a"]}).settings.exclude == ("a", "b", "c")


def test_a_workspace_takes_nothing_away_from_what_its_user_keeps_back(tmp_path: Path) -> None:
    """The last glob that fits decides, so one that begins with `!` could undo the user's."""
    (tmp_path / ".kimi-lsp.toml").write_text('exclude = ["*.x", "!secret.py", "!deep/*"]\n')
    (tmp_path / "secret.py").touch()
    result = loaded(tmp_path, root=tmp_path, editor={"exclude": ["secret.py"]})
    assert result.settings.exclude == ("secret.py", "*.x")
    assert is_ignored(tmp_path / "secret.py", tmp_path, result.settings.exclude)
    assert result.remarks == (
        ".kimi-lsp.toml: a workspace may set exclude only more; what begins with ! was not obeyed.",
    )


def test_a_workspace_may_take_back_what_it_keeps_back_itself(tmp_path: Path) -> None:
    (tmp_path / ".kimi-lsp.toml").write_text('exclude = ["*", "!*.py"]\n')
    assert loaded(tmp_path, root=tmp_path) == Loaded(
        DEFAULTS.model_copy(update={"exclude": ("*", "!*.py")}), ()
    )


def test_every_setting_is_either_forbidden_or_harmless() -> None:
    assert {*FORBIDDEN, *HARMLESS, "exclude", "actions"} == set(Settings.model_fields)


def test_a_workspaces_bad_value_is_told(tmp_path: Path) -> None:
    result = workspace(tmp_path, 'max_tokens = true\nexclude = "x"\n')
    assert result.settings.model_dump() == DEFAULTS.model_dump()
    assert [remark.split(": ")[1] for remark in result.remarks] == [
        "max_tokens is not usable",
        "exclude is not usable",
    ]
    assert result.settings.unread == result.remarks[1:]


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
    assert result.settings.model_dump() == DEFAULTS.model_dump()
    (remark,) = result.remarks
    assert remark.startswith(f".kimi-lsp.toml is not TOML (line {line}): ")
    assert result.settings.unread == (remark,)


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
    assert result.remarks == ("pyproject.toml: tool.kimi-lsp is not a table.",)
    assert result.settings.unread == result.remarks


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert workspace(tmp_path, "\ufeffmax_tokens = 5\n") == Loaded(
        DEFAULTS.model_copy(update={"max_tokens": 5}), ()
    )


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    result = load(user_file=tmp_path / "config.toml")
    assert result.remarks == ("config.toml is not a regular file; it was not read.",)
    assert result.settings.unread == result.remarks


def test_a_users_file_that_cannot_be_read_limits_nothing_so_nothing_is_sent(tmp_path: Path) -> None:
    """It may have named another service, a budget, or what must not be sent; nothing read later can tell."""
    user = tmp_path / "config.toml"
    user.write_text('base_url = "https://kimi.example"\nbudget_day = 5\nexclude = [\n')
    result = load(user_file=user, editor={"budgetDay": 5, "baseUrl": "https://kimi.example"})
    assert result.remarks[0].startswith("config.toml is not TOML (line ")
    assert result.settings.unread == result.remarks


@pytest.mark.parametrize(("text", "withheld"), [("[tool.kimi-lsp]\n", True), ("[tool.other]\n", False)])
def test_a_huge_project_file_withholds_where_it_names_us(tmp_path: Path, text: str, withheld: bool) -> None:
    result = workspace(tmp_path, text + "#" * (256 * 1024), "pyproject.toml")
    assert result.remarks == ("pyproject.toml is larger than 256 KiB; it was not read.",)
    assert result.settings.unread == (result.remarks if withheld else ())
