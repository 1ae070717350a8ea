"""Write the code that is missing at a place: what an instruction, a `kimi:` comment and pictures say."""

from collections.abc import Sequence
from dataclasses import replace

from kimi_lsp.conversation import Media, Model
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.attach import attached
from kimi_lsp.features.outcome import Edited, Report
from kimi_lsp.features.target import Source, target
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.features.wanted import Wanted, edit
from kimi_lsp.project.gap import Gap, gap
from kimi_lsp.prompt import Target, mentions
from kimi_lsp.text import Snapshot, Span

_LABEL = "Kimi: Implement"


def implementing(asking: Asking) -> Wish:
    """Return what is to be written, and where. Reads pictures, so call it off the event loop. Raises NotSent."""
    return wish(asking.source, asking.span, asking.instruction, asking.images)


def wish(source: Source, span: Span, instruction: str = "", given: Sequence[str] = ()) -> Wish:
    """Return what is wanted at a place; `given` are paths of pictures and films beside those that the words name.

    Reads the pictures, so call it off the event loop. Raises NotSent.
    """
    meant, found = _place(source, span)
    told = "\n\n".join(part for part in (instruction.strip(), found.wish) if part)
    named = [*mentions(told), *(replace(one, sure=False) for one in mentions(found.notes))]
    return Wish(meant, told, attached(source, given, named), label=_LABEL)


async def implement(
    model: Model,
    target: Target,
    instruction: str,
    report: Report,
    media: Sequence[Media] = (),
    tools: Toolbox | None = None,
) -> Edited:
    """Return edits that write what is missing; an empty instruction leaves it to the code around.

    With tools the model may look into the project first.
    Raises NothingProposed, Refused, NotUnderstood, EndlessReading, conversation.ModelError and prompt.PromptError.
    """
    wish = Wish(target, instruction, tuple(media), label=_LABEL)
    return await edit(model, Wanted("implement", wish, tools), report)


def _place(source: Source, span: Span) -> tuple[Target, Gap]:
    """Return what is meant: the gap at a place, else the function around it, else the place's line."""
    found = gap(source.snapshot, span)
    meant = target(source, found.span if found else span)
    if found is None and not len(span):
        # The comment may stand above the function whose middle the cursor is in.
        found = gap(source.snapshot, meant.span) if len(meant.span) else None
        meant = replace(meant, span=found.span if found else meant.span or _line(source.snapshot, span))
    return meant, found or Gap(meant.span)


def _line(snapshot: Snapshot, span: Span) -> Span:
    row = snapshot.lines.line_at(span.start)
    return snapshot.line_span(row, row)
