"""From an answer to changes of files that may be made: inside the workspace, nothing ignored, nothing in the way.

The plan itself is pure and made in `edits`; here it is held against the disk, which is only looked at.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from kimi_lsp.conversation import Usage
from kimi_lsp.edits import (
    Answer,
    CreateFile,
    DeleteFile,
    EditFile,
    EditPlan,
    FileConflict,
    RenameFile,
    WorkspacePlan,
    plan,
    plan_files,
)
from kimi_lsp.edits.paths import is_protected, normal
from kimi_lsp.features.outcome import Edited
from kimi_lsp.project import files, languages
from kimi_lsp.project.files import FileProblem
from kimi_lsp.project.ignore import is_ignored
from kimi_lsp.project.syntax import Known, SyntaxProblem, look, new_problems, problems
from kimi_lsp.prompt import Target
from kimi_lsp.text import Snapshot, Span
from kimi_lsp.text.twin import twin


@dataclass(frozen=True)
class FileScope:
    """Where files may come, move and go, and which of them the model may edit."""

    root: Path
    """The folder of the workspace from which the paths count that the model is shown."""
    exclude: tuple[str, ...] = ()
    """Globs of the user's, beside the ignore files."""
    shown: Mapping[str, Snapshot] = field(default_factory=dict)
    """Other files that the model was shown, by the path that it knows; may grow while it is asked."""
    homes: Mapping[str, Path] = field(default_factory=dict)
    """For those of them that lie in another folder of the workspace: which that is."""
    operations: frozenset[str] = frozenset(("create", "rename", "delete"))
    """What may be done to whole files."""


def planned(
    target: Target, known: Known, scope: FileScope | None, answer: Answer, label: str, usage: Usage
) -> Edited:
    """Return what an answer comes to; `known` is the syntax of the target's text.

    Without a scope only the target is edited. Call it off the event loop. Raises Refusal.
    """
    if scope is None:
        return _document_only(target, known, answer, label, usage)
    texts = {path: shown.text for path, shown in scope.shown.items()} | {target.path: target.snapshot.text}
    found = plan_files(texts, answer, target.path, lambda path: _exists(scope, path))
    own = found.edit_of(target.path) or EditPlan.of(target.snapshot.text, ())
    own_problems = new_problems(known, replaced(own))
    if all(isinstance(step, EditFile) and step.path == target.path for step in found.changes):
        return Edited(own, label, answer.summary, usage, own_problems)
    digests = _checked(scope, found)
    return Edited(
        own,
        label,
        answer.summary,
        usage,
        own_problems + _problems_elsewhere(found, target),
        found.changes,
        scope.root,
        digests,
        _doubts(scope, found, target),
        {step.path: scope.homes[step.path] for step in found.changes if step.path in scope.homes},
    )


def _document_only(target: Target, known: Known, answer: Answer, label: str, usage: Usage) -> Edited:
    if answer.files:
        first = answer.files[0]
        raise FileConflict(
            f"the model wanted to {first.action} {first.path}, and here only the document may change.",
            f"Only {target.path} may be edited here; no file may be created, renamed or deleted.",
        )
    others = sorted({edit.file for edit in answer.edits} - {target.path, ""})
    if others:
        raise FileConflict(
            f"the model wanted to edit {', '.join(map(_plain, others))}, and here only the document may change.",
            f"Only {target.path} may be edited here.",
        )
    own = plan(target.snapshot.text, answer.edits)
    return Edited(own, label, answer.summary, usage, new_problems(known, replaced(own)))


def replaced(plan: EditPlan) -> list[tuple[Span, str]]:
    """Return the spans of a plan's text that it replaces, and by what."""
    return [(hunk.span, hunk.text) for hunk in plan.hunks]


def _exists(scope: FileScope, path: str) -> bool:
    # A link that leads nowhere is something, too.
    return os.path.lexists(scope.root.joinpath(*path.split("/")))


