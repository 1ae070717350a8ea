"""What an action is about: the document, the part of it that is meant, and whether it may be shown at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kimi_lsp.features.file_changes import FileScope
from kimi_lsp.features.outcome import NotSent
from kimi_lsp.project.around.width import Width
from kimi_lsp.project.files import inside, relative_path
from kimi_lsp.project.ignore import is_ignored
from kimi_lsp.project.outline import enclosing
from kimi_lsp.prompt import Target
from kimi_lsp.text import Snapshot, Span


@dataclass(frozen=True, slots=True)
class Source:
    """A document as its owner (an editor or the terminal) holds it."""

    snapshot: Snapshot
    path: Path | None
    """The file on disk; None for a buffer that has none."""
    roots: tuple[Path, ...] = ()
    """The workspace's folders."""
    exclude: tuple[str, ...] = ()
    """Globs of the user's, beside the ignore files."""
    context_tokens: int = 64_000
    """Tokens that one request may be, estimated."""
    max_tokens: int = 16_384
    """Tokens that the answer may be, reasoning included."""
    web_search: bool = False
    """Whether the model may search the web, which costs extra."""
    notebook: Path | None = None
    """For a cell: the file of its notebook."""
    context: Width = "definitions"
    """How much beside the document may be shown."""


def target(source: Source, span: Span) -> Target:
    """Return what the action is about. An empty span means the function or class around it, where there is one.

    Raises NotSent where an ignore file, the settings or the file's own name forbid showing it.
    """
    file = source.path or source.notebook
    if file is None:
        return _target(source, span, source.snapshot.uri.rpartition(":")[2] or "untitled")
    root = _root(file, source.roots)
    reason = is_ignored(file, root, source.exclude)
    if reason:
        raise NotSent(f"Nothing was sent to the model: {reason}.")
    name = relative_path(file, (root,))
    return _target(source, span, f"{name}#cell" if source.path is None else name)


def whole(source: Source) -> Target:
    """Return a whole document as what the action is about. Raises NotSent as `target` does."""
    return replace(target(source, Span(0, len(source.snapshot.text))), span=Span(0, 0))


def file_scope(source: Source) -> FileScope | None:
    """Return where files may come, move and go, or None for a document that lies in no folder of the workspace."""
    if source.path is None or inside(source.path, source.roots) is None:
        return None
    return FileScope(_root(source.path, source.roots), source.exclude)


def _target(source: Source, span: Span, shown_as: str) -> Target:
    meant = _meant(source.snapshot, span)
    return Target(
        source.snapshot, meant, shown_as, source.context_tokens, source.max_tokens, source.web_search
    )


def _root(path: Path, roots: Sequence[Path]) -> Path:
    return next((root for root in roots if inside(path, (root,))), path.parent)


def _meant(snapshot: Snapshot, span: Span) -> Span:
    if len(span):
        return span
    scope = enclosing(snapshot.text, snapshot.language, span)
    return scope.span if scope else span
