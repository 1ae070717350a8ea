"""Ignore rules, held against git itself."""

import os
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kimi_lsp.project.ignore import is_ignored


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def git(root: Path, *arguments: str, stdin: str = "") -> str:
    environ = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "HOME": str(root),
    }
    environ.pop("XDG_CONFIG_HOME", None)
    ran = subprocess.run(
        ["git", *arguments], cwd=root, env=environ, input=stdin, capture_output=True, text=True, check=False
    )
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout


def ignored_by_git(root: Path, names: list[str]) -> set[str]:
    told = git(root, "check-ignore", "--no-index", "-z", "--stdin", stdin="\0".join(names))
    return {name for name in told.split("\0") if name}


# Each row: ignore files, and the files to ask about.
CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "whitelist": ({".gitignore": "*\n!*/\n!*.py\n"}, ["a.py", "a.txt", "s/a.py", "s/a.txt", "s/t/a.txt"]),
    "child named as its folder": ({".gitignore": "foo*\n!foo/\n"}, ["foo/foobar", "foo/bar", "foobar"]),
    "folder included after its file": ({".gitignore": "foo/bar\n!foo\n"}, ["foo/bar", "foo/baz"]),
    "a folder cannot be undone below": ({".gitignore": "out/\n!out/keep.py\n"}, ["out/keep.py", "out/x"]),
    "its contents can": ({".gitignore": "out/*\n!out/keep.py\n"}, ["out/keep.py", "out/x", "out/d/keep.py"]),
    "stars": ({".gitignore": "out/**\n!out/keep.py\n"}, ["out/keep.py", "out/x", "out/d/y"]),
    "folder stars": ({".gitignore": "a/**/b/\n"}, ["a/b/x", "a/c/b/x", "a/c/b", "b/x"]),
    "nested wins": ({".gitignore": "*.log\n", "s/.gitignore": "!*.log\n"}, ["a.log", "s/a.log", "s/t/b.log"]),
    "nested adds": ({"s/.gitignore": "/x.py\n"}, ["x.py", "s/x.py", "s/t/x.py"]),
    "nested in an excluded folder": ({".gitignore": "s/\n", "s/.gitignore": "!*\n"}, ["s/x.py"]),
    "anchored": ({".gitignore": "/a.py\ns/b.py\n"}, ["a.py", "s/a.py", "s/b.py", "t/s/b.py"]),
    "only folders": ({".gitignore": "build/\n"}, ["build", "s/build/x"]),
    "crlf, comment, blanks": ({".gitignore": "# a.py\r\na.py  \r\n\r\n\\#b\r\n"}, ["a.py", "#b", "# a.py"]),
    "byte order mark": ({".gitignore": "\ufeffa.py\n"}, ["a.py", "b.py"]),
    "escapes": ({".gitignore": "\\!a\nsp\\ \n[ab].c\nx?z\n"}, ["!a", "sp ", "a.c", "c.c", "xyz", "xz"]),
    "twice negated": ({".gitignore": "*\n!!a\n!b\n"}, ["!a", "a", "b"]),
    "invalid range": ({".gitignore": "[z-a]x\nok\n"}, ["mx", "ok"]),
    "lone signs": ({".gitignore": "/\n!\n\\\n"}, ["a", "s/a"]),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "names"), CASES.values(), ids=CASES.keys())
