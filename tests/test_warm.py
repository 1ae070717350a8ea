"""What the tests start in place of `python -m kimi_lsp` is like it: its words, folder, environment, streams and ends."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.running import nowhere
from tests.support import warm
from tests.support.wire import Wire

pytestmark = pytest.mark.skipif(not warm.can_fork(), reason="needs a system that forks and tells")


async def started(*words: str, cwd: Path, **more: str) -> asyncio.subprocess.Process:
    environ = nowhere(**more)
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *warm.command(environ), *words, stdin=pipe, stdout=pipe, stderr=pipe, env=environ, cwd=cwd
    )


async def test_it_is_not_started_anew() -> None:
    first, second = warm.command(nowhere()), warm.command(nowhere(PYTHONWARNINGS="default"))
    assert first == second != warm.COLD


@pytest.mark.parametrize("name", ["PYTHONIOENCODING", "PYTHONPATH", "PYTHONWARNINGS", "PYTHONHASHSEED"])
async def test_what_python_reads_at_its_start_is_read_at_a_start(name: str) -> None:
    assert warm.command(nowhere(**{name: "0"})) == warm.COLD


@pytest.mark.parametrize(
    "words",
    [
        ("--version",),
        ("usage", "--json"),
        ("nonsense",),
        ("explain", "none.py", "--lines", "1-2"),
        ("doctor", "--json"),
    ],
    ids=lambda words: words[0],
)
async def test_words_streams_folder_and_code_are_the_same(words: tuple[str, ...], tmp_path: Path) -> None:
    async def told(*command: str) -> tuple[int | None, bytes, bytes]:
        environ = nowhere(KIMI_LSP_STATE=str(tmp_path), COLUMNS="80")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, *words, stdin=pipe, stdout=pipe, stderr=pipe, env=environ, cwd=tmp_path
        )
        out, err = await process.communicate()
        return process.returncode, out, err

    assert await told(*warm.command(nowhere())) == await told(*warm.COLD)


async def test_a_signal_reaches_it(tmp_path: Path) -> None:
    process = await started("sandbox", "--think", "0", cwd=tmp_path)
    assert process.stdout is not None
    assert await process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    cold = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kimi_lsp", "sandbox",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=nowhere(),
    )  # fmt: skip
    assert cold.stdout is not None
    assert await cold.stdout.readline()
    cold.send_signal(signal.SIGTERM)
    await cold.communicate()
    await process.communicate()
    assert process.returncode == cold.returncode


async def test_nothing_stays_of_one_that_is_killed(tmp_path: Path) -> None:
    process = await started("serve", cwd=tmp_path)
    server = Wire(process)
    await server.initialize()
    process.kill()
    assert process.stdout is not None
    # Its end comes when the last one that holds the other end is gone, and nobody has closed the server's stdin.
    await asyncio.wait_for(process.stdout.read(), 30)
    await process.communicate()
