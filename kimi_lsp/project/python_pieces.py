"""Python's syntax, piece by piece, so that an edit costs what it touches and not the whole file. Nothing is run.

A text is cut where a line begins with a word, into pieces that are valid each for itself. Python's parser is in the same
state at the end of a valid text as at its beginning, so texts that are valid one by one are valid one after the
other. What is not valid for itself is looked at with more and more around it before it counts as an error.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kimi_lsp.project import python_tree
from kimi_lsp.text import Span

_LEAST = 2_500
"""Characters of a piece; Python parses about so many in less than a millisecond."""
_MOST = 20_000
"""Characters that are parsed at once to find out where a piece ends, before the whole text is."""
_BEGINNING = re.compile(r"(?:\A|(?<=[\r\n]))(?!(?:else|elif|except|finally|case)\b)(?=[A-Za-z_@])")
"""Where a statement may begin; it may also be the middle of a string, which the parser finds out."""
_NAMED_LINE = re.compile(r"(?<=\bline )[0-9]+")
_CONTINUED = re.compile(r"\\(?:\r\n|\n|\r)\Z")
_LINE_END = re.compile(r"\r\n|\n|\r")

Edit = tuple[Span, str]
"""What is replaced, in offsets of the text before, and by what. Edits are given in order and apart from each other."""
Pause = Callable[[], None]
"""Called every millisecond or so; who is waited for may sleep in it, or raise to give up."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a text is not valid, and how."""

    line: int
    """From 1."""
    message: str


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text, cut so that as many pieces as possible are valid for themselves."""

    text: str
    cuts: tuple[int, ...]
    """Offsets where the pieces begin, and last the text's end."""
    faults: tuple[Fault | None, ...]
    """One for each piece."""

    @property
    def fault(self) -> Fault | None:
        """The first, if there is any."""
        return next((fault for fault in self.faults if fault is not None), None)


