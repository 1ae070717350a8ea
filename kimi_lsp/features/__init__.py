"""One file for each thing that a user can see: coroutines that take a Model and give back a result.

Nothing here knows LSP, builds a model, prints or writes a file: the editor's server and the terminal do.
"""

from kimi_lsp.features.alternatives import choices, ways
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.attach import attached
from kimi_lsp.features.check import check
from kimi_lsp.features.commit_message import CommitMessage, Repository, commit_message, commit_prompt
from kimi_lsp.features.explain import explain
from kimi_lsp.features.file_changes import FileScope
from kimi_lsp.features.find import find
from kimi_lsp.features.fix import fix
from kimi_lsp.features.implement import implement, wish
from kimi_lsp.features.notebook import with_cells
from kimi_lsp.features.outcome import (
    Edited,
    EndlessReading,
    Explained,
    FeatureError,
    NothingProposed,
    NotSent,
    NotUnderstood,
    Partial,
    Phase,
    Refused,
    Report,
)
from kimi_lsp.features.refactor import refactor
from kimi_lsp.features.review import Reviewed, Suggestion, review, uncommitted
from kimi_lsp.features.show import Service, described
from kimi_lsp.features.table import FEATURES, Feature
from kimi_lsp.features.target import Source, file_scope, target
from kimi_lsp.features.tools import Toolbox, toolbox
from kimi_lsp.features.wanted import Wanted, perform, request
from kimi_lsp.features.wished import wished

__all__ = [
    "FEATURES",
    "Asking",
    "CommitMessage",
    "Edited",
    "EndlessReading",
    "Explained",
    "Feature",
    "FeatureError",
    "FileScope",
    "NotSent",
    "NotUnderstood",
    "NothingProposed",
    "Partial",
    "Phase",
    "Refused",
    "Report",
    "Repository",
    "Reviewed",
    "Service",
    "Source",
    "Suggestion",
    "Toolbox",
    "Wanted",
    "Wish",
    "attached",
    "check",
    "choices",
    "commit_message",
    "commit_prompt",
    "described",
    "explain",
    "file_scope",
    "find",
    "fix",
    "implement",
    "perform",
    "refactor",
    "request",
    "review",
    "target",
    "toolbox",
    "uncommitted",
    "ways",
    "wish",
    "wished",
    "with_cells",
]
