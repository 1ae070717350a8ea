"""Where a tool's project is, what its copy holds, and what is kept between two looks."""

import os
import sys
from pathlib import Path

import pytest

from kimi_lsp.project.checkers import CheckFailed
from kimi_lsp.project.checkers.build_cache import forget_own_crates
from kimi_lsp.project.checkers.stand_in import base_of, keep_cache, laid, project_of

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")


def test_the_outermost_folder_is_the_repositorys(tmp_path: Path) -> None:
    document = tmp_path / "repo/app/src/a.py"
    root = tmp_path / "repo/app"
    root.mkdir(parents=True)
    assert base_of(document, (tmp_path / "other", root)) == root
    assert base_of(document, ()) == document.parent
    (tmp_path / "repo/.git").mkdir()
    assert base_of(document, (root,)) == tmp_path / "repo"
    assert base_of(document, ()) == tmp_path / "repo"


def test_the_nearest_mark_is_the_project_and_none_is_looked_for_outside(tmp_path: Path) -> None:
    document, base = tmp_path / "repo/app/src/a.py", tmp_path / "repo"
    (tmp_path / "repo/app").mkdir(parents=True)
    (tmp_path / "go.mod").touch()
    assert project_of(document, base, ("go.mod",), False) == base
    with pytest.raises(CheckFailed, match=r"^there is no go\.mod above the file$"):
        project_of(document, base, ("go.mod",), True)
    (tmp_path / "repo/app/go.mod").touch()
    assert project_of(document, base, ("go.mod",), True) == tmp_path / "repo/app"


@links
def test_a_copy_is_taken_away_and_what_it_links_to_stays(tmp_path: Path) -> None:
    base = tmp_path / "repo"
    (base / "lib").mkdir(parents=True)
    (base / "lib/b.py").write_text("b")
    (base / "gone").symlink_to(tmp_path / "nowhere")
    with laid("copy", base / "app/a.py", base, base) as at:
        at.write(b"a\r\n")
        assert at.document.read_bytes() == b"a\r\n"
        assert (at.folder / "lib/b.py").read_text() == "b"
        copy = at.base
    assert not copy.exists()
    assert (base / "lib/b.py").read_text() == "b"
    assert not (base / "app").exists()


@links
def test_each_text_has_a_time_of_its_own(tmp_path: Path) -> None:
    with laid("copy", tmp_path / "repo/a.py", tmp_path / "repo", tmp_path / "repo") as at:
        times = []
        for text in (b"one", b"two", b"one"):
            at.write(text)
            times.append(int(at.document.stat().st_mtime))
    assert times[0] == times[2] != times[1]


@links
def test_a_folder_with_too_many_files_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kimi_lsp.project.checkers.stand_in._MOST_LINKS", 3)
    for name in range(4):
        (tmp_path / str(name)).touch()
    with (
        pytest.raises(CheckFailed, match="there are too many files beside this one"),
        laid("copy", tmp_path / "a.py", tmp_path, tmp_path),
    ):
        raise AssertionError("laid all the same")


def test_the_caches_of_the_newest_workspaces_are_kept(tmp_path: Path) -> None:
    for index in range(6):
        keep_cache(tmp_path / str(index))
        os.utime(tmp_path / str(index), (index, index))
    keep_cache(tmp_path / "0")
    assert sorted(os.listdir(tmp_path)) == ["0", "2", "3", "4", "5"]


def test_cargo_forgets_the_projects_own_crates_only(tmp_path: Path) -> None:
    forget_own_crates(tmp_path / "target")
    kept = tmp_path / "target/debug/.fingerprint"
    for folder, local in (
        ("my-app-0123", '{"CheckDepInfo":{"dep_info":"x"}}'),
        ("my-app-4567", '{"RerunIfChanged":{"output":"x"}}'),
        ("serde-0123", '{"Precalculated":"1.0.0"}'),
    ):
        (kept / folder).mkdir(parents=True)
        (kept / folder / "lib.json").write_text(f'{{"local":[{local}]}}')
    forget_own_crates(tmp_path / "target")
    assert os.listdir(kept) == ["serde-0123"]
