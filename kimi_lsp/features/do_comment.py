"""Do what `kimi:` comments say: those at a place, or all of the document's where none stands there.

`implement` writes what is missing where such a comment stands above a stub or nothing; this is for code that is there.
"""

from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.attach import attached
from kimi_lsp.features.outcome import NotSent
from kimi_lsp.features.target import target
from kimi_lsp.project.gap import Gap, gap, wishes
from kimi_lsp.prompt import mentions
from kimi_lsp.text import Snapshot, Span


def doing_comments(asking: Asking) -> Wish:
    """Return what the comments want. Reads pictures that they name, so call it off the event loop. Raises NotSent."""
    source = asking.source
    found = _at(source.snapshot, asking.span)
    reach = Span(found[0].span.start, found[-1].span.end) if found else asking.span
    meant = target(source, reach)
    if not found:
        raise NotSent("Nothing was sent to the model: there is no comment that begins with `kimi:` here.")
    said = [asking.instruction.strip(), *(_told(source.snapshot, one) for one in found)]
    wish = "\n\n".join(part for part in said if part)
    return Wish(meant, wish, attached(source, asking.images, mentions(wish)), label="Kimi: Do comment")


def _at(snapshot: Snapshot, span: Span) -> tuple[Gap, ...]:
    """Return the comments at a place, else all of those in it, else all of the document."""
    here = gap(snapshot, span) if len(span) < len(snapshot.text) else None
    if here is not None and here.wish:
        return (here,)
    every = wishes(snapshot)
    return tuple(one for one in every if one.span.touches(span) and len(span)) or every


def _told(snapshot: Snapshot, one: Gap) -> str:
    lines = snapshot.lines
    first, last = lines.line_at(one.span.start), lines.line_at(max(one.span.start, one.span.end - 1))
    return f"For the lines {first + 1} to {last + 1}: {one.wish}"