def fault(text: str) -> Fault | None:
    """Return what Python says against a text, or None where it is valid."""
    try:
        python_tree.tree(text)
    except SyntaxError as error:
        return Fault(error.lineno or 1, error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        # A NUL, half a surrogate pair, or nested too deeply.
        return Fault(1, str(error) or "nested too deeply to be parsed")
    return None


def pieces(text: str, pause: Pause) -> Pieces:
    """Cut a text, about a millisecond of work at a time; what is one long statement takes longer."""
    beginnings = [match.start() for match in _BEGINNING.finditer(text)]
    places = [0, *(at for at in beginnings if at), len(text)]
    found: list[tuple[int, Fault | None]] = []
    for first, last, wrong in _cut(text, places, _LEAST, pause):
        if wrong is None:
            found.append((places[first], None))
        else:
            # The smaller the piece, the less hides behind its first error.
            inner = places[first : last + 1]
            found += [(inner[one], error) for one, _, error in _cut(text, inner, 1, pause)]
    if any(wrong for _, wrong in found):
        whole = fault(text)
        if whole is None:
            # A string so long that its lines looked like code.
            return Pieces(text, (0, len(text)), (None,))
    cuts = (*(start for start, _ in found), len(text))
    faults, line, at = [], 0, 0
    for start, wrong in found:
        line, at = line + (_ends(text[at:start]) if wrong else 0), start if wrong else at
        faults.append(wrong and _moved(wrong, line))
    return Pieces(text, cuts, tuple(faults))


def new_faults(before: Pieces, edits: Sequence[Edit]) -> Iterator[Fault]:
    """Yield the first error that edits bring into each of the places that they touch.

    Lines count in the text after the edits. An error that stood there before is none of theirs.
    """
    done = 0
    for span, _ in edits:
        if span.end < done:
            continue
        first, last = _covering(before, span, edits)
        done = before.cuts[last]
        now = _after(before, edits, before.cuts[first], done)
        wrong = _alone(now, first=not first, last=last == len(before.faults))
        if wrong is None:
            continue
        known = Counter(_key(one) for one in before.faults[first:last] if one)
        found = [one for one in pieces(now, _no_pause).faults if one] or [wrong]
        new = list((Counter(map(_key, found)) - known).elements())
        if not new or _is_valid_in_more(before, edits, first, last):
            continue
        if known[_key(wrong)]:
            wrong = next(one for one in found if _key(one) in new)
        above = _after(before, edits, 0, before.cuts[first]) if first else ""
        yield _moved(wrong, _ends(above))


def _cut(
    text: str, places: Sequence[int], least: int, pause: Pause
) -> Iterator[tuple[int, int, Fault | None]]:
    """Yield the first and the last place of each piece that is valid; one that is not comes with its error.

    A piece grows until it is valid, or too long: then its first part stands alone.
    """
    at, end = 0, len(places) - 1
    while at < end:
        shortest = min(end, bisect_left(places, places[at] + least, at + 1))
        to = shortest
        while True:
            pause()
            error = _alone(text[places[at] : places[to]], first=not places[at], last=places[to] == len(text))
            if error is None or to == end or places[to] - places[at] > _MOST:
                break
            to = min(end, to + 1 + (to - shortest) // 2)
        if error is not None:
            to = shortest
        yield at, to, error
        at = to


def _alone(part: str, *, first: bool, last: bool) -> Fault | None:
    """Return what is wrong with a part of a text, where it is not all the same what stands before and after."""
    if not first and part.startswith("\ufeff"):
        return Fault(1, "invalid non-printable character U+FEFF")
    found = fault(part)
    if found is None and not last and _CONTINUED.search(part):
        return Fault(_ends(part), "a line goes on where nothing follows")
    return found


def _covering(before: Pieces, span: Span, edits: Sequence[Edit]) -> tuple[int, int]:
    """Return the first and, excluded, the last piece of those that hold a span and all edits that reach into them."""
    cuts = before.cuts
    while True:
        first = min(bisect_right(cuts, span.start), len(cuts) - 1) - 1
        # An edit that ends where a piece does may have taken the end of its last line.
        last = min(bisect_right(cuts, span.end), len(cuts) - 1)
        low, high = cuts[first], cuts[last]
        near = [one for one, _ in edits if one.start <= high and low <= one.end]
        wider = Span(
            min([span.start, *(one.start for one in near)]), max([span.end, *(one.end for one in near)])
        )
        if wider == span:
            return first, last
        span = wider


def _is_valid_in_more(before: Pieces, edits: Sequence[Edit], first: int, last: int) -> bool:
    """Tell whether what is not valid for itself is so with what is around it, as an `else` is."""
    more, cuts = 1, before.cuts
    while first > 0 or last < len(cuts) - 1:
        low, high = cuts[max(0, first - more)], cuts[min(len(cuts) - 1, last + more)]
        first, last = _covering(before, Span(low, high), edits)
        if (
            _alone(
                _after(before, edits, cuts[first], cuts[last]), first=not first, last=last == len(cuts) - 1
            )
            is None
        ):
            return True
        more *= 2
    return False


def _after(before: Pieces, edits: Sequence[Edit], low: int, high: int) -> str:
    """Return a part of the text with the edits in it made."""
    made, at = [], low
    for span, new in edits:
        if low <= span.start and span.end <= high:
            made += [before.text[at : span.start], new]
            at = span.end
    return "".join([*made, before.text[at:high]])


def _key(one: Fault) -> str:
    """Return a message without the lines that it names, for those move with the text."""
    return _NAMED_LINE.sub("", one.message)


def _moved(one: Fault, lines: int) -> Fault:
    """Return the fault of a part that so many lines stand above; its words may name lines, too."""
    return Fault(one.line + lines, _NAMED_LINE.sub(lambda named: str(int(named[0]) + lines), one.message))


def _ends(text: str) -> int:
    return sum(1 for _ in _LINE_END.finditer(text))


def _no_pause() -> None:
    return
