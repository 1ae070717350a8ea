"""How the drivers, which are JavaScript, are run: with what is installed below `.venv/vscode`, in a scratch home."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.editors.conftest import ROOT, Workspace, needed

HERE = Path(__file__).parent
EXTENSION = ROOT / "editors" / "vscode"
PLACE = ROOT / ".venv" / "vscode"


def drive(script: str, workspace: Workspace, *words: str, seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a driver to its end; it ends by itself, and what it started ends with it."""
    node = needed("node", path=PLACE / "bin" / "node")
    needed("code-server", path=PLACE / "server.stamp")
    environ = {
        **workspace.environ,
        "PATH": os.pathsep.join((workspace.environ["PATH"], str(Path(node).parent))),
        "KIMI_TEST_VSCODE": str(PLACE),
        "KIMI_TEST_CHROMIUM": needed("chromium"),
    }
    with subprocess.Popen(
        [node, str(HERE / script), str(workspace.home), *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            # The driver ends what it started; where it could not, its whole session does.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def built() -> Path:
    """Return the folder of the extension, which must be built."""
    bundle = EXTENSION / "dist" / "extension.js"
    needed("the extension's bundle", path=bundle)
    return EXTENSION


def keep(artefacts: Path, name: str, text: str) -> None:
    """Keep a text beside the screenshots."""
    (artefacts / name).write_text(text, "utf-8")


def emptied(folder: Path) -> Path:
    """Return a folder with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
