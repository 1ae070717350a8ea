"""Runs one server over stdio or over one TCP connection, until the editor ends it or is gone."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any

from kimi_lsp.project.base_url import is_loopback
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.door import Greeted
from kimi_lsp.server.front import Front
from kimi_lsp.server.stdio import converse, standard_streams

_TURN = 0.001
"""Seconds that a thread may keep the interpreter while the loop waits for it; Python's own five would hold up a menu."""


class NotLoopback(Exception):
    """`str(error)` is the sentence for the user."""


async def over_stdio(environ: Mapping[str, str], greeted: Greeted) -> int:
    """Serve one editor over stdin and stdout, from where the door left off; return the exit code, 0 after `shutdown`."""
    async with standard_streams(greeted.rest) as (reader, stream):
        return await _serve(environ, reader, stream, greeted.initialize)


async def over_tcp(
    environ: Mapping[str, str],
    host: str,
    port: int,
    announce: Callable[[str, int], None],
    *,
    anywhere: bool = False,
) -> int:
    """Serve one editor over one TCP connection; return the exit code.

    Raises NotLoopback where the address is not this machine's own and `anywhere` was not said: whoever connects
    can spend the user's money and read what the editor has open.
    """
    if not anywhere and not is_loopback(host):
        raise NotLoopback(f"{host} is not a loopback address; say --allow-remote if others may connect.")
    connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Future()

    def accept(reader: asyncio.StreamReader, stream: asyncio.StreamWriter) -> None:
        if connected.done():
            stream.close()
        else:
            connected.set_result((reader, stream))

    listener = await asyncio.start_server(accept, host, port, limit=2**20)
    announce(*listener.sockets[0].getsockname()[:2])
    reader, stream = await connected
    listener.close()
    try:
        return await _serve(environ, reader, stream)
    finally:
        stream.close()


async def _serve(
    environ: Mapping[str, str],
    reader: asyncio.StreamReader,
    stream: asyncio.StreamWriter,
    answered: dict[str, Any] | None = None,
) -> int:
    sys.setswitchinterval(_TURN)
    front = Front(Desk(environ))
    if answered is not None:
        front.begin(answered)
    try:
        await converse(front, reader, stream)
    finally:
        await front.stop()
    return front.exit_code
