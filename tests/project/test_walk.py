"""Going through a workspace: what is found, what is passed over, and where it ends."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project.walk import OutOfReach, Reach, entries, texts
from kimi_lsp.project.workspace import Withheld, Workspace
from kimi_lsp.text import Snapshot
from tests.project.test_workspace import CANARY, HIDDEN, PARTS, grown

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return grown(tmp_path)


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield grown(Path(folder).resolve())


def never() -> bool:
    return False


def found(workspace: Workspace, folder: str = "", reach: Reach | None = None) -> dict[str, str]:
    return {place.path: one.text for place, one in texts(workspace, folder, stop=never, reach=reach)}


def test_all_files_that_may_be_shown_are_found_and_no_other(root: Path) -> None:
    known = found(Workspace((root,)))
    assert list(known) == [".gitignore", "secret", "shop/cart.py"]
    assert not {CANARY, HIDDEN} & set(known.values())


def test_a_folder_alone_is_gone_through(root: Path) -> None:
    assert list(found(Workspace((root,)), "shop")) == ["shop/cart.py"]
    for folder in ("..", "private", ".git", "link-folder", "shop/up", "secret", "missing"):
        with pytest.raises(Withheld):
            found(Workspace((root,)), folder)


def test_entries_of_a_folder(root: Path) -> None:
    assert entries(Workspace((root,)), "", 100) == [".gitignore", "secret", "shop/"]
    assert entries(Workspace((root,)), "shop/", 100) == ["shop/cart.py", "shop/deep/"]
    with pytest.raises(Withheld, match="leads out"):
        entries(Workspace((root,)), "link-folder", 100)


@given(st.lists(PARTS, max_size=6).map("/".join))
def test_no_folder_shows_what_lies_outside_or_is_ignored(shared: Path, folder: str) -> None:
    workspace = Workspace((shared,))
    try:
        listed, known = entries(workspace, folder, 100), found(workspace, folder)
    except Withheld:
        return
    assert {one.rpartition("/")[2] for one in listed} <= {"", ".gitignore", "secret", "cart.py"}
    assert not {CANARY, HIDDEN} & set(known.values())


def test_a_nested_ignore_file_counts_from_its_folder(root: Path) -> None:
    (root / "shop" / ".kimiignore").write_text("/deep/\n")
    (root / "shop" / "deep" / "a.py").write_text(HIDDEN)
    (root / "deep").mkdir()
    (root / "deep" / "b.py").write_text("fine")
    known = found(Workspace((root,)))
    assert "deep/b.py" in known
    assert "shop/deep/a.py" not in known


def test_what_is_open_comes_first_and_wins(root: Path) -> None:
    documents = {
        root / name: Snapshot("file:///x", 1, "python", f"new {name}")
        for name in ("shop/cart.py", "new.py", ".env", "private/notes")
    }
    known = found(Workspace((root,), documents=documents))
    assert list(known) == ["new.py", "shop/cart.py", ".gitignore", "secret"]
    assert known["shop/cart.py"] == "new shop/cart.py"
    assert list(found(Workspace((root,), documents=documents), "shop")) == ["shop/cart.py"]


def test_a_path_of_a_later_root_that_an_earlier_one_has_too_is_passed_over(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(name)
        (tmp_path / name / f"{name}.py").write_text(name)
    workspace = Workspace((tmp_path / "one", tmp_path / "two"))
    assert found(workspace) == {"a.py": "one", "one.py": "one", "two.py": "two"}
    assert entries(workspace, "", 100) == ["a.py", "one.py", "two.py"]


def test_names_that_would_break_a_line_are_passed_over(tmp_path: Path) -> None:
    for name in ("a\nb", "a\\b", "plain"):
        (tmp_path / name).write_text("x")
    (tmp_path / os.fsdecode(b"\xff")).write_text("x")
    assert entries(Workspace((tmp_path,)), "", 100) == ["plain"]


@pytest.mark.parametrize(
    ("reach", "why"),
    [
        (Reach(files=3), "3 files"),
        (Reach(bytes=15), "0 MiB"),
        (Reach(seconds=-1.0), "-1 seconds"),
    ],
)
def test_it_ends_at_a_limit(tmp_path: Path, reach: Reach, why: str) -> None:
    for number in range(5):
        (tmp_path / f"{number}.py").write_text("0123456789")
    with pytest.raises(OutOfReach, match=why):
        found(Workspace((tmp_path,)), reach=reach)


def test_what_is_no_text_or_too_large_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff\xfe")
    (tmp_path / "b.py").write_text("x" * 100)
    (tmp_path / "c.py").write_text("x")
    assert list(found(Workspace((tmp_path,)), reach=Reach(largest=50))) == ["c.py"]


def test_it_ends_when_nobody_waits_any_more(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.py").write_text("x")
    seen: list[str] = []
    for place, _ in texts(Workspace((tmp_path,)), "", stop=lambda: len(seen) == 2):
        seen.append(place.path)
    assert seen == ["0.py", "1.py"]


def test_a_pipe_does_not_hang_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.py").write_text("x")
    assert list(found(Workspace((tmp_path,)))) == ["a.py"]
