"""From an answer about several files to what is done to each of them: all of it, or none and the reason.

Pure: the texts that the model was shown are handed in, as is the question whether a file exists. Whether a path is
safe on the disk, and whether a tool's file may be touched, is decided elsewhere, on the plan that is made here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from kimi_lsp.edits import paths
from kimi_lsp.edits.folded import lines_of
from kimi_lsp.edits.omission import new_marker
from kimi_lsp.edits.plan import EditPlan, plan
from kimi_lsp.edits.proposal import Answer, EditAnswer, FileChange, Proposal
from kimi_lsp.edits.refusal import BadPath, FileConflict, NotShown, Omission
from kimi_lsp.text import split
from kimi_lsp.text.twin import twin


@dataclass(frozen=True, slots=True)
class EditFile:
    """Exact changes of a file that the model was shown; where it is renamed too, by its old name."""

    path: str
    plan: EditPlan


@dataclass(frozen=True, slots=True)
class CreateFile:
    """A new file, in folders that may be new as well."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class RenameFile:
    """Another name or another folder for a file."""

    path: str
    new_path: str


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """A file that goes away."""

    path: str


FileStep: TypeAlias = EditFile | CreateFile | RenameFile | DeleteFile


@dataclass(frozen=True)
class WorkspacePlan:
    """What is done to files, in an order in which it can be done: edits, new files, renames, deletions.

    The target's edit is the first: where somebody typed meanwhile, that is what fails, and some editors ask the
    version of the first change only, or stop at what fails and leave what they did before.
    """

    changes: tuple[FileStep, ...]

    def edit_of(self, path: str) -> EditPlan | None:
        """Return the changes of one file's text, or None where it has none."""
        return next(
            (one.plan for one in self.changes if isinstance(one, EditFile) and one.path == path), None
        )


def _nothing_else(_path: str) -> bool:
    return False


def plan_files(
    texts: Mapping[str, str],
    answer: EditAnswer,
    target: str,
    exists: Callable[[str], bool] = _nothing_else,
) -> WorkspacePlan:
    """Plan a whole answer.

    `texts` are the files that the model was shown, by the paths that it was shown, `target` among them; new files
    take its line ends. `exists` tells of any path whether there is something, the texts aside.
    Raises a Refusal for the first thing that cannot be made exactly; then nothing is.
    """
    files = _Files(texts, target, exists)
    for change in answer.files if isinstance(answer, Answer) else ():
        files.take(change)
    edits = files.by_file(answer.edits)
    created = [CreateFile(path, _edited(text, edits.pop(path, ()))) for path, text in files.created.items()]
    first = sorted(edits, key=lambda path: path != target)
    edited = [EditFile(path, made) for path in first if (made := plan(texts[path], edits[path])).hunks]
    renamed = [RenameFile(path, new_path) for path, new_path in files.renamed.items()]
    return WorkspacePlan((*edited, *created, *renamed, *map(DeleteFile, files.deleted)))


class _Files:
    """The files of one answer by what shall become of them; each path is named once."""

    def __init__(self, texts: Mapping[str, str], target: str, exists: Callable[[str], bool]) -> None:
        self.created: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.deleted: list[str] = []
        self._texts = texts
        self._target = target
        self._exists = exists
        self._end = _line_end(texts[target])
        self._shown = {twin(path) for path in texts}
        self._named: set[str] = set()
        self._new: set[str] = set()

    def take(self, change: FileChange) -> None:
        """Take one change. Raises BadPath, FileConflict and Omission."""
        path = self._named_once(change.path)
        if change.action == "create":
            self._create(path, change.text or "")
            return
        if path not in self._texts and twin(path) in self._shown:
            raise FileConflict(f"{path} differs only in case from a file that the model was shown.")
        if path not in self._texts and not self._exists(path):
            raise FileConflict(f"there is no file {path} to {change.action}.")
        if change.action == "delete":
            self.deleted.append(path)
        else:
            new_path = self._named_once(change.new_path or "")
            self._is_free(new_path)
            self.renamed[path] = new_path

    def by_file(self, proposals: Iterable[Proposal]) -> dict[str, list[Proposal]]:
        """Return the edits by the file that they are about. Raises NotShown, FileConflict, BadPath, Omission."""
        found: dict[str, list[Proposal]] = {}
        unseen: list[str] = []
        old_names = {new_path: path for path, new_path in self.renamed.items()}
        for proposal in proposals:
            path = self._meant(proposal.file)
            path = old_names.get(path, path)
            if path in self.deleted:
                raise FileConflict(f"the answer deletes {path} and edits it too.")
            if path in self._texts or path in self.created:
                found.setdefault(path, []).append(proposal)
            elif not proposal.search.strip() and not self._exists(path):
                self._create(self._named_once(proposal.file), proposal.replace)
            else:
                unseen.append(path)
        if unseen:
            raise NotShown(sorted(set(unseen)), sorted(self._texts))
        return found

    def _meant(self, file: str) -> str:
        if not file:
            return self._target
        if file in self._texts:
            return file
        try:
            return paths.normal(file)
        except BadPath:
            return file

    def _create(self, path: str, text: str) -> None:
        self._is_free(path)
        if marker := new_marker((), lines_of(text)):
            raise Omission(marker, path)
        self.created[path] = "".join(
            line.rstrip("\r\n") + self._end if line.endswith(("\r", "\n")) else line for line in split(text)
        )

    def _named_once(self, path: str) -> str:
        path = paths.normal(path)
        if twin(path) in self._named:
            raise FileConflict(
                f"the answer names {path} twice among the files to create, rename and delete.",
                f"{path} is named twice among the files; name each path once. To rewrite a file, edit it.",
            )
        self._named.add(twin(path))
        return path

    def _is_free(self, path: str) -> None:
        """Check that nothing has a new file's name, nor a file the name of one of its folders."""
        if twin(path) in self._shown or self._exists(path):
            raise FileConflict(
                f"{path} exists already.", f"{path} exists already; edit it, or take another name."
            )
        *above, _ = accumulate(twin(path).split("/"), lambda folder, part: f"{folder}/{part}")
        files = self._new | self._shown
        if any(folder in files for folder in above):
            raise FileConflict(f"{path} cannot lie inside a file.")
        if any(other.startswith(f"{twin(path)}/") for other in files):
            raise FileConflict(f"{path} is the name of a folder.")
        self._new.add(twin(path))


def _edited(text: str, proposals: Iterable[Proposal]) -> str:
    found = list(proposals)
    return plan(text, found).apply() if found else text


def _line_end(text: str) -> str:
    r"""Return the line end that most lines have; `\n` where none is ahead."""
    windows = text.count("\r\n")
    counts = {"\n": text.count("\n") - windows, "\r\n": windows, "\r": text.count("\r") - windows}
    return max(counts, key=lambda end: counts[end])
