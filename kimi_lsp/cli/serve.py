"""`kimi-lsp serve`: the server that editors run."""

import argparse
import os
import sys

from kimi_lsp.cli.exit_codes import FAILED, USAGE
from kimi_lsp.project.log import log_to
from kimi_lsp.server.door import Greeted
from kimi_lsp.server.serve import NotLoopback, over_stdio, over_tcp


async def serve(arguments: argparse.Namespace, greeted: Greeted | None) -> int:
    """Serve one editor; return 0 after a clean shutdown, 1 where the editor left without one."""
    log_to(os.environ.get("KIMI_LSP_LOG"))
    if greeted is not None:
        return await over_stdio(os.environ, greeted)
    host, _, port = arguments.tcp.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        print(f"kimi-lsp: --tcp takes HOST:PORT, not {arguments.tcp!r}", file=sys.stderr)
        return USAGE
    try:
        return await over_tcp(
            os.environ, host.strip("[]") or "127.0.0.1", int(port), _announce, anywhere=arguments.allow_remote
        )
    except NotLoopback as error:
        print(f"kimi-lsp: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"kimi-lsp: {arguments.tcp} cannot be listened on: {error.strerror}.", file=sys.stderr)
        return FAILED


def _announce(host: str, port: int) -> None:
    print(f"kimi-lsp: listening on {host}:{port}", file=sys.stderr, flush=True)
