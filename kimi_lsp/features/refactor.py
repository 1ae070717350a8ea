"""Change a selection, or the function around the cursor, as an instruction says."""

from kimi_lsp import prompt
from kimi_lsp.conversation import Model
from kimi_lsp.features.outcome import Edited, Report
from kimi_lsp.features.turn import propose
from kimi_lsp.prompt import Target

_ANY = "Improve the clarity of this code without changing what it does."


async def refactor(model: Model, target: Target, instruction: str, report: Report) -> Edited:
    """Return edits that follow the instruction; an empty one asks for clearer code with the same behaviour.

    Raises NothingProposed, Refused, conversation.ModelError and prompt.PromptError.
    """
    asked = prompt.refactor(target, instruction.strip() or _ANY)
    return await propose(model, asked, target, "Kimi: Refactor", report)
