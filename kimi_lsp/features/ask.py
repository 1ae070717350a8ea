"""Do what a free instruction on a selection says: the answer is an edit or a text, and the model decides which."""

from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.attach import attached
from kimi_lsp.features.outcome import NotSent
from kimi_lsp.features.target import target


def asking_freely(asking: Asking) -> Wish:
    """Return what is asked for. Reads pictures, so call it off the event loop. Raises NotSent, also without words."""
    if not asking.instruction.strip():
        raise NotSent(
            "Nothing was sent to the model: say in a few words what you want to know or to have changed."
        )
    meant = target(asking.source, asking.span)
    return Wish(meant, asking.instruction, attached(asking.source, asking.images), label="Kimi: Ask")
