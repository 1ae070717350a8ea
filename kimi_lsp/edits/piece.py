"""Searches that are less than whole lines: a piece of one line, or lines of which the first or last is cut short.

An exact piece says where, but also that the model may have cut its copy short by mistake. Then its replacement
would double what stays around it, so what has the marks of that is refused.
"""

import difflib
import re
from dataclasses import replace

from kimi_lsp.edits.folded import Document, fold
from kimi_lsp.edits.match import Match, Wanted, pick
from kimi_lsp.edits.refusal import AlreadyThere, Differs

_REPEATED = 0.6
_WORD = re.compile(r"[\w$]")
_WORDS = re.compile(r"\w+")
_HYPHEN_BEFORE = re.compile(r"[^\W\d_]-\Z")
_HYPHEN_AFTER = re.compile(r"-[^\W\d_]")
_HALF_NAME = re.compile(r"\s*[\w-]+-")


def pieces(document: Document, wanted: Wanted) -> list[int]:
    """Return the offsets in the body at which the search's only line stands on whole words.

    A line that begins with its indentation claims to be a whole line, and is not looked for inside others; one that
    is quoted with its end must be the end of a line.
    """
    text = wanted.search[0]
    if text[:1].isspace():
        return []
    body = document.body
    return [
        at
        for at in _on_whole_words(body, text)
        if not _hyphenated(body, at, at + len(text))
        and not (wanted.ends and body[at + len(text) : at + len(text) + 1].strip("\n"))
    ]


def piece(document: Document, wanted: Wanted, start: int) -> Match:
    """Turn an edit of a piece of one line into an edit of the whole line."""
    row = document.row_at(start)
    line = document.contents[row]
    column = start - (document.body.rfind("\n", 0, start) + 1)
    before, after = line[:column], line[column + len(wanted.search[0]) :]
    ours, theirs = wanted.search[0], "\n".join(wanted.replace)
    at = theirs.find(ours)
    while at >= 0:
        low = start - at
        if len(theirs) > len(ours) and low >= 0 and document.body.startswith(theirs, low):
            raise AlreadyThere(row + 1, wanted.file)
        at = theirs.find(ours, at + 1)
    # Several lines in place of a piece of one are the mark of a search that was cut short.
    if len(wanted.replace) > 1 or _repeats(wanted, before, after):
        raise Differs(wanted.search, document.nearest(row, 1, 0, 1), wanted.file)
    return Match(replace(wanted, search=(line,), replace=(before + theirs + after,)), (row,))


def cut_short(document: Document, wanted: Wanted) -> Match | None:
    """Match several lines of which the first lacks its beginning or the last its end, where those stay as they are."""
    count = len(wanted.search)
    if count < 2:
        return None
    text = "\n".join(wanted.search)
    rows = [document.row_at(at) for at in _on_whole_words(document.body, text)]
    # The place after the final end is no line, though the body's last character may look like one.
    rows = [row for row in rows if row + count <= len(document.contents)]
    if not rows:
        return None
    row = pick(rows, wanted)
    lines = tuple(document.contents[row : row + count])
    before = lines[0][: len(lines[0]) - len(wanted.search[0])]
    after = lines[-1][len(wanted.search[-1]) :]
    new = list(wanted.replace)
    for part, at in ((before, 0), (after, -1)):
        if part and not wanted.search[at].strip():
            return None
        if part and (not new or new[at] != wanted.search[at]):
            nearest = document.nearest(row, count, count - 1, count)
            raise Differs((wanted.search[at],), nearest, wanted.file)
    if len(new) == 1:
        return None
    new[0] = before + new[0]
    new[-1] += after
    return Match(replace(wanted, search=lines, replace=tuple(new)), tuple(range(row, row + count)))


def _on_whole_words(body: str, text: str) -> list[int]:
    found = []
    at = body.find(text)
    while at >= 0:
        stop = at + len(text)
        if not _joined(body, at) and not _joined(body, stop):
            found.append(at)
        at = body.find(text, at + 1)
    return found


def _joined(body: str, at: int) -> bool:
    """Tell whether the characters on either side of an offset belong to one name."""
    if not 0 < at < len(body):
        return False
    if _WORD.match(body[at]) and _WORD.match(body[at - 1]):
        return True
    return not body[at].isspace() and not fold(body[at])


def _hyphenated(body: str, start: int, stop: int) -> bool:
    """Tell whether a short text is but half of a name such as `background-color`."""
    text, before = body[start:stop], body[body.rfind("\n", 0, start) + 1 : start]
    left = text[0].isalpha() and _HYPHEN_BEFORE.search(before)
    right = text[-1].isalpha() and _HYPHEN_AFTER.match(body, stop)
    if not left and not right:
        return False
    return len(_WORDS.findall(text)) < 3 or _HALF_NAME.fullmatch(before) is not None


def _repeats(wanted: Wanted, before: str, after: str) -> bool:
    """Tell whether the replacement brings what stays around the piece: then the search was cut short by mistake."""
    ours, theirs = wanted.search[0], "\n".join(wanted.replace)
    if not before.strip() and theirs[:1].isspace():
        return True
    before, after = before.strip(), after.strip()
    if before and theirs.startswith(before) and not ours.startswith(before):
        return True
    if after and theirs.endswith(after) and not ours.endswith(after):
        return bool(after.strip(")]}")) or _balance(ours) != _balance(theirs)
    if theirs.startswith(ours) and after:
        more = theirs[len(ours) :].strip()
        return difflib.SequenceMatcher(None, more, after, autojunk=False).ratio() > _REPEATED
    return False


def _balance(text: str) -> int:
    return sum((char in "([{") - (char in ")]}") for char in text)
