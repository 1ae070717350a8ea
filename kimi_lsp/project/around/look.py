"""What a document uses, found from its names: definitions in the workspace, and those of its own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kimi_lsp.project.around.apart import Chain, Part, Parts
from kimi_lsp.project.around.follow import Found, Tongue, follow
from kimi_lsp.project.around.shelf import File, Shelf
from kimi_lsp.project.around.words import words
from kimi_lsp.text import Snapshot, Span
from kimi_lsp.text.excerpt import Excerpt, Rows, Used, joined

_MOST = 200
"""Definitions that are looked for."""
_MOST_BASES = 5
"""Classes above a class that are looked at."""
_SHORT = 80
"""Lines of a class that is shown whole if anything is."""
_MOST_FIELDS = 40
"""Lines of a class's fields that go with its signature."""
_MAKERS = ("__init__", "__new__", "constructor", "new")


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found."""

    scopes: tuple[Span, ...]
    used: tuple[Used, ...]
    own: tuple[Used, ...]
    names: tuple[str, ...]
    """What the part in question defines, or is in."""


@dataclass
class _Record:
    """A definition that is used, and which of its members are."""

    found: Found
    direct: bool = False
    named: dict[str, None] = field(default_factory=dict)
    """Members that the document names."""
    meant: dict[str, None] = field(default_factory=dict)
    """Members that the part in question names."""


def look(shelf: Shelf, tongue: Tongue, path: str, snapshot: Snapshot, rows: Rows) -> Looked:
    """Return what a document uses; the part in question has these rows, all of them where only the document is meant."""
    file = File(path, snapshot, tongue.apart(snapshot))
    shelf.keep(file)
    here, everywhere = words(Excerpt(path, snapshot, (rows,)).text), words(snapshot.text)
    around = tuple(one for one in file.apart.holders(rows) if one.kind != "name")
    gather = _Gathering(shelf, tongue, file)
    for part in around:
        if part.kind == "class":
            same = file.apart.parts.get(part.name, ())
            gather.add(Found(file, same if part in same else (part,)), here.own, direct=True)
    for names, direct in ((here, True), (everywhere, False)):
        for chain in names.chains:
            gather.follow(chain, names.members, direct=direct)
    for parts in file.apart.parts.values():
        gather.bases(Found(file, parts), everywhere.own, direct=False)
    records = list(gather.records.values())
    records.sort(key=lambda one: not one.direct)
    own = [one for one in records if one.found.file is file and one.direct]
    scopes = tuple(snapshot.line_span(part.rows[0], part.rows[1] - 1) for part in reversed(around))
    head = file.apart.head
    imports = Excerpt(path, snapshot, (head,), "imports")
    top = (Used(imports, imports, imports, direct=True),) if head[1] > head[0] else ()
    return Looked(
        scopes,
        tuple(_used(one, gather.members(one.found)) for one in records if one.found.file is not file),
        (*top, *(_used(one, gather.members(one.found)) for one in own)),
        tuple(_meant(file, rows, around)),
    )


def _meant(file: File, rows: Rows, around: Sequence[Part]) -> Iterator[str]:
    """Yield the names of what is defined in some rows, else of the innermost definition around them."""
    parts = file.apart.members(around[-1]) if around and around[-1].kind == "class" else file.apart.parts
    inside = [
        one.name
        for same in parts.values()
        for one in same
        if rows[0] <= one.rows[0] and one.rows[1] <= rows[1] and not one.name.startswith("__")
    ]
    named = [part.name for part in around[-1:] if not part.name.startswith("__")]
    yield from dict.fromkeys(named if around and around[-1].rows == rows else inside or named)


class _Gathering:
    """The definitions found so far, each once."""

    def __init__(self, shelf: Shelf, tongue: Tongue, file: File) -> None:
        self.shelf, self.tongue, self.file = shelf, tongue, file
        self.records: dict[tuple[str, Rows], _Record] = {}
        self._followed: dict[tuple[str, Chain], Found | None] = {}
        self._members: dict[tuple[str, Rows], Parts] = {}

    def follow(self, chain: Chain, members: Iterable[str], *, direct: bool) -> None:
        """Find what a chain of names stands for."""
        found = self._follow(self.file, chain)
        # Of the document's own only what the part in question uses is of interest.
        if found is not None and (direct or found.file is not self.file):
            self.add(found, members, direct=direct)

    def add(self, found: Found, members: Iterable[str], *, direct: bool) -> None:
        """Take in a definition; of a class the members of these names, its own and those of the classes above it."""
        known = self.members(found)
        names = dict.fromkeys(members) if known or found.is_class else {}
        self._take(found, [name for name in names if name in known], direct=direct)
        self.bases(found, [name for name in names if name not in known], direct=direct)

    def bases(self, found: Found, members: Iterable[str], *, direct: bool) -> None:
        """Find members in the classes above a class, the nearest first."""
        wanted = dict.fromkeys(members)
        waiting, seen = [found], {found.key}
        while waiting and wanted and len(seen) <= _MOST_BASES:
            one = waiting.pop(0)
            for chain in (base for part in one.parts for base in part.bases):
                above = self._follow(one.file, chain)
                if above is None or above.key in seen or not above.is_class:
                    continue
                seen.add(above.key)
                waiting.append(above)
                known = self.members(above)
                has = [name for name in wanted if name in known]
                if has:
                    self._take(above, has, direct=direct)
                for name in has:
                    del wanted[name]

    def members(self, found: Found) -> Parts:
        """Return what a class holds in all of its pieces."""
        if found.key not in self._members:
            known: dict[str, tuple[Part, ...]] = {}
            for part in found.parts if found.is_class else ():
                for name, parts in found.file.apart.members(part).items():
                    known[name] = (*known.get(name, ()), *parts)
            self._members[found.key] = known
        return self._members[found.key]

    def _take(self, found: Found, names: Iterable[str], *, direct: bool) -> None:
        record = self.records.get(found.key)
        if record is None:
            if len(self.records) >= _MOST:
                return
            record = self.records[found.key] = _Record(found)
        record.direct = record.direct or direct
        record.named.update(dict.fromkeys(names))
        if direct:
            record.meant.update(dict.fromkeys(names))

    def _follow(self, file: File, chain: Chain) -> Found | None:
        key = (file.path, chain)
        if key not in self._followed:
            self._followed[key] = follow(self.shelf, self.tongue, file, chain)
        return self._followed[key]


def _used(record: _Record, known: Parts) -> Used:
    found = record.found
    what = found.parts[0].name
    makers = [name for name in _MAKERS if name in known]
    lines = sum(part.rows[1] - part.rows[0] for part in found.parts)
    heads = [part.head for part in found.parts]
    fields, size = list[Rows](), 0
    for parts in known.values():
        for part in parts:
            size += part.rows[1] - part.rows[0] if part.kind == "name" else 0
            if part.kind == "name" and size <= _MOST_FIELDS:
                fields.append(part.rows)

    def heads_of(names: Iterable[str]) -> list[Rows]:
        return [part.head for name in (*makers, *names) for part in known.get(name, ())]

    def shown(rows: list[Rows]) -> Excerpt:
        return Excerpt(found.file.path, found.file.snapshot, joined(rows), what)

    every = [part.rows for part in found.parts]
    if lines > _SHORT and known:
        every = [*heads, *fields, *(part.rows for name in (*makers, *record.named) for part in known[name])]
    return Used(
        shown(every),
        shown([*heads, *fields, *heads_of(record.named)]),
        shown([*heads, *fields, *heads_of(record.meant)]),
        record.direct,
    )
