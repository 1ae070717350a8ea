"""What a feature gives back, what it tells while it works, and how it fails.

    FeatureError                 str(error) is the sentence that the user reads
    ├── NotSent                  nothing left the machine: the file may not be shown to the model
    ├── NothingProposed          the model answered, without an edit; the sentence is its own summary
    ├── Refused                  the model's edits do not fit the document; nothing was changed
    └── NotUnderstood            the model's answer has not the form that was asked for, even when asked again

A model's failure (`conversation.ModelError`) and a prompt that does not fit (`prompt.PromptError`) pass through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from kimi_lsp.conversation import Usage
from kimi_lsp.edits import EditPlan
from kimi_lsp.project.syntax import SyntaxProblem

PhaseName = Literal["waiting", "thinking", "writing", "checking", "repairing"]


@dataclass(frozen=True, slots=True)
class Phase:
    """Where the work stands."""

    name: PhaseName
    tokens: int = 0
    """Tokens generated so far, reasoning included; estimated from the text's length."""
    note: str = ""
    """Why it waits, or what came so far."""

    def sentence(self) -> str:
        """Return the line that a progress display shows."""
        told = f"{self.name}…"
        if self.tokens:
            told += f" {_short(self.tokens)} tokens"
        return f"{told} – {self.note}" if self.note else told


Report = Callable[[Phase], None]


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation, in Markdown."""

    markdown: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Edited:
    """Edits that fit the snapshot they were asked for; nothing is applied yet."""

    plan: EditPlan
    label: str
    """A few words for the undo list."""
    summary: str
    """One sentence of the model's about what it changed."""
    usage: Usage
    syntax: tuple[SyntaxProblem, ...] = ()
    """Syntax errors that the edit would bring in: it then needs confirmation."""


class FeatureError(Exception):
    """A feature could not do what was asked; `str(error)` is the sentence that the user reads."""

    status: ClassVar[Literal["refused", "failed"]] = "refused"
    """What the user is told it was: a decision not to do it, or a failure to."""

    def __init__(self, sentence: str, usage: Usage | None = None) -> None:
        super().__init__(sentence)
        self.usage = usage or Usage()


class NotSent(FeatureError):
    """The file may not be shown to the model, so it was not asked."""


class NothingProposed(FeatureError):
    """The model found nothing to change, and says why."""


class Refused(FeatureError):
    """The model's edits do not fit the document, even after it was told why."""


class NotUnderstood(FeatureError):
    """The model's answer cannot be read, even after it was told why."""

    status = "failed"


def _short(tokens: int) -> str:
    return f"{tokens / 1000:.1f}k" if tokens >= 1000 else str(tokens)
