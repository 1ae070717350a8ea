"""From what a person asks to what the model is to be asked: each feature turns an Asking into a Wish. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kimi_lsp.conversation import Media
from kimi_lsp.features.file_changes import FileScope
from kimi_lsp.features.target import Source
from kimi_lsp.features.turn import Judge
from kimi_lsp.project.own_actions import OwnAction
from kimi_lsp.prompt import Form, Section, Target
from kimi_lsp.text import Diagnostic, Snapshot, Span
from kimi_lsp.text.excerpt import NOTHING, Surroundings


@dataclass(frozen=True)
class Asking:
    """What a person asks for: a place, and what was said of it."""

    source: Source
    span: Span
    instruction: str = ""
    images: Sequence[str] = ()
    """Paths of pictures and films."""
    problems: tuple[Diagnostic, ...] = ()
    operations: frozenset[str] = frozenset()
    """Of `create`, `rename` and `delete`, what may be done to whole files."""
    several: bool = False
    """Whether one edit may change several files, also where nothing may be done to whole ones."""
    opened: Mapping[Path, Snapshot] = field(default_factory=dict)
    """What the editor has open, by file."""
    committed: str | None = None
    """For a review of what is not committed yet: the text that is."""
    action: OwnAction | None = None
    """For a user's own action: which it is."""


@dataclass(frozen=True)
class Wish:
    """What is wanted of the model, and where."""

    target: Target
    instruction: str = ""
    """The user's own words, and those of comments at the place."""
    media: tuple[Media, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    label: str = "Kimi"
    """A few words for the undo list."""
    scope: FileScope | None = None
    """Where files may come, move and go."""
    more: tuple[Section, ...] = ()
    """What else the model is shown."""
    judge: Judge | None = None
    """Whether edits are what was asked for."""
    form: Form | None = None
    """What the answer is, where it is not what the task's usually is."""
    around: Surroundings = NOTHING
    """What may be shown beside the document."""
    way: str = ""
    """Added to the instruction, where several answers are wanted."""
