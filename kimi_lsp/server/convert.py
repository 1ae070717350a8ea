"""LSP's types to our own values and back. The only place where the two meet."""

from collections.abc import Iterable

from lsprotocol import types

from kimi_lsp.edits import EditPlan
from kimi_lsp.server import uris
from kimi_lsp.text import Diagnostic, Encoding, Lines, Position, Related, Severity, Snapshot, Span
from kimi_lsp.text.diagnostic import plain_message

_MOST_RELATED = 5
"""Places that a diagnostic names beside its own."""


def span(range_: types.Range, snapshot: Snapshot, encoding: Encoding) -> Span:
    """Turn a range into offsets; a range that is back to front is turned round."""
    start, end = sorted(
        snapshot.lines.offset(Position(place.line, place.character), encoding)
        for place in (range_.start, range_.end)
    )
    return Span(start, end)


def range_of(span_: Span, lines: Lines, encoding: Encoding) -> types.Range:
    """Turn offsets into a range."""
    start, end = (types.Position(*lines.position(offset, encoding)) for offset in (span_.start, span_.end))
    return types.Range(start=start, end=end)


def diagnostics(
    found: Iterable[types.Diagnostic], snapshot: Snapshot, encoding: Encoding
) -> tuple[Diagnostic, ...]:
    """Turn an editor's diagnostics into our own; a missing or unknown severity counts as an error."""
    return tuple(
        Diagnostic(
            span=span(one.range, snapshot, encoding),
            message=plain_message(one.message),
            severity=_severity(one.severity),
            source=one.source or "",
            code="" if one.code is None else str(one.code),
            related=_related(one),
        )
        for one in found
    )


def _related(found: types.Diagnostic) -> tuple[Related, ...]:
    return tuple(
        Related(str(uris.path(one.location.uri) or ""), one.location.range.start.line, one.message)
        for one in (found.related_information or ())[:_MOST_RELATED]
    )


def text_edits(plan: EditPlan, encoding: Encoding) -> list[types.TextEdit]:
    """Turn a plan's hunks into edits of the text that it was planned on."""
    lines = Lines.of(plan.text)
    return [
        types.TextEdit(range=range_of(hunk.span, lines, encoding), new_text=hunk.text) for hunk in plan.hunks
    ]


def _severity(value: int | None) -> Severity:
    return Severity(value) if value is not None and value in tuple(Severity) else Severity.ERROR
