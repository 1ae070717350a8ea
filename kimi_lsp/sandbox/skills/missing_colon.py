"""Fix: the colon that a header lacks. Done only where the syntax error goes away or moves further down."""

import re
from collections.abc import Iterator, Sequence

from kimi_lsp.sandbox.document import Document, syntax_error
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.reader import Problem
from kimi_lsp.sandbox.skills.outcome import Outcome

SUBJECT = "a missing colon"

_WORDING = re.compile(r"""expected\s+['"`‘“]?:['"`’”]?""", re.IGNORECASE)
_STRING = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*\'""")


def concerns(problem: Problem) -> bool:
    """Tell whether a checker says that a colon is expected."""
    return _WORDING.search(problem.message) is not None


def repair(document: Document, problems: Sequence[Problem]) -> Outcome:
    """Put in the colon."""
    problem = problems[0]
    row = document.row(problem.line)
    if row is None or document.tree is not None or not document.starts_at_the_top:
        return Outcome("The text that is shown has no syntax error that a colon would mend.")
    before = _error_line(list(document.lines))
    for at, column in _places(document, row, problem.column - 1):
        line = document.lines[at]
        mended = line[:column] + ":" + line[column:]
        lines = list(document.lines)
        lines[at] = mended
        after = _error_line(lines)
        if after is None or (before is not None and after > before + 1):
            number = at + document.first
            return Outcome(f"Added the missing colon on line {number}.", (LineChange(at, at + 1, (mended,)),))
    return Outcome(f"No colon near line {problem.line} mends the syntax.")


def _error_line(lines: list[str]) -> int | None:
    error = syntax_error(lines)
    return (error.lineno or 0) if isinstance(error, SyntaxError) else None


def _places(document: Document, row: int, column: int) -> Iterator[tuple[int, int]]:
    """Yield the places where the colon may be missing, the likeliest first."""
    yield row, _code_end(document.lines[row])
    if 0 < column < len(document.lines[row]):
        yield row, len(document.lines[row][:column].rstrip())
    above = next((at for at in range(row - 1, -1, -1) if document.lines[at].strip()), None)
    if above is not None:
        yield above, _code_end(document.lines[above])


def _code_end(line: str) -> int:
    """Return the column after the last character of code, before blanks and a comment."""
    hidden = _STRING.sub(lambda match: "x" * len(match[0]), line)
    return len(hidden.partition("#")[0].rstrip())
