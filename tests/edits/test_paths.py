"""Names of files: what is accepted lies below the root on every system, and nothing in version control."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kimi_lsp.edits import BadPath
from kimi_lsp.edits.paths import is_protected, normal
from kimi_lsp.text.twin import twin

PARTS = ["..", ".", "", "a", "b.py", ".git", ".GIT", "con", "C:", "~", " ", "a ", "x.", "\u202e", "..."]
wild = st.lists(st.sampled_from(PARTS) | st.text(max_size=6), max_size=6).flatmap(
    lambda parts: st.sampled_from(["/", "\\", "//"]).map(lambda joint: joint.join(parts))
)


def accepted(path: str) -> str | BadPath:
    try:
        return normal(path)
    except BadPath as refused:
        return refused


@given(wild)
@example("a/../../b")
@example("C:a")
@example("./~")
@example("\\\\host\\share\\a")
@example("a/\u2024\u2024/b")
def test_no_accepted_path_leaves_the_root(path: str) -> None:
    found = accepted(path)
    if isinstance(found, BadPath):
        assert str(found).startswith("Nothing was changed: the file name ")
        assert str(found).isprintable()
        return
    windows, posix = PureWindowsPath(found), PurePosixPath(found)
    assert not posix.is_absolute()
    assert not windows.is_absolute()
    assert (windows.drive, windows.root) == ("", "")
    assert windows.parts == posix.parts
    assert posix.parts
    for part in posix.parts:
        assert part not in ("..", ".", "")
        assert part.rstrip(". ") == part
        assert twin(part) not in (".git", ".hg", ".svn")
    assert normal(found) == found


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("a\\b.py", "a/b.py"),
        ("./a//b.py", "a/b.py"),
        ("[id]/größe.tsx", "[id]/größe.tsx"),
        ("a b.md", "a b.md"),
    ],
)
def test_a_plain_path_is_taken_as_it_is_meant(path: str, same: str) -> None:
    assert normal(path) == same


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "names no file"),
        ("./", "names a folder"),
        ("/etc/passwd", "not relative"),
        ("\\\\host\\share", "not relative"),
        ("C:\\a.py", "not relative"),
        ("c:a.py", "not relative"),
        ("~/a.py", "not relative"),
        ("../a.py", "leads out"),
        ("a/..\\..\\b", "leads out"),
        ("src/", "names a folder"),
        ("a\0b", "invisible"),
        ("a\nb", "invisible"),
        ("a\u202egnp.exe", "invisible"),
        (".g\u200cit/config", "invisible"),
        ("\ud800.py", "invisible"),
        (".git/hooks/x", "version control"),
        ("sub/.Git/config", "version control"),
        ("GIT~1/config", "version control"),
        (".hg/hgrc", "version control"),
        (".svn/x", "version control"),
        (".git", "version control"),
        ("NUL", "Windows"),
        ("a/con.txt", "Windows"),
        ("COM1.log", "Windows"),
        ("lpt².x", "Windows"),
        ("a.py:stream", "Windows"),
        (".git::$INDEX_ALLOCATION/config", "Windows"),
        ("a?.py", "Windows"),
        ("a/b./c", "dot"),
        ("a /b", "blank"),
        (" a", "blank"),
        (".git /config", "blank"),
        ("ä" * 128, "too long"),
        ("a/" * 600 + "b", "too long"),
    ],
)
def test_a_path_that_is_not_accepted_says_why(path: str, why: str) -> None:
    with pytest.raises(BadPath) as refused:
        normal(path)
    assert why in str(refused.value)
    assert refused.value.kind == "path"


@pytest.mark.parametrize(
    ("path", "protected"),
    [
        (".github/workflows/ci.yml", True),
        (".vscode/tasks.json", True),
        (".gitlab-ci.yml", True),
        (".circleci/config.yml", True),
        ("app/.husky/pre-commit", True),
        (".idea/x.xml", True),
        (".kimiignore", True),
        ("Jenkinsfile", True),
        ("Makefile", False),
        ("src/github/a.py", False),
    ],
)
def test_what_steers_tools_is_known(path: str, *, protected: bool) -> None:
    assert is_protected(path) is protected


def test_twins_are_one_file_where_case_and_composition_do_not_count() -> None:
    assert twin("Ä/ß.py") == twin("A\u0308/SS.PY")
    assert twin("a") != twin("b")
