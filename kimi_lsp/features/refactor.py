"""Change a selection, or the function around the cursor, as an instruction says."""

from collections.abc import Sequence
from dataclasses import replace

from kimi_lsp.conversation import Media, Model
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.attach import attached
from kimi_lsp.features.file_changes import FileScope
from kimi_lsp.features.outcome import Edited, Report
from kimi_lsp.features.target import file_scope, target
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.features.wanted import Wanted, edit
from kimi_lsp.prompt import Form, Target

_LABEL = "Kimi: Refactor"


def refactoring(asking: Asking) -> Wish:
    """Return what is to be changed. Reads pictures, so call it off the event loop. Raises NotSent."""
    meant = target(asking.source, asking.span)
    media = attached(asking.source, asking.images)
    scope = file_scope(asking.source) if asking.operations or asking.several else None
    if scope is not None:
        scope = replace(scope, operations=asking.operations)
    return _wish(meant, asking.instruction, media, scope)


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
    wish = _wish(target, instruction, tuple(media), scope)
    return await edit(model, Wanted("refactor", wish, tools), report)


def _wish(target: Target, instruction: str, media: tuple[Media, ...], scope: FileScope | None) -> Wish:
    form: Form | None = None
    if scope is not None:
        form = "edits and files" if scope.operations else "edits of files"
    return Wish(target, instruction, media, label=_LABEL, scope=scope, form=form)
