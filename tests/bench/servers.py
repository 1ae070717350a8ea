"""The servers that are measured, each with the command that starts it, and how a session with one begins.

What is not installed is told in its row and left out.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.client import StdioClient

ROOT = Path(__file__).parent.parent.parent
PROFILE = ROOT / "tests" / "client_profiles" / "vscode-1.100.3.json"
"""What a real editor sends as `initialize`'s parameters; every server gets the same."""


@dataclass(frozen=True, slots=True)
class Server:
    """One row of the tables."""

    name: str
    command: Sequence[str]

    @property
    def installed(self) -> bool:
        """Whether its program is there."""
        return shutil.which(self.command[0], path=_path()) is not None


BARE = Server("bare Python loop", (sys.executable, "-m", "tests.bench.baselines.bare_loop"))
PYGLS = Server("minimal pygls server", (sys.executable, "-m", "tests.bench.baselines.minimal_pygls"))
KIMI = Server("kimi-lsp serve", (sys.executable, "-m", "kimi_lsp", "serve"))
RUFF = Server("ruff server", ("ruff", "server"))
PYRIGHT = Server("basedpyright", ("basedpyright-langserver", "--stdio"))
COPILOT = Server("copilot-language-server", ("copilot-language-server", "--stdio"))

SERVERS = (BARE, PYGLS, KIMI, RUFF, PYRIGHT, COPILOT)
"""The first is what the others are compared with."""


@dataclass(frozen=True, slots=True)
class Session:
    """A client whose server was initialized, and the folder it works in."""

    client: StdioClient
    folder: Path

    def open(self, name: str, text: str) -> str:
        """Open a document; return its URI."""
        uri = (self.folder / name).as_uri()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.client.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, version: int, text: str) -> None:
        """Replace a whole document."""
        identity = {"uri": uri, "version": version}
        params = {"textDocument": identity, "contentChanges": [{"text": text}]}
        self.client.notify("textDocument/didChange", params)

    def menu(self, uri: str, line: int, diagnostics: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Return the parameters of a menu that the user asks for on some characters of a line."""
        context = {"diagnostics": diagnostics, "triggerKind": 1}
        return {"textDocument": {"uri": uri}, "range": _part_of(line), "context": context}

    def command(self, name: str, uri: str, line: int) -> dict[str, Any]:
        """Return the parameters of a command for some characters of a line."""
        return {"command": name, "arguments": [{"uri": uri, "range": _part_of(line)}]}


@contextmanager
def session(server: Server, more_environ: Mapping[str, str] | None = None) -> Iterator[Session]:
    """Start a server, initialize it, and shut it down on leaving. Raises NoAnswer."""
    with TemporaryDirectory(prefix="kimi-lsp-bench-", ignore_cleanup_errors=True) as place:
        # What some systems name by a link would be outside of the workspace.
        folder = Path(place).resolve()
        with StdioClient(command(server), environ(folder, more_environ or {}), folder) as client:
            initialize(client, folder)
            client.notify("initialized", {})
            yield Session(client, folder)


def initialize(client: StdioClient, folder: Path) -> float:
    """Return the seconds from the server's start to its answer. Raises NoAnswer."""
    params: dict[str, Any] = json.loads(PROFILE.read_text("utf-8"))
    place = {"rootUri": folder.as_uri(), "rootPath": str(folder)}
    folders = [{"uri": folder.as_uri(), "name": "bench"}]
    heard = client.call(
        "initialize", {**params, **place, "workspaceFolders": folders, "processId": os.getpid()}
    )
    if heard.result is None:
        raise RuntimeError(f"the server did not initialize: {heard.message}")
    return heard.at - client.began


def environ(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the machine's own settings, in which Python finds the baselines."""
    kept = {name: os.environ[name] for name in ("LANG", "PYTHONPATH") if name in os.environ}
    python_path = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    home = {name: str(folder / ".home") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    state = {"KIMI_LSP_STATE": str(folder / ".home" / "state")}
    return {**kept, **home, **state, "PATH": _path(), "PYTHONPATH": python_path, **more}


def command(server: Server) -> Sequence[str]:
    """Return the command that starts a server, its program by its path."""
    program = shutil.which(server.command[0], path=_path())
    return (program or server.command[0], *server.command[1:])


def _part_of(line: int) -> dict[str, Any]:
    return {"start": {"line": line, "character": 4}, "end": {"line": line, "character": 9}}


def _path() -> str:
    # A tool that is installed beside this Python is found without its folder on PATH.
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
