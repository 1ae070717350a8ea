"""A problem that some tool reported in a document, in our own terms."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from kimi_lsp.text.snapshot import Span


class Severity(IntEnum):
    """LSP's four levels, most severe first."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


@dataclass(frozen=True, slots=True)
class Related:
    """A place that a tool names beside its finding."""

    file: str
    """Its path on the disk; empty for what is no file."""
    line: int
    """From 0."""
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding; its span counts code points in the snapshot that it came with."""

    span: Span
    message: str
    severity: Severity = Severity.ERROR
    source: str = ""
    """The tool, for example `ruff`."""
    code: str = ""
    """The tool's code, for example `F821`."""
    related: tuple[Related, ...] = ()


def short(message: str) -> str:
    """Return a message on one line, cut to what a menu's or an undo list's line holds: 40 code points."""
    line = " ".join(message.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"


def plain_message(message: Any) -> str:
    """Return the text of an LSP message, which may be a string or, since LSP 3.18, an object with a `value`."""
    if isinstance(message, dict):
        return str(message.get("value", ""))
    return str(getattr(message, "value", message))


_SHORT = 40
