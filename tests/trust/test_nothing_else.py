"""A whole session of the real server, watched from within: where it connects, what it runs, what it writes, and
whether the key or a document is in any of that.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cli.running import ROOT
from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox, sandbox

CANARY = "canary_of_the_document"
SOURCE = f'"""Of {CANARY}."""\n\n\ndef total(lines: list[int]) -> str:\n    return json.dumps(lines)\n'
FAULTS = ("401", "stream-error", "invalid-utf8", "wrong-schema", "refusal")


WRITING = (
    "open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "sqlite3.connect",
)  # fmt: skip


@dataclass(frozen=True)
class Session:
    """What is left of a session that is over."""

    folder: Path
    base_url: str
    api_key: str
    told: str
    """All that the editor was sent, as text."""
    events: list[list[Any]]
    requests: list[dict[str, Any]]
    """What the service was sent."""

    def about(self, *names: str) -> list[list[Any]]:
        return [event[1:] for event in self.events if event[0] in names]

    def written(self) -> list[Path]:
        return [Path(path) for event in self.about(*WRITING) for path in event if isinstance(path, str)]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A fix, an explanation, a refactoring, failures and a look at a request, with a log, in a workspace."""
    return asyncio.run(_session(tmp_path_factory.mktemp("session")))


async def _session(folder: Path) -> Session:
    for name in ("work", "cache", "tmp"):
        (folder / name).mkdir()
    async with sandbox() as kimi:
        environ = {
            **kimi.environ,
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "PYTHONPATH": os.pathsep.join((str(ROOT / "tests" / "trust" / "watched"), str(ROOT))),
            "KIMI_LSP_TEST_WATCH": str(folder / "watch"),
            "KIMI_LSP_STATE": str(folder / "state"),
            "KIMI_LSP_LOG": str(folder / "log"),
            "EMPIRIOLABS_API_KEY": kimi.api_key,
            "XDG_CACHE_HOME": str(folder / "cache"),
            "TMPDIR": str(folder / "tmp"),
        }
        async with editor(environ, folder / "work", tools=True) as ed:
            told = await _everything(ed, kimi)
        lines = (folder / "watch").read_text("utf-8").splitlines()
        events = [json.loads(line) for line in lines]
        return Session(folder, kimi.base_url, kimi.api_key, told, events, await kimi.requests())


async def _everything(ed: Editor, kimi: Sandbox) -> str:
    uri = ed.put("cart.py", SOURCE)
    unstructure = ed.client.protocol._converter.unstructure
    problem = ed.diagnostic(uri, "json", "Undefined name `json`", source="ruff", code="F821")
    commands = {
        "explain": ed.place(uri, "def total"),
        "refactor": ed.place(uri, "def total", instruction="do as you like"),
        "fix": ed.place(uri, "json", diagnostics=[problem]),
        "showRequest": ed.place(uri, "def total"),
        "usage": {},
    }
    answers = []
    for fault in FAULTS:
        await kimi.control(fault=fault)
        answers.append(await ed.run("kimi.fix", commands["fix"]))
        assert answers[-1]["status"] != "ok", fault
    await kimi.control(fault=None)
    answers += [await ed.run(f"kimi.{name}", argument) for name, argument in commands.items()]
    fixed = next(answer for answer in answers if "Added `import json`" in str(answer))
    assert "ruff: fixed 1" in fixed["message"]
    sent = [*ed.client.messages, *ed.client.log_messages, *ed.progress, *ed.asked, *ed.shown, *ed.questions]
    return json.dumps([answers, unstructure(sent)], default=repr)


def test_it_connects_to_the_configured_origin_only(session: Session) -> None:
    """No telemetry, no update check, no name looked up: the one address is the service's."""
    port = urlsplit(session.base_url).port
    reached = session.about("socket.connect", "socket.sendto", "socket.sendmsg")
    assert reached
    assert {tuple(address) for (address,) in reached} == {("127.0.0.1", port)}
    assert {host for host, *_ in session.about("socket.getaddrinfo")} <= {"127.0.0.1"}
    assert session.about("socket.gethostbyname", "socket.gethostbyaddr") == []


def test_it_runs_the_checker_only_and_without_the_key(session: Session) -> None:
    started = session.about("subprocess.Popen")
    assert {Path(arguments[0]).name for _, arguments, _, _ in started} == {"ruff"}
    assert session.about("os.system", "os.exec", "os.posix_spawn") == []
    for _, arguments, _, environ in started:
        assert environ
        assert session.api_key not in json.dumps([arguments, environ])
        assert not [name for name in environ if name.startswith("KIMI_LSP_") or "API_KEY" in name]


def test_it_writes_its_own_files_only(session: Session) -> None:
    allowed = [session.folder / name for name in ("state", "cache", "tmp", "log")]
    written = [path for path in session.written() if path.is_absolute() and path != Path(os.devnull)]
    assert session.folder / "log" in written
    strangers = [
        path
        for path in written
        if not any(path.is_relative_to(one) for one in allowed)
        and path.suffix != ".pyc"
        and "__pycache__" not in path.parts
    ]
    assert strangers == []
    assert sorted(path.name for path in (session.folder / "work").iterdir()) == ["cart.py"]


def test_the_key_is_in_no_file_and_in_nothing_that_the_editor_gets(session: Session) -> None:
    kept = list(session.folder.rglob("*"))
    texts = {path: path.read_bytes() for path in kept if path.is_file()}
    assert {"log", "watch"} <= {path.name for path in texts}
    assert any(path.is_relative_to(session.folder / "state") for path in texts)
    assert [path for path, text in texts.items() if session.api_key.encode() in text] == []
    assert session.api_key not in session.told


def test_no_document_is_in_the_log_or_in_the_books(session: Session) -> None:
    kept = [session.folder / "log", *(session.folder / "state").rglob("*")]
    texts = {path: path.read_bytes() for path in kept if path.is_file()}
    assert b"answered: " in texts[session.folder / "log"]
    assert [path for path, text in texts.items() if CANARY.encode() in text or b"json.dumps" in text] == []


def test_every_request_had_the_key_in_its_header_alone(session: Session) -> None:
    assert len(session.requests) > len(FAULTS)
    assert "(the key)" not in json.dumps([request["body"] for request in session.requests])


def test_no_option_takes_a_key() -> None:
    """The arguments of a process can be read by everybody on its machine."""
    from kimi_lsp.cli import _parser

    (commands,) = [one for one in _parser()._actions if isinstance(one.choices, dict)]
    assert isinstance(commands.choices, dict)
    options = [option for parser in commands.choices.values() for option in parser._option_string_actions]
    assert "--json" in options
    assert [option for option in options if "key" in option or "token" in option] == []
