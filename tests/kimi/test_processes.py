"""Several real processes share one state folder and one account; a minute takes 0.6 s there."""

import asyncio
import bisect
import subprocess
import sys
import time
from pathlib import Path

from tests.kimi.conftest import SECRET
from tests.kimi.server import GOOD, Peer, Server

SCALE = 100.0
LIMIT, EACH = 50, 45

ASKING = """
import asyncio, sys, time
from functools import partial
from pathlib import Path
from kimi_lsp.conversation import Message, Request, Waiting
from kimi_lsp.kimi import Client, ClientConfig, Key
from kimi_lsp.kimi.admission import Admission
from kimi_lsp.kimi.catalog import CatalogEntry
from kimi_lsp.kimi.clock import Clock
from kimi_lsp.kimi.limits import SERVICE_LIMITS, Limits, fingerprint
from kimi_lsp.kimi.metered import Metered, Terms
from kimi_lsp.kimi.state import State

folder, url, key, scale, count, limited = sys.argv[1:]
clock = Clock(lambda: time.time() * float(scale), lambda seconds: asyncio.sleep(seconds / float(scale)))
told = []

async def one(metered):
    async for delta in metered.stream(Request((Message.of("user", "x"),), max_tokens=10)):
        told.append(isinstance(delta, Waiting))

async def main():
    # Names no host, so that no name is looked up and no proxy is asked.
    client = Client(ClientConfig(base_url=url), Key(key))
    limits = SERVICE_LIMITS if limited == "yes" else Limits()
    state = State(Path(folder), patience=50)
    door = Admission(state, partial(fingerprint, root="https://api.example", key=Key(key)), limits, "host", clock)
    metered = Metered(client, door, Terms("m", "chat", 3000), CatalogEntry)
    await asyncio.gather(*(one(metered) for _ in range(int(count))))
    await client.close()

asyncio.run(main())
print(sum(told))
"""


async def ask_from(processes: int, folder: Path, server: Server, limited: str) -> tuple[list[float], int]:
    """Return the arrivals at the server in seconds of the scaled clock, and how many waits were told."""
    arrivals: list[float] = []

    async def journal(peer: Peer) -> None:
        arrivals.append(time.time() * SCALE)
        await GOOD(peer)

    server.plays(journal)
    command = [sys.executable, "-c", ASKING, str(folder), server.url, SECRET, str(SCALE), str(EACH), limited]
    started = [
        await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE) for _ in range(processes)
    ]
    told = 0
    for process in started:
        out, _ = await process.communicate()
        assert process.returncode == 0
        told += int(out)
    return arrivals, told


async def test_no_minute_has_more_than_fifty_requests_of_all_processes(
    server: Server, tmp_path: Path
) -> None:
    arrivals, told = await ask_from(3, tmp_path, server, "yes")
    assert len(arrivals) == 3 * EACH
    arrivals.sort()
    busiest = max(bisect.bisect_right(arrivals, at + 60) - place for place, at in enumerate(arrivals))
    assert busiest <= LIMIT
    assert told > 0
    assert SECRET.encode() not in (tmp_path / "state.db").read_bytes()


async def test_where_there_is_no_limit_nobody_is_held_back(server: Server, tmp_path: Path) -> None:
    arrivals, told = await ask_from(2, tmp_path, server, "no")
    assert len(arrivals) == 2 * EACH
    assert told == 0
