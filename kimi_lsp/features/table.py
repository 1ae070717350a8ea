"""All features that ask the model about a document, one a row: their titles, and how what is asked becomes a Wish.

Whoever offers features (the editor's commands, the terminal, `kimi.showRequest`) goes by this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kimi_lsp.features.ask import asking_freely
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.do_comment import doing_comments
from kimi_lsp.features.document import documenting
from kimi_lsp.features.explain import explaining
from kimi_lsp.features.fix import fixing, fixing_all
from kimi_lsp.features.implement import implementing
from kimi_lsp.features.own_action import acting
from kimi_lsp.features.refactor import refactoring
from kimi_lsp.features.rename_better import renaming
from kimi_lsp.features.review import reviewing
from kimi_lsp.features.write_tests import writing_tests
from kimi_lsp.prompt import Kind


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature."""

    title: str
    """As the progress and the undo list call it."""
    wish: Callable[[Asking], Wish]
    """May read files, so it is called off the event loop. Raises FeatureError and project.files.FileProblem."""
    checked: bool = False
    """Whether the tools that reported the problems look at the edit again."""


FEATURES: Mapping[Kind, Feature] = {
    "explain": Feature("Kimi: Explain", explaining),
    "refactor": Feature("Kimi: Refactor", refactoring),
    "implement": Feature("Kimi: Implement", implementing),
    "fix": Feature("Kimi: Fix", fixing, checked=True),
    "fixAll": Feature("Kimi: Fix all", fixing_all, checked=True),
    "document": Feature("Kimi: Document", documenting),
    "ask": Feature("Kimi: Ask", asking_freely),
    "doComment": Feature("Kimi: Do comment", doing_comments),
    "renameBetter": Feature("Kimi: Better names", renaming),
    "action": Feature("Kimi: Own action", acting),
    "writeTests": Feature("Kimi: Write tests", writing_tests),
    "review": Feature("Kimi: Review", reviewing),
}
