"""One call of the model's, answered: understood, run in a thread, limited, and remembered.

Values only: what a request has read so far goes in and comes out again.
"""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kimi_lsp.conversation import ToolCall, Usage
from kimi_lsp.features.target import Source, file_scope
from kimi_lsp.features.tools.describe import diagnostics, list_files, outline
from kimi_lsp.features.tools.find import definition, search_text
from kimi_lsp.features.tools.read_file import read_file
from kimi_lsp.features.tools.result import Result, Room, Seen
from kimi_lsp.project.walk import Stop
from kimi_lsp.project.workspace import Withheld, Workspace
from kimi_lsp.prompt import Redaction, estimate
from kimi_lsp.prompt import tools as declared
from kimi_lsp.text import Diagnostic, Snapshot

_LONGEST_SUBJECT = 60
_LEAST_TOKENS = 300
"""A result with less room than that says nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the model may read for one request."""

    calls: int = 12
    turns: int = 8
    """Answers of the model's that ask for something."""
    result_bytes: int = 24 * 1024
    """Of UTF-8, of one result."""
    tokens: int = 32_000
    """Estimated, of all that is added to the conversation on the way: results, and the model's own turns."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What the model may look into."""

    workspace: Workspace
    limits: Limits = Limits()

    def within(self, tokens: int) -> "Toolbox":
        """Return the same with at most that many tokens for all that is added to the conversation."""
        return replace(self, limits=replace(self.limits, tokens=min(self.limits.tokens, tokens)))

    @property
    def is_of_use(self) -> bool:
        """Whether there is room for even one result."""
        return self.limits.calls > 0 and self.limits.turns > 0 and self.limits.tokens >= _LEAST_TOKENS


def toolbox(
    source: Source,
    documents: Mapping[Path, Snapshot] | None = None,
    diagnostics: Mapping[Path, Sequence[Diagnostic]] | None = None,
) -> Toolbox | None:
    """Return what the model may look into while it works on a document; None where that lies in no folder of the workspace.

    `documents` is what the editor has open and `diagnostics` what tools reported, both by file.
    """
    scope = file_scope(source)
    if scope is None or source.path is None:
        return None
    roots = (scope.root, *(root for root in source.roots if root != scope.root))
    opened = {**(documents or {}), source.path: source.snapshot}
    return Toolbox(Workspace(roots, source.exclude, opened, diagnostics or {}))


@dataclass(frozen=True)
class Readings:
    """What was read for one request so far, and what that took."""

    redaction: Redaction
    """Of all texts that the model was shown."""
    seen: Mapping[str, Seen] = field(default_factory=dict)
    """The files whose lines it was given, by the paths that it knows; the latest look counts."""
    calls: int = 0
    turns: int = 0
    tokens: int = 0
    usage: Usage = field(default_factory=Usage)
    """Of all of the model's turns."""

    def texts(self) -> Mapping[str, Snapshot]:
        """Return the texts on which edits of files may be planned."""
        return {path: one.snapshot for path, one in self.seen.items()}

    def are_enough(self, limits: Limits) -> bool:
        """Tell whether no further call may be answered."""
        return (
            self.calls >= limits.calls
            or self.turns >= limits.turns
            or limits.tokens - self.tokens < _LEAST_TOKENS
        )


async def answer(call: ToolCall, toolbox: Toolbox, so_far: Readings) -> tuple[str, Readings]:
    """Return a call's result as the model reads it; where it cannot be done, text that begins with `Error: `."""
    limits = toolbox.limits
    if so_far.calls >= limits.calls or limits.tokens - so_far.tokens < _LEAST_TOKENS:
        return "Error: no further call is answered in this request", so_far
    so_far = replace(so_far, calls=so_far.calls + 1)
    room = Room(limits.result_bytes, limits.tokens - so_far.tokens)
    stopped = threading.Event()
    try:
        asked = declared.arguments(call)
        result = await asyncio.to_thread(
            _run, asked, toolbox.workspace, so_far.redaction, room, stopped.is_set
        )
    except (declared.BadCall, Withheld) as error:
        told = f"Error: {error}"
        return told, replace(so_far, tokens=so_far.tokens + estimate(told))
    finally:
        # Where the request was cancelled, the thread still looks through files.
        stopped.set()
    seen = {**so_far.seen, result.seen.place.path: result.seen} if result.seen else so_far.seen
    tokens = so_far.tokens + estimate(result.text)
    return result.text, replace(so_far, redaction=result.redaction, seen=seen, tokens=tokens)


def subject(call: ToolCall) -> str:
    """Return the few words by which a person knows a call, for example `read_file shop/cart.py`."""
    try:
        asked = declared.arguments(call)
    except declared.BadCall:
        return _one_line(call.name)
    match asked:
        case declared.ListFiles(folder=folder):
            about = folder or "."
        case declared.SearchText(text=text):
            about = text
        case declared.Definition(name=name):
            about = name
        case _:
            about = asked.path
    return f"{call.name} {_one_line(about)}"


def _run(
    asked: declared.Arguments, workspace: Workspace, redaction: Redaction, room: Room, stop: Stop
) -> Result:
    match asked:
        case declared.ReadFile():
            return read_file(asked, workspace, redaction, room)
        case declared.ListFiles():
            return list_files(asked, workspace, redaction, room)
        case declared.SearchText():
            return search_text(asked, workspace, redaction, room, stop)
        case declared.Definition():
            return definition(asked, workspace, redaction, room, stop)
        case declared.Outline():
            return outline(asked, workspace, redaction, room)
        case declared.Diagnostics():
            return diagnostics(asked, workspace, redaction, room)


def _one_line(text: str) -> str:
    line = "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
    return line if len(line) <= _LONGEST_SUBJECT else f"{line[: _LONGEST_SUBJECT - 1]}…"
