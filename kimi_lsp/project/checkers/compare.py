"""Which findings went with a change, which stayed and which came.

Two findings are the same where code and message are, and where the change carried the one's line to the other's. A
finding on a changed line may be anywhere in what that became.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.project.checkers.found import Checked, Found
from kimi_lsp.project.checkers.tools import Tool
from kimi_lsp.text import Diagnostic, Gap, Lines, Severity, gaps, split

_LINE_NUMBER = re.compile(r"\bline \d+")


def compare(
    tool: Tool,
    texts: tuple[str, str],
    found: tuple[Sequence[Found], Sequence[Found]],
    asked: Sequence[Diagnostic],
) -> Checked:
    """Say what a change did in the eyes of a tool: texts and findings before and after, and the problems asked for."""
    before, after = found
    moved = _Moved(gaps(split(texts[0]), split(texts[1])))
    stayed = _pairs(before, after, moved)
    known = _known(asked, Lines.of(texts[0]), before)
    kept = set(stayed.values())
    new, uncovered = [], 0
    for index, one in enumerate(after):
        if index in kept:
            continue
        elsewhere = bool(one.file) or not moved.changed(one.line - 1)
        if elsewhere and _was_hidden(tool, one, before):
            uncovered += 1
        else:
            new.append(one)
    gone = [index for index in known if index not in stayed and not _is_hidden(tool, before[index], after)]
    left = sum(1 for index in known if index in stayed)
    return Checked(tool.name, len(gone), tuple(new), left, len(asked) - len(known), uncovered)


def _was_hidden(tool: Tool, one: Found, before: Sequence[Found]) -> bool:
    """Tell whether errors before the change may have kept the tool from telling of a finding then."""
    if tool.tells_one_error and any(other.blocking for other in before):
        return True
    return _is_hidden(tool, one, before)


def _is_hidden(tool: Tool, one: Found, told: Sequence[Found]) -> bool:
    """Tell whether the errors that a tool tells may keep it from telling of a finding."""
    if tool.errors_hide_warnings and one.severity != Severity.ERROR:
        return any(other.severity == Severity.ERROR for other in told)
    return not one.blocking and any(other.blocking for other in told)


@dataclass(frozen=True)
class _Moved:
    """Lines, from 0, carried through a change."""

    gaps: Sequence[Gap]

    def lines(self, line: int, reach: int = 0) -> range:
        """Return the lines that a line may be now. With a reach, a line so near to a gap counts as in it."""
        last = bisect_right(self.gaps, line + reach, key=lambda gap: gap.i)
        for gap in reversed(self.gaps[max(0, last - 2) : last]):
            if gap.i - reach <= line < gap.j + reach:
                return range(gap.k - reach, gap.m + reach)
        before = bisect_right(self.gaps, line, key=lambda gap: gap.j)
        now = line + (self.gaps[before - 1].m - self.gaps[before - 1].j if before else 0)
        return range(now, now + 1)

    def changed(self, line: int) -> bool:
        """Tell whether a line of the new text came with the change."""
        return any(gap.k <= line < gap.m for gap in self.gaps)


def _pairs(before: Sequence[Found], after: Sequence[Found], moved: _Moved) -> dict[int, int]:
    """Return the findings that stayed, as indexes: before to after.

    What is not found where it must be is looked for a line further, since a tool may tell of one and the same thing
    at the line that now begins it.
    """
    waiting: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for index, one in enumerate(after):
        waiting[_key(one)].append(index)
    pairs: dict[int, int] = {}
    for reach in (0, 1):
        for index, one in enumerate(before):
            if index in pairs:
                continue
            left = waiting[_key(one)]
            lines = range(one.line - 1, one.line) if one.file else moved.lines(one.line - 1, reach)
            match = next((other for other in left if after[other].line - 1 in lines), None)
            if match is not None:
                left.remove(match)
                pairs[index] = match
    return pairs


def _key(one: Found) -> tuple[str, str, str]:
    return one.file, one.code, _LINE_NUMBER.sub("line", one.message)


def _known(asked: Sequence[Diagnostic], lines: Lines, found: Sequence[Found]) -> set[int]:
    """Return which findings are the problems asked for, each for one problem at most."""
    known: set[int] = set()
    for problem in asked:
        first, last = lines.line_at(problem.span.start) + 1, lines.line_at(problem.span.end) + 1
        near = [
            (index, one)
            for index, one in enumerate(found)
            if index not in known and not one.file and first <= one.line <= last and _alike(problem, one)
        ]
        if near:
            known.add(min(near, key=lambda item: (not _says(problem, item[1]), item[1].line - first))[0])
    return known


def _alike(problem: Diagnostic, one: Found) -> bool:
    return _says(problem, one) or bool(one.code and _code(problem.code) == _code(one.code))


def _says(problem: Diagnostic, one: Found) -> bool:
    """Tell whether the messages begin alike; an editor may shorten one or add to it."""
    theirs, ours = _words(problem.message), _words(one.message)
    return bool(theirs and ours) and (theirs.startswith(ours) or ours.startswith(theirs))


def _words(message: str) -> str:
    first = message.strip().partition("\n")[0]
    return " ".join(first.split()).rstrip(".").casefold()


def _code(code: str) -> str:
    # Editors tell TypeScript's codes as bare numbers.
    code = code.casefold()
    return code[2:] if code.startswith("ts") and code[2:].isdigit() else code
