"""Explain a selection, or the function around the cursor, in Markdown."""

from collections.abc import Sequence

from kimi_lsp import prompt
from kimi_lsp.conversation import Media, Model
from kimi_lsp.features.attach import telling
from kimi_lsp.features.outcome import Explained, Report
from kimi_lsp.features.reading import offered, read_with_tools
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.prompt import Target
from kimi_lsp.text.harmless import markdown


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
    asked, toolbox = offered(prompt.explain(target, media), tools, target.budget)
    told = await read_with_tools(model, asked, telling(report, media), toolbox)
    text = told.prompt.redaction.restore(told.reply.message.text)
    return Explained(markdown(text.strip()), told.readings.usage)
