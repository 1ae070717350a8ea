"""`kimi-lsp demo`: the story is told to its end, whatever the user's own settings are, and nothing stays behind."""

import signal
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from kimi_lsp.cli.demo import demo
from kimi_lsp.cli.demo_told import Told
from tests.cli.running import ended, nowhere, run, start

STORY = (
    "A sandbox stands in for Kimi",
    "ruff: cart.py:7: F821 Undefined name `json`",
    "Kimi: Fix “Undefined name `json`” | ",
    "progress: waiting… · thinking… ",
    "picked: Kimi: Cancel (Fix)",
    "cancelled; the stream was closed, and nothing was changed",
    "    +import json",
    "(sandbox) Added `import json`.",
    "ruff now: 1 fixed, 0 left",
    "    +    if not customer:",
    "(sandbox) Turned the nested ifs of `discount` into guard clauses.",
    "### `delivery(cents, country)` (sandbox)",
    "The buffer and the file are as they were.",
    "The server has shut down",
)


def marked(mark: str) -> set[str]:
    """Return the processes of this machine that have a text in their environment."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "environ").read_bytes():
                found.add(f"{entry.name} {(entry / 'cmdline').read_bytes()!r}")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


async def test_the_story(tmp_path: Path) -> None:
    """With settings of the user's that would spoil it."""
    settings = tmp_path / "settings" / "kimi-lsp" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('code_actions = "off"\nmax_tokens = 1\n', "utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environ = nowhere(
        TMPDIR=str(scratch),
        XDG_CONFIG_HOME=str(settings.parent.parent),
        XDG_CACHE_HOME=str(tmp_path / "cache"),
        KIMI_LSP_MODEL="no-such-model",
        EMPIRIOLABS_API_KEY="sk-the-users-own-key",
    )
    ran = await run("demo", "--fast", environ=environ)
    assert ran.code == 0, ran.out + ran.err
    assert ran.err == ""
    at = 0
    for part in STORY:
        assert part in ran.out[at:], f"{part!r} is not where it should be"
        at = ran.out.index(part, at)
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "cache").exists()
    assert all(line == line.rstrip() for line in ran.out.split("\n"))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc")
async def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    mark = f"STORY={tmp_path}"
    # The system tells of a process the environment that it was started with.
    process = await start("demo", environ=nowhere(TMPDIR=str(tmp_path), STORY=str(tmp_path)), cold=True)
    assert process.stdout is not None
    told = b""
    try:
        while b"progress: " not in told:
            read = await process.stdout.read(4096)
            assert read, told
            told += read
        assert len(marked(mark)) == 3, "the demo, its sandbox and its server"
    finally:
        process.send_signal(signal.SIGINT)
        ran = await ended(process)
    assert ran.code == 130
    assert list(tmp_path.iterdir()) == []
    assert marked(mark) == set()


async def test_without_ruff_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await demo(Namespace(fast=True)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "kimi-lsp: the demo needs ruff to find real mistakes: pip install ruff\n"


def report(message: str) -> tuple[str, dict[str, object]]:
    return "$/progress", {"token": "kimi-1", "value": {"kind": "report", "message": message}}


END = ("$/progress", {"token": "kimi-1", "value": {"kind": "end", "message": "done"}})


def test_a_progress_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    told = Told()
    for message in (
        "waiting…",
        "waiting…",
        "thinking… 4 tokens",
        "thinking… 20 tokens",
        "thinking… 20 tokens",
    ):
        told.hear(*report(message))
    told.hear(*report("writing… 83 tokens – 1 edit so far"))
    told.hear(*END)
    told.hear(*END)
    told.hear(*report("waiting…"))
    told.hear("window/showMessage", {"type": 1, "message": "It failed \x1b[2J."})
    told.hear(*END)
    assert capsys.readouterr().out == (
        "  progress: waiting… · thinking… 4 tokens · 20 · writing… 83 tokens – 1 edit so far\n"
        "  progress: waiting…\n"
        "  message: It failed \\x1b[2J.\n"
    )
    assert told.thinking.is_set()
