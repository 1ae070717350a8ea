"""Start-up: from spawning a server to its answer to `initialize` and to the first menu, in milliseconds of wall clock.

With it goes the memory that a server had held at most by then, and the product's own after a whole fix. Ratios travel
from machine to machine, times do not.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.client import StdioClient
from tests.bench.figures import ROUNDS, in_turns, medians, row
from tests.bench.servers import KIMI, SERVERS, Server, Session, command, environ, initialize, session

SETTLED = 1.0
"""Seconds in which a server may load what it did not need for its first answers."""

_TEXT = "import os\n\n\ndef one() -> int:\n    return 1\n"
_UNUSED = {
    "range": {"start": {"line": 0, "character": 7}, "end": {"line": 0, "character": 9}},
    "severity": 2,
    "source": "bench",
    "code": "F401",
    "message": "`os` imported but unused",
}


def table(rounds: int = ROUNDS, servers: Sequence[Server] = SERVERS) -> Iterator[str]:
    """Measure, and yield the rows."""
    found = medians(in_turns(servers, rounds, once, warm=1))
    floor = next(iter(found.values()))
    yield f"start: from spawning to an answer, and the most memory held by then; median of {rounds} interleaved rounds"
    yield f"{'':34}{'initialize ms':>14}{'ratio':>8}{'first menu ms':>14}{'ratio':>8}{'peak MiB':>14}{'ratio':>8}"
    for name, figures in found.items():
        yield row(name, figures, "14.1f", floor)
    with sandbox() as place:
        peaks = [after_a_fix(place) for _ in range(rounds)]
    yield f"{'kimi-lsp serve, after a fix':34}{'':44}{sorted(peaks)[len(peaks) // 2]:14.1f}"


def once(server: Server) -> tuple[float, float, float]:
    """Return the milliseconds to `initialize` and to the first menu, and the peak of memory in MiB."""
    with TemporaryDirectory(prefix="kimi-lsp-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place).resolve()
        with StdioClient(command(server), environ(folder, {}), folder) as client:
            ready = initialize(client, folder)
            client.notify("initialized", {})
            running = Session(client, folder)
            uri = running.open("one.py", _TEXT)
            menu = client.call("textDocument/codeAction", running.menu(uri, 4)).at - client.began
            client.linger(SETTLED)
            return ready * 1000, menu * 1000, client.peak_memory()


def after_a_fix(more_environ: Mapping[str, str]) -> float:
    """Return the peak of the product's memory in MiB, after a fix by an offline model."""
    with session(KIMI, more_environ) as running:
        uri = running.open("one.py", _TEXT)
        running.client.request(
            "workspace/executeCommand",
            {
                "command": "kimi.fix",
                "arguments": [{"uri": uri, "range": _UNUSED["range"], "diagnostics": [_UNUSED]}],
            },
        )
        running.client.heard("workspace/applyEdit")
        running.change(uri, 2, _TEXT.partition("\n")[2])
        running.client.linger(SETTLED)
        return running.client.peak_memory()


@contextmanager
def sandbox() -> Iterator[dict[str, str]]:
    """Run an offline model, and give the environment in which a server finds it."""
    asked = [sys.executable, "-m", "kimi_lsp", "sandbox", "--think", "0"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield {"KIMI_LSP_BASE_URL": told["base_url"], "KIMI_LSP_API_KEY": told["api_key"]}
        finally:
            process.terminate()
