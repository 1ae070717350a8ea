"""A keystroke: microseconds of a server's time for each `textDocument/didChange`, in documents of different length.

Changes of one character are sent as fast as they are taken, and then a request that no server knows; its answer ends
the time. Once all over the document, and once, as people type, on one line after another.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tests.bench.client import frame
from tests.bench.figures import ROUNDS, in_turns, medians, python_text, row
from tests.bench.paced_model import paced_model
from tests.bench.servers import KIMI, RUFF, SERVERS, Server, Session, session

LINES = (1_000, 10_000, 100_000)
COUNT = 500
"""Changes in one round."""


def table(
    rounds: int = ROUNDS,
    lines: Sequence[int] = LINES,
    count: int = COUNT,
    servers: Sequence[Server] = SERVERS,
) -> Iterator[str]:
    """Measure, and yield the rows."""
    yield f"change: µs for each didChange of one character, median of {rounds} interleaved rounds"
    yield f"{'lines':34}" + "".join(f"{length:>10,}" for length in lines) + f"{'longest/shortest':>20}"
    for name, figures in _rows(servers, rounds, lines, partial(flood, count=count)).items():
        yield _row(name, figures)
    typed = partial(flood, count=count, typed=True)
    for name, figures in _rows([one for one in servers if one in (KIMI, RUFF)], rounds, lines, typed).items():
        yield _row(f"{name}, typed", figures)
    working = partial(while_working, count=count)
    for name, figures in _rows([KIMI], rounds, lines, working).items():
        yield _row(f"{name}, in a job", figures)
    for name, figures in _rows([KIMI], rounds, lines, partial(working, typed=True)).items():
        yield _row(f"{name}, in a job, typed", figures)


def flood(server: Server, lines: int, count: int, *, typed: bool = False) -> float:
    """Return the microseconds of each of many changes."""
    with session(server) as running:
        return _flood(running, _opened(running, lines), lines, count, typed=typed)


def while_working(server: Server, lines: int, count: int, *, typed: bool = False) -> float:
    """Return the microseconds of each of many changes while a job follows the document; its model says nothing."""
    with paced_model("", 1, 0.001) as model, session(server, model.environ) as running:
        uri = _opened(running, lines)
        running.client.request("workspace/executeCommand", running.command("kimi.explain", uri, 2))
        model.began()
        return _flood(running, uri, lines, count, typed=typed)


def _opened(running: Session, lines: int) -> str:
    uri = running.open("long.py", python_text(lines))
    _barrier(running)
    running.client.linger(0.3)
    return uri


def _flood(running: Session, uri: str, lines: int, count: int, *, typed: bool = False) -> float:
    chosen, data = random.Random(7), bytearray()
    line = 0
    for version in range(2, count + 2):
        if not typed or version % 40 == 2:
            line = chosen.randrange(lines - 1)
        place = {"line": line, "character": version % 40 if typed else 0}
        change = {"range": {"start": place, "end": place}, "text": "#"}
        identity = {"uri": uri, "version": version}
        params = {"textDocument": identity, "contentChanges": [change]}
        data += frame({"method": "textDocument/didChange", "params": params})
    began = time.monotonic()
    running.client.send(bytes(data))
    return (_barrier(running) - began) / count * 1e6


def _barrier(running: Session) -> float:
    return running.client.call("bench/barrier", {}).at


def _rows(
    servers: Sequence[Server], rounds: int, lines: Sequence[int], once: Callable[[Server, int], float]
) -> dict[str, list[float]]:
    return medians(in_turns(servers, rounds, lambda server: [once(server, length) for length in lines]))


def _row(name: str, figures: Sequence[float]) -> str:
    growth = f"{figures[-1] / figures[0]:19.2f}x" if figures else ""
    return row(name, figures, "10.1f") + growth
