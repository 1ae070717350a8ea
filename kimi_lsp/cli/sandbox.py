"""`kimi-lsp sandbox`: an offline Kimi on loopback. It says in every answer that it is not the model."""

import argparse
import sys

from kimi_lsp.cli.exit_codes import OK, USAGE


async def sandbox(arguments: argparse.Namespace) -> int:
    """Print one JSON line, `{"base_url", "api_key"}`, and serve until the process is ended."""
    try:
        from kimi_lsp.sandbox import SandboxError, serve  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        print(f"kimi-lsp: the sandbox needs {missing.name}: pip install 'kimi-lsp[sandbox]'", file=sys.stderr)
        return USAGE
    try:
        limit = arguments.requests_per_minute
        await serve(arguments.port, arguments.think, arguments.fault, _announce, requests_per_minute=limit)
    except SandboxError as error:
        print(f"kimi-lsp: {error}", file=sys.stderr)
        return USAGE
    return OK


def _announce(line: str) -> None:
    print("kimi-lsp: this is a sandbox, not Kimi; stop it with Ctrl-C.", file=sys.stderr, flush=True)
    print(line, flush=True)
