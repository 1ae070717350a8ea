"""Explain a selection, or the function around the cursor, in Markdown."""

from kimi_lsp import prompt
from kimi_lsp.conversation import Model
from kimi_lsp.features.outcome import Explained, Report
from kimi_lsp.features.turn import read
from kimi_lsp.prompt import Target


async def explain(model: Model, target: Target, report: Report) -> Explained:
    """Return the model's explanation of the target.

    Raises conversation.ModelError and prompt.PromptError.
    """
    asked = prompt.explain(target)
    reply = await read(model, asked.request, report)
    return Explained(asked.redaction.restore(reply.message.text).strip(), reply.usage)
