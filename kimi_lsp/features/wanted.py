"""What the user wants of the model, as one value, and the request that it becomes; for who wants to see it before."""

from dataclasses import dataclass, replace

from kimi_lsp import prompt
from kimi_lsp.features.file_changes import FileScope
from kimi_lsp.features.implement import Wish
from kimi_lsp.features.reading import offered
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.prompt import Kind, Prompt, Target
from kimi_lsp.text import Diagnostic


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a request is made of."""

    kind: Kind
    wish: Wish
    problems: tuple[Diagnostic, ...] = ()
    scope: FileScope | None = None
    tools: Toolbox | None = None

    @property
    def target(self) -> Target:
        """What it is about."""
        return self.wish.target

    def counted(self, ratio: float) -> "Wanted":
        """Return the same with the learned ratio of counted to estimated tokens."""
        return replace(self, wish=replace(self.wish, target=replace(self.target, ratio=ratio)))


def request(wanted: Wanted) -> Prompt:
    """Return what the feature of that name would send first. Raises prompt.PromptError."""
    target, media, instruction = wanted.target, wanted.wish.media, wanted.wish.instruction
    match wanted.kind:
        case "explain":
            asked = prompt.explain(target, media)
        case "refactor":
            asked = prompt.refactor(target, instruction, files=wanted.scope is not None, media=media)
        case "implement":
            asked = prompt.implement(target, instruction, media)
        case "fix":
            asked = prompt.fix(target, wanted.problems)
    return offered(asked, wanted.tools, target.budget)[0]
