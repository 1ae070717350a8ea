"""Explain a selection, or the function around the cursor, in Markdown."""

from collections.abc import Sequence

from kimi_lsp.conversation import Media, Model
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.attach import attached
from kimi_lsp.features.outcome import Edited, Explained, Report
from kimi_lsp.features.target import target
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.features.wanted import Wanted, perform
from kimi_lsp.prompt import Target


def explaining(asking: Asking) -> Wish:
    """Return what is to be explained. Reads pictures, so call it off the event loop. Raises NotSent."""
    return Wish(target(asking.source, asking.span), media=attached(asking.source, asking.images))


async def explain(
    model: Model,
    target: Target,
    report: Report,
    media: Sequence[Media] = (),
    tools: Toolbox | None = None,
) -> Explained:
    """Return the model's explanation of the target, with pictures and films in view where there are any.

    With tools the model may look into the project first.
    Raises EndlessReading, conversation.ModelError and prompt.PromptError.
    """
    told = await perform(model, Wanted("explain", Wish(target, media=tuple(media)), tools), report)
    if isinstance(told, Edited):
        raise TypeError("an explanation edits nothing")
    return told
