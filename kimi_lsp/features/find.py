"""The problems of a file where no editor tells them: its syntax errors, and what the user's checkers find."""

import re
from collections.abc import Iterator, Sequence

from kimi_lsp.features.outcome import NothingProposed
from kimi_lsp.features.target import Source, target
from kimi_lsp.project import languages, syntax
from kimi_lsp.project.checkers import (
    CheckFailed,
    Document,
    Found,
    InsideWorkspace,
    NotOnPath,
    look_once,
    tool_of,
)
from kimi_lsp.text import Diagnostic, Severity, Snapshot, Span

_WORD = re.compile(r"\w+|\S")


async def find(source: Source, checkers: Sequence[str], code: str = "") -> tuple[Diagnostic, ...]:
    """Return the problems of a document, of one code or of all; tools that run see the text as it is given.

    `checkers` is the user's own setting: names, or absolute paths. Raises NotSent, and NothingProposed where there is
    none, with the reason of a tool that could not tell.
    """
    snapshot = source.snapshot
    target(source, Span(0, len(snapshot.text)))
    found = list(_syntax_errors(snapshot))
    reasons = []
    language = snapshot.language or (languages.of(source.path) if source.path else "")
    for checker in checkers if source.path else ():
        tool = tool_of(checker)
        if tool is None or source.path is None or language not in tool.languages:
            continue
        document = Document(source.path, source.roots, snapshot.text, snapshot.text)
        try:
            seen = await look_once(tool, checker, document)
        except (NotOnPath, InsideWorkspace, CheckFailed) as failure:
            reasons.append(f"{tool.name}: not checked, {failure}")
        else:
            found += [_diagnostic(one, snapshot, tool.name) for one in seen if not one.file]
    chosen = [one for one in found if not code or one.code.casefold() == code.casefold()]
    if not chosen:
        about = f" of the code {code}" if code else ""
        raise NothingProposed(" ".join([f"No problem{about} was found, and nothing was sent.", *reasons]))
    return tuple(dict.fromkeys(chosen))


def _syntax_errors(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for problem in syntax.problems(snapshot.text, snapshot.language) or ():
        row = min(problem.line, len(snapshot.lines)) - 1
        yield Diagnostic(snapshot.line_span(row, row), problem.message)


def _diagnostic(found: Found, snapshot: Snapshot, source: str) -> Diagnostic:
    lines = snapshot.lines
    row = max(0, min(found.line, len(lines)) - 1)
    start = min(lines.start(row) + max(0, found.column - 1), lines.start(row) + len(lines.content(row)))
    word = _WORD.match(snapshot.text, start)
    return Diagnostic(
        Span(start, word.end() if word else start),
        found.message,
        Severity(found.severity),
        source,
        found.code,
    )
