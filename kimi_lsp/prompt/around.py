"""Chooses what is shown beside a document, within a share of the budget: the same for all requests on one file where it
can be, so that the service's cache hits, and what only the part in question needs behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kimi_lsp.prompt.budget import estimate
from kimi_lsp.prompt.context import Target, lines_of
from kimi_lsp.prompt.media import Section
from kimi_lsp.text import Lines
from kimi_lsp.text.excerpt import Excerpt, Rows, Surroundings, Used, joined, rows_of

_WHOLE = (1_500, 600, 300, 150, 0)
"""Tokens up to which a definition is shown whole, the first with which all of them fit; of others it is the signature."""
_FULLY, _BRIEFLY = 8, 4
"""One part in so many of the request may be definitions: where some are whole, and where all are signatures."""
_LEAST = 16
"""For the definitions one part in so many must be left where the document is shown whole, if they need it."""
_BODIES = 16
"""One part in so many of what is shown already may be bodies that only the part in question needs."""
_CONVENTIONS = 16
_CALLERS = 8
_OPENED = 8
_RELATED = 8
_STEP = 64
"""What is left is counted in steps of one part in so many, so that a longer instruction rarely changes what is shown."""
_MOST_MEANT = 2_000
"""Tokens that the part in question takes once more after the document, at the most."""
_TAG = 30
"""Tokens of a section's tags."""
_MOST_NAMES = 6
_GAP = "⋮\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a file that become a section of their own."""

    name: str
    """Of the section."""
    excerpt: Excerpt
    reason: str

    @property
    def sendable(self) -> str:
        """What is looked through for secrets: the lines, and all of a file where a key may run over several."""
        snapshot = self.excerpt.snapshot
        return snapshot.text if "PRIVATE KEY" in snapshot.text else _text(snapshot.lines, self.excerpt.rows)

    def section(self, clean: str) -> Section:
        """Return the section, given `sendable` without its secrets."""
        excerpt = self.excerpt
        whole = "PRIVATE KEY" in excerpt.snapshot.text
        return self._section(_text(Lines.of(clean), excerpt.rows) if whole else clean)

    def section_in(self, clean: Lines) -> Section:
        """Return the section, given all of its file without secrets."""
        return self._section(_text(clean, self.excerpt.rows))

    def outside(self, first: int, last: int) -> "Piece | None":
        """Return what of it lies outside of some lines, from 0, the last one excluded; None where nothing does."""
        rows = [
            (low, high)
            for one in self.excerpt.rows
            for low, high in ((one[0], min(one[1], first)), (max(one[0], last), one[1]))
            if low < high
        ]
        return replace(self, excerpt=replace(self.excerpt, rows=joined(rows))) if rows else None

    def _section(self, text: str) -> Section:
        excerpt = self.excerpt
        pairs = [("path", excerpt.path)]
        if excerpt.rows != ((0, len(excerpt.snapshot.lines)),):
            pairs.append(("lines", ", ".join(f"{first + 1}-{last}" for first, last in excerpt.rows)))
        return (self.name, tuple(pairs), text)


@dataclass(frozen=True, slots=True)
class Layout:
    """What goes before the document, and what behind it."""

    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    own: tuple[Piece, ...] = ()
    """Other lines of the document itself, where not all of it fits."""


