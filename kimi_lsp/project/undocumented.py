"""Whether a line begins a function or class that nothing is said about yet. Pure, and quick enough for a menu.

Lines are looked at, nothing is parsed: the text may be half written, and in any language.
"""

import re

from kimi_lsp.text import Lines, Snapshot

_WORDS = (
    "export|default|declare|public|private|protected|internal|static|async|abstract|override|final|open|data|sealed|"
    r"pub(?:\([^)\n]*\))?|unsafe|const|inline"
)
_HEADER = re.compile(
    rf"[ \t]*(?:(?:{_WORDS})[ \t]+)*"
    r"(?:def|function\*?|func|fn|fun|sub|class|struct|interface|trait|enum)\b[ \t]*[^\W\d(]"
)
_GO_METHOD = re.compile(r"func[ \t]*\([^)\n]*\)[ \t]*\w")
_STRING = re.compile(r"[ \t]*[rRuUbB]{0,2}(?:\"|')")
_COMMENT = re.compile(r"[ \t]*(?:#(?![!\[])|//|/\*|\*|--|@doc\b)")
_ABOVE = re.compile(r"[ \t]*(?:@\w|#\[)")
_LONGEST = 2_000
"""Characters of a line that are looked at."""
_MOST_LINES = 40
"""Lines of a header, or of decorators, that are looked at."""


def undocumented(snapshot: Snapshot, row: int) -> bool:
    """Tell whether a line, from 0, is the header of a function or class without a docstring or comment."""
    lines = snapshot.lines
    if not 0 <= row < len(lines) or not (
        _HEADER.match(_line(lines, row)) or _GO_METHOD.match(_line(lines, row))
    ):
        return False
    if snapshot.language == "python":
        return not _begins_with_string(lines, row)
    return not _has_comment_above(lines, row)


def _line(lines: Lines, row: int) -> str:
    """Return what is looked at of a line: a longer one was not written by a person."""
    return lines.content(row)[:_LONGEST]


def _begins_with_string(lines: Lines, row: int) -> bool:
    """Tell whether the first line below a header is a string; a header goes on until its colon ends a line."""
    for end in range(row, min(len(lines), row + _MOST_LINES)):
        if _line(lines, end).split("#")[0].rstrip().endswith(":"):
            body = (_line(lines, one) for one in range(end + 1, min(len(lines), end + _MOST_LINES)))
            return _STRING.match(next((line for line in body if line.strip()), "")) is not None
    # The body stands on the header's own line, or nobody can tell.
    return True


def _has_comment_above(lines: Lines, row: int) -> bool:
    above = row - 1
    while above >= max(0, row - _MOST_LINES) and _ABOVE.match(_line(lines, above)):
        above -= 1
    return above >= 0 and _COMMENT.match(_line(lines, above)) is not None
