"""The terminal's features, one a row, and the options of each. The standard library only: `--help` reads it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kimi_lsp.project.around.width import WIDTHS


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand that asks the model about a file."""

    name: str
    kind: str
    """Of the row in `features.FEATURES`."""
    help: str
    place: Literal["lines", "any lines", "line", "file"] = "lines"
    """What names the place: lines that must or may be given, one line, or nothing but the file."""
    words: str = ""
    """What an instruction is for; empty where there is none."""
    edits: bool = True
    media: bool = True


COMMANDS: Sequence[Command] = (
    Command("explain", "explain", "explain lines of a file", edits=False),
    Command(
        "refactor",
        "refactor",
        "change lines of a file as an instruction says",
        words="what to change; without it, clearer code of the same behaviour",
    ),
    Command(
        "implement",
        "implement",
        "write the code that is missing at lines of a file",
        words="what to write, beside what a `kimi:` comment there says",
    ),
    Command("fix", "fix", "fix a problem at a line of a file", "line", media=False),
    Command("fix-all", "fixAll", "fix all that the checkers find in a file", "file", media=False),
    Command(
        "document",
        "document",
        "write the docstrings or comments that lines of a file lack",
        "any lines",
        words="what to say, or in what style",
        media=False,
    ),
    Command(
        "ask", "ask", "ask about lines of a file, or for a change of them", "any lines", words="what to ask"
    ),
    Command(
        "do-comments",
        "doComment",
        "do what the `kimi:` comments of a file, or of lines of it, say",
        "any lines",
        words="what to mind beside",
    ),
    Command(
        "rename",
        "renameBetter",
        "give the unclear names in lines of a file better ones",
        words="which names, and how they shall be",
        media=False,
    ),
    Command(
        "write-tests",
        "writeTests",
        "write tests of lines of a file, where the language has them",
        "any lines",
        words="what to test",
        media=False,
    ),
    Command(
        "action",
        "action",
        "do an action of your own with a file or lines of it",
        "any lines",
        words="for an action that asks for words",
    ),
    Command(
        "review",
        "review",
        "suggest improvements of a file, of lines of it or of what is not committed",
        "any lines",
        words="what to look for",
        edits=False,
        media=False,
    ),
)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", epilog: str) -> None:
    """Add a parser for each of the features."""
    for row in COMMANDS:
        parser = commands.add_parser(
            row.name, help=row.help, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        parser.set_defaults(kind=row.kind)
        _add(parser, row)


def _add(parser: argparse.ArgumentParser, row: Command) -> None:
    if row.kind == "action":
        parser.add_argument("name", metavar="NAME", help="the action's name in your settings")
    parser.add_argument("file", type=file, help="the file, in UTF-8")
    match row.place:
        case "line":
            parser.add_argument("--line", type=line, required=True, help="the line of the problem, from 1")
            parser.add_argument(
                "--message", default="", help="what the tool said; without it, the syntax check is asked"
            )
        case "file":
            parser.add_argument("--code", default="", help="only problems of this code, for example F401")
        case "lines" | "any lines":
            parser.add_argument(
                "--lines",
                type=lines,
                required=row.place == "lines",
                metavar="A-B",
                help="the lines meant, from 1, both included"
                + ("" if row.place == "lines" else "; without them the whole file"),
            )
    if row.words:
        parser.add_argument("--instruction", default="", required=row.name == "ask", help=row.words)
    if row.kind == "review":
        parser.add_argument("--diff", action="store_true", help="only what is not committed yet")
        parser.add_argument(
            "--apply", action="store_true", help="write the suggestions that fit together, in one step"
        )
    if row.media:
        _add_media(parser)
    if row.edits:
        _add_writing(parser)
    parser.add_argument(
        "--tools", action="store_true", help="let the model read other files of the project before it answers"
    )
    parser.add_argument(
        "--search",
        action="store_true",
        help="let the model search the web, at the service's price for each search",
    )
    parser.add_argument(
        "--context",
        choices=WIDTHS,
        help="what is shown beside the file; without it, the setting `context` decides",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_media(parser: argparse.ArgumentParser) -> None:
    for option, what in (("--image", "a picture"), ("--video", "a film")):
        parser.add_argument(
            option,
            type=file,
            action="append",
            dest="media",
            default=[],
            metavar="PATH",
            help=f"{what} in the same project to show to the model; may be given again",
        )


def _add_writing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--apply",
        action="store_true",
        help="write the files, all or none; without it the diff is only shown",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="with --apply: also where the edit brings syntax errors, deletes files or touches those of tools",
    )
    parser.add_argument(
        "--partial",
        action="store_true",
        help="where only some of the edits fit, show those; with --apply, write them",
    )


def file(text: str) -> Path:
    """Return a path as it is from the current folder."""
    return Path(text).absolute()


def line(text: str) -> int:
    """Return a line's number. Raises argparse.ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a line number, which counts from 1")
    return int(text)


def lines(text: str) -> tuple[int, int]:
    """Return a first and a last line, both included. Raises argparse.ArgumentTypeError."""
    first, dash, last = text.partition("-")
    found = line(first), line(last if dash else first)
    if found[1] < found[0]:
        raise argparse.ArgumentTypeError(f"{text!r}: the last line comes before the first")
    return found
