"""What git says is staged: of real repositories, hostile ones among them."""

import os
from pathlib import Path

import pytest

from kimi_lsp.project.git import GitFailed
from kimi_lsp.project.staged import Staged, staged
from tests.support.repository import ALONE, git, put, repository

ENVIRON = {**os.environ, **ALONE}


async def told(root: Path, *exclude: str) -> Staged:
    return await staged(root, exclude, ENVIRON)


async def test_the_staged_diff_is_told_and_nothing_else(tmp_path: Path) -> None:
    root = repository(tmp_path, {"größe.py": "x = 1\r\n", "b c.py": "\ty = 1\n", "away.py": "z = 1\n"})
    put(root, {"größe.py": "x = 2\r\n", "b c.py": "\ty = 2\n", "ü/neu.py": "neu = '€'\n"})
    git(root, "add", "größe.py", "ü")
    git(root, "mv", "away.py", "there.py")
    before = (root / ".git" / "index").read_bytes()
    found = await told(root / "ü")
    assert found.root == root
    assert sorted(found.files) == ["away.py", "größe.py", "there.py", "ü/neu.py"]
    assert "+x = 2\r\n" in found.diff
    assert "+neu = '€'\n" in found.diff
    assert "rename from away.py\nrename to there.py\n" in found.diff
    assert "b c.py" not in found.diff
    assert found.subjects == ("Begin – „shop“",)
    assert (root / ".git" / "index").read_bytes() == before


async def test_what_may_not_be_sent_is_left_out(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": "a = 1\n", ".kimiignore": "inner/\n*.gen.py\n"})
    put(
        root,
        {
            "a.py": "a = 2\n",
            ".env": "KEY=1\n",
            "inner/x.py": "i = 1\n",
            "b.gen.py": "b = 1\n",
            ":(x).py": "w\n",
        },
    )
    git(root, "add", "--all", "--force")
    found = await told(root, ":(*).py")
    assert found.files == ("a.py",)
    assert len(found.withheld) == 4
    assert any("inner/x.py is excluded by .kimiignore" in reason for reason in found.withheld)
    for secret in ("KEY=1", "i = 1", "b = 1", "+w"):
        assert secret not in found.diff


async def test_a_first_commit_and_no_change_at_all(tmp_path: Path) -> None:
    tmp_path.joinpath("a.py").write_text("a = 1\n", "utf-8")
    git(tmp_path, "init", "--quiet")
    assert await told(tmp_path) == Staged(tmp_path, "", ())
    git(tmp_path, "add", "--all")
    found = await told(tmp_path)
    assert (found.files, found.subjects) == (("a.py",), ())
    assert "new file mode" in found.diff


async def test_what_is_no_repository_says_so(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match=r"git did not tell what is staged \(fatal: not a git repository"):
        await staged(tmp_path, (), {**ENVIRON, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    with pytest.raises(GitFailed, match="git cannot be started, it is not on PATH"):
        await staged(tmp_path, (), {**ENVIRON, "PATH": str(tmp_path / "none")})


@pytest.mark.skipif(os.name != "posix", reason="a script is no program there")
async def test_no_program_that_the_repository_names_is_started(tmp_path: Path) -> None:
    root = repository(
        tmp_path / "root", {"a.py": "a = 1\n", ".gitattributes": "*.py diff=evil filter=evil\n"}
    )
    sign(root, tmp_path / "signed")
    put(root, {"a.py": "a = 2\n"})
    git(root, "add", "a.py")
    ran = tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\necho \"$0\" >> '{ran}'\ncat\n", "utf-8")
    evil.chmod(0o755)
    for name in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "diff.evil.textconv", "diff.evil.command",
        "filter.evil.clean", "filter.evil.smudge", "gpg.program", "core.askPass", "pager.diff", "pager.log",
    ):  # fmt: skip
        git(root, "config", name, str(evil))
    git(root, "config", "log.showSignature", "true")
    os.utime(root / "a.py", (1, 1))
    assert "+a = 2\n" in (await told(root)).diff
    assert not ran.exists()
    # The same without these precautions starts it, so it would have been seen.
    git(root, "diff", "--cached")
    assert ran.exists()


def sign(root: Path, file: Path) -> None:
    """Give the last commit a signature, which git looks at by a program."""
    head, _, words = git(root, "cat-file", "commit", "HEAD").partition("\n\n")
    lines = ("-----BEGIN PGP SIGNATURE-----", "", "none", "-----END PGP SIGNATURE-----")
    signature = "\n ".join(lines)
    file.write_text(f"{head}\ngpgsig {signature}\n\n{words}", "utf-8")
    git(root, "update-ref", "HEAD", git(root, "hash-object", "-t", "commit", "-w", str(file)).strip())
