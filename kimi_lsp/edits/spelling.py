"""How an answer's new lines are spelt where the model copied the old ones loosely.

What the model did to the lines that it copied (quotes, dashes, blanks, accents) may not reach the document with
the lines that it changed. Where that cannot be told apart from the change itself, the answer here is None.
"""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from kimi_lsp.edits.folded import TYPOGRAPHY, body_of, fold

# A word with its accents, a run of blanks, or any other single character; line ends and control characters are such.
_TOKEN = re.compile(
    r"[\w\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
    r"|[^\S\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+|.",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


def controls(line: str) -> list[str]:
    """Return the control characters of a line; folding forgets some, and no edit may lose one unseen."""
    return _CONTROL.findall(line)


def reword(ours: Sequence[str], real: Sequence[str], new: Sequence[str]) -> list[str] | None:
    """Carry the difference between copied lines and new ones word by word onto the real lines, indentation apart.

    All words that the difference leaves alone keep the document's bytes.
    """
    if not new:
        return []
    old, have, want = (_tokens(part) for part in (ours, real, new))
    folded = [_fold_token(token) for token in old]
    if folded != [_fold_token(token) for token in have]:
        return None
    made: list[str] = []
    matcher = difflib.SequenceMatcher(None, folded, [_fold_token(token) for token in want], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            made += want[k:m]
            continue
        # Blanks that differ and stand next to a change: whether they belong before or after it cannot be told.
        edges = {i} - {0} | {j - 1} - {len(old) - 1}
        if any(old[at].isspace() and old[at] != have[at] for at in edges):
            return None
        for copied, stands, wanted in zip(old[i:j], have[i:j], want[k:m], strict=True):
            if copied != stands and wanted not in {copied, stands}:
                return None
            made.append(wanted if copied == stands else stands)
    bodies = "".join(made).split("\n")
    return [text + tail for text, tail in zip(bodies, _tails(ours, real, new), strict=True)]


def respell(
    pairs: Iterable[tuple[str, str]], body: str, ours: Sequence[str], new: Sequence[str]
) -> list[str] | None:
    """Undo in new lines what the model did to typographic characters of the lines in `pairs`: copied, and real.

    None where the document's body has such a character elsewhere, so that the new one may be meant.
    """
    if all(line.isascii() for line in new):
        return list(new)
    drift: dict[str, str] = {}
    composed = False
    for line, real in pairs:
        if line.isascii() or line == real:
            continue
        composed = composed or unicodedata.normalize("NFC", line.strip()) == real.strip()
        theirs, mine = _TOKEN.findall(real.strip()), _TOKEN.findall(line.strip())
        if len(theirs) == len(mine):
            changed = ((a, b) for a, b in zip(mine, theirs, strict=True) if a != b and len(a) == 1)
            drift |= {a: b for a, b in changed if ord(a) in TYPOGRAPHY}
    made = []
    for line in new:
        text = unicodedata.normalize("NFC", line) if composed else line
        for char in set(text) & set(drift):
            if char not in body:
                text = text.replace(char, drift[char])
            elif not any(char in other for other in ours):
                return None
        made.append(text)
    return made


def without_noise(body: str, search: Sequence[str], replace: Sequence[str]) -> list[str]:
    """Take back typographic characters that a replacement alone brings into lines that it otherwise leaves alone."""
    lines = list(replace)
    if all(line.isascii() for line in replace):
        return lines
    known = set(body).union(*search)
    foreign = {
        ord(char): TYPOGRAPHY[ord(char)] for char in set("".join(replace)) - known if ord(char) in TYPOGRAPHY
    }
    if not foreign:
        return lines
    plain = [line.translate(foreign) for line in replace]
    if plain == list(search):
        return lines
    # A line that the replacement also has as it was is not that line: it is new.
    missing = Counter(search) - Counter(lines)
    for at, clean in enumerate(plain):
        if missing[clean] > 0:
            missing[clean] -= 1
            lines[at] = clean
    return lines


def _tokens(lines: Sequence[str]) -> list[str]:
    return _TOKEN.findall("\n".join(body_of(line).strip(" \t") for line in lines))


def _fold_token(text: str) -> str:
    if not text.isspace():
        return fold(text)
    return text if _CONTROL.search(text) or text == "\n" else " "


def _tails(ours: Sequence[str], real: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the blanks that each new line ends with: the document's, unless the edit changes them."""
    if len(ours) == len(new):
        return [
            _tail(stands) if _tail(copied) == _tail(wanted) else _tail(wanted)
            for copied, stands, wanted in zip(ours, real, new, strict=True)
        ]
    kept = [_tail(line) for line in ours] == [_tail(line) for line in real]
    return [_tail(line) if kept else "" for line in new]


def _tail(line: str) -> str:
    return line[len(line.rstrip(" \t")) :] if line.strip() else ""
