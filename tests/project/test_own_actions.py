"""Actions of a user's own: from which files they are taken, what is said of broken ones, and how prompts are filled."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project.own_actions import PLACEHOLDERS, OwnAction
from tests.project.layers import loaded

GOOD = '[[actions]]\nname = "log"\ntitle = "Log – „laut“"\nprompt = "Log in {selection}"\n'


def user(tmp_path: Path, text: str, **layers: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8", newline="")
    found = loaded(tmp_path, user_file=file, **layers)
    return tuple(one.name for one in found.settings.actions), found.remarks


def test_the_users_own_file_and_the_editor_add_up_and_the_later_one_counts(tmp_path: Path) -> None:
    editor = {
        "model": "m",
        "actions": [
            {"name": "log", "title": "Other", "prompt": "x"},
            {"name": "more", "title": "More", "prompt": "y", "kinds": ["quickfix"], "output": "text"},
        ],
    }
    assert user(tmp_path, GOOD, editor=editor) == (("log", "more"), ())
    file = tmp_path / "config.toml"
    assert loaded(tmp_path, user_file=file, editor=editor).settings.actions[0].title == "Other"


@pytest.mark.parametrize(
    ("broken", "remark"),
    [
        ('title = "x"\nprompt = "y"\n', "line 6 is not usable: name: field required"),
        ('name = "x y"\ntitle = "x"\nprompt = "y"\n', "line 7 is not usable: name: "),
        ('name = "x"\n\ntitle = "x"\nprompt = "use {größe}"\n', None),
        ('name = "x"\n\ntitle = "x"\nprompt = "use {file} and {size}"\n', "line 10 is not usable: prompt: there is no placeholder {size}; there are {selection}, {file}"),
        ('name = "x"\ntitle = "x"\nprompt = "y"\noutput = "both"\n', "line 10 is not usable: output: input should be 'edit' or 'text'"),
        ('name = "x"\ntitle = "x"\nprompt = "y"\nkinds = ["source.fixAll"]\n', "line 10 is not usable: kinds: a kind begins with quickfix, refactor or kimi"),
        ('name = "x"\ntitle = "x"\nprompt = "y"\nshell = "rm"\n', "line 10 is not usable: shell: extra inputs are not permitted"),
        ('name = "log"\ntitle = "x"\nprompt = "y"\n', "line 7 is not usable: there is a log already"),
        ('name = "x"\ntitle = "a\\u202eb"\nprompt = "y"\n', "line 8 is not usable: title: a title is one line"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_broken_one_is_told_at_its_line_and_the_others_hold(
    broken: str, remark: str | None, eol: str, tmp_path: Path
) -> None:
    text = f"{GOOD}\n[[actions]]\n{broken}\n[[ actions ]] # the last\nname = 'end'\ntitle = 'End'\nprompt = 'z'\n"
    names, remarks = user(tmp_path, text.replace("\n", eol))
    if remark is None:
        assert (names, remarks) == (("log", "x", "end"), ())
        return
    assert names == ("log", "end")
    (told,) = remarks
    assert told.startswith(f"config.toml: {remark}")
    assert told.endswith(".")


def test_what_is_no_list_is_told(tmp_path: Path) -> None:
    assert user(tmp_path, 'actions = "log"\n') == (
        (),
        ("config.toml: actions is not usable: it is a list of tables.",),
    )
    inline = 'actions = [{name = "a", title = "A", prompt = "b"}, {name = "c"}]\n'
    assert user(tmp_path, inline) == (
        ("a",),
        ("config.toml: actions[1] is not usable: title: field required.",),
    )
    editor = {"actions": [{"name": 1}]}
    names, remarks = user(tmp_path, "", editor=editor)
    assert names == ()
    assert remarks[0].startswith("the editor's settings: actions[0] is not usable: name: ")


@pytest.mark.parametrize(("name", "head"), [(".kimi-lsp.toml", ""), ("pyproject.toml", "tool.kimi-lsp.")])
def test_a_workspace_has_actions_where_it_is_trusted_and_only_there(
    name: str, head: str, tmp_path: Path
) -> None:
    root = tmp_path / "inner" / "project"
    root.mkdir(parents=True)
    (root / name).write_text(GOOD.replace("actions", f"{head}actions"), "utf-8")
    refused = loaded(tmp_path, root=root)
    assert refused.settings.actions == ()
    (remark,) = refused.remarks
    assert remark.startswith(
        f"{name}: actions are only taken from a workspace that you trust, so they were not obeyed"
    )
    for trust in ({"trusted": True}, {"editor": {"trustedWorkspaces": [str(tmp_path / "inner")]}}):
        found = loaded(tmp_path, root=root, **trust)
        assert [one.name for one in found.settings.actions] == ["log"]
        assert found.remarks == ()
    for trusted in ([str(tmp_path / "inn")], ["inner"], [""], [str(root / "deeper")]):
        assert loaded(tmp_path, root=root, editor={"trustedWorkspaces": trusted}).settings.actions == ()
    (root / name).write_text(f'[[{head}actions]]\nname = "x"\n', "utf-8")
    assert loaded(tmp_path, root=root, trusted=True).remarks == (
        f"{name}: line 1 is not usable: title: field required.",
    )


def test_a_workspace_cannot_trust_itself(tmp_path: Path) -> None:
    (tmp_path / ".kimi-lsp.toml").write_text(
        f'trusted_workspaces = ["{tmp_path.as_posix()}"]\n{GOOD}', "utf-8"
    )
    found = loaded(tmp_path, root=tmp_path)
    assert found.settings.actions == ()
    assert len(found.remarks) == 2


@given(st.text(), st.text())
def test_what_is_filled_in_is_not_read_again(words: str, file: str) -> None:
    action = OwnAction(name="a", title="A", prompt="{instruction} in {file}: { x } {{line}}")
    values = dict.fromkeys(PLACEHOLDERS, "?") | {"instruction": words, "file": file, "line": "{file}"}
    assert action.rendered(values) == f"{words} in {file}: {{ x }} {{{{file}}}}"
