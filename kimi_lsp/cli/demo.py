"""`kimi-lsp demo`: everything for real but the model. A sandbox answers over HTTP, a server talks LSP over stdio,
ruff finds the mistakes, and this command acts as the editor and tells what happens as it happens.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kimi_lsp.cli import sample
from kimi_lsp.cli.demo_editor import Editor, ServerGone
from kimi_lsp.cli.demo_told import Told
from kimi_lsp.cli.exit_codes import FAILED, OK, USAGE
from kimi_lsp.project import files
from kimi_lsp.text import unified
from kimi_lsp.text.harmless import visible

_THINKING = 1.5
"""Seconds; the real model takes 10 to 60."""


class DemoFailed(Exception):
    """`str(error)` is the sentence for the user."""


async def demo(arguments: argparse.Namespace) -> int:
    """Tell the story; return 0 where every step did what it says."""
    ruff = _ruff()
    if ruff is None:
        print("kimi-lsp: the demo needs ruff to find real mistakes: pip install ruff", file=sys.stderr)
        return USAGE
    try:
        async with _sandbox(0.0 if arguments.fast else _THINKING) as (base_url, key):
            with tempfile.TemporaryDirectory(prefix="kimi-lsp-demo-") as folder:
                await _story(Path(folder), base_url, key, ruff)
    except (DemoFailed, ServerGone) as error:
        print(f"kimi-lsp: the demo failed: {error}", file=sys.stderr)
        return FAILED
    return OK


async def _story(folder: Path, base_url: str, key: str, ruff: list[str]) -> None:
    file = folder / sample.NAME
    files.create(file, sample.CART)
    uri = file.as_uri()
    print("kimi-lsp demo. A sandbox stands in for Kimi: it is offline, costs nothing, and is no model.")
    print(f"  sandbox  {base_url}\n  server   kimi-lsp serve, over stdio\n  file     {sample.NAME}")
    told = Told()
    settings = {"checkers": ruff}
    editor = await Editor.start(_environ(folder, base_url, key), folder.as_uri(), settings, told.hear)
    try:
        editor.open(uri, "python", sample.CART)
        await _fix(editor, uri, ruff, told)
        await _refactor(editor, uri)
        await _explain(editor, uri)
        await _undo(editor, uri, file)
        code = await editor.close()
    finally:
        await editor.kill()
    if code != 0:
        raise DemoFailed(f"the server ended with {code}")
    print(
        "\nThe server has shut down, the sandbox stops now. With a key, `kimi-lsp doctor` tells what is left to do."
    )


def _environ(folder: Path, base_url: str, key: str) -> dict[str, str]:
    """Return an environment with the sandbox in it, and without the user's key and settings."""
    own = {"EMPIRIOLABS_API_KEY", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in own and not name.startswith("KIMI_LSP_")
    }
    return {
        **kept,
        "XDG_CONFIG_HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "KIMI_LSP_STATE": str(folder / "state"),
        "KIMI_LSP_BASE_URL": base_url,
        "KIMI_LSP_API_KEY": key,
    }


async def _fix(editor: Editor, uri: str, ruff: list[str], told: Told) -> None:
    _title("1. A diagnostic, and the menu on it")
    found = await _diagnostics(ruff, editor.buffers[uri])
    if not found:
        raise DemoFailed("ruff reported nothing")
    first = found[0]
    print(f"  ruff: {sample.NAME}:{first['range']['start']['line'] + 1}: {first['code']} {first['message']}")
    menu = await _menu(editor, uri, first["range"], [first])
    _title("2. Fix it, and change your mind (the sandbox was told to hang at the first request)")
    await _cancel(editor, uri, menu[0]["command"], told)
    _title("3. Fix it")
    await _edit(editor, uri, menu[0]["command"])
    left = await _diagnostics(ruff, editor.buffers[uri])
    print(f"  ruff now: {len(found) - len(left)} fixed, {len(left)} left")


