"""`kimi-lsp` in a process of its own that need not import anything: it is forked from one that did.

Starting Python and importing LSP's types takes more time than most tests do. `tests/server/test_door.py`,
`tests/cli/test_main.py` and the bench start it cold. Where the system cannot fork so, this does, too.
"""

import atexit
import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent
_ROOT = _FOLDER.parent.parent.parent
COLD = (sys.executable, "-m", "kimi_lsp")


def command(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words that start `kimi-lsp` in an environment, to which its own arguments are added."""
    # What Python itself reads at its start comes too late for a process that is forked.
    usual = {"PYTHONWARNINGS": "default", "PYTHONPATH": str(_ROOT)}
    told = ((name, value) for name, value in environ.items() if name.startswith("PYTHON"))
    is_usual = all(value in (usual.get(name), os.environ.get(name)) for name, value in told)
    path = _mother() if is_usual else None
    return COLD if path is None else (sys.executable, "-I", "-S", str(_FOLDER / "launch.py"), path)


@functools.cache
def can_fork() -> bool:
    """Tell whether the system forks, and tells of a child's end: some containers know the call and refuse it."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


@functools.cache
def _mother() -> str | None:
    """Start the process that has imported everything, once for each process of pytest; return its socket."""
    if not can_fork():
        return None
    folder = tempfile.TemporaryDirectory(prefix="kimi-lsp-warm-")
    path = str(Path(folder.name) / "socket")
    # What is imported warns as it would in a test of its own.
    # A name that is empty can be handed to a process, and not be taken away in it.
    environ = {**{name: value for name, value in os.environ.items() if name}, "PYTHONWARNINGS": "default"}
    process = subprocess.Popen(
        [sys.executable, str(_FOLDER / "mother.py"), path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        env=environ,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    return path
