"""Reads one settings file. A file of the workspace is a stranger's: a link in it is not followed into the settings.

Nothing here raises: what is wrong with a file is one sentence for the user.
"""

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

_LARGEST = 256 * 1024
"""Bytes."""
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Found(NamedTuple):
    """What a file says."""

    settings: Mapping[str, object]
    """By their names."""
    remark: str | None = None
    unread: bool = False
    """Whether there is something that was meant for us, and nobody knows what."""


def read_user_file(file: Path) -> Found:
    """Read the user's own file, which may well be a link."""
    return _read(file, ())


def read_workspace_file(file: Path, table: tuple[str, ...] = ()) -> Found:
    """Read a table of a workspace's file; the whole file where no table is named."""
    found = _read(file, table)
    if not _is_link(file):
        return found
    return Found({}, f"{file.name} is a link; it was not obeyed." if found.settings else None)


@dataclass(frozen=True)
class Places:
    """Where a file defines its actions, for remarks; the file is read anew, since only a remark needs it."""

    file: Path
    table: tuple[str, ...] = ()

    def __call__(self, number: int, name: str) -> str:
        """Return for example `line 12`; a list on one line is known by its numbers only."""
        try:
            with self.file.open("rb") as opened:
                lines = opened.read(_LARGEST).decode("utf-8-sig", "replace").split("\n")
        except OSError:
            lines = []
        header = re.escape(".".join((*self.table, "actions")))
        starts = [at for at, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{header}\s*\]\]", line)]
        if number >= len(starts):
            return f"actions[{number}]"
        end = next(
            (at for at in range(starts[number] + 1, len(lines)) if lines[at].lstrip().startswith("[")),
            len(lines),
        )
        rows = range(starts[number] + 1, end)
        at = next(
            (row for row in rows if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", lines[row])), None
        )
        return f"line {(starts[number] if at is None or not name else at) + 1}"


def _read(file: Path, table: tuple[str, ...]) -> Found:
    try:
        # Asked first, since a pipe or a device, also behind a link, could be opened and never end.
        if not stat.S_ISREG(file.stat().st_mode):
            return Found({}, f"{file.name} is not a regular file; it was not read.", unread=not table)
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Found({})
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        return Found({}, f"{file.name} cannot be read: {reason}.", unread=not table)
    names_us = all(name.encode() in data for name in table)
    if len(data) > _LARGEST:
        return Found({}, f"{file.name} is larger than {_LARGEST // 1024} KiB; it was not read.", names_us)
    # Another tool's file that does not name us is not our matter, however broken it is.
    if not names_us:
        return Found({})
    return _parsed(file.name, data, table)


def _parsed(name: str, data: bytes, table: tuple[str, ...]) -> Found:
    try:
        found: Any = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return _not_toml(name, data.count(b"\n", 0, error.start) + 1, "it is not UTF-8")
    except RecursionError:
        return _not_toml(name, None, "it is nested too deeply")
    except ValueError as error:  # also a number with thousands of digits, which tomllib does not wrap
        told = str(error)
        place = _PLACE.search(told)
        if place is None:
            return _not_toml(name, None, told)
        line = int(place[1]) if place[1] else data.count(b"\n") + (not data.endswith(b"\n"))
        return _not_toml(name, line, told[: place.start()])
    for part in table:
        found = found.get(part, {}) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return Found({}, f"{name}: {'.'.join(table)} is not a table.", unread=True)
    return Found(found)


def _not_toml(name: str, line: int | None, reason: str) -> Found:
    place = f" (line {line})" if line else ""
    return Found({}, f"{name} is not TOML{place}: {reason[:1].lower()}{reason[1:]}.", unread=True)


def _is_link(file: Path) -> bool:
    try:
        return file.is_symlink()
    except OSError:
        return True
