"""All that may be shown beside a document, as wide as the user wants it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kimi_lsp.project.around.callers import callers
from kimi_lsp.project.around.conventions import conventions
from kimi_lsp.project.around.follow import Tongue
from kimi_lsp.project.around.go import GO
from kimi_lsp.project.around.look import look
from kimi_lsp.project.around.opened import opened
from kimi_lsp.project.around.python_imports import PYTHON
from kimi_lsp.project.around.related import related
from kimi_lsp.project.around.rust import RUST
from kimi_lsp.project.around.script import SCRIPT
from kimi_lsp.project.around.shelf import Reach, Shelf
from kimi_lsp.project.around.width import Width
from kimi_lsp.project.workspace import Workspace
from kimi_lsp.text import Diagnostic, Snapshot, Span
from kimi_lsp.text.excerpt import Surroundings

_TONGUES: Mapping[str, Tongue] = {
    "go": GO,
    "javascript": SCRIPT,
    "javascriptreact": SCRIPT,
    "python": PYTHON,
    "rust": RUST,
    "typescript": SCRIPT,
    "typescriptreact": SCRIPT,
}


def surroundings(
    workspace: Workspace | None,
    path: str,
    snapshot: Snapshot,
    span: Span,
    width: Width = "definitions",
    problems: Sequence[Diagnostic] = (),
    reach: Reach | None = None,
) -> Surroundings:
    """Return what is around a part of a document; `path` is as the model is shown it.

    An empty span means all of the document; `problems` are those that are to be fixed. Without a workspace it is what
    the document itself has.
    """
    shelf = Shelf(workspace or Workspace(()), reach or Reach())
    wide = workspace is not None and width != "file"
    tongue = _TONGUES.get(snapshot.language)
    found, names = Surroundings(), tuple[str, ...]()
    if tongue is not None:
        looked = look(shelf if wide else Shelf(Workspace(())), tongue, path, snapshot, _rows(snapshot, span))
        found, names = Surroundings(looked.scopes, looked.used, looked.own), looked.names
    if not wide:
        return found
    found = replace(
        found,
        conventions=conventions(shelf, path, snapshot.language),
        related=related(shelf, path, problems),
    )
    if width in ("callers", "tabs") and workspace is not None and tongue is not None:
        found = replace(found, callers=callers(workspace, tongue, path, snapshot, names))
    if width == "tabs":
        found = replace(found, opened=opened(shelf, path, snapshot.language))
    return found


def _rows(snapshot: Snapshot, span: Span) -> tuple[int, int]:
    lines = snapshot.lines
    if not len(span):
        return 0, len(lines)
    return lines.line_at(span.start), lines.line_at(max(span.start, span.end - 1)) + 1
