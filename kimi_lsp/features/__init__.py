"""One file for each thing that a user can see: coroutines that take a Model and give back a result.

Nothing here knows LSP, builds a model, prints or writes a file: the editor's server and the terminal do.
"""

from kimi_lsp.features.explain import explain
from kimi_lsp.features.fix import fix
from kimi_lsp.features.outcome import (
    Edited,
    Explained,
    FeatureError,
    NothingProposed,
    NotSent,
    NotUnderstood,
    Phase,
    Refused,
    Report,
)
from kimi_lsp.features.refactor import refactor
from kimi_lsp.features.target import Source, target

__all__ = [
    "Edited",
    "Explained",
    "FeatureError",
    "NotSent",
    "NotUnderstood",
    "NothingProposed",
    "Phase",
    "Refused",
    "Report",
    "Source",
    "explain",
    "fix",
    "refactor",
    "target",
]
