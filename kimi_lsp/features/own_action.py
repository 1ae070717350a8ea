"""Do what a user's own action says: its prompt with the placeholders filled in is the instruction.

The selected text is material and never an order: a placeholder for it names its lines, and the text itself is shown
where it always is.
"""

from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.attach import attached
from kimi_lsp.features.outcome import NotSent
from kimi_lsp.features.target import target, whole
from kimi_lsp.project.own_actions import OwnAction
from kimi_lsp.prompt import Target
from kimi_lsp.prompt.context import lines_of


def acting(asking: Asking) -> Wish:
    """Return what an own action wants. Reads pictures, so call it off the event loop. Raises NotSent."""
    action = asking.action
    if action is None:
        raise NotSent("Nothing was sent to the model: there is no action of this name in your settings.")
    source = asking.source
    if not action.fits(source.snapshot.language):
        raise NotSent(
            f"Nothing was sent to the model: the action {action.name} is for {', '.join(action.languages)}."
        )
    meant = target(source, asking.span) if action.context == "selection" else whole(source)
    return Wish(
        meant,
        action.rendered(_values(action, meant, asking)),
        attached(source, asking.images),
        label=f"Kimi: {action.title}",
        form="text" if action.output == "text" else "edits",
    )


def _values(action: OwnAction, meant: Target, asking: Asking) -> dict[str, str]:
    first, last = lines_of(meant)
    here = f"the selection (lines {first + 1} to {last})" if len(meant.span) else "the file"
    words = asking.instruction.strip()
    if action.wants_words and not words:
        raise NotSent(f"Nothing was sent to the model: say in a few words what “{action.title}” shall do.")
    return {
        "selection": here,
        "file": meant.path,
        "language": meant.snapshot.language,
        "instruction": words,
        "line": str(first + 1),
    }
