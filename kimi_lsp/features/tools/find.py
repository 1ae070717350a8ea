"""`search_text` and `definition`: lines of many files that hold a text, or define a name."""

from collections.abc import Callable, Iterator

from kimi_lsp.features.tools.result import Result, Room, listed, quoted, size
from kimi_lsp.project.definitions import places
from kimi_lsp.project.walk import OutOfReach, Stop, texts
from kimi_lsp.project.workspace import Place, Withheld, Workspace
from kimi_lsp.prompt import Redaction
from kimi_lsp.prompt.tools import Definition, SearchText
from kimi_lsp.text import Lines, Snapshot

_LONGEST = 200
"""Code points of what is searched for."""

RowsIn = Callable[[Place, Snapshot, Redaction], tuple[Redaction, list[str]]]
"""Returns what one file adds to the result, and the redaction grown by the file."""


def search_text(
    asked: SearchText, workspace: Workspace, redaction: Redaction, room: Room, stop: Stop
) -> Result:
    """Return the lines that contain a text. Raises Withheld."""
    wanted = asked.text
    if not wanted.strip() or len(wanted) > _LONGEST or "\n" in wanted or "\r" in wanted:
        raise Withheld(f"text must be part of one line, of 1 to {_LONGEST} characters")
    # A placeholder that the model was shown stands for what the files really say.
    real = redaction.restore(wanted)

    def rows_in(place: Place, snapshot: Snapshot, redaction: Redaction) -> tuple[Redaction, list[str]]:
        if real not in snapshot.text:
            return redaction, []
        # Searched again without secrets, so that none can be found out by trying.
        redaction, clean = redaction.further(snapshot.text)
        lines = Lines.of(clean)
        return redaction, [quoted(place.path, line, lines.content(line - 1)) for line in _with(lines, wanted)]

    more = "a longer text or a folder finds less"
    return _looked(workspace, asked.folder or "", rows_in, redaction, room, stop, more)


def definition(
    asked: Definition, workspace: Workspace, redaction: Redaction, room: Room, stop: Stop
) -> Result:
    """Return the lines that define a name. Raises Withheld."""
    word = asked.name.replace("::", ".").rpartition(".")[2].strip()
    if not word.isidentifier() or len(asked.name) > _LONGEST:
        raise Withheld("name must be a name, for example total or Cart.total")

    def rows_in(place: Place, snapshot: Snapshot, redaction: Redaction) -> tuple[Redaction, list[str]]:
        found = places(snapshot, asked.name)
        if not found:
            return redaction, []
        # Lines stay lines, so those of the two texts have the same numbers.
        redaction, clean = redaction.further(snapshot.text)
        lines = Lines.of(clean)
        return redaction, [quoted(place.path, one.line, lines.content(one.line - 1)) for one in found]

    return _looked(workspace, "", rows_in, redaction, room, stop, "search_text in a folder finds less")


def _looked(
    workspace: Workspace,
    folder: str,
    rows_in: RowsIn,
    redaction: Redaction,
    room: Room,
    stop: Stop,
    more: str,
) -> Result:
    rows: list[str] = []
    stopped = ""
    try:
        for place, snapshot in texts(workspace, folder, stop=stop):
            redaction, found = rows_in(place, snapshot, redaction)
            rows += found
            if size(rows) > room.bytes:
                break
    except OutOfReach as limit:
        stopped = str(limit)
    return Result(listed(rows, room, nothing="Nothing was found.", more=more, stopped=stopped), redaction)


def _with(lines: Lines, wanted: str) -> Iterator[int]:
    """Yield the lines, from 1, that contain a text."""
    at = lines.text.find(wanted)
    while at >= 0:
        line = lines.line_at(at)
        yield line + 1
        at = lines.text.find(wanted, lines.start(line + 1)) if line + 1 < len(lines) else -1
