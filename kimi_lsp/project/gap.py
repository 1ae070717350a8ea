"""Where code is missing: a `kimi:` comment, a TODO, or a function with nothing in it yet. Pure, and quick enough for a menu.

Lines are looked at, nothing is parsed: the text may be half written, and in any language.
"""

import re
from dataclasses import dataclass

from kimi_lsp.text import Lines, Snapshot, Span

_MOST_LINES = 40
"""Lines that are looked at above or below a place; a comment or a stub that is longer is none."""


_LONGEST = 2_000
"""Characters of a line that are looked at; more of it would take the menu's time."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where code is to be written."""

    span: Span
    """Whole lines: what was meant, the comment above it, and the function that the comment is about."""
    wish: str = ""
    """What its `kimi:` comments say, without the signs of the comments."""
    notes: str = ""
    """Its other comments that ask for code, as they stand."""
    unwritten: bool = True
    """Whether code is missing there: nothing is written yet, or it is a stub. Else a comment is about code that is there."""


def gap(snapshot: Snapshot, span: Span) -> Gap | None:
    """Return what is missing at a place, or None where nothing there says that something is."""
    lines = snapshot.lines
    first, last = _rows(lines, span)
    stub = _stub_around(lines, first, last)
    if stub is not None:
        first, last = stub
    comments = _comments(lines, first - _MOST_LINES, last + _MOST_LINES)
    top = _top(lines, comments, first)
    grown = top < first and any(_marked(_line(lines, row)) for row in range(top, first + (first in comments)))
    first = top if grown else first
    if (grown and not len(span)) or all(row in comments for row in range(first, last + 1)):
        last = _below(lines, comments, last)
    wish, notes = _said(lines, comments, first, last)
    rows = range(first, last + 1)
    unwritten = stub is not None or any(_UNWRITTEN.search(_line(lines, row)) for row in rows)
    unwritten = unwritten or any(_stub_end(lines, row) is not None for row in rows)
    if not (wish or notes or unwritten):
        return None
    bare = all(row in comments or not _line(lines, row).strip() for row in rows)
    return Gap(snapshot.line_span(first, last), wish, notes, unwritten or bare)


def wishes(snapshot: Snapshot) -> tuple[Gap, ...]:
    """Return the places of all `kimi:` comments of a document, in order; comments at one place count as one."""
    lines, found = snapshot.lines, list[Gap]()
    for match in _ANY_WISH.finditer(snapshot.text):
        row = lines.line_at(match.start())
        if _WISH.search(_line(lines, row)) is None or (found and match.start() < found[-1].span.end):
            continue
        one = gap(snapshot, snapshot.line_span(row, row))
        if one is not None and one.wish:
            found.append(one)
    return tuple(found)


# Signs that start a comment: some anywhere, some only where a line or a word begins, since they are operators too.
# Only the first sign of a run begins one, so that a line of nothing but signs is looked at once.
_SIGN = r"(?:(?<!#)#+|(?<!/)//[/!]*|/\*+|<!--|(?<![^\s])--|^[ \t]*(?:[;%]+|\*|\(\*|\{-))"
_WISH = re.compile(rf"{_SIGN}[ \t]*(?:@?(?i:kimi)[ \t]*:)(?P<said>.*)")
_ANY_WISH = re.compile(r"(?i:kimi)[ \t]*:")
_TODO = re.compile(rf"{_SIGN}[ \t]*@?TODO\b")
_WHOLE = re.compile(r"[ \t]*(?:#(?![!\[])|//|/\*|<!--|--|;|%|\*|\(\*|\{-|\{/\*)")
"""A line that is nothing but a comment, or begins with one."""
_DECORATOR = re.compile(r"[ \t]*(?:@\w|#\[)")
_OPENING = re.compile(r"[ \t]*\{?(?:/\*|<!--|\(\*|\{-)")
_CLOSING = re.compile(r"[ \t]*(?:\*+/\}?|-->|\*\)|-\})[ \t]*\Z")
_UNWRITTEN = re.compile(
    r"\braise NotImplementedError\b|\b(?:todo|unimplemented)!\s*[(\[{]|\bTODO\(|\bthrow new NotImplemented\w*"
    r"|\b(?:throw new \w*(?:Error|Exception)|panic|fatalError|die|error)\s*\(\s*[\"'`](?i:not (?:yet )?implemented|todo)\b"
)
_HEADER = re.compile(
    r"[ \t]*(?:(?:export|default|public|private|protected|internal|static|async|override|final|pub(?:\([^)\n]*\))?|unsafe)[ \t]+)*"
    r"(?:def|function\*?|func|fn|fun|sub)\b[^\r\n]*"
)
_EMPTY_INLINE = re.compile(r"(?::[ \t]*(?:pass|\.\.\.)|\{[ \t]*\})[ \t]*\Z")
_NOTHING = re.compile(r"[ \t]*(?:pass|\.\.\.|\.\.\.;)?[ \t]*\Z")
_LEADING = re.compile(r"[ \t]*(?:#+|//[/!]*|/\*+|--|[;%*]+)?[ \t]?")
_END = re.compile(r"[ \t]*(?:[}\])]|</|end\b)")
_QUOTES = re.compile(r"(?:[rR])?(\"\"\"|''')")