def laid_out(target: Target, around: Surroundings, room: int) -> Layout:
    """Choose what is shown beside a document; `room` is what the document and all of it may be, in tokens."""
    file, budget = target.snapshot.lines, target.room
    meant = rows_of(file, lines_of(target))
    room -= _MOST_MEANT if room >= _MOST_MEANT * 4 else min(estimate(meant), _MOST_MEANT)
    size = estimate(file.text)
    left = room - size
    direct = [one for one in around.used if one.direct]
    needed = sum(estimate(one.brief.text) + _TAG for one in around.used)
    whole = left >= min(needed, room // _LEAST)
    step = max(1, budget // _STEP)
    spare = max(0, (left if whole else room // 2) // step * step)
    spare = spare if whole else min(spare, max(0, room - estimate(meant)))
    before, after = list[Piece](), list[Piece]()
    conventions = _fitting("conventions", around.conventions, min(budget // _CONVENTIONS, spare // 4))
    before += conventions
    spare -= _tokens(conventions)
    kept = _for_the_file(around.used, min(budget // _FULLY, spare), min(budget // _BRIEFLY, spare))
    if kept is None:
        after += _for_the_part(direct, min(budget // _BRIEFLY, spare))
    else:
        before += _grouped(kept, _OF_THE_FILE)
    spare -= _tokens(before[len(conventions) :]) + _tokens(after)
    own = [] if whole else _for_the_part(around.own, min(budget // _BRIEFLY, spare))
    spare -= _tokens(own)
    if kept is not None:
        shown = size + _tokens(before) if whole else _tokens(before)
        bodies = _bodies(direct, kept, min(spare, shown // _BODIES))
        after += bodies
        spare -= _tokens(bodies)
    for name, excerpts, share in (
        ("related", around.related, _RELATED),
        ("callers", around.callers, _CALLERS),
        ("opened", around.opened, _OPENED),
    ):
        more = _fitting(name, excerpts, min(budget // share, spare))
        after += more
        spare -= _tokens(more)
    return Layout(tuple(before), tuple(after), tuple(own))


_OF_THE_FILE = "the document uses {} of it"
_OF_THE_PART = "the part that you asked about uses {} of it"
_REASONS: Mapping[str, str] = {
    "conventions": "what your project says of how its code is written",
    "related": "where a problem's own explanation points",
    "callers": "it uses what you asked about",
    "opened": "you have it open",
}


def _for_the_file(used: Sequence[Used], fully: int, briefly: int) -> list[Excerpt] | None:
    """Return each definition whole or as its signature, or None where not even the signatures fit."""
    sizes = [(estimate(one.whole.text), estimate(one.brief.text)) for one in used]
    tags = _TAG * len({one.whole.path for one in used})
    for limit in _WHOLE:
        total = tags + sum(whole if whole <= max(limit, brief) else brief for whole, brief in sizes)
        if total <= (fully if limit else briefly):
            return [
                one.whole if whole <= max(limit, brief) else one.brief
                for one, (whole, brief) in zip(used, sizes, strict=True)
            ]
    return None


def _for_the_part(used: Sequence[Used], room: int) -> list[Piece]:
    """Return the definitions that the part in question uses, whole where they are short; the last are left out."""
    for limit in _WHOLE[1:]:
        chosen = [one.whole if estimate(one.whole.text) <= limit else one.least for one in used]
        pieces = _grouped(chosen, _OF_THE_PART)
        if _tokens(pieces) <= room:
            return pieces
    kept = list[Excerpt]()
    for one in used:
        cost = estimate(one.least.text) + _TAG
        if cost <= room:
            room -= cost
            kept.append(one.least)
    return _grouped(kept, _OF_THE_PART)


def _bodies(direct: Sequence[Used], kept: Sequence[Excerpt], room: int) -> list[Piece]:
    """Return whole those that the part in question uses and of which only the signature is shown."""
    chosen = list[Excerpt]()
    for one in direct:
        cost = estimate(one.whole.text) + _TAG
        if one.whole not in kept and cost <= room:
            room -= cost
            chosen.append(one.whole)
    return _grouped(chosen, _OF_THE_PART)


def _grouped(excerpts: Iterable[Excerpt], reason: str) -> list[Piece]:
    """Put the excerpts of a file together, and the files in order."""
    by_path: dict[str, list[Excerpt]] = {}
    for one in excerpts:
        by_path.setdefault(one.path, []).append(one)
    pieces = []
    for path in sorted(by_path):
        same = by_path[path]
        rows = joined([part for one in same for part in one.rows])
        names = list(dict.fromkeys(one.what for one in sorted(same, key=lambda one: one.rows)))
        more = len(names) - _MOST_NAMES
        told = ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
        pieces.append(Piece("definitions", replace(same[0], rows=rows), f"{path}: {reason.format(told)}"))
    return pieces


def _fitting(name: str, excerpts: Sequence[Excerpt], room: int) -> list[Piece]:
    """Return the excerpts that fit, one after another; the first that does not is cut."""
    pieces = list[Piece]()
    for one in excerpts:
        piece = Piece(name, one, f"{one.path}: {_REASONS[name]}")
        cost = _tokens([piece])
        if cost > room:
            first, last = one.rows[0]
            lines = one.snapshot.lines
            while last > first and estimate(rows_of(lines, (first, last))) + _TAG > room:
                last = first + (last - first) // 2
            if last > first:
                pieces.append(replace(piece, excerpt=replace(one, rows=((first, last),))))
            break
        room -= cost
        pieces.append(piece)
    return pieces


def _tokens(pieces: Iterable[Piece]) -> int:
    return sum(estimate(_text(one.excerpt.snapshot.lines, one.excerpt.rows)) + _TAG for one in pieces)


def _text(lines: Lines, rows: Sequence[Rows]) -> str:
    parts = (rows_of(lines, one) for one in rows)
    return _GAP.join(part if part.endswith(("\n", "\r")) else f"{part}\n" for part in parts)
