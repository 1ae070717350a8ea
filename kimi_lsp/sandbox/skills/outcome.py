"""What the sandbox asks of a skill, and what a skill comes back with."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.reader import Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """Changed lines with a sentence on what they do, or no lines with the reason why not."""

    said: str
    changes: tuple[LineChange, ...] = ()
    more: Mapping[str, object] = field(default_factory=dict)
    """What else the answer holds: names, files, edits of another file."""


class Repair(Protocol):
    """A module that fixes problems of one sort."""

    SUBJECT: str

    def concerns(self, problem: Problem) -> bool:
        """Tell whether a problem is of that sort."""
        ...

    def repair(self, document: Document, problems: Sequence[Problem]) -> Outcome:
        """Fix what of the problems can be fixed."""
        ...


class Rework(Protocol):
    """A module that does one refactoring."""

    SUBJECT: str
    WORDS: re.Pattern[str]
    """What an instruction says that means this refactoring."""

    def rework(self, document: Document, selection: tuple[int, int] | None, instruction: str, /) -> Outcome:
        """Refactor what is selected, or the first place that allows it."""
        ...
