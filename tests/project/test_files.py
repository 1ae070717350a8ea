"""Files are read and written byte for byte, in one step, or not at all."""

import hashlib
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kimi_lsp.edits import BadPath
from kimi_lsp.edits.paths import normal
from kimi_lsp.project import files

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and pipes of POSIX")


@given(
    text=st.text(alphabet=st.characters(codec="utf-8")),
    new=st.sampled_from(["", "a\r\nb\r", "\ufeffé\n"]),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_text_survives_both_ways(text: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    assert files.read_text(path) == text
    files.write_text_atomically(path, new, expected=text)
    assert path.read_bytes() == new.encode()


@posix
def test_the_mode_stays_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "run.sh"
    path.write_text("a\n")
    path.chmod(0o751)
    files.write_text_atomically(path, "b\n", expected="a\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert os.listdir(tmp_path) == ["run.sh"]


def test_a_file_that_changed_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("theirs\n")
    with pytest.raises(files.ChangedOnDisk, match=r"a\.py was changed on disk"):
        files.write_text_atomically(path, "ours\n", expected="before\n")
    assert path.read_text() == "theirs\n"


def test_a_change_right_before_the_swap_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_text("before\n")
    sync = os.fsync

    def meanwhile(handle: int) -> None:
        sync(handle)
        path.write_text("theirs\n")

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(files.ChangedOnDisk):
        files.write_text_atomically(path, "ours\n", expected="before\n")
    assert path.read_text() == "theirs\n"
    assert os.listdir(tmp_path) == ["a.py"]


@posix
def test_a_read_only_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a")
    path.chmod(0o444)
    with pytest.raises(files.ReadOnly):
        files.write_text_atomically(path, "b", expected="a")
    assert path.read_text() == "a"


def test_half_a_surrogate_pair_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a")
    with pytest.raises(files.NotText):
        files.write_text_atomically(path, "\ud800", expected="a")
    assert path.read_text() == "a"


def test_a_link_inside_its_folder_is_followed_and_stays(tmp_path: Path) -> None:
    real = tmp_path / "d" / "real.py"
    real.parent.mkdir()
    real.write_text("a")
    link = tmp_path / "link.py"
    link.symlink_to(real)
    files.write_text_atomically(link, "b", expected="a")
    assert link.is_symlink()
    assert real.read_text() == "b"


@pytest.mark.parametrize("kind", ["out", "loop"])
def test_a_link_that_leads_out_is_not_followed(kind: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("a")
    link = tmp_path / "d" / "link.py"
    link.parent.mkdir()
    link.symlink_to(outside if kind == "out" else link)
    with pytest.raises(files.LinkLeadsOut):
        files.write_text_atomically(link, "b", expected="a")
    assert outside.read_text() == "a"


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"ok\ncaf\xe9\n")
    (tmp_path / "big").write_bytes(b"12345")
    with pytest.raises(files.Missing):
        files.read_text(tmp_path / "none")
    with pytest.raises(files.NotAFile):
        files.read_text(tmp_path)
    with pytest.raises(files.NotText, match="line 2"):
        files.read_text(tmp_path / "latin")
    with pytest.raises(files.TooLarge):
        files.read_text(tmp_path / "big", limit=4)
    assert files.read_text(tmp_path / "big", limit=5) == "12345"


@posix
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(files.NotAFile):
        files.read_text(tmp_path / "pipe")


def test_a_new_file_replaces_nothing(tmp_path: Path) -> None:
    files.create(tmp_path / "a", "x\r\n")
    assert (tmp_path / "a").read_bytes() == b"x\r\n"
    with pytest.raises(files.AlreadyExists):
        files.create(tmp_path / "a", "y")


def test_explanations_are_kept_in_number(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    paths = [files.write_explanation(f"# {number}\n", "A title: ../x", folder) for number in range(55)]
    assert paths[-1].read_text("utf-8") == "# 54\n"
    assert paths[-1].parent == folder
    assert len(list(folder.iterdir())) == 50


@posix
def test_an_explanation_is_its_owner_s(tmp_path: Path) -> None:
    path = files.write_explanation("x", "", tmp_path / "cache")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_paths_lie_in_the_innermost_root(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    roots = (tmp_path / "a", inner)
    assert files.inside(inner / "x.py", roots) == inner
    assert files.relative_path(inner / "s" / "x.py", roots) == "s/x.py"
    assert files.relative_path(tmp_path / "a" / "x.py", roots) == "x.py"


def test_outside_of_all_roots_only_the_name_is_told(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.py").write_text("")
    (root / "link.py").symlink_to(tmp_path / "secret.py")
    for path in (
        tmp_path / "secret.py",
        root / "link.py",
        root / ".." / "secret.py",
        tmp_path / "root2" / "secret.py",
    ):
        assert files.inside(path, (root,)) is None
    assert files.relative_path(tmp_path / "secret.py", (root,)) == "secret.py"


def test_the_root_is_found_by_its_marks(tmp_path: Path) -> None:
    (tmp_path / "r" / ".git").mkdir(parents=True)
    (tmp_path / "r" / "p" / "s").mkdir(parents=True)
    (tmp_path / "r" / "p" / "pyproject.toml").write_text("")
    assert files.find_root(tmp_path / "r" / "p" / "s" / "x.py") == tmp_path / "r"
    (tmp_path / "r" / "p" / ".kimi-lsp.toml").write_text("")
    assert files.find_root(tmp_path / "r" / "p" / "s" / "x.py") == tmp_path / "r" / "p"


def test_a_place_below_the_root_is_found_with_its_links_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "link").symlink_to(root / "real", target_is_directory=True)
    assert files.locate(root, "new/deep/a.py") == root.resolve() / "new/deep/a.py"
    assert files.locate(root, "link/a.py") == root.resolve() / "real/a.py"


def test_a_place_that_is_outside_or_no_place_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path, target_is_directory=True)
    (root / "link.py").symlink_to(tmp_path / "x.py")
    (root / "a.py").write_text("")
    for path in ("out/x.py", "../x.py", "out/root/../x.py", "link.py"):
        with pytest.raises(files.LinkLeadsOut):
            files.locate(root, path)
    with pytest.raises(files.NotAFolder, match=r"a\.py is not a folder"):
        files.locate(root, "a.py/b/c.py")


def test_a_digest_is_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\r\n")
    assert files.digest(tmp_path / "a") == hashlib.sha256(b"\xff\r\n").hexdigest()
    with pytest.raises(files.Missing):
        files.digest(tmp_path / "none")
    with pytest.raises(files.NotAFile):
        files.digest(tmp_path)


links = st.sampled_from(["in/a", "out/a", "in/../out/a", "../a", "a", "in", "b/in/a", "loop/a"])


@given(path=links | st.text(max_size=12))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_accepted_path_leads_out_of_the_root(path: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True, exist_ok=True)
    for name, to in (("in", "real"), ("out", ".."), ("loop", "loop")):
        if not (root / name).is_symlink():
            (root / name).symlink_to(to, target_is_directory=True)
    try:
        place = files.locate(root, normal(path))
    except (BadPath, files.FileProblem):
        return
    assert place.resolve().is_relative_to(root.resolve())
    assert place.resolve() != root.resolve()
