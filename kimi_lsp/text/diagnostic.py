"""A problem that some tool reported in a document, in our own terms."""

from dataclasses import dataclass
from enum import IntEnum

from kimi_lsp.text.snapshot import Span


class Severity(IntEnum):
    """LSP's four levels, most severe first."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


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
