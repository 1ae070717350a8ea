"""An edit written to the disk by the terminal: one file in one step, or several of them all or not at all."""

import hashlib
from pathlib import Path

from kimi_lsp.edits import CreateFile, DeleteFile, EditFile, FileStep, RenameFile
from kimi_lsp.features import Edited
from kimi_lsp.project import files, write_all


def doubts(edited: Edited) -> list[str]:
    """Return the sentences for which `--force` is needed."""
    told = list(edited.doubts)
    if edited.syntax:
        found = edited.syntax[0]
        told.insert(0, f"This edit brings a syntax error at line {found.line}: {found.message}.")
    return told


def write(edited: Edited, path: Path, name: str) -> str:
    """Write an edit; `path` is the document's, `name` the one that it is known by. Return what was done.

    Raises FileProblem; every file is then as it was, or the sentence says which is not.
    """
    if edited.files and edited.root is not None:
        root = edited.root
        write_all.write_all([_change(edited, step, root) for step in edited.files])
        return "All of it was written."
    before, after = edited.plan.text, edited.plan.apply()
    if after == before:
        return ""
    files.write_text_atomically(path, after, expected=before)
    return f"{name} was written."


def _change(edited: Edited, step: FileStep, root: Path) -> write_all.Change:
    match step:
        case CreateFile(path, text):
            return write_all.Create(files.locate(root, path), text)
        case EditFile(path, plan):
            # A link inside of the workspace stays one.
            expected = hashlib.sha256(plan.text.encode()).hexdigest()
            return write_all.Write(files.followed(root, path), plan.apply(), expected)
        case RenameFile(path, new_path):
            return write_all.Rename(
                files.locate(root, path), files.locate(root, new_path), edited.digests[path]
            )
        case DeleteFile(path):
            return write_all.Delete(files.locate(root, path), edited.digests[path])
