"""Write tests, in the file where the language's conventions have them: a new one, or one that is there already."""

from pathlib import Path

from kimi_lsp.edits import Answer, Beyond, CreateFile, EditFile
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.file_changes import FileScope
from kimi_lsp.features.outcome import Edited, NotSent
from kimi_lsp.features.target import file_scope, target
from kimi_lsp.features.turn import Judge
from kimi_lsp.project import files, languages
from kimi_lsp.project.file_problem import FileProblem
from kimi_lsp.project.ignore import is_ignored
from kimi_lsp.project.tests_of import PlaceForTests, tests_of
from kimi_lsp.prompt import Section, Target, estimate, usual
from kimi_lsp.text import Snapshot, split

_SHARE = 3
"""A file of tests may take one part in this many of the request; of a larger one both ends are shown."""
_ENDS = 80
"""Lines of each end."""
_EXAMPLE = 60
"""Lines of another file of tests, which show the project's way."""


def writing_tests(asking: Asking) -> Wish:
    """Return what is to be tested, and where the tests go. Reads files, so call it off the event loop.

    Raises NotSent where they have no place: a document that is no file of the workspace, a language whose
    conventions are not known, an editor that cannot create files, an ignored file of tests.
    """
    source = asking.source
    meant = target(source, asking.span)
    scope = file_scope(source)
    if source.notebook is not None:
        raise NotSent(
            "Nothing was sent to the model: it is not known where tests of a notebook's cell go; ask for them with kimi.ask."
        )
    if scope is None or source.path is None:
        raise NotSent(
            "Nothing was sent to the model: tests go into a file of their own, and this document lies in no folder of "
            "the workspace. Save it there first."
        )
    language = source.snapshot.language or languages.of(source.path)
    place = tests_of(scope.root, meant.path, language)
    if place is None:
        raise NotSent(
            f"Nothing was sent to the model: it is not known here where tests of {language or 'this language'} go; "
            "ask for them with kimi.ask."
        )
    if not place.exists and "create" not in asking.operations:
        raise NotSent(
            f"Nothing was sent to the model: {place.path} is not there yet, and this editor cannot create files for a "
            "language server."
        )
    shown = _snapshot(asking, scope, place.path) if place.exists and place.path != meant.path else None
    wish = "\n\n".join(part for part in (asking.instruction.strip(), usual.tests(language)) if part)
    return Wish(
        meant,
        wish,
        label="Kimi: Write tests",
        scope=FileScope(scope.root, scope.exclude, {} if shown is None else {place.path: shown}),
        more=_sections(asking, scope, place, meant, shown),
        judge=_in(place.path, meant.path),
        form="edits and files",
    )


def _snapshot(asking: Asking, scope: FileScope, path: str) -> Snapshot:
    """Return a file as the editor has it, else as the disk does. Raises NotSent."""
    file = scope.root.joinpath(*path.split("/"))
    reason = is_ignored(file, scope.root, scope.exclude)
    if reason:
        raise NotSent(f"Nothing was sent to the model: {reason}, and the tests go there.")
    try:
        real = files.locate(scope.root, path)
        opened = next((one for at, one in asking.opened.items() if _is_same(at, real)), None)
        return opened or Snapshot(file.as_uri(), None, languages.of(file), files.read_text(real))
    except FileProblem as problem:
        raise NotSent(f"{problem} Nothing was sent to the model.") from problem


def _is_same(one: Path, real: Path) -> bool:
    return one == real or one.resolve() == real


def _sections(
    asking: Asking, scope: FileScope, place: PlaceForTests, meant: Target, shown: Snapshot | None
) -> tuple[Section, ...]:
    if place.path == meant.path:
        return (("tests", (("path", place.path),), "They go into the file above, where its tests are."),)
    if shown is None:
        new: Section = ("tests", (("path", place.path),), "This file is not there yet: create it.")
        return (new, *_example(asking, scope, place))
    named = (("path", place.path), ("language", shown.language))
    if estimate(shown.text) * _SHARE <= meant.budget:
        return (("tests", named, shown.text),)
    lines = split(shown.text)
    last = max(_ENDS, len(lines) - _ENDS)
    parts = ((0, min(_ENDS, len(lines))), (last, len(lines)))
    return tuple(
        ("tests", (*named, ("part", f"lines {first + 1}-{end}")), "".join(lines[first:end]))
        for first, end in parts
    )


def _example(asking: Asking, scope: FileScope, place: PlaceForTests) -> tuple[Section, ...]:
    if not place.example:
        return ()
    try:
        text = _snapshot(asking, scope, place.example).text
    except NotSent:
        return ()
    return (("example", (("path", place.example),), "".join(split(text)[:_EXAMPLE])),)


def _in(tests: str, tested: str) -> Judge:
    """Return what holds an answer to the file of tests alone."""

    def judge(edited: Edited, _answer: Answer) -> None:
        steps = edited.files or (EditFile(tested, edited.plan),)
        others = sorted(
            {step.path for step in steps if step.path != tests or not isinstance(step, CreateFile | EditFile)}
        )
        if others:
            raise Beyond(
                f"the answer changes {', '.join(others)}, and only {tests} was to be written.",
                f"Only {tests} may be created or edited here; {', '.join(others)} must stay as it is.",
            )

    return judge