async def _cancel(editor: Editor, uri: str, command: dict[str, Any], told: Told) -> None:
    before = editor.buffers[uri]
    running = asyncio.ensure_future(editor.run(command))
    thinking = asyncio.ensure_future(told.thinking.wait())
    try:
        await asyncio.wait({running, thinking}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            raise DemoFailed(f"it did not wait: {running.result()}")
        menu = await editor.menu(uri, command["arguments"][0]["range"], [])
        entry = next(entry for entry in menu if entry["command"]["command"] == "kimi.cancel")
        _expect_ok(await editor.run(entry["command"]))
        answer = await running
    finally:
        running.cancel()
        thinking.cancel()
    if answer != {"status": "cancelled"} or editor.buffers[uri] != before:
        raise DemoFailed(f"it was not cancelled: {answer}")
    print(f"  picked: {entry['title']}")
    print("  cancelled; the stream was closed, and nothing was changed")


async def _refactor(editor: Editor, uri: str) -> None:
    _title("4. Refactor a selection: “use guard clauses”")
    place = _function(editor.buffers[uri], "def discount")
    menu = await _menu(editor, uri, editor.range_of_lines(uri, *place), [])
    action = next(entry for entry in menu if entry["command"]["command"] == "kimi.refactor")
    await _edit(editor, uri, action["command"], instruction="use guard clauses")


async def _explain(editor: Editor, uri: str) -> None:
    _title("5. Explain")
    place = _function(editor.buffers[uri], "def delivery")
    menu = await editor.menu(uri, editor.range_of_lines(uri, *place), [])
    action = next(entry for entry in menu if entry["command"]["command"] == "kimi.explain")
    answer = await editor.run(action["command"])
    _expect_ok(answer)
    print(_indented(answer["markdown"]))
    print(f"  used: {answer['message']}")


async def _undo(editor: Editor, uri: str, file: Path) -> None:
    _title("6. Undo: one step for each edit")
    editor.undo()
    editor.undo()
    if editor.buffers[uri] != sample.CART or files.read_text(file) != sample.CART:
        raise DemoFailed("the sample is not as it was")
    print("  The buffer and the file are as they were.")


async def _edit(editor: Editor, uri: str, command: dict[str, Any], **more: Any) -> None:
    before = editor.buffers[uri]
    answer = await editor.run(command, **more)
    _expect_ok(answer)
    if editor.buffers[uri] == before:
        raise DemoFailed("nothing was changed")
    print(_indented(unified(before, editor.buffers[uri], sample.NAME)))
    print(f"  {visible(answer['message'])}")


async def _menu(
    editor: Editor, uri: str, place: dict[str, Any], found: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    loop = asyncio.get_running_loop()
    start = loop.time()
    menu = await editor.menu(uri, place, found)
    took = (loop.time() - start) * 1000
    if not menu:
        raise DemoFailed("the menu is empty")
    print(f"  menu, answered in {took:.0f} ms: " + " | ".join(entry["title"] for entry in menu))
    return menu


def _expect_ok(answer: dict[str, Any]) -> None:
    if answer.get("status") != "ok":
        raise DemoFailed(f"{answer.get('status')}: {answer.get('message', '')}")


async def _diagnostics(ruff: list[str], text: str) -> list[dict[str, Any]]:
    """Return what ruff finds, in LSP's shape."""
    process = await asyncio.create_subprocess_exec(
        *ruff, "check", "--isolated", "--select", "E7,E9,F", "--output-format", "json", "--stdin-filename", sample.NAME, "-",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate(text.encode())
    return [
        {
            "range": {"start": _place(row["location"]), "end": _place(row["end_location"])},
            "message": row["message"],
            "code": row["code"],
            "source": "ruff",
            "severity": 1,
        }
        for row in json.loads(out)
    ]


def _place(location: dict[str, int]) -> dict[str, int]:
    return {"line": location["row"] - 1, "character": location["column"] - 1}


def _ruff() -> list[str] | None:
    found = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    return [found] if found else None


@asynccontextmanager
async def _sandbox(think: float) -> AsyncGenerator[tuple[str, str], None]:
    """Run `kimi-lsp sandbox` as its own process for as long as the context is open."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kimi_lsp", "sandbox", "--think", str(think), "--fault", "stall*1",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        line = await process.stdout.readline() if process.stdout else b""
        if not line:
            told = await process.stderr.read() if process.stderr else b""
            raise DemoFailed(told.decode(errors="replace").strip() or "the sandbox did not start")
        announced = json.loads(line)
        yield announced["base_url"], announced["api_key"]
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


def _function(text: str, head: str) -> tuple[int, int]:
    lines = text.split("\n")
    first = next(number for number, line in enumerate(lines) if line.startswith(head))
    last = next((number for number in range(first + 1, len(lines)) if lines[number][:1].strip()), len(lines))
    return first + 1, last


def _title(text: str) -> None:
    print(f"\n{text}", flush=True)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in visible(text).rstrip().split("\n"))
