"""A git repository of a test's own, which reads nobody's configuration."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ALONE: Mapping[str, str] = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(root: Path, *words: str) -> str:
    ran = subprocess.run(
        ["git", *words],
        cwd=root,
        env={**os.environ, **ALONE},
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    return ran.stdout.decode()


def repository(root: Path, files: Mapping[str, str]) -> Path:
    """Make one with files that are committed."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    put(root, files)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Begin – „shop“\n\nMore.")
    return root


def put(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
