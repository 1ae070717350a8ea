"""Fix: `except:` becomes `except Exception:`, so that an interruption is no longer caught."""

import re
from collections.abc import Sequence

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.reader import Problem
from kimi_lsp.sandbox.skills.outcome import Outcome

SUBJECT = "a bare except"

_WORDING = re.compile(r"bare\W+except|no exception type", re.IGNORECASE)
_BARE = re.compile(r"([ \t\f]*except)[ \t]*(:.*)")


def concerns(problem: Problem) -> bool:
    """Tell whether a checker complains of a bare except."""
    return problem.is_one_of("E722", "W0702", "bare-except") or _WORDING.search(problem.message) is not None


def repair(document: Document, problems: Sequence[Problem]) -> Outcome:
    """Name the exception."""
    changes: list[LineChange] = []
    for problem in problems:
        row = document.row(problem.line)
        bare = _BARE.fullmatch(document.lines[row]) if row is not None else None
        if row is not None and bare:
            changes.append(LineChange(row, row + 1, (f"{bare[1]} Exception{bare[2]}",)))
    if not changes:
        return Outcome(f"Line {problems[0].line} has no bare except.")
    return Outcome("Replaced the bare except by `except Exception`.", tuple(changes))
