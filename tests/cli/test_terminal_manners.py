"""Being a good command in a terminal: interrupts, readers that leave, terminals without Unicode, control characters."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from kimi_lsp.text.harmless import visible
from tests.cli.running import CART, FIX, ended, one_sentence, run, start
from tests.support.sandboxed import Sandbox


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
async def test_an_interrupt_closes_the_stream(as_json: bool, kimi: Sandbox, cart: Path) -> None:
    await kimi.control(hold="before_content")
    more = ("--json",) if as_json else ()
    process = await start("fix", str(cart), *FIX, "--apply", *more, environ=kimi.environ)
    await kimi.wait("held")
    process.send_signal(signal.SIGINT)
    await kimi.wait("disconnected")
    ran = await ended(process)
    assert ran.code == 130
    if as_json:
        assert json.loads(ran.out)["status"] == "cancelled"
        assert ran.err == ""
    else:
        assert one_sentence(ran) == "Interrupted; nothing was changed."
    assert cart.read_text("utf-8") == CART


async def test_a_reader_that_leaves_ends_it_quietly(kimi: Sandbox, cart: Path) -> None:
    """As in `kimi-lsp explain … | head -0`."""
    await kimi.control(hold="before_content")
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kimi_lsp", "explain", str(cart), "--lines", "4-5",
        stdout=writing, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL, env=kimi.environ,
    )  # fmt: skip
    os.close(writing)
    await kimi.wait("held")
    os.close(reading)
    await kimi.release()
    ran = await ended(process)
    assert ran.code == -signal.SIGPIPE
    assert "Exception" not in ran.err
    assert "BrokenPipe" not in ran.err


async def test_a_terminal_without_unicode(kimi: Sandbox, cart: Path) -> None:
    environ = {**kimi.environ, "PYTHONIOENCODING": "ascii"}
    ran = await run("fix", str(cart), *FIX, environ=environ)
    assert ran.code == 0
    assert 'json.dumps({"\\u20ac": sum(lines)})' in ran.out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext €😀", "plain\n\ttext €😀"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b2J", "\\x9b2J"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("safe\rover", "safe\\rover"),
        ("\x08\x7f", "\\x08\\x7f"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud83d", "\\ud83d"),
        ("\u2028", "\\u2028"),
        ("one\r\ntwo\r\n", "one\r\ntwo\r\n"),
        ("one\r\r\n", "one\\r\r\n"),
    ],
)
def test_a_text_cannot_steer_the_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown
