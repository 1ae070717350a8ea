"""The house rules, held against this repository, and each against a small tree that breaks it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import house

ROOT = Path(__file__).parent.parent
Rule = Callable[[Path], list[str]]
RULES: tuple[Rule, ...] = (
    house.files_are_opened_in_their_rooms,
    house.modules_are_described,
    house.modules_are_named_for_what_they_hold,
    house.modules_stay_short,
    house.no_foreign_address,
    house.only_some_rooms_import,
    house.only_the_command_line_prints,
    house.pure_rooms_stay_pure,
    house.sockets_are_opened_by_kimi_alone,
    house.splitlines_is_not_used_on_documents,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Rule) -> None:
    assert rule(ROOT) == []


# Each row: a rule, a file and a text that break it.
PLANTED: tuple[tuple[Rule, str, str], ...] = (
    (house.pure_rooms_stay_pure, "text/a.py", "import asyncio"),
    (house.pure_rooms_stay_pure, "edits/a.py", "from os import path"),
    (house.pure_rooms_stay_pure, "prompt/a.py", "def f():\n    from pathlib import Path"),
    (house.pure_rooms_stay_pure, "conversation/a.py", "import os.path as where"),
    (house.pure_rooms_stay_pure, "text/a.py", "import importlib\nimportlib.import_module('subprocess')"),
    (house.only_some_rooms_import, "features/a.py", "from lsprotocol.types import Range"),
    (house.only_some_rooms_import, "connect.py", "import pygls.server"),
    (house.only_some_rooms_import, "server/a.py", "import httpx"),
    (house.only_some_rooms_import, "cli/a.py", "def f():\n    import uvicorn"),
    (house.sockets_are_opened_by_kimi_alone, "server/a.py", "import socket"),
    (house.sockets_are_opened_by_kimi_alone, "cli/a.py", "from urllib.request import urlopen"),
    (house.sockets_are_opened_by_kimi_alone, "project/a.py", "import http.client"),
    (
        house.sockets_are_opened_by_kimi_alone,
        "server/a.py",
        "import asyncio\nasyncio.open_connection('h', 1)",
    ),
    (house.files_are_opened_in_their_rooms, "server/a.py", "open('x')"),
    (house.files_are_opened_in_their_rooms, "cli/a.py", "import os\nos.open('x', 0)"),
    (house.files_are_opened_in_their_rooms, "connect.py", "from pathlib import Path\nPath('x').read_text()"),
    (house.files_are_opened_in_their_rooms, "features/a.py", "def f(path):\n    path.write_text('')"),
    (house.files_are_opened_in_their_rooms, "features/a.py", "def f(path):\n    path.open()"),
    (
        house.files_are_opened_in_their_rooms,
        "features/a.py",
        "def f(path):\n    path.open('rb', buffering=0)",
    ),
    (house.files_are_opened_in_their_rooms, "server/a.py", "import logging\nlogging.FileHandler('x')"),
    (house.files_are_opened_in_their_rooms, "sandbox/a.py", "import tempfile\ntempfile.mkstemp()"),
    (house.only_the_command_line_prints, "kimi/a.py", "print('x')"),
    (house.only_the_command_line_prints, "server/a.py", "import sys\nsys.stdout.write('x')"),
    (house.only_the_command_line_prints, "sandbox/a.py", "from sys import stdout"),
    (house.only_the_command_line_prints, "server/stdio.py", "print('x')"),
    (house.splitlines_is_not_used_on_documents, "text/a.py", "'a'.splitlines()"),
    (house.splitlines_is_not_used_on_documents, "server/a.py", "rows = map(str.splitlines, [])"),
    (house.modules_are_described, "text/a.py", "x = 1"),
    (house.modules_are_described, "text/a.py", '""" """'),
    (house.modules_stay_short, "text/a.py", "x = 1\n" * 401),
    (house.modules_are_named_for_what_they_hold, "text/utils.py", ""),
    (house.modules_are_named_for_what_they_hold, "helpers/a.py", ""),
    (house.no_foreign_address, "text/a.py", "# see /" + "home/someone/notes"),
    (house.no_foreign_address, "text/a.py", "# from https://" + "pypi" + ".org/simple"),
)


@pytest.mark.parametrize(
    ("rule", "path", "text"), PLANTED, ids=[f"{rule.__name__}-{path}" for rule, path, _ in PLANTED]
)
def test_a_rule_sees_what_breaks_it(rule: Rule, path: str, text: str, tmp_path: Path) -> None:
    plant(tmp_path, path, text)
    (found,) = rule(tmp_path)
    assert found.startswith(f"kimi_lsp/{path}")


def test_every_rule_has_something_planted_against_it() -> None:
    assert {rule for rule, _, _ in PLANTED} == set(RULES)


# What the rules leave alone.
ALLOWED: tuple[tuple[str, str], ...] = (
    ("text/a.py", "import re\nfrom kimi_lsp.text import Span"),
    ("server/a.py", "import asyncio, os\nfrom pygls.lsp.server import LanguageServer"),
    ("server/stdio.py", "import sys\nwire = sys.stdout.buffer"),
    ("server/a.py", "from kimi_lsp.project import files\nfiles.read_text('x')"),
    ("server/a.py", "from kimi_lsp.project.files import read_text\nread_text('x')"),
    ("server/a.py", "def f(documents, uri, text):\n    documents.open(uri, text)"),
    ("project/a.py", "from pathlib import Path\nPath('x').read_text()\n'a'.splitlines()"),
    ("kimi/a.py", "import httpx, socket\nopen('x')"),
    ("sandbox/a.py", "import socket\nimport uvicorn"),
    ("cli/a.py", "import shutil, tempfile\nshutil.which('git')\ntempfile.TemporaryDirectory()"),
    ("cli/a.py", "import sys\nprint(sys.stdout)"),
)


@pytest.mark.parametrize(("path", "text"), ALLOWED, ids=[path for path, _ in ALLOWED])
def test_the_rules_leave_alone(path: str, text: str, tmp_path: Path) -> None:
    plant(tmp_path, path, f'"""A room."""\n{text}')
    assert [found for rule in RULES for found in rule(tmp_path)] == []


# The arrows. Each row: the room that imports, and what it may not import.
ARROWS: tuple[tuple[str, str], ...] = (
    ("text", "edits"),
    ("text", "conversation"),
    ("conversation", "prompt"),
    ("edits", "project"),
    ("project", "kimi"),
    ("kimi", "features"),
    ("prompt", "features"),
    ("prompt", "kimi"),
    ("features", "kimi"),
    ("features", "connect"),
    ("features", "server"),
    ("server", "cli"),
    ("server", "sandbox"),
    ("sandbox", "text"),
    ("sandbox", "kimi"),
    ("connect", "server"),
)


def test_the_arrows_point_down() -> None:
    checked = contracts(ROOT)
    assert checked.returncode == 0, checked.stdout


def test_an_arrow_that_points_up_is_seen(tmp_path: Path) -> None:
    """One tree with every forbidden arrow, since reading the imports takes most of the time."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    empty_house(tmp_path)
    for room, other in ARROWS:
        plant(tmp_path, f"{room}/to_{other}.py", f"import kimi_lsp.{other}")
    plant(tmp_path, "sandbox/to_httpx.py", "import httpx")
    plant(tmp_path, "server/to_starlette.py", "import starlette")
    plant(tmp_path, "unplaced/__init__.py", "")

    checked = contracts(tmp_path)

    assert checked.returncode == 1
    for room, other in ARROWS:
        assert f"kimi_lsp.{room}.to_{other} -> kimi_lsp.{other} " in checked.stdout
    assert "kimi_lsp.sandbox.to_httpx -> httpx " in checked.stdout
    assert "kimi_lsp.server.to_starlette -> starlette " in checked.stdout


