"""A file as git has it: of real repositories, and never by a program that one of them names."""

import os
from pathlib import Path

import pytest

from kimi_lsp.project.committed import committed
from kimi_lsp.project.git import GitFailed
from tests.support.repository import ALONE, git, put, repository

ENVIRON = {"PATH": os.environ["PATH"], **ALONE}


async def test_the_last_commit_counts_and_not_the_index(tmp_path: Path) -> None:
    root = repository(tmp_path, {"shop/größe.py": "x = '€'\r\n"})
    file = root / "shop" / "größe.py"
    put(root, {"shop/größe.py": "x = 2\r\n", "new.py": "y\n"})
    git(root, "add", "--all")
    assert await committed(file, ENVIRON, (root,)) == "x = '€'\r\n"
    assert await committed(root / "new.py", ENVIRON) == ""
    assert await committed(root / "none.py", ENVIRON) == ""


async def test_nothing_of_the_repository_s_is_run(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.txt": "as it is stored\n", ".gitattributes": "*.txt diff=d filter=f\n"})
    ran = root / "ran"
    for name in ("diff.d.textconv", "filter.f.smudge", "core.fsmonitor", "core.pager"):
        git(root, "config", name, f"touch '{ran}'; cat")
    assert await committed(root / "a.txt", ENVIRON) == "as it is stored\n"
    assert not ran.exists()


async def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    put(tmp_path, {"a.py": "x\n"})
    assert await committed(tmp_path / "a.py", ENVIRON) == ""


async def test_without_a_repository_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match=r"git did not tell what is committed \(fatal: not a git repository"):
        await committed(tmp_path / "a.py", {**ENVIRON, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
