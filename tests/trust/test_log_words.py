"""The log tells what happened and where, never in whose words: those may be a document, a prompt or a key."""

import subprocess
import sys
from pathlib import Path

import pytest

SET_UP = """
import asyncio, logging, sys
from kimi_lsp.project.log import log_to
log_to(sys.argv[1] or None)
def boom():
    try:
        int("sk-canary")
    except ValueError as error:
        raise RuntimeError("the canary of a document") from error
"""
RECORDS = {
    "an exception of ours": """
try:
    boom()
except RuntimeError:
    logging.getLogger("kimi_lsp.server").exception("a command failed")
""",
    "an exception that was only handed over": """
try:
    boom()
except RuntimeError as error:
    logging.getLogger("kimi_lsp.server").error("a request failed", exc_info=error)
""",
    "a library that fills in a message": """
logging.getLogger("pygls.protocol").error("Failed to handle %s", {"text": "canary"})
""",
    "a library that adds a traceback as text": """
logging.getLogger("pygls.protocol").error("Failed\\nRuntimeError: canary")
""",
    "a task that nobody waited for": """
async def main():
    async def late():
        boom()
    asyncio.ensure_future(late())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
asyncio.run(main())
import gc; gc.collect()
""",
}


@pytest.mark.parametrize("to_file", [True, False], ids=["file", "stderr"])
@pytest.mark.parametrize("record", RECORDS)
def test_no_words_of_an_exception_or_of_a_library(record: str, to_file: bool, tmp_path: Path) -> None:
    told = logged(RECORDS[record], tmp_path, to_file=to_file)
    assert " ERROR " in told
    assert "canary" not in told


def test_where_an_exception_happened_is_told(tmp_path: Path) -> None:
    told = logged(RECORDS["an exception of ours"], tmp_path, to_file=True)
    assert "kimi_lsp.server: a command failed\nbuiltins.RuntimeError\n" in told
    assert "<string>:9 in boom\n" in told
    assert "\nfrom builtins.ValueError\n" in told


def test_a_record_is_one_line_and_steers_no_terminal(tmp_path: Path) -> None:
    script = "logging.getLogger('kimi_lsp').warning('%s', 'one\\n2026 INFO kimi_lsp: forged \\x1b[2J\\u202e')"
    told = logged(script, tmp_path, to_file=True)
    assert told.endswith("kimi_lsp: one\\n2026 INFO kimi_lsp: forged \\x1b[2J\\u202e\n")


def logged(script: str, folder: Path, *, to_file: bool) -> str:
    file = folder / "kimi.log"
    command = [sys.executable, "-c", SET_UP + script, str(file) if to_file else ""]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert ran.stdout == ""
    return file.read_text("utf-8") if to_file else ran.stderr
