"""An edit as a patch for people and for `git apply`: files that come, change, move and go."""

from collections.abc import Mapping

from kimi_lsp.edits import CreateFile, DeleteFile, EditFile, EditPlan, FileStep, RenameFile
from kimi_lsp.features import Edited
from kimi_lsp.text import unified

_EMPTY = "e69de29"
"""Git's name of a file without a byte."""


def patch(edited: Edited, path: str, texts: Mapping[str, str]) -> str:
    """Return the whole edit as a patch; `path` is the document's, `texts` holds the files of text that are deleted."""
    if not edited.files:
        return unified(edited.plan.text, edited.plan.apply(), path)
    edits = {step.path: step.plan for step in edited.files if isinstance(step, EditFile)}
    moved = {step.path for step in edited.files if isinstance(step, RenameFile)}
    # The edit of a file that is renamed is told with its renaming.
    told = (step for step in edited.files if not (isinstance(step, EditFile) and step.path in moved))
    return "".join(_part(step, edits, texts) for step in told)


def _part(step: FileStep, edits: Mapping[str, EditPlan], texts: Mapping[str, str]) -> str:
    match step:
        case CreateFile(path, text):
            head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n"
            return head + (_headed("", text, "/dev/null", f"b/{path}") or f"index 0000000..{_EMPTY}\n")
        case EditFile(path, plan):
            return f"diff --git a/{path} b/{path}\n" + unified(plan.text, plan.apply(), path)
        case RenameFile(path, new_path):
            own = edits.get(path)
            head = f"diff --git a/{path} b/{new_path}\n" + ("" if own else "similarity index 100%\n")
            head += f"rename from {path}\nrename to {new_path}\n"
            return head + (_headed(own.text, own.apply(), f"a/{path}", f"b/{new_path}") if own else "")
        case DeleteFile(path):
            head = f"diff --git a/{path} b/{path}\ndeleted file mode 100644\n"
            if path not in texts:
                return f"{head}Binary files a/{path} and /dev/null differ\n"
            body = _headed(texts[path], "", f"a/{path}", "/dev/null")
            return head + (body or f"index {_EMPTY}..0000000\n")


def _headed(before: str, after: str, old: str, new: str) -> str:
    """Return a diff with names of its own in the two lines at its head; empty where nothing changes."""
    diff = unified(before, after, "x")
    return diff and f"--- {old}\n+++ {new}\n{diff.partition('+++ b/x' + chr(10))[2]}"
