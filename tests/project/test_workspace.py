"""From a path that a model names to a text: never one that lies outside, is ignored, or is no plain file."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project.workspace import Withheld, Workspace, find, read
from kimi_lsp.text import Snapshot

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")

CANARY = "canary-outside"
HIDDEN = "canary-ignored"


def grown(folder: Path) -> Path:
    """Make a workspace with everything around it and in it that must not be read; return its root."""
    root = folder / "Project"
    (root / "shop" / "deep").mkdir(parents=True)
    (root / "private").mkdir()
    (root / ".git").mkdir()
    (folder / "outside").mkdir()
    for path in (folder / "secret", folder / "outside" / "secret", folder / "Projects"):
        path.write_text(CANARY)
    for path in (root / "private" / "notes", root / ".env", root / ".git" / "config", root / "hidden.py"):
        path.write_text(HIDDEN)
    (root / ".gitignore").write_text("private/\nhidden.py\n")
    (root / "shop" / "cart.py").write_text("total = 1\n")
    (root / "secret").write_text("of the workspace\n")
    (root / "link-file").symlink_to(folder / "secret")
    (root / "link-folder").symlink_to(folder / "outside")
    (root / "shop" / "up").symlink_to("../..")
    (root / "to-hidden").symlink_to("hidden.py")
    (root / "to-cart").symlink_to("shop/cart.py")
    (root / "round").symlink_to("round")
    os.mkfifo(root / "pipe")
    return root


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield grown(Path(folder).resolve())


def text(root: Path, path: str) -> str:
    workspace = Workspace((root,))
    return read(workspace, find(workspace, path)).text


@pytest.mark.parametrize(
    "path", ["shop/cart.py", "./shop/cart.py", "shop//cart.py", "shop/./cart.py", "to-cart"]
)
def test_a_file_of_the_workspace_is_read(root: Path, path: str) -> None:
    assert text(root, path) == "total = 1\n"


# Each row: a path, and words of the sentence that the model reads.
WITHHELD = [
    ("../secret", "may not contain .."),
    ("shop/../../secret", "may not contain .."),
    ("shop/../secret", "may not contain .."),
    ("shop\\..\\..\\secret", "not a path relative"),
    ("/etc/passwd", "not a path relative"),
    ("//server/share", "not a path relative"),
    ("C:/Windows", "not a path relative"),
    ("~/secret", "there is no file"),
    ("link-file", "leads out"),
    ("link-folder/secret", "leads out"),
    ("shop/up/secret", "leads out"),
    ("shop/up/Project/secret/x", "there is no file"),
    ("to-hidden", "hidden.py is excluded by .gitignore"),
    ("hidden.py", "excluded by .gitignore"),
    ("private/notes", "excluded by .gitignore"),
    (".env", "never sent"),
    (".git/config", "never sent"),
    ("SHOP/cart.py", "there is no file"),
    ("shop/Cart.py", "there is no file"),
    ("missing", "there is no file"),
    ("shop", "is a folder"),
    ("", "is a folder"),
    ("pipe", "not a regular file"),
    ("round", "could not be followed"),
    ("a\0b", "is no path"),
    ("a\nb", "is no path"),
    ("\ud800", "is no path"),
    ("x" * 300, "there is no file"),
    ("x/" * 600, "is no path"),
]


@pytest.mark.parametrize(("path", "why"), WITHHELD, ids=[ascii(path)[:20] for path, _ in WITHHELD])
def test_what_is_withheld_is_said(root: Path, path: str, why: str) -> None:
    with pytest.raises(Withheld) as withheld:
        text(root, path)
    assert why in str(withheld.value)
    assert str(root) not in str(withheld.value)


NAMES = (
    "shop SHOP deep up Project secret Secret link-file link-folder outside .git .GIT config .env .ENV private notes "
    "hidden.py HIDDEN.PY to-hidden pipe round cart.py .. . ~ / \\ C: %2e%2e ．． ..."
)
PARTS = st.sampled_from([*NAMES.split(), "", "\0", ". ."])


@given(st.lists(st.one_of(PARTS, st.text(max_size=3)), max_size=8), st.sampled_from(["/", "//", "\\", "/./"]))
def test_nothing_outside_and_nothing_ignored_is_ever_read(root: Path, parts: list[str], sign: str) -> None:
    for path in (sign.join(parts), sign + sign.join(parts), str(root) + sign + sign.join(parts)):
        try:
            found = text(root, path)
        except Withheld:
            continue
        assert found in {"total = 1\n", "of the workspace\n", "private/\nhidden.py\n"}


def test_a_name_must_be_spelled_as_the_folder_spells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where case does not count, SECRET.PY opens secret.py, which the ignore file names in small letters."""
    (tmp_path / ".gitignore").write_text("secret.py\n")
    (tmp_path / "SECRET.PY").write_text(HIDDEN)
    monkeypatch.setattr(os, "listdir", lambda folder: ["secret.py"])
    with pytest.raises(Withheld, match="there is no file"):
        text(tmp_path, "SECRET.PY")


def test_binary_and_large_files_are_withheld(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"\x89PNG\xff")
    (tmp_path / "zeros").write_bytes(b"a\0b")
    (tmp_path / "large").write_text("x" * 2000)
    workspace = Workspace((tmp_path,))
    for name, why in (("image", "not UTF-8"), ("zeros", "binary"), ("large", "larger than 1 KiB")):
        with pytest.raises(Withheld, match=why):
            read(workspace, find(workspace, name), 1024)


def test_the_editors_text_wins_and_needs_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("old\n")
    opened = {
        tmp_path / name: Snapshot("file:///x", 3, "python", f"new {name}\n") for name in ("a.py", "b.py")
    }
    workspace = Workspace((tmp_path,), documents=opened)
    assert read(workspace, find(workspace, "a.py")).text == "new a.py\n"
    assert read(workspace, find(workspace, "b.py")).version == 3


def test_an_open_document_is_withheld_like_any_other(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    opened = {
        path: Snapshot("file:///x", 3, "python", HIDDEN) for path in (root / ".env", tmp_path / "outside.py")
    }
    workspace = Workspace((root,), documents=opened)
    for path in (".env", "../outside.py", "outside.py"):
        with pytest.raises(Withheld):
            find(workspace, path)


def test_the_users_globs_count(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("x")
    with pytest.raises(Withheld, match="setting `exclude`"):
        find(Workspace((tmp_path,), ("*.sql",)), "a.sql")


def test_the_first_root_wins(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(name)
    (tmp_path / "two" / "b.py").write_text("two")
    workspace = Workspace((tmp_path / "one", tmp_path / "two"))
    assert read(workspace, find(workspace, "a.py")).text == "one"
    assert read(workspace, find(workspace, "b.py")).text == "two"


def test_a_reason_does_not_tell_where_the_workspace_lies(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").mkdir()
    (tmp_path / "a.py").write_text("x")
    with pytest.raises(Withheld) as withheld:
        find(Workspace((tmp_path,)), "a.py")
    assert "ignore file could not be read" in str(withheld.value)
    assert str(tmp_path) not in str(withheld.value)
