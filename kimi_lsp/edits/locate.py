"""Where in a document an edit belongs: exactly one place, or a refusal.

Tiers, from strict to loose; the first with a place decides, and a tier with several places refuses unless the
line hint is clearly nearer to one of them:

    whole lines, equal but for their line ends
    whole lines, equal once folded (blanks, quotes, dashes, accents), with the document's indentation
    the same with one consistent change of indentation, or a piece of one line on whole words
    several whole lines of which the first or last is cut short
    parts around `...`, each in order after the one before
    most lines equal, and nothing else near (`near`)

Nothing is changed here, and what is looser in the search is never copied into the document: see `carry`.
"""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kimi_lsp.edits.folded import Document, fold, indent_of, is_solid
from kimi_lsp.edits.indentation import learn
from kimi_lsp.edits.near import Place, choose, places
from kimi_lsp.edits.omission import is_marker, segments
from kimi_lsp.edits.refusal import AlreadyThere, Ambiguous, Differs, NotFound, UnclearIndentation

HINT_REACH = 60
"""Lines from the hint beyond which it says nothing."""
_REPEATED = 0.6
_MOST_SEEN = 20
_WORD = re.compile(r"[\w$]")
_WORDS = re.compile(r"\w+")
_HYPHEN_BEFORE = re.compile(r"[^\W\d_]-\Z")
_HYPHEN_AFTER = re.compile(r"-[^\W\d_]")
_HALF_NAME = re.compile(r"\s*[\w-]+-")
MOST_SKIPPED = 400
"""Lines that one `...` may stand for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An edit as lines without ends."""

    search: tuple[str, ...]
    replace: tuple[str, ...]
    hint: int | None = None
    """Row, from 0, at which the search is said to begin."""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An edit with its place: which row of the document each line of the search is, None for unmatched ones."""

    wanted: Wanted
    rows: tuple[int | None, ...]
    near: bool = False
    """Whether only most lines agree."""


def locate(document: Document, wanted: Wanted) -> tuple[Match, ...]:
    """Find an edit's place; an edit with `...` gives a match for each of its parts.

    Raises NotFound, Ambiguous, Differs, UnclearIndentation or AlreadyThere.
    """
    if rows := _exact(document, wanted.search):
        return (_whole(document, wanted, _pick(rows, wanted)),)
    if match := _folded(document, wanted) or _cut(document, wanted):
        return (match,)
    trimmed = _without_blank_edges(wanted)
    if trimmed != wanted:
        return locate(document, trimmed)
    if any(is_marker(line) for line in wanted.search):
        return _segments(document, wanted)
    found = places(document, wanted.search)
    place = choose(document, wanted.search, found)
    if place is None:
        raise not_found(document, wanted, found)
    return (Match(wanted, place.rows, near=True),)


def not_found(document: Document, wanted: Wanted, found: Sequence[Place]) -> NotFound:
    """Return the refusal, with the best of the places that were looked at, or else one that has the rarest words."""
    size = len(wanted.search)
    if found:
        best = found[0]
        row = next((row for row in best.rows if row is not None), max(0, best.first))
        return NotFound(wanted.search, document.nearest(row, size, best.agree, best.of), wanted.file)
    likely = _likely_row(document, wanted.search)
    nearest = None if likely is None else document.nearest(likely, size, 0, size)
    return NotFound(wanted.search, nearest, wanted.file)


def _likely_row(document: Document, search: Sequence[str]) -> int | None:
    """Return where most of the search's longest words stand close together: a place to show, not one to change."""
    words = sorted({word for line in search for word in _WORDS.findall(line) if len(word) > 3}, key=len)[-8:]
    votes: Counter[int] = Counter()
    for word in words:
        at, seen = document.body.find(word), 0
        while at >= 0 and seen < _MOST_SEEN:
            row = document.row_at(at)
            votes.update(range(max(0, row - len(search) + 1), row + 1))
            at, seen = document.body.find(word, at + len(word)), seen + 1
    return max(votes, key=lambda row: (votes[row], -row)) if votes else None


def _pick(rows: Sequence[int], wanted: Wanted) -> int:
    """Choose among equally good places: there is one, or the hint is clearly nearer to one."""
    if len(rows) == 1:
        return rows[0]
    if wanted.hint is not None:
        hint = wanted.hint
        nearest, second = sorted(rows, key=lambda row: abs(row - hint))[:2]
        distance = abs(nearest - hint)
        if distance <= HINT_REACH and distance * 3 + 3 <= abs(second - hint):
            return nearest
    raise Ambiguous(wanted.search, [row + 1 for row in rows], wanted.file)


