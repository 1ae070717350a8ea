"""Documents as values: lines, positions, spans, changes, diagnostics, diffs.

Pure: nothing here reads a disk, a clock or a socket, and nothing here knows LSP's types.
Offsets count code points of a Python `str`; a Position counts the units of a negotiated Encoding.
"""

from kimi_lsp.text.changes import Change, ChangeLog, carry, grown
from kimi_lsp.text.compare import Gap, gaps
from kimi_lsp.text.diagnostic import Diagnostic, Related, Severity
from kimi_lsp.text.diff import unified
from kimi_lsp.text.lines import Encoding, Lines, Position, split
from kimi_lsp.text.snapshot import Snapshot, Span

__all__ = [
    "Change",
    "ChangeLog",
    "Diagnostic",
    "Encoding",
    "Gap",
    "Lines",
    "Position",
    "Related",
    "Severity",
    "Snapshot",
    "Span",
    "carry",
    "gaps",
    "grown",
    "split",
    "unified",
]
