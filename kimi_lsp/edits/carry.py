"""Carry an edit onto the document's own lines: only the difference between search and replacement is taken over.

The place may have been found loosely. Here nothing is loose: every line that the difference deletes or replaces
must be matched, the lines must follow each other in the document as they do in the search, and both neighbours of
an insertion must still be neighbours. Lines that the edit does not change keep their bytes.
"""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.edits.folded import TYPOGRAPHY, Document, fold, indent_of
from kimi_lsp.edits.indentation import Indentation, learn
from kimi_lsp.edits.locate import Match
from kimi_lsp.edits.refusal import Differs, NotAdjacent, Refusal, UnclearIndentation

# A word with its accents, a run of blanks, or any other single character; line ends and control characters are such.
_TOKEN = re.compile(
    r"[\w\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
    r"|[^\S\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+|.",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Whole lines of a document that become others: `first` up to, not including, `last`; equal for an insertion."""

    first: int
    last: int
    new: tuple[str, ...]
    """The new lines, without ends."""
    after: bool = False
    """For an insertion: it follows line `first - 1`, which the edit quoted."""
    before: bool = False
    """For an insertion: it precedes line `last`, which the edit quoted."""
    file: str = ""

    @property
    def inserts(self) -> bool:
        """Whether no line is deleted or replaced."""
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines `i:j` of the search become lines `k:m` of the replacement."""

    i: int
    j: int
    k: int
    m: int


def carry(document: Document, match: Match) -> list[LineEdit]:
    """Return the edit as changes of whole lines of the document.

    Raises Differs, NotAdjacent or UnclearIndentation.
    """
    search, new = match.wanted.search, match.wanted.replace
    hunks = _difference(search, _without_noise(document, search, new))
    if not hunks:
        return []
    pairs = [
        (indent_of(line), indent_of(document.contents[row]))
        for line, row in zip(search, match.rows, strict=True)
        if row is not None and line.strip()
    ]
    from_first = bool(search[0].strip()) and match.rows[0] is not None
    indentation = learn(pairs, search, new, from_first=from_first)
    if indentation is None:
        raise _refuse(UnclearIndentation, document, match)
    return [_carry_hunk(document, match, indentation, hunk) for hunk in hunks]


def _carry_hunk(document: Document, match: Match, indentation: Indentation, hunk: _Hunk) -> LineEdit:
    wanted, rows = match.wanted, match.rows[hunk.i : hunk.j]
    if hunk.i == hunk.j:
        first = last = _insertion_row(document, match, hunk.i)
    else:
        known = [row for row in rows if row is not None]
        if len(known) < len(rows):
            raise _differs(document, match, hunk)
        first, last = known[0], known[-1] + 1
        if last - first != len(known) or (match.near and not _supported(match, hunk)):
            raise _refuse(NotAdjacent, document, match)
        if any(
            _CONTROL.findall(document.contents[row]) != _CONTROL.findall(line)
            for row, line in zip(known, wanted.search[hunk.i : hunk.j], strict=True)
        ):
            raise Differs(wanted.search[hunk.i : hunk.j], document.nearest(first, 1, 0, 1), wanted.file)
    new = _render(document, match, indentation, hunk)
    if hunk.i < hunk.j:
        return LineEdit(first, last, new, file=wanted.file)
    return LineEdit(first, last, new, hunk.i > 0, hunk.i < len(wanted.search), wanted.file)


def _insertion_row(document: Document, match: Match, at: int) -> int:
    """Return the row before which to insert; the search's lines on both sides must be neighbours there."""
    left = match.rows[at - 1] if at else None
    right = match.rows[at] if at < len(match.rows) else None
    if (at and left is None) or (at < len(match.rows) and right is None):
        raise _refuse(NotAdjacent, document, match)
    if left is not None and right is not None and right != left + 1:
        raise _refuse(NotAdjacent, document, match)
    if left is not None:
        return left + 1
    return 0 if right is None else right


def _supported(match: Match, hunk: _Hunk) -> bool:
    """Tell whether a line next to the hunk stands next to it in the document too."""
    first, last = match.rows[hunk.i], match.rows[hunk.j - 1]
    if first is None or last is None:
        return False
    left = hunk.i > 0 and match.rows[hunk.i - 1] == first - 1
    right = hunk.j < len(match.rows) and match.rows[hunk.j] == last + 1
    return left or right


def _render(document: Document, match: Match, indentation: Indentation, hunk: _Hunk) -> tuple[str, ...]:
    """Return a hunk's new lines: the replacement's, in the document's indentation and spelling."""
    ours = match.wanted.search[hunk.i : hunk.j]
    new = match.wanted.replace[hunk.k : hunk.m]
    real = [document.contents[row] for row in match.rows[hunk.i : hunk.j] if row is not None]
    indents = []
    for step, line in enumerate(new):
        indent = indentation.of(line, first=hunk.k + step == 0)
        if indent is None or (indentation.same and _is_foreign(document, match, line)):
            raise _refuse(UnclearIndentation, document, match)
        indents.append(indent)
    spelt = _respell(document, match, ours, new)
    if [_body(line) for line in ours] == [_body(line) for line in real]:
        bodies = [_body(line) for line in spelt]
    else:
        bodies = _carry_words(document, match, (ours, real, spelt))
    return tuple(indent + body for indent, body in zip(indents, bodies, strict=True))


def _carry_words(
    document: Document, match: Match, lines: tuple[Sequence[str], Sequence[str], Sequence[str]]
) -> list[str]:
    """Carry the difference word by word, where lines agree only once folded: other words keep their bytes."""
    ours, real, new = lines
    old, have, want = (_TOKEN.findall("\n".join(_body(line).strip(" \t") for line in part)) for part in lines)
    folded = [_fold_token(token) for token in old]
    made: list[str] = []
    clear = folded == [_fold_token(token) for token in have]
    matcher = difflib.SequenceMatcher(None, folded, [_fold_token(token) for token in want], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes() if clear else ():
        made += have[i:j] if tag == "equal" else want[k:m]
        # Blanks that differ and stand next to a change: whether they belong before or after it cannot be told.
        edges = {i if i else -1, j - 1 if j < len(old) else -1} - {-1} if tag == "equal" else set()
        clear = clear and not any(old[at].isspace() and old[at] != have[at] for at in edges)
    if not clear:
        nearest = document.nearest(_some_row(match), len(match.rows), 0, len(ours))
        raise Differs(ours, nearest, match.wanted.file)
    bodies = "".join(made).split("\n")
    if len(bodies) != len(new):
        bodies = [_body(line).strip(" \t") for line in new]
    if len(ours) == len(new):
        tails = [
            _tail(other) if _tail(line) == _tail(wanted) else _tail(wanted)
            for line, other, wanted in zip(ours, real, new, strict=True)
        ]
    elif list(map(_tail, ours)) == list(map(_tail, real)):
        tails = list(map(_tail, new))
    else:
        tails = [""] * len(new)
    return [body + tail for body, tail in zip(bodies, tails, strict=True)]


def _respell(document: Document, match: Match, ours: Sequence[str], new: Sequence[str]) -> list[str]:
    """Undo in new lines what the model did to typographic characters in the lines that it copied.

    Raises Differs where the document has such a character elsewhere, so that it may be meant.
    """
    if all(line.isascii() for line in new):
        return list(new)
    drift: dict[str, str] = {}
    composed = False
    for line, row in zip(match.wanted.search, match.rows, strict=True):
        if row is None or line.isascii() or line == document.contents[row]:
            continue
        real = document.contents[row]
        composed = composed or unicodedata.normalize("NFC", line) in {real, real.strip()}
        theirs, mine = _TOKEN.findall(real.strip()), _TOKEN.findall(line.strip())
        if len(theirs) == len(mine):
            drift |= {
                a: b
                for a, b in zip(mine, theirs, strict=True)
                if a != b and len(a) == 1 and ord(a) in TYPOGRAPHY
            }
    made = []
    for line in new:
        text = unicodedata.normalize("NFC", line) if composed else line
        for char in set(text) & set(drift):
            if char not in document.body:
                text = text.replace(char, drift[char])
            elif not any(char in other for other in ours):
                row = _some_row(match)
                raise Differs([line], document.nearest(row, len(match.rows), 0, 1), match.wanted.file)
        made.append(text)
    return made


def _without_noise(document: Document, search: Sequence[str], replace: Sequence[str]) -> list[str]:
    """Take back typographic characters that a replacement alone brings into lines that it otherwise leaves as they were."""
    lines = list(replace)
    if all(line.isascii() for line in replace):
        return lines
    known = set(document.body).union(*search)
    foreign = {
        ord(char): TYPOGRAPHY[ord(char)] for char in set("".join(replace)) - known if ord(char) in TYPOGRAPHY
    }
    if not foreign:
        return lines
    plain = [line.translate(foreign) for line in replace]
    if plain == list(search):
        return lines
    return [clean if clean in search else line for clean, line in zip(plain, lines, strict=True)]


def _difference(search: Sequence[str], replace: Sequence[str]) -> list[_Hunk]:
    """Compare two short runs of lines, common beginning and end first."""
    head = 0
    shortest = min(len(search), len(replace))
    while head < shortest and search[head] == replace[head]:
        head += 1
    tail = 0
    while tail < shortest - head and search[-1 - tail] == replace[-1 - tail]:
        tail += 1
    ours, theirs = search[head : len(search) - tail], replace[head : len(replace) - tail]
    if not ours and not theirs:
        return []
    if not ours or not theirs:
        return [_Hunk(head, head + len(ours), head, head + len(theirs))]
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    return [
        _Hunk(head + i, head + j, head + k, head + m)
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]


def _is_foreign(document: Document, match: Match, line: str) -> bool:
    """Tell whether a line would bring tabs into a document of spaces, spaces into one of tabs, or odd blanks."""
    indent = indent_of(line)
    if not indent or not line.strip():
        return False
    if any(row is not None and indent_of(document.contents[row]) == indent for row in match.rows):
        return False
    if indent.strip(" \t"):
        return True
    if indent.startswith("\t"):
        return document.spaces and not document.tabs
    return len(indent) > 1 and document.tabs and not document.spaces


def _fold_token(token: str) -> str:
    if not token.isspace():
        return fold(token)
    return token if _CONTROL.search(token) or token == "\n" else " "


def _body(line: str) -> str:
    return line[len(indent_of(line)) :]


def _tail(line: str) -> str:
    return line[len(line.rstrip(" \t")) :] if line.strip() else ""


def _some_row(match: Match) -> int:
    return next((row for row in match.rows if row is not None), 0)


def _differs(document: Document, match: Match, hunk: _Hunk) -> Differs:
    """Return the refusal for a hunk with an unmatched line, with the place where that line ought to be."""
    at = next(at for at in range(hunk.i, hunk.j) if match.rows[at] is None)
    above = next((row + 1 for row in reversed(match.rows[:at]) if row is not None), None)
    below = next((row - 1 for row in match.rows[at:] if row is not None), 0)
    row = min(max(0, below if above is None else above), max(0, len(document.contents) - 1))
    known = sum(row is not None for row in match.rows[hunk.i : hunk.j])
    nearest = document.nearest(row, hunk.j - at, known, hunk.j - hunk.i)
    return Differs(match.wanted.search[hunk.i : hunk.j], nearest, match.wanted.file)


def _refuse(leaf: type[NotAdjacent | UnclearIndentation], document: Document, match: Match) -> Refusal:
    agree = sum(row is not None for row in match.rows)
    nearest = document.nearest(_some_row(match), len(match.rows), agree, len(match.rows))
    return leaf(nearest, match.wanted.file)
