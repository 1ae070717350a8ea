"""Change a selection, or the function around the cursor, as an instruction says."""

from collections.abc import Sequence

from kimi_lsp import prompt
from kimi_lsp.conversation import Media, Model
from kimi_lsp.features.attach import telling
from kimi_lsp.features.file_changes import FileScope
from kimi_lsp.features.outcome import Edited, Report
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.features.turn import propose
from kimi_lsp.prompt import Target


async def refactor(
    model: Model,
    target: Target,
    instruction: str,
    report: Report,
    scope: FileScope | None = None,
    media: Sequence[Media] = (),
    tools: Toolbox | None = None,
) -> Edited:
    """Return edits that follow the instruction; an empty one asks for clearer code with the same behaviour.

    With a scope, files in it may come, move and go; with tools the model may look into the project first, and edit
    the files of the scope that it reads.
    Raises NothingProposed, Refused, NotUnderstood, EndlessReading, conversation.ModelError and prompt.PromptError.
    """
    asked = prompt.refactor(target, instruction, files=scope is not None, media=media)
    return await propose(model, asked, target, "Kimi: Refactor", telling(report, media), scope, tools)