def _checked(scope: FileScope, found: WorkspacePlan) -> dict[str, str]:
    """Hold a plan against the disk; return the digests of the files to rename and delete. Raises FileConflict."""
    digests = {}
    known: dict[object, str] = {}
    for step in found.changes:
        if not isinstance(step, EditFile):
            _possible(scope, step)
            _allowed(scope, step.path)
        if isinstance(step, RenameFile):
            _allowed(scope, step.new_path)
        if isinstance(step, RenameFile | DeleteFile):
            digests[step.path] = _digest(scope, step.path)
        for path in (step.path, step.new_path) if isinstance(step, RenameFile) else (step.path,):
            one = known.setdefault(_identity(scope, path), path)
            if one != path:
                raise FileConflict(
                    f"{one} and {path} are one file.",
                    f"{one} and {path} are one file; name it only as {one}.",
                )
    return digests


def _possible(scope: FileScope, step: CreateFile | RenameFile | DeleteFile) -> None:
    verb = {CreateFile: "create", RenameFile: "rename", DeleteFile: "delete"}[type(step)]
    if verb not in scope.operations:
        raise FileConflict(
            f"this editor cannot {verb} files for a language server.",
            f"Here files can be edited, but the editor cannot {verb} one; do without it.",
        )
    if step.path in scope.homes:
        raise FileConflict(
            f"{step.path} lies in another folder of the workspace, whose files are only edited.",
            f"{step.path} can only be edited; leave it where it is.",
        )


def _identity(scope: FileScope, path: str) -> object:
    """Return what two names have in common that lead to one file: by a link, or where case does not count."""
    place = _place(scope, path)
    try:
        found = place.stat()
    except OSError:
        return twin(str(files.locate(scope.root, path)))
    return found.st_dev, found.st_ino


def _place(scope: FileScope, path: str) -> Path:
    return scope.homes.get(path, scope.root).joinpath(*path.split("/"))


def _allowed(scope: FileScope, path: str) -> None:
    try:
        real = files.locate(scope.root, path)
    except FileProblem as problem:
        raise FileConflict(_lowered(problem)) from problem
    # A link inside the workspace may lead to where no path that is written out may.
    normal(real.relative_to(scope.root.resolve()).as_posix())
    reason = is_ignored(scope.root.joinpath(*path.split("/")), scope.root, scope.exclude)
    if reason:
        raise FileConflict(f"{reason}, and such files are left alone.")


def _digest(scope: FileScope, path: str) -> str:
    try:
        return files.digest(files.locate(scope.root, path))
    except FileProblem as problem:
        raise FileConflict(_lowered(problem)) from problem


def _lowered(problem: FileProblem) -> str:
    said = str(problem)
    return said.replace("There is", "there is", 1)


def _problems_elsewhere(found: WorkspacePlan, target: Target) -> tuple[SyntaxProblem, ...]:
    """Return the syntax errors that come into other files, each with its file's name."""
    broken = []
    for step in found.changes:
        language = languages.of(PurePosixPath(step.path))
        if isinstance(step, CreateFile):
            new = problems(step.text, language) or ()
        elif isinstance(step, EditFile) and step.path != target.path:
            new = new_problems(look(step.plan.text, language), replaced(step.plan))
        else:
            continue
        broken += [SyntaxProblem(one.line, f"{one.message} (in {step.path})") for one in new]
    return tuple(broken)


def _doubts(scope: FileScope, found: WorkspacePlan, target: Target) -> tuple[str, ...]:
    told = []
    for step in found.changes:
        if isinstance(step, DeleteFile):
            told.append(f"It deletes {step.path}.")
        places = [step.path, step.new_path] if isinstance(step, RenameFile) else [step.path]
        own = isinstance(step, EditFile) and step.path == target.path
        told += [
            f"It touches {path}, which may steer tools."
            for path in places
            if not own and _steers(scope, path)
        ]
    return tuple(told)


def _steers(scope: FileScope, path: str) -> bool:
    home = scope.homes.get(path, scope.root)
    real, base = _place(scope, path).resolve(), home.resolve()
    # What leads out by now is refused where it is to be done.
    return (
        is_protected(path) or not real.is_relative_to(base) or is_protected(real.relative_to(base).as_posix())
    )


def _plain(path: str) -> str:
    """Return a name of the model's as words: what could steer a terminal or turn the text round is an escape."""
    return repr(path)[1:-1]
