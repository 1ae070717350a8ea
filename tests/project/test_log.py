"""Where the log goes, and what it never holds. Each in a process of its own, since logging is a process's."""

import subprocess
import sys
from pathlib import Path

SET_UP = "import logging, sys; from kimi_lsp.project.log import log_to; log_to(sys.argv[1] or None); "


def run(file: str, script: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", SET_UP + script, file]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)


def test_a_named_file_gets_what_happens_and_the_talkative_stay_quiet(tmp_path: Path) -> None:
    script = (
        "log = logging.getLogger; log('kimi_lsp.server').info('a job began'); "
        "log('pygls.protocol').info('Sending data: the whole document'); log('httpx').info('HTTP Request'); "
        "log('stamina').warning('stamina.retry_scheduled')"
    )
    told = run(str(tmp_path / "kimi.log"), script)
    text = (tmp_path / "kimi.log").read_text("utf-8")
    assert "a job began" in text
    assert text.count("\n") == 1
    assert (told.stdout, told.stderr) == ("", "")


def test_without_a_file_warnings_go_to_stderr_and_nothing_to_stdout() -> None:
    told = run(
        "", "logging.getLogger('kimi_lsp').info('quiet'); logging.getLogger('kimi_lsp').warning('loud')"
    )
    assert "loud" in told.stderr
    assert "quiet" not in told.stderr
    assert told.stdout == ""


def test_the_file_rotates(tmp_path: Path) -> None:
    run(str(tmp_path / "kimi.log"), "[logging.getLogger('kimi_lsp').info('x' * 800) for _ in range(6000)]")
    assert len(list(tmp_path.iterdir())) == 4


def test_a_file_that_cannot_be_written_is_told_on_stderr(tmp_path: Path) -> None:
    told = run(str(tmp_path), "logging.getLogger('kimi_lsp').warning('still here')")
    assert "cannot be written" in told.stderr
    assert "still here" in told.stderr
    assert told.stdout == ""