def test_a_room_without_a_place_is_seen(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    empty_house(tmp_path)
    assert contracts(tmp_path).returncode == 0
    plant(tmp_path, "attic/__init__.py", "")
    checked = contracts(tmp_path)
    assert checked.returncode == 1
    assert "attic" in checked.stdout


def test_a_circle_inside_a_room_is_seen(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    empty_house(tmp_path)
    plant(tmp_path, "text/one.py", "import kimi_lsp.text.two")
    plant(tmp_path, "text/two.py", "import kimi_lsp.text.one")
    checked = contracts(tmp_path)
    assert checked.returncode == 1
    assert "No circles inside a room BROKEN" in checked.stdout


# What a start costs: the statement, and what may not be loaded after it.
CHEAP: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "from kimi_lsp.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass",
        frozenset({"pygls", "lsprotocol", "httpx", "pydantic"}),
    ),
    *(
        (f"import kimi_lsp.{room}", frozenset({"pygls", "lsprotocol", "httpx"}))
        for room in ("features", "prompt", "edits")
    ),
    ("import kimi_lsp.text, kimi_lsp.conversation", frozenset({"pygls", "lsprotocol", "httpx", "pydantic"})),
)


@pytest.mark.parametrize(
    ("statement", "heavy"), CHEAP, ids=[statement.split("\n")[0] for statement, _ in CHEAP]
)
def test_a_light_import_stays_light(statement: str, heavy: frozenset[str]) -> None:
    assert not loaded_by(statement) & heavy


def test_a_heavy_import_is_seen() -> None:
    assert loaded_by("import pydantic") & {"pydantic"}


def loaded_by(statement: str) -> set[str]:
    """Run a statement in a Python of its own and return the top-level packages that it loaded."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return {name.partition(".")[0] for name in json.loads(ran.stdout.strip().rsplit("\n", 1)[-1])}


def contracts(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of a tree's own `pyproject.toml` against the tree's own package."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def plant(root: Path, path: str, text: str) -> None:
    """Write one module of a tree, and the packages above it."""
    file = root / "kimi_lsp" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def empty_house(root: Path) -> None:
    """Write the house with every room in its place and nothing in it."""
    rooms = {
        path.name.removesuffix(".py") for path in (ROOT / "kimi_lsp").iterdir() if path.suffix in {"", ".py"}
    }
    for room in {*rooms, "__main__", "connect"} - {"__init__", "__pycache__"}:
        plant(root, "__main__.py" if room == "__main__" else f"{room}/__init__.py", "")
    plant(root, "__init__.py", "")
