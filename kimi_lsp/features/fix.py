"""Fix problems that some tool reported, and nothing else."""

from collections.abc import Sequence

from kimi_lsp import prompt
from kimi_lsp.conversation import Model
from kimi_lsp.features.outcome import Edited, NothingProposed, Report
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.features.turn import propose
from kimi_lsp.prompt import Target
from kimi_lsp.text import Diagnostic
from kimi_lsp.text.diagnostic import short


async def fix(
    model: Model,
    target: Target,
    problems: Sequence[Diagnostic],
    report: Report,
    tools: Toolbox | None = None,
) -> Edited:
    """Return edits that fix the problems; with tools the model may look into the project first.

    Raises NothingProposed (also where there is no problem), Refused, NotUnderstood, EndlessReading,
    conversation.ModelError and prompt.PromptError.
    """
    if not problems:
        raise NothingProposed("There is no problem here to fix: no diagnostic was given.")
    asked = prompt.fix(target, problems)
    return await propose(
        model, asked, target, f"Kimi: Fix “{short(problems[0].message)}”", report, tools=tools
    )