def test_gitignore_is_read_as_git_reads_it(rules: dict[str, str], names: list[str], tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for name, text in rules.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    ours = {name for name in names if is_ignored(tmp_path / name, tmp_path, ())}
    assert ours == ignored_by_git(tmp_path, names)


# Only `d` is a folder that exists; what is asked about never is.
NAMES = st.sampled_from(["a", "b", "ab", "a.py"])
FOLDERS = st.lists(st.one_of(st.just("d"), NAMES), max_size=2)
PATHS = st.builds(lambda folders, name: "/".join((*folders, name)), FOLDERS, NAMES)
PIECES = st.sampled_from(["d", "a", "b", "ab", "a.py", "*", "**", "a*", "*.py", "?", "[ab]"])
LINES = st.builds(
    lambda sign, start, pieces, end: sign + start + "/".join(pieces) + end,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(PIECES, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)
RULES = st.lists(LINES, min_size=1, max_size=4).map("\n".join)


@given(top=RULES, nested=RULES, paths=st.lists(PATHS, min_size=1, max_size=8, unique=True))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rules_are_read_as_git_reads_them(
    top: str, nested: str, paths: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "-q")
    write(root, {".gitignore": top, "d/.gitignore": nested})
    ours = {path for path in paths if is_ignored(root / path, root, ())}
    assert ours == ignored_by_git(root, paths)


def test_rules_above_the_workspace_and_of_the_clone_count(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {".gitignore": "secret.py\n", ".git/info/exclude": "mine.py\n"})
    write(tmp_path, {"pkg/secret.py": "", "pkg/mine.py": "", "pkg/ok.py": ""})
    root = tmp_path / "pkg"
    assert is_ignored(root / "secret.py", root, ()) == "secret.py is excluded by .gitignore"
    assert is_ignored(root / "mine.py", root, ()) == "mine.py is excluded by .git/info/exclude"
    assert is_ignored(root / "ok.py", root, ()) is None


@pytest.mark.parametrize("name", [".kimiignore", ".aiignore"])
def test_our_ignore_files_work_without_git(name: str, tmp_path: Path) -> None:
    write(tmp_path, {f"app/{name}": "*.py\n!ok.py\n"})
    assert is_ignored(tmp_path / "app/x.py", tmp_path, ()) == f"app/x.py is excluded by app/{name}"
    assert is_ignored(tmp_path / "app/ok.py", tmp_path, ()) is None


def test_one_ignore_file_cannot_undo_another(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "a.py\n", ".kimiignore": "!a.py\n"})
    assert is_ignored(tmp_path / "a.py", tmp_path, ()) == "a.py is excluded by .gitignore"


def test_the_setting_excludes(tmp_path: Path) -> None:
    assert (
        is_ignored(tmp_path / "gen/a.py", tmp_path, ("gen/",))
        == "gen/a.py is excluded by the setting `exclude`"
    )
    assert is_ignored(tmp_path / "src/a.py", tmp_path, ("gen/",)) is None


@pytest.mark.parametrize(
    "name",
    [".env", ".env.local", "prod.env", ".ENV", "id_rsa", "server.pem", "s/tls.key", ".npmrc", ".git/config"],
)
def test_some_names_are_never_sent(name: str, tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "!*\n"})
    assert "never sent" in (is_ignored(tmp_path / name, tmp_path, ()) or "")


def test_a_link_is_judged_by_both_names(tmp_path: Path) -> None:
    write(tmp_path, {".env": "K=1", "plain.txt": ""})
    (tmp_path / "notes.txt").symlink_to(tmp_path / ".env")
    (tmp_path / "id_rsa").symlink_to(tmp_path / "plain.txt")
    assert is_ignored(tmp_path / "notes.txt", tmp_path, ())
    assert is_ignored(tmp_path / "id_rsa", tmp_path, ())


def test_an_unreadable_ignore_file_withholds(tmp_path: Path) -> None:
    (tmp_path / ".kimiignore").write_bytes(b"\xff\n")
    assert "could not be read" in (is_ignored(tmp_path / "a.py", tmp_path, ()) or "")


def test_a_file_outside_is_judged_from_its_own_folder(tmp_path: Path) -> None:
    write(tmp_path, {"other/.kimiignore": "a.py\n", "root/x.py": ""})
    assert is_ignored(tmp_path / "other/a.py", tmp_path / "root", ()) == "a.py is excluded by .kimiignore"
    assert is_ignored(tmp_path / "other/b.py", tmp_path / "root", ()) is None


@pytest.mark.parametrize(
    ("rules", "name"),
    [
        ("secret.py\n", "SECRET.PY"),
        ("/deep/secret.py\n", "deep/Secret.py"),
        ("/deep/\n", "DEEP/secret.py"),
        ("caf\u00e9.py\n", "cafe\u0301.py"),
    ],
)
def test_a_file_is_judged_by_the_name_that_its_folder_gives_it(
    rules: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where case or composed accents do not count, one file opens by names that no rule knows."""
    write(tmp_path, {".gitignore": rules, name: "x = 1\n"})
    assert is_ignored(tmp_path / name, tmp_path, ()) is None
    listed = os.listdir

    def as_spelled(folder: Path) -> list[str]:
        return [unicodedata.normalize("NFC", one).lower() for one in listed(folder)]

    monkeypatch.setattr(os, "listdir", as_spelled)
    assert is_ignored(tmp_path / name, tmp_path, ()) == f"{named(name)} is excluded by .gitignore"


def test_a_new_file_is_no_other_for_a_name_that_is_like_it(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "secret.py\n", "secret.py": "x = 1\n"})
    assert is_ignored(tmp_path / "Secret.py", tmp_path, ()) is None


def named(name: str) -> str:
    return unicodedata.normalize("NFC", name).lower()
