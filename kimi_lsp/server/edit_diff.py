"""An edit as a text to read: one diff for each file that it changes. It is shown to people; nothing is applied from it."""

from collections.abc import Sequence

from kimi_lsp.edits import CreateFile, DeleteFile, EditFile, FileStep, RenameFile
from kimi_lsp.features import Edited
from kimi_lsp.text import harmless, unified


def diff(edited: Edited) -> str:
    """Return what an edit changes in all files, in the form that `git diff` has, with nothing invisible in it.

    It compares whole texts, so call it off the event loop.
    """
    own = next((edit.file for edit in edited.plan.edits if edit.file), "document")
    steps: Sequence[FileStep] = edited.files or (EditFile(own, edited.plan),)
    return harmless.visible("".join(map(_step, steps)))


def _step(step: FileStep) -> str:
    match step:
        case EditFile(path, plan):
            return unified(plan.text, plan.apply(), path)
        case CreateFile(path, text):
            return f"diff --git a/{path} b/{path}\nnew file\n{unified('', text, path)}"
        case RenameFile(path, new_path):
            return f"diff --git a/{path} b/{new_path}\nrename from {path}\nrename to {new_path}\n"
        case DeleteFile(path):
            return f"diff --git a/{path} b/{path}\ndeleted file\n"
