"""A file as git has it: of real repositories, and never by a program that one of them names."""

import os
import subprocess
from pathlib import Path

import pytest

from kimi_lsp.project.committed import committed
from kimi_lsp.project.git import GitFailed
from kimi_lsp.project.staged import staged
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


@pytest.mark.skipif(os.name != "posix", reason="a script is no program there")
async def test_what_a_partial_clone_lacks_is_not_fetched(tmp_path: Path) -> None:
    """To fetch is to run what the repository names for that."""
    root = repository(tmp_path / "root", {"a.py": "a = 1\n"})
    put(root, {"a.py": "a = 2\n"})
    git(root, "add", "a.py")
    ran, evil = tmp_path / "ran", tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch '{ran}'\nexit 1\n", "utf-8")
    evil.chmod(0o755)
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": "ssh://nowhere.invalid/x",
        "core.sshCommand": str(evil),
        "protocol.ssh.allow": "always",
    }.items():
        git(root, "config", name, value)
    stored = git(root, "rev-parse", "HEAD:a.py").strip()
    (root / ".git" / "objects" / stored[:2] / stored[2:]).unlink()
    assert await committed(root / "a.py", ENVIRON) == ""
    with pytest.raises(GitFailed):
        await staged(root, (), ENVIRON)
    assert not ran.exists()
    # The same without these precautions starts it, so it would have been seen.
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "cat-file", "blob", "HEAD:a.py")
    assert ran.exists()


async def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    put(tmp_path, {"a.py": "x\n"})
    assert await committed(tmp_path / "a.py", ENVIRON) == ""


async def test_without_a_repository_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match=r"git did not tell what is committed \(fatal: not a git repository"):
        await committed(tmp_path / "a.py", {**ENVIRON, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
