"""What a feature gives back, what it tells while it works, and how it fails.

    FeatureError                 str(error) is the sentence that the user reads
    ├── NotSent                  nothing left the machine: the file may not be shown to the model
    ├── NothingProposed          the model answered, without an edit; the sentence is its own summary
    ├── Refused                  the model's edits do not fit the document; nothing was changed
    ├── NotUnderstood            the model's answer has not the form that was asked for, even when asked again
    └── EndlessReading           the model went on looking through the project instead of answering

A model's failure (`conversation.ModelError`) and a prompt that does not fit (`prompt.PromptError`) pass through.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from kimi_lsp.conversation import Model, Usage
from kimi_lsp.edits import EditPlan, FileStep
from kimi_lsp.features.by_file import told_by_file
from kimi_lsp.project.syntax import SyntaxProblem

PhaseName = Literal["waiting", "thinking", "reading", "writing", "checking", "repairing"]


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
class Partial:
    """How much of an answer an edit is, where it is not all of it."""

    count: int
    """Edits that fit."""
    of: int
    """Edits of the answer."""
    sentence: str
    """Both numbers, and why the rest does not fit."""


@dataclass(frozen=True, slots=True)
class Edited:
    """Edits that fit the snapshot they were asked for; nothing is applied yet."""

    plan: EditPlan
    """Of the document that was asked about; without hunks where only other files change."""
    label: str
    """A few words for the undo list."""
    summary: str
    """One sentence of the model's about what it changed."""
    usage: Usage
    syntax: tuple[SyntaxProblem, ...] = ()
    """Syntax errors that the edit would bring in: it then needs confirmation."""
    files: tuple[FileStep, ...] = ()
    """What is done to files, the document's own edit among it, in the order in which it must be done; empty where
    the edit is one of the document alone."""
    root: Path | None = None
    """The folder from which the paths of `files` count."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the files to rename and delete, as they were when this was planned."""
    doubts: tuple[str, ...] = ()
    """Sentences about what is never done without the user's word, whatever the settings say."""
    homes: Mapping[str, Path] = field(default_factory=dict)
    """For those paths of `files` that lie in another folder of the workspace: which that is."""
    again: "Again | None" = field(default=None, compare=False, repr=False)
    """Asks for another answer, in the same conversation; None where there is none to continue."""
    partial: Partial | None = None
    """Where this is not the whole answer: how much of it."""
    others: "tuple[Edited, ...]" = ()
    """Other answers to the same wish, where the user wants to choose."""
    besides: Usage = field(default_factory=Usage)
    """What was paid for answers that are not among them."""

    @property
    def paid(self) -> Usage:
        """What was paid for all answers together."""
        return sum((one.usage for one in self.others), self.usage + self.besides)

    def told(self) -> str:
        """Return what becomes of each file, as in `a.py: 3 changes; b.py: new file, 1 line.`

        Empty where only the document changes.
        """
        return told_by_file(self.files)

    def home(self, path: str) -> Path:
        """Return the folder from which a path of `files` counts."""
        return self.homes.get(path, self.root or Path())

    def place(self, path: str) -> Path:
        """Return where a file of `files` lies, in the editor's own spelling: no link is followed."""
        return self.home(path).joinpath(*path.split("/"))


Again = Callable[[Model, str, Report], Awaitable[Edited | Explained]]
"""Given a model, what the user says of the answer, and a way to report; it raises what the first asking raises."""


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

    def __init__(self, sentence: str, usage: Usage | None = None, fitting: Edited | None = None) -> None:
        super().__init__(sentence, usage)
        self.fitting = fitting
        """The edits of the last answer that do fit, if the user wants them; never applied unasked."""


class NotUnderstood(FeatureError):
    """The model's answer cannot be read, even after it was told why."""

    status = "failed"


class EndlessReading(FeatureError):
    """The model went on asking for files after it was told to answer; it was stopped."""

    status = "failed"

    def __init__(self, calls: int, usage: Usage | None = None) -> None:
        super().__init__(
            f"The model was stopped: it looked into the project {calls} times and still gave no answer. "
            "Nothing was changed; select less, or say more exactly what you want.",
            usage,
        )


def _short(tokens: int) -> str:
    return f"{tokens / 1000:.1f}k" if tokens >= 1000 else str(tokens)
