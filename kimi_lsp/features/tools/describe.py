"""`list_files`, `outline` and `diagnostics`: what lies in a folder, what a file defines, what is wrong in it."""

from collections.abc import Sequence

from kimi_lsp.features.tools.result import Result, Room, listed
from kimi_lsp.project import syntax
from kimi_lsp.project.definitions import defined
from kimi_lsp.project.walk import entries
from kimi_lsp.project.workspace import Withheld, Workspace, find, read
from kimi_lsp.prompt import Redaction
from kimi_lsp.prompt import tools as declared
from kimi_lsp.text import Diagnostic, Severity, Snapshot

_MOST_ENTRIES = 20_000
_LARGEST = 512 * 1024
"""Bytes of a file that is parsed."""


def list_files(asked: declared.ListFiles, workspace: Workspace, redaction: Redaction, room: Room) -> Result:
    """Return what lies in a folder and may be shown. Raises Withheld."""
    rows = entries(workspace, asked.folder, _MOST_ENTRIES)
    nothing = "There is nothing in it that may be shown."
    return _clean(listed(rows, room, nothing=nothing, more="list a folder below it"), redaction)


def outline(asked: declared.Outline, workspace: Workspace, redaction: Redaction, room: Room) -> Result:
    """Return the functions and classes of a file. Raises Withheld."""
    place = find(workspace, asked.path)
    known = defined(read(workspace, place, _LARGEST))
    if known is None:
        raise Withheld(f"there is no parser for {place.path}; use search_text or read_file")
    rows = [f"{one.line}: {one.kind} {one.name}" for one in known]
    nothing = f"{place.path} defines no function and no class."
    return _clean(listed(rows, room, nothing=nothing, more="use read_file"), redaction)


def diagnostics(
    asked: declared.Diagnostics, workspace: Workspace, redaction: Redaction, room: Room
) -> Result:
    """Return the problems of a file: those that tools reported, and its syntax errors. Raises Withheld."""
    place = find(workspace, asked.path)
    snapshot = read(workspace, place, _LARGEST)
    known = workspace.known(place.file)
    rows = [_row(snapshot, one) for one in sorted(known, key=lambda one: one.span)]
    rows += _syntax(snapshot, known)
    nothing = f"No problem in {place.path} is known."
    return _clean(listed(rows, room, nothing=nothing, more="fix these first"), redaction)


def _row(snapshot: Snapshot, problem: Diagnostic) -> str:
    line, column = snapshot.lines.position(problem.span.start, "utf-32")
    words = (problem.code, problem.source, problem.severity.name.lower())
    named = ", ".join(" ".join(word.split()) for word in words if word.strip())
    return f"{line + 1}, {column + 1}: {' '.join(problem.message.split())} [{named}]"


def _syntax(snapshot: Snapshot, known: Sequence[Diagnostic]) -> list[str]:
    """Return the syntax errors on lines where no tool reported an error."""
    told = {snapshot.lines.line_at(one.span.start) + 1 for one in known if one.severity == Severity.ERROR}
    found = syntax.problems(snapshot.text, snapshot.language) or ()
    return [f"{one.line}, 1: {one.message} [syntax, error]" for one in found if one.line not in told]


def _clean(text: str, redaction: Redaction) -> Result:
    grown, clean = redaction.further(text)
    return Result(clean, grown)
