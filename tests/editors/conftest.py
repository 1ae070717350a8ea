"""What the editors' tests share: a sandbox in a process of its own, files to work on, a home of their own.

An editor under test is given `Workspace.environ`: the server and ruff are on its PATH, its home and its books are
scratch, and the sandbox is where it looks for Kimi. `artefacts` is where screenshots and logs go. A missing tool fails
the test where CI=true and skips it, with a sentence, elsewhere: `needed` does that.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp.cli.sample import CART
from tests.editors.lever import pull

ROOT = Path(__file__).parent.parent.parent
VENV = Path(sys.executable).parent
"""Where `kimi-lsp` and `ruff` are; not resolved, since a venv's python is a link."""

FILES = {
    "cart.py": CART,
    "accents.py": (
        '"""Grüße – a column is not a byte, and not a character either."""\n\n\n'
        "def card(name: str) -> str:\n"
        '    return "🎈🎂 für “" + name + "” " + json.dumps({"größe": "5 €"})  # é\n'
    ),
    "windows.py": (
        '"""Its lines end in CRLF."""\r\n\r\n\r\n'
        "def receipt(cents: int) -> str:\r\n"
        '    return json.dumps({"cents": cents})\r\n'
    ),
    "several.py": (
        '"""A fix here changes two places."""\n\n\n'
        "def add(item: str, basket: list[str] = []) -> list[str]:\n"
        '    """Put one more into the basket."""\n'
        "    basket.append(item)\n"
        "    return basket\n"
    ),
    "ruff.toml": '[lint]\nselect = ["F821", "B006"]\n',
}
"""The workspace. ruff finds one problem in each Python file: F821, F821, F821 and B006."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox and its levers, for tests that need no event loop."""

    base_url: str
    api_key: str

    def control(self, **settings: Any) -> None:
        """Set `hold`, `fault` or `think`."""
        pull(self.base_url, self.api_key, "control", json.dumps(settings))

    def release(self) -> None:
        """Let everything that is held go on."""
        pull(self.base_url, self.api_key, "release")

    def wait(self, state: str, count: int = 1) -> None:
        """Return once that many requests in all were open, held, finished or disconnected."""
        pull(self.base_url, self.api_key, "wait", state, str(count))

    def requests(self) -> list[dict[str, Any]]:
        """Return the journal, oldest request first; each has its `state` and its `body`."""
        found: list[dict[str, Any]] = pull(self.base_url, self.api_key, "requests")
        return found


@dataclass(frozen=True)
class Workspace:
    """A project of a few files, and the environment of the editor that opens it."""

    root: Path
    home: Path
    """Scratch: HOME and all XDG folders lie in it. Never the project's folder."""
    environ: dict[str, str]

    def text(self, name: str) -> str:
        """Return a file as it is on disk, line ends included."""
        return (self.root / name).read_bytes().decode()

    def without_key(self) -> "Workspace":
        """Return the same with no key to be found."""
        kept = {name: value for name, value in self.environ.items() if name != "KIMI_LSP_API_KEY"}
        return replace(self, environ=kept)

    def reported(self, name: str) -> list[dict[str, Any]]:
        """Return what ruff reports of a file on disk, as LSP diagnostics with UTF-16 columns."""
        command = [str(VENV / "ruff"), "check", "--output-format=json", "--no-cache", "--exit-zero", name]
        ran = subprocess.run(
            command, cwd=self.root, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
        )
        lines = self.text(name).split("\n")

        def position(place: dict[str, int]) -> dict[str, int]:
            before = lines[place["row"] - 1][: place["column"] - 1]
            return {"line": place["row"] - 1, "character": len(before.encode("utf-16-le")) // 2}

        return [
            {
                "range": {"start": position(one["location"]), "end": position(one["end_location"])},
                "severity": 1,
                "source": "ruff",
                "code": one["code"],
                "message": one["message"],
            }
            for one in json.loads(ran.stdout)
        ]


@pytest.fixture
def playing() -> Iterator[Sandbox]:
    """A sandbox for one test."""
    with sandbox() as running:
        yield running


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """`kimi-lsp sandbox` on a free port, ended with the test."""
    command = [sys.executable, "-m", "kimi_lsp", "sandbox", "--think", "0"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            yield Sandbox(told["base_url"], told["api_key"])
        finally:
            process.terminate()


@pytest.fixture
def workspace(playing: Sandbox, tmp_path: Path) -> Workspace:
    """A workspace for one test."""
    return shop(playing, tmp_path)


def shop(playing: Sandbox, tmp_path: Path) -> Workspace:
    """Return the files, in a folder of their own, and an environment in which an editor finds the sandbox."""
    root, home = tmp_path / "shop", tmp_path / "home"
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
    home.mkdir()
    for name, text in FILES.items():
        (root / name).write_bytes(text.encode())
    scratch = {
        name: str(home / folder)
        for name, folder in (
            ("HOME", ""),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("KIMI_LSP_STATE", "books"),
        )
    }
    environ = {
        **scratch,
        "PATH": os.pathsep.join((str(VENV), os.environ["PATH"])),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "KIMI_LSP_BASE_URL": playing.base_url,
        "KIMI_LSP_API_KEY": playing.api_key,
        "KIMI_TEST_SANDBOX": playing.base_url,
        "KIMI_TEST_SANDBOX_KEY": playing.api_key,
        "KIMI_TEST_PYTHON": sys.executable,
    }
    return Workspace(root, home, environ)


@pytest.fixture
def artefacts(request: pytest.FixtureRequest) -> Path:
    """A folder for this test's screenshots and logs, below `build/editors`, which Git ignores."""
    editor = Path(str(request.node.path)).parent.name
    folder = ROOT / "build" / "editors" / editor / str(request.node.name).replace("/", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def needed(tool: str, *, path: Path | None = None) -> str:
    """Return the full path of a program, by name or where it must lie; else fail in CI, and skip elsewhere."""
    found = shutil.which(tool) if path is None else str(path) if path.exists() else None
    if found is None:
        sentence = f"{tool} is not installed; `make test-editors` installs what it can."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the editors' folders unread where their tests are not asked for: what they import may not be installed."""
    chosen = str(config.getoption("markexpr"))
    asked_for = "editors" in chosen and "not editors" not in chosen
    return (
        True
        if collection_path.parent == Path(__file__).parent and collection_path.is_dir() and not asked_for
        else None
    )
