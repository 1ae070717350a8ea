"""`read_file`: lines of a file, without its secrets."""

from kimi_lsp.features.tools.result import CUT, Result, Room, Seen
from kimi_lsp.project.workspace import Withheld, Workspace, find, read
from kimi_lsp.prompt import Redaction
from kimi_lsp.prompt.tools import ReadFile
from kimi_lsp.text import split

_LARGEST = 1024 * 1024
"""Bytes of a file that is looked at, whatever part of it is asked for."""


def read_file(asked: ReadFile, workspace: Workspace, redaction: Redaction, room: Room) -> Result:
    """Return the lines that were asked for, or as many of them as fit. Raises Withheld."""
    place = find(workspace, asked.path)
    snapshot = read(workspace, place, _LARGEST)
    # The whole file, since a line alone may not show that it is part of a key.
    grown, clean = redaction.further(snapshot.text)
    rows = split(clean)
    if not rows:
        return Result(f"{place.path} is empty.", grown, Seen(place, snapshot))
    first, last = asked.first_line or 1, min(asked.last_line or len(rows), len(rows))
    if not 1 <= first <= last or asked.first_line == 0 or asked.last_line == 0:
        raise Withheld(f"{place.path} has lines 1 to {len(rows):,}, in this order")
    wanted = rows[first - 1 : last]
    count = room.fitting(wanted)
    if not count:
        piece = wanted[0][: min(room.bytes // 4, room.tokens // 2)]
        return Result(
            f"{place.path}, line {first} of {len(rows)}, its beginning:\n{piece}\n{CUT}the line is too long",
            grown,
        )
    text = f"{place.path}, lines {first} to {first + count - 1} of {len(rows)}:\n{''.join(wanted[:count])}"
    if count < len(wanted):
        text += f"{CUT}ask for lines {first + count} to {last}"
    return Result(text, grown, Seen(place, snapshot))
