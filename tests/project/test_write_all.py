"""Several files are changed together, or every one of them is as it was."""

import hashlib
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kimi_lsp.project import files, write_all
from kimi_lsp.project.file_problem import AlreadyExists, ChangedOnDisk, NotText, ReadOnly, Undone
from kimi_lsp.project.write_all import Change, Create, Delete, Rename, Write

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode() if path.is_file() else "/"
        for path in folder.rglob("*")
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in "abc":
        (tmp_path / name).write_text(f"{name}\n")
    return tmp_path


def all_kinds(root: Path) -> list[Change]:
    return [
        Create(root / "new" / "deep" / "n", "n\r\n"),
        Write(root / "a", "A\n", sha("a\n")),
        Rename(root / "a", root / "moved" / "a2", sha("a\n")),
        Delete(root / "b", sha("b\n")),
    ]


def test_all_is_done_and_nothing_else_is_left(root: Path) -> None:
    write_all.write_all(all_kinds(root))
    assert tree(root) == {
        "c": "c\n",
        "moved": "/",
        "moved/a2": "A\n",
        "new": "/",
        "new/deep": "/",
        "new/deep/n": "n\r\n",
    }


@posix
def test_modes_stay_and_new_files_have_the_usual_one(root: Path) -> None:
    (root / "a").chmod(0o751)
    write_all.write_all(all_kinds(root))
    (root / "usual").write_text("")
    assert stat.S_IMODE((root / "moved/a2").stat().st_mode) == 0o751
    assert (root / "new/deep/n").stat().st_mode == (root / "usual").stat().st_mode


@posix
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda root: Create(root / "c", "x"), AlreadyExists),
        (lambda root: Create(root / "dead", "x"), AlreadyExists),
        (lambda root: Create(root / "n2", "\ud800"), NotText),
        (lambda root: Write(root / "c", "x", sha("other")), ChangedOnDisk),
        (lambda root: Rename(root / "c", root / "a", sha("c\n")), AlreadyExists),
        (lambda root: Rename(root / "c", root / "d", sha("other")), ChangedOnDisk),
        (lambda root: Delete(root / "c", sha("other")), ChangedOnDisk),
        (lambda root: Delete(root / "none", sha("")), files.Missing),
        (lambda root: Delete(root / "fixed", sha("f")), ReadOnly),
    ],
)
def test_what_can_be_known_beforehand_changes_nothing(
    change: Callable[[Path], Change], problem: type[files.FileProblem], root: Path
) -> None:
    (root / "dead").symlink_to(root / "nowhere")
    (root / "fixed").write_text("f")
    (root / "fixed").chmod(0o444)
    before = sorted(os.listdir(root))
    with pytest.raises(problem):
        write_all.write_all([*all_kinds(root), change(root)])
    assert sorted(os.listdir(root)) == before
    assert (root / "a").read_text() == "a\n"


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("fails_at", range(1, 6))
def test_what_fails_in_the_middle_is_taken_back(
    fails_at: int, root: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """Each change is made at last by one call of the system's; each of those calls fails once."""
    before = tree(root)
    calls = 0
    rename, link = Path.rename, os.link

    def broken_rename(path: Path, to: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(28, "No space left on device", str(path))
        return rename(path, to)

    def broken_link(path: Path, to: Path) -> None:
        nonlocal calls
        if not links:
            raise OSError(1, "Operation not permitted")
        calls += 1
        if calls == fails_at:
            raise OSError(28, "No space left on device", str(path))
        link(path, to)

    monkeypatch.setattr(Path, "rename", broken_rename)
    monkeypatch.setattr(Path, "replace", broken_rename)
    monkeypatch.setattr(os, "link", broken_link)
    changes = [*all_kinds(root), Write(root / "c", "C\n", sha("c\n"))]
    try:
        write_all.write_all(changes)
    except files.FileProblem as problem:
        told = str(problem)
        assert tree(root) == before
        assert "every file is as it was" in told or "taken back" not in told
    else:
        # The first way of several may fail and another one work.
        assert tree(root) == {
            **{name: text for name, text in before.items() if name not in "ab"},
            "c": "C\n",
            "moved": "/",
            "moved/a2": "A\n",
            "new": "/",
            "new/deep": "/",
            "new/deep/n": "n\r\n",
        }


def test_a_change_by_others_in_the_middle_is_seen_and_all_taken_back(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def meanwhile(handle: int) -> None:
        fsync(handle)
        (root / "b").write_text("theirs\n")
        (root / "moved").mkdir(exist_ok=True)
        (root / "moved" / "a2").write_text("theirs\n")

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(Undone, match="every file is as it was") as undone:
        write_all.write_all(all_kinds(root))
    assert "exists already" in str(undone.value)
    assert tree(root) == {"a": "a\n", "b": "theirs\n", "c": "c\n", "moved": "/", "moved/a2": "theirs\n"}


def test_what_cannot_be_put_back_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def once(path: Path, to: Path) -> Path:
        if path.read_text() == "a\n":
            raise OSError(5, "Input/output error", str(path))
        return replace(path, to)

    monkeypatch.setattr(Path, "replace", once)

    def gone_after_a(path: Path) -> str:
        late = path.name == "b" and (root / "a").read_text() == "A\n"
        return "gone" if late else files.digest(path)

    monkeypatch.setattr(write_all, "digest", gone_after_a)
    with pytest.raises(Undone, match="but a could not be put back"):
        write_all.write_all(
            [Write(root / "a", "A\n", sha("a\n")), Delete(root / "b", sha("b\n"))],
        )
    assert (root / "b").read_text() == "b\n"
    kept = [path.read_text() for path in root.iterdir() if path.name.startswith(".a.")]
    assert kept == ["a\n"], "the old text is still there"