def _exact(document: Document, search: Sequence[str]) -> list[int]:
    """Return the rows at which these whole lines stand, byte for byte but for their ends."""
    body, text = document.body, "\n".join(search)
    rows: list[int] = []
    at = body.find(text)
    while at >= 0:
        stop = at + len(text)
        if (at == 0 or body[at - 1] == "\n") and (stop == len(body) or body[stop] == "\n"):
            row = document.row_at(at)
            if row + len(search) <= len(document.contents):
                rows.append(row)
        at = body.find(text, at + 1)
    return rows


def _whole(document: Document, wanted: Wanted, row: int) -> Match:
    """Return the match of whole lines, unless the replacement's new lines stand around them already."""
    extra = len(wanted.replace) - len(wanted.search)
    if extra > 0:
        ours = [fold(line) for line in wanted.search]
        new = [fold(line) for line in wanted.replace]
        for at in range(extra + 1):
            if new[at : at + len(ours)] != ours or not any(map(is_solid, new[:at] + new[at + len(ours) :])):
                continue
            low = row - at
            if low >= 0 and [fold(line) for line in document.contents[low : low + len(new)]] == new:
                raise AlreadyThere(low + 1, wanted.file)
    return Match(wanted, tuple(range(row, row + len(wanted.search))))


def _folded(document: Document, wanted: Wanted) -> Match | None:
    """Match whole folded lines, and for a single line also a piece of one."""
    folds = [fold(line) for line in wanted.search]
    rows = _occurrences(document, folds)
    same = [row for row in rows if _indents_alike(document, wanted, row)]
    if same:
        return _whole(document, wanted, _pick(same, wanted))
    shifted = [row for row in rows if _indents_consistently(document, wanted, row)]
    pieces = _pieces(document, wanted) if len(folds) == 1 else []
    at = {document.row_at(start): start for start in pieces}
    inside = [document.row_at(start) for start in pieces]
    inside = [row for row in inside if row not in shifted]
    if shifted or inside:
        row = _pick(sorted(shifted + inside), wanted)
        return _whole(document, wanted, row) if row in shifted else _piece(document, wanted, at[row])
    if rows:
        raise UnclearIndentation(document.nearest(rows[0], len(folds), len(folds), len(folds)), wanted.file)
    return None


def _occurrences(document: Document, folds: Sequence[str]) -> list[int]:
    """Return the rows at which these folded lines stand, found by the rarest of them."""
    stands = [(document.index.get(line, ()), row) for row, line in enumerate(folds) if line]
    if not stands:
        return []
    rare, offset = min(stands, key=lambda item: len(item[0]))
    wanted = list(folds)
    starts = (row - offset for row in rare if row >= offset)
    return [row for row in starts if document.folds[row : row + len(wanted)] == wanted]


def _pairs(document: Document, search: Sequence[str], row: int) -> list[tuple[str, str]]:
    return [
        (indent_of(line), indent_of(document.contents[row + step]))
        for step, line in enumerate(search)
        if line.strip()
    ]


def _indents_alike(document: Document, wanted: Wanted, row: int) -> bool:
    return all(ours == theirs for ours, theirs in _pairs(document, wanted.search, row))


def _indents_consistently(document: Document, wanted: Wanted, row: int) -> bool:
    from_first = bool(wanted.search[0].strip())
    return (
        learn(_pairs(document, wanted.search, row), wanted.search, wanted.replace, from_first=from_first)
        is not None
    )


def _pieces(document: Document, wanted: Wanted) -> list[int]:
    """Return the offsets in the body at which the search's only line stands on whole words.

    A line that begins with its indentation claims to be a whole line, and is not looked for inside others.
    """
    text = wanted.search[0]
    if text[:1].isspace():
        return []
    body = document.body
    return [at for at in _on_whole_words(body, text) if not _hyphenated(body, at, at + len(text))]


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


