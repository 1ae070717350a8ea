"""Placeholders for code left out: `...`, `# ... existing code ...` and their kin.

In a search they stand for lines that nobody quoted. In a replacement they would destroy the lines they stand for.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from kimi_lsp.edits.folded import fold, indent_of

_LEAD = r"(?:#+|//+|/\*+|\{/\*|<!--|--|;+|%+|\*|'|\"\"\"|REM\b)"
_TRAIL = r"(?:\*/\}?|-->|\"\"\")?"
_WHAT = r"(?:code|method|function|class|body|file|implementation|module|logic|import|content|line|part|field|test)s?"
_DOTS = re.compile(rf"{_LEAD}?\s*[\[(<]?\s*(?:\.\.\.|…)(?P<words>.*?){_TRAIL}$", re.IGNORECASE)
_WORDS = re.compile(
    rf"""(?:\.\.\.|…|\b(?:
        (?:rest|remainder|remaining)\ (?:of\ )?(?:(?:the|this|your|my|original|existing)\ )*{_WHAT}
        |(?:rest|everything(?:\ else)?)\ (?:is\ |remains\ |stays\ )?(?:unchanged|the\ same|as\ (?:before|is))
        |(?:existing|unchanged|previous|original|other|omitted|same)\ {_WHAT}(?:\ (?:here|as\ before|unchanged|omitted))?
        |{_WHAT}\ (?:is\ |are\ |remains?\ |stays?\ )?(?:unchanged|omitted|the\ same|as\ before)
        |unchanged|omitted\ for\ brevity|same\ as\ (?:before|above)|no\ changes?(?:\ here)?|snip(?:ped)?
    )\b)""",
    re.IGNORECASE | re.VERBOSE,
)
# What follows the dots of an interactive session: deeper code, or code with signs that no talk has.
_CONTINUED = re.compile(r"\s{2,}\S|.*(?:[=\[\]{}\"']|\w\(|:$|^ [)])(?!.*(?:\.\.\.|…))")
_COMMENT = re.compile(rf"{_LEAD}\s*(?P<words>.*?)\s*{_TRAIL}$", re.IGNORECASE)
_REST = re.compile(
    r"\b(?:here|goes?|the|of|below|above|is|are|remains?|stays?|unchanged|omitted|same|as|before|for|brevity)\b|[\W_]",
    re.IGNORECASE,
)
_LONGEST = 80
_MOST_WORDS = 9


def is_marker(line: str) -> bool:
    """Tell whether a line says nothing but that lines were left out."""
    line = line.strip()
    if not line or len(line) > _LONGEST:
        return False
    if dots := _DOTS.match(line):
        words = dots["words"]
        return not words or line[:1] not in ".…" or not (words[:1].isalnum() or _CONTINUED.match(words))
    comment = _COMMENT.match(line)
    if comment is None or len(comment["words"].split()) > _MOST_WORDS:
        return False
    words = comment["words"].strip("[](){}<>- ")
    said = _WORDS.match(words)
    return said is not None and not _REST.sub("", words[said.end() :])


def new_marker(search: Sequence[str], replace: Sequence[str]) -> str | None:
    """Return the first marker of the replacement that the search does not have, or None."""
    have = Counter(fold(line) for line in search)
    for row, line in enumerate(replace):
        if not is_marker(line):
            continue
        have[fold(line)] -= 1
        if have[fold(line)] < 0 and not _is_stub(replace, row, search):
            return line
    return None


def segments(lines: Iterable[str]) -> tuple[list[list[str]], list[str]]:
    """Cut lines at their markers; return the parts, one more than markers, and the markers folded."""
    parts: list[list[str]] = [[]]
    markers = []
    for line in lines:
        if is_marker(line):
            parts.append([])
            markers.append(fold(line))
        else:
            parts[-1].append(line)
    return parts, markers


def _is_stub(replace: Sequence[str], row: int, search: Sequence[str]) -> bool:
    """Tell whether `...` is the body of a Python stub that the replacement adds without removing a line."""
    if replace[row].strip() != "..." or not row or not replace[row - 1].rstrip().endswith(":"):
        return False
    after = next((line for line in replace[row + 1 :] if line.strip()), "")
    if after and len(indent_of(after)) >= len(indent_of(replace[row])):
        return False
    rest = iter(replace)
    return all(any(line == other for other in rest) for line in search)
