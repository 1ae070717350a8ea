"""Start-up: from spawning a server to its answer to `initialize`, in milliseconds of wall clock.

The servers take turns, round by round, so that a busy moment of the machine meets all of them alike. One round before
the first measured one fills the caches of files and bytecode. Ratios travel from machine to machine, times do not.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

ROUNDS = 5

SERVERS: Mapping[str, Sequence[str]] = {
    "bare Python loop": (sys.executable, "-m", "tests.bench.baselines.bare_loop"),
    "minimal pygls server": (sys.executable, "-m", "tests.bench.baselines.minimal_pygls"),
    "kimi-lsp serve": (sys.executable, "-m", "kimi_lsp", "serve"),
}
"""The first is what the others are compared with."""

INITIALIZE: Mapping[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}


def table(rounds: int = ROUNDS) -> Iterator[str]:
    """Measure, and yield the rows."""
    times = measure(SERVERS, rounds)
    yield f"start: spawn to the answer of initialize, median of {rounds} interleaved rounds"
    yield f"{'':22}{'median ms':>10}{'fastest':>9}{'slowest':>9}{'ratio':>8}"
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    floor = next(iter(medians.values()))
    for name, taken in times.items():
        shown = (medians[name] * 1000, min(taken) * 1000, max(taken) * 1000)
        yield f"{name:22}{shown[0]:10.0f}{shown[1]:9.0f}{shown[2]:9.0f}{medians[name] / floor:7.1f}x"


def measure(servers: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds that each server took in each round, without the first round that only warms up."""
    times: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(rounds + 1):
        for name, command in servers.items():
            taken = once(command)
            if number > 0:
                times[name].append(taken)
    return times


def once(command: Sequence[str]) -> float:
    """Start a server, wait for its answer to `initialize`, end it politely, and return the seconds until the answer."""
    environment = {**os.environ, "EMPIRIOLABS_API_KEY": "", "KIMI_LSP_API_KEY": ""}
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as server:
        assert server.stdin
        assert server.stdout
        try:
            _send(server.stdin, {"id": 1, "method": "initialize", "params": INITIALIZE})
            answer = _answer(server.stdout, 1)
            taken = time.perf_counter() - began
            if "result" not in answer:
                raise RuntimeError(f"{' '.join(command)} did not initialize: {answer}")
            _send(server.stdin, {"method": "initialized", "params": {}})
            _send(server.stdin, {"id": 2, "method": "shutdown"})
            _answer(server.stdout, 2)
            _send(server.stdin, {"method": "exit"})
            server.wait(timeout=30)
        finally:
            server.kill()
    return taken


def _send(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    stream.flush()


def _answer(stream: IO[bytes], wanted: int) -> Any:
    """Return the answer with an id; what the server says of its own accord is passed over."""
    while True:
        length = 0
        while (header := stream.readline()) != b"\r\n":
            if not header:
                raise RuntimeError("the server ended before it answered")
            name, _, value = header.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        message = json.loads(stream.read(length))
        if message.get("id") == wanted and "method" not in message:
            return message
