"""From what a model proposed to exact edits: located loosely, changed strictly, or refused with a reason.

Pure: no disk, no clock, no socket. Offsets count code points of the text; encodings are the server's business.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from kimi_lsp.edits.fitting import Fitting, fitting
from kimi_lsp.edits.plan import EditPlan, Hunk, plan
from kimi_lsp.edits.proposal import (
    Answer,
    AnswerReader,
    EditAnswer,
    EitherAnswer,
    FileChange,
    FilesAnswer,
    NamesAnswer,
    NewName,
    Proposal,
    ReviewAnswer,
    Suggested,
)
from kimi_lsp.edits.rebase import rebase, rebase_text
from kimi_lsp.edits.refusal import (
    AlreadyThere,
    Ambiguous,
    BadPath,
    Beyond,
    ChangedMeanwhile,
    Differs,
    EmptySearch,
    FileConflict,
    NotAdjacent,
    NotAnAnswer,
    NotFound,
    NotShown,
    Omission,
    Overlap,
    Refusal,
    UnclearIndentation,
    Unfinished,
    Wrapped,
)
from kimi_lsp.edits.workspace import (
    CreateFile,
    DeleteFile,
    EditFile,
    FileStep,
    RenameFile,
    WorkspacePlan,
    plan_files,
)

__all__ = [
    "AlreadyThere",
    "Ambiguous",
    "Answer",
    "AnswerReader",
    "BadPath",
    "Beyond",
    "ChangedMeanwhile",
    "CreateFile",
    "DeleteFile",
    "Differs",
    "EditAnswer",
    "EditFile",
    "EditPlan",
    "EitherAnswer",
    "EmptySearch",
    "FileChange",
    "FileConflict",
    "FileStep",
    "FilesAnswer",
    "Fitting",
    "Hunk",
    "NamesAnswer",
    "NewName",
    "NotAdjacent",
    "NotAnAnswer",
    "NotFound",
    "NotShown",
    "Omission",
    "Overlap",
    "Proposal",
    "Refusal",
    "RenameFile",
    "ReviewAnswer",
    "Suggested",
    "UnclearIndentation",
    "Unfinished",
    "WorkspacePlan",
    "Wrapped",
    "apply",
    "fitting",
    "plan",
    "plan_files",
    "rebase",
    "rebase_text",
]


def apply(text: str, edits: Sequence[Mapping[str, Any]], base: str | None = None) -> str:
    """Return a text with edits made, each an object with `search`, `replace` and perhaps `line` and `file`.

    `base` is the text that the model saw, where the text has changed since. Raises Refusal itself, never a leaf, so
    that other programs need one name only; `kind` tells which it was, and the leaf is its cause.
    """
    try:
        proposals = _proposals(edits)
        if base is None:
            return plan(text, proposals).apply()
        return rebase_text(plan(base, proposals), text).apply()
    except Refusal as leaf:
        raise Refusal.like(leaf) from leaf


def _proposals(edits: Sequence[Mapping[str, Any]]) -> list[Proposal]:
    try:
        return [Proposal.model_validate({"file": "", **edit}) for edit in edits]
    except ValidationError as error:
        raise NotAnAnswer(f"an edit has the wrong shape: {error.errors()[0]['msg']}") from error