def _line(lines: Lines, row: int) -> str:
    """Return what is looked at of a line: a longer one was not written by a person."""
    return lines.content(row)[:_LONGEST]


def _rows(lines: Lines, span: Span) -> tuple[int, int]:
    """Return the first and the last line of a span, from 0, both included."""
    first, last = lines.line_at(span.start), lines.line_at(span.end)
    return first, last - 1 if last > first and span.end == lines.start(last) else last


def _marked(line: str) -> bool:
    return _WISH.search(line) is not None or _TODO.search(line) is not None


def _comments(lines: Lines, low: int, high: int) -> set[int]:
    """Return the lines of a window that hold a comment and no code before it."""
    found: set[int] = set()
    block = False
    for row in range(max(0, low), min(len(lines), high + 1)):
        line = _line(lines, row)
        if block or _WHOLE.match(line):
            found.add(row)
            block = (block or _OPENING.match(line) is not None) and _CLOSING.search(line) is None
    return found


def _top(lines: Lines, comments: set[int], row: int) -> int:
    """Return the first line of the comments and decorators that stand directly above a line."""
    while row and (row - 1 in comments or _DECORATOR.match(_line(lines, row - 1))):
        row -= 1
    return row


def _below(lines: Lines, comments: set[int], row: int) -> int:
    """Return the last line of what a comment is about, or of what begins at a line of code."""
    last, most = row, len(lines) - 1
    while row in comments and last < most and last + 1 in comments:
        last += 1
    if row in comments:
        if last == most or not _line(lines, last + 1).strip():
            return last
        last += 1
    while last < most and _DECORATOR.match(_line(lines, last)):
        last += 1
    return _block_end(lines, last) or last


def _indent(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))


def _block_end(lines: Lines, header: int) -> int | None:
    """Return the last line of what is indented below a header, with its closing bracket; None where it is too long."""
    depth, last = _indent(_line(lines, header)), header
    for row in range(header + 1, min(len(lines), header + _MOST_LINES + 1)):
        line = _line(lines, row)
        if not line.strip():
            continue
        if _indent(line) <= depth:
            return row if _END.match(line) else last
        last = row
    return last if last < header + _MOST_LINES else None


def _stub_end(lines: Lines, header: int) -> int | None:
    """Return the last line of a function that has nothing in it, or None where this line begins no such function."""
    line = _line(lines, header)
    if _HEADER.match(line) is None:
        return None
    if _EMPTY_INLINE.search(line):
        return header
    last = _block_end(lines, header)
    if last is None or last == header:
        return None
    quote = ""
    for row in range(header + 1, last + 1):
        inner = _line(lines, row).strip()
        if quote:
            quote = "" if quote in inner else quote
        elif (opened := _QUOTES.match(inner)) is not None:
            quote = "" if inner.count(opened[1]) > 1 else opened[1]
        elif not (
            _NOTHING.match(inner) or _UNWRITTEN.search(inner) or _WHOLE.match(inner) or inner in ("}", "};")
        ):
            return None
    return last


def _stub_around(lines: Lines, first: int, last: int) -> tuple[int, int] | None:
    """Return the lines of the empty function that lines belong to."""
    for header in range(first, max(-1, first - _MOST_LINES), -1):
        if _HEADER.match(_line(lines, header)):
            end = _stub_end(lines, header)
            return (header, end) if end is not None and last <= end else None
    return None


def _said(lines: Lines, comments: set[int], first: int, last: int) -> tuple[str, str]:
    """Return what the wishes say, each with the comment lines that go on from it, and the TODO lines."""
    wishes: list[str] = []
    notes: list[str] = []
    goes_on = False
    for row in range(first, last + 1):
        line = _line(lines, row)
        wish = _WISH.search(line)
        if wish is not None:
            wishes.append(_plain(wish["said"]))
            # A comment behind code is one line.
            goes_on = row in comments
        elif _TODO.search(line):
            notes.append(line.strip())
            goes_on = False
        elif goes_on:
            said = _LEADING.sub("", _plain(line), count=1).strip()
            goes_on = row in comments and bool(said)
            wishes += [said] if goes_on else []
    return "\n".join(part for part in wishes if part), "\n".join(notes)


def _plain(said: str) -> str:
    return _CLOSING.sub("", said).strip()