def _piece(document: Document, wanted: Wanted, start: int) -> Match:
    """Turn an edit of a piece of one line into an edit of the whole line."""
    row = document.row_at(start)
    line = document.contents[row]
    column = start - (document.body.rfind("\n", 0, start) + 1)
    before, after = line[:column], line[column + len(wanted.search[0]) :]
    # Several lines in place of a piece of one are the mark of a search that was cut short.
    if len(wanted.replace) > 1 or _repeats(wanted, before, after):
        raise Differs(wanted.search, document.nearest(row, 1, 0, 1), wanted.file)
    text = before + "\n".join(wanted.replace) + after
    new = tuple(text.split("\n"))
    ours, theirs = wanted.search[0], "\n".join(wanted.replace)
    at = theirs.find(ours)
    while at >= 0:
        low = start - at
        if len(theirs) > len(ours) and low >= 0 and document.body.startswith(theirs, low):
            raise AlreadyThere(row + 1, wanted.file)
        at = theirs.find(ours, at + 1)
    return Match(replace(wanted, search=(line,), replace=new), (row,))


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


def _cut(document: Document, wanted: Wanted) -> Match | None:
    """Match several lines of which the first lacks its beginning or the last its end, where those stay as they are."""
    count = len(wanted.search)
    if count < 2:
        return None
    text = "\n".join(wanted.search)
    found = _on_whole_words(document.body, text)
    if not found:
        return None
    row = _pick([document.row_at(at) for at in found], wanted)
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


def _without_blank_edges(wanted: Wanted) -> Wanted:
    """Drop blank lines that search and replacement both begin or both end with."""
    ours, theirs = list(wanted.search), list(wanted.replace)
    hint = wanted.hint
    while len(ours) > 1 and theirs and not ours[0].strip() and not theirs[0].strip():
        del ours[0], theirs[0]
        hint = None if hint is None else hint + 1
    while len(ours) > 1 and theirs and not ours[-1].strip() and not theirs[-1].strip():
        del ours[-1], theirs[-1]
    return replace(wanted, search=tuple(ours), replace=tuple(theirs), hint=hint)


def _segments(document: Document, wanted: Wanted) -> tuple[Match, ...]:
    """Match the parts around `...`: in order, each changed one at the only place after the one before."""
    ours, markers = segments(wanted.search)
    theirs, kept = segments(wanted.replace)
    changed = [a for a, b in zip(ours, theirs, strict=False) if a != b]
    if markers != kept or not all(any(is_solid(fold(line)) for line in part) for part in changed):
        raise not_found(document, wanted, places(document, wanted.search))
    spots: list[list[int]] = []
    for part in ours:
        if not part:
            spots.append([])
            continue
        piece = replace(wanted, search=tuple(part), hint=None)
        rows = _exact(document, part)
        if not rows:
            rows = [
                row
                for row in _occurrences(document, [fold(line) for line in part])
                if _indents_consistently(document, piece, row)
            ]
        if not rows:
            raise not_found(document, wanted, places(document, wanted.search))
        spots.append(rows)
    chain = _chain(
        spots, [len(part) for part in ours], [a != b for a, b in zip(ours, theirs, strict=True)], wanted
    )
    if chain is None:
        raise not_found(document, wanted, places(document, wanted.search))
    placed = [(part, row) for part, row in zip(ours, chain, strict=True) if part]
    pairs = [pair for part, row in placed for pair in _pairs(document, part, row)]
    if learn(pairs, (), (), from_first=False) is None:
        row = placed[0][1]
        raise UnclearIndentation(document.nearest(row, len(placed[0][0]), 0, len(wanted.search)), wanted.file)
    return tuple(
        Match(replace(wanted, search=tuple(a), replace=tuple(b)), tuple(range(row, row + len(a))))
        for a, b, row in zip(ours, theirs, chain, strict=True)
        if a != b
    )


def _chain(
    spots: Sequence[Sequence[int]], sizes: Sequence[int], changed: Sequence[bool], wanted: Wanted
) -> list[int] | None:
    """Choose a row for each part so that all are in order, None where none fits.

    Raises Ambiguous where a part to change has more than one choice.
    """
    chains: list[list[int]] = [[]]
    previous: int | None = None
    for part, rows in enumerate(spots):
        if not rows:
            chains = [[*chain, -1] for chain in chains]
            continue
        grown = []
        for chain in chains:
            end = None if previous is None else chain[previous] + sizes[previous]
            grown += [[*chain, row] for row in rows if end is None or end <= row <= end + MOST_SKIPPED]
        chains, previous = grown, part
        if len(chains) > 1_000:
            raise Ambiguous(wanted.search, [row + 1 for row in rows[:5]], wanted.file)
    if not chains:
        return None
    for part, differs in enumerate(changed):
        choices = sorted({chain[part] for chain in chains})
        if differs and len(choices) > 1:
            raise Ambiguous(wanted.search, [row + 1 for row in choices], wanted.file)
    return chains[0]
