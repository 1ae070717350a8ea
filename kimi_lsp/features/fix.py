"""Fix problems that some tool reported, and nothing else."""

from collections.abc import Sequence

from kimi_lsp import prompt
from kimi_lsp.conversation import Model
from kimi_lsp.features.outcome import Edited, NothingProposed, Report
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.features.turn import propose
from kimi_lsp.prompt import Target
from kimi_lsp.text import Diagnostic

_LABEL_LENGTH = 40
"""Code points of a message that fit a menu's or an undo list's line."""


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
    return await propose(model, asked, target, title(problems[0].message), report, tools=tools)


def title(message: str) -> str:
    """Return the words by which a fix is known in menus and undo lists."""
    line = " ".join(message.split())
    short = line if len(line) <= _LABEL_LENGTH else line[: _LABEL_LENGTH - 1] + "…"
    return f"Kimi: Fix “{short}”"
