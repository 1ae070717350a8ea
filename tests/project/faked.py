"""Stand-ins for tools: real executable processes, written in Python into a test's own folder."""

import stat
import sys
from pathlib import Path


def tool(folder: Path, name: str, program: str) -> Path:
    """Write a program that runs under the Python of the tests, and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable} -I\n{program}", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
