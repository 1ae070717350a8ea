"""The front door: `kimi-lsp`. The only room that prints; each command imports its own room when it runs.

Nothing is imported up here but the standard library, so that `kimi-lsp --version` is as quick as Python.
"""

import argparse
import io
import sys
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, BinaryIO, TextIO

from kimi_lsp import __version__
from kimi_lsp.cli import feature_options
from kimi_lsp.cli.exit_codes import EPILOG, INTERRUPTED

if TYPE_CHECKING:
    from datetime import date


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal or a pipe that is not UTF-8 shows \u2026 instead of ending us.
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "serve":
            from kimi_lsp.server.door import greet  # noqa: PLC0415

            # Before asyncio, and all that needs it, is imported: an editor's start waits for this answer.
            greeted = None if arguments.tcp else greet(_unbuffered(sys.stdin), _unbuffered(sys.stdout))
            from kimi_lsp.cli.serve import serve  # noqa: PLC0415

            return _finish(serve(arguments, greeted))
        case "sandbox":
            from kimi_lsp.cli.sandbox import sandbox  # noqa: PLC0415

            return _finish(sandbox(arguments))
        case "demo":
            from kimi_lsp.cli.demo import demo  # noqa: PLC0415

            return _finish(demo(arguments))
        case "doctor":
            from kimi_lsp.cli.doctor import doctor  # noqa: PLC0415

            return _finish(doctor(arguments))
        case "commit-message":
            from kimi_lsp.cli.commit_message import commit_message  # noqa: PLC0415

            return _finish(commit_message(arguments))
        case "review":
            from kimi_lsp.cli.review import review  # noqa: PLC0415

            return _finish(review(arguments))
        case "usage":
            from kimi_lsp.cli.usage import usage  # noqa: PLC0415

            return _finish(usage(arguments))
        case _:
            from kimi_lsp.cli.terminal import run  # noqa: PLC0415

            return _finish(run(arguments))


def _finish(command: Coroutine[None, None, int]) -> int:
    import asyncio  # noqa: PLC0415

    return asyncio.run(command)


def _unbuffered(stream: TextIO) -> BinaryIO:
    # What a buffer held would be lost to whoever reads the pipe next, and could not be written where nobody reads.
    buffer = stream.buffer
    return getattr(buffer, "raw", buffer)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kimi-lsp",
        description="Exact, previewable, undoable edits and explanations from Kimi K2.7 Code, in any editor.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kimi-lsp {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="talk LSP to an editor (this is what editors run)")
    way = serve.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="over stdin and stdout (the default)")
    way.add_argument("--tcp", metavar="HOST:PORT", help="over one TCP connection; port 0 takes a free one")
    serve.add_argument(
        "--allow-remote", action="store_true", help="let --tcp listen on other than loopback addresses"
    )
    serve.add_argument("--clientProcessId", type=int, help=argparse.SUPPRESS)

    feature_options.add(commands, EPILOG)

    commit = commands.add_parser("commit-message", help="write a message for what is staged; commits nothing")
    commit.add_argument(
        "folder",
        type=feature_options.file,
        nargs="?",
        default=".",
        help="a folder of the repository; else the current one",
    )
    commit.add_argument("--instruction", default="", help="what the message shall say, or in what form")
    commit.add_argument("--json", action="store_true", help="print one JSON object")

    doctor = commands.add_parser(
        "doctor", help="check settings, key, connection and model, and say what to do"
    )
    doctor.add_argument("--json", action="store_true", help="print one JSON object")

    usage = commands.add_parser("usage", help="see what was spent, by day and by model; nothing is sent")
    usage.add_argument(
        "--since", type=_date, metavar="DATE", help="as 2026-11-23; else since the 1st of this month"
    )
    form = usage.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--csv", action="store_true", help="print one line for each request")

    demo = commands.add_parser(
        "demo", help="see it work offline: a sandbox model, a real server, a sample project"
    )
    demo.add_argument("--fast", action="store_true", help="do not wait as a thinking model would")

    sandbox = commands.add_parser("sandbox", help="run an offline Kimi on loopback; it is not the model")
    sandbox.add_argument("--port", type=int, default=0, help="0, the default, takes a free port")
    sandbox.add_argument(
        "--think", type=float, default=1.0, metavar="SECONDS", help="how long it thinks (default 1)"
    )
    sandbox.add_argument("--fault", metavar="NAME", help="fail in this way; a wrong name lists them all")
    sandbox.add_argument(
        "--requests-per-minute", type=int, metavar="N", help="answer 429 above this; without it never"
    )
    return parser


def _date(text: str) -> "date":
    from datetime import date  # noqa: PLC0415

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-11-23") from None
