"""The menu: milliseconds from `textDocument/codeAction` to its answer, half of them and 99 of 100, as a busy day is.

Idle; right behind changes of one character, which the answer must count in; with many diagnostics in the request; and
while a running job decodes a model's answer.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from tests.bench.client import frame
from tests.bench.figures import ROUNDS, in_turns, medians, percentile, python_text, row
from tests.bench.paced_model import paced_model
from tests.bench.servers import KIMI, SERVERS, Server, Session, session

LINES = 1_000
LONG = 10_000
COUNT = 200
"""Menus in one round."""
CHANGES = 20
"""Changes right before each menu."""
DIAGNOSTICS = 500
RATE = 2_000.0
"""Deltas of the model a second."""


def table(rounds: int = ROUNDS, count: int = COUNT, servers: Sequence[Server] = SERVERS) -> Iterator[str]:
    """Measure, and yield the rows."""
    idle = partial(menus, count=count)
    busy: Mapping[str, tuple[Sequence[Server], Callable[[Server], Sequence[float]]]] = {
        "idle": (servers, idle),
        f"behind {CHANGES} changes": (servers, partial(idle, changes=CHANGES)),
        f"with {DIAGNOSTICS} diagnostics": (servers, partial(idle, diagnostics=DIAGNOSTICS)),
        f"behind {CHANGES} changes of {LONG:,} lines": (servers, partial(idle, changes=CHANGES, lines=LONG)),
        f"while {RATE:,.0f} deltas/s are decoded": ([KIMI], partial(while_streaming, count=count)),
        "the same, behind changes": ([KIMI], partial(while_streaming, count=count, changes=CHANGES)),
    }
    yield f"action: ms from codeAction to its answer, {LINES:,} lines, median of {rounds} interleaved rounds of {count}"
    for title, (measured, once) in busy.items():
        yield f"{title:34}{'p50':>9}{'p99':>9}{'slowest':>9}"
        for name, figures in medians(in_turns(measured, rounds, once)).items():
            yield row(f"  {name}", figures, "9.3f")


def menus(
    server: Server, count: int, changes: int = 0, diagnostics: int = 0, lines: int = LINES
) -> tuple[float, float, float]:
    """Return the milliseconds of half of the menus, of 99 in 100, and of the slowest."""
    with session(server) as running:
        return _menus(
            running, running.open("menu.py", python_text(lines)), count, changes, diagnostics, lines
        )


def while_streaming(server: Server, count: int, changes: int = 0) -> tuple[float, float, float]:
    """Return the same while an explanation comes in."""
    with paced_model("", int(RATE * 60), RATE) as model, session(server, model.environ) as running:
        uri = running.open("menu.py", python_text(LINES))
        running.client.request("workspace/executeCommand", running.command("kimi.explain", uri, 2))
        model.began()
        return _menus(running, uri, count, changes, 0, LINES)


def _menus(
    running: Session, uri: str, count: int, changes: int, diagnostics: int, lines: int
) -> tuple[float, float, float]:
    client, chosen, version = running.client, random.Random(3), 2
    found = [_diagnostic(number, lines) for number in range(diagnostics)]
    asked = running.menu(uri, 2, found)
    for _ in range(10):
        client.call("textDocument/codeAction", asked)
    # What is still being loaded must not be what is measured.
    client.call("bench/barrier", {})
    client.linger(0.3)
    taken: list[float] = []
    for _ in range(count):
        typed = b""
        for _ in range(changes):
            typed += _typed(uri, version, chosen.randrange(3, lines - 1))
            version += 1
        client.send(typed)
        taken.append(client.timed("textDocument/codeAction", asked) * 1000)
    return percentile(taken, 0.5), percentile(taken, 0.99), max(taken)


def _typed(uri: str, version: int, line: int) -> bytes:
    place = {"line": line, "character": 0}
    change = {"range": {"start": place, "end": place}, "text": "#"}
    params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
    return frame({"method": "textDocument/didChange", "params": params})


def _diagnostic(number: int, lines: int) -> dict[str, Any]:
    line = number % lines
    name = f"variable_{number}"
    return {
        "range": {"start": {"line": line, "character": 4}, "end": {"line": line, "character": 9}},
        "severity": 1,
        "code": f"E{number}",
        "source": "bench",
        "message": f"undefined name '{name}' in this scope; did you mean 'value_{number}'?",
        "codeDescription": {"href": "https://example.org/rule"},
        "relatedInformation": [],
        "data": {"number": number},
    }
