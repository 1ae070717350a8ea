"""An edit as LSP's `WorkspaceEdit`, in the richest form that the client takes.

The order of the parts is kept, each new file followed by its text. Edits use the old names and come before renames:
some clients edit a file of the old name into being where its rename came first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lsprotocol import types

from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.text import harmless

_ID = "kimi"
_START = types.Range(types.Position(0, 0), types.Position(0, 0))


@dataclass(frozen=True, slots=True)
class TextPart:
    """Edits of one document; `version` is None for one that no editor has open."""

    uri: str
    version: int | None
    edits: Sequence[types.TextEdit]


@dataclass(frozen=True, slots=True)
class CreatePart:
    """A new file with its text."""

    uri: str
    text: str


@dataclass(frozen=True, slots=True)
class RenamePart:
    """A file's new name."""

    uri: str
    new_uri: str


@dataclass(frozen=True, slots=True)
class DeletePart:
    """A file that goes away."""

    uri: str


Part: TypeAlias = TextPart | CreatePart | RenamePart | DeletePart

_Change: TypeAlias = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


def workspace_edit(
    profile: ClientProfile, parts: Sequence[Part], label: str, summary: str, *, asks: bool
) -> types.WorkspaceEdit:
    """Put parts together, in the order given. Without `documentChanges` only edits of texts may be among them."""
    if not profile.document_changes:
        texts = [part for part in parts if isinstance(part, TextPart)]
        return types.WorkspaceEdit(changes={part.uri: list(part.edits) for part in texts})
    mark = _ID if profile.change_annotations else None
    changes = [change for part in parts for change in _changes(profile, part, mark)]
    if mark is None:
        return types.WorkspaceEdit(document_changes=changes)
    annotation = types.ChangeAnnotation(
        label=harmless.message(label),
        description=harmless.message(summary) or None,
        needs_confirmation=asks,
    )
    return types.WorkspaceEdit(document_changes=changes, change_annotations={mark: annotation})


def _changes(profile: ClientProfile, part: Part, mark: str | None) -> list[_Change]:
    """Turn one part into changes.

    `options` are left out, which means neither to overwrite nor to ignore: some clients take a `false` for a yes.
    """
    match part:
        case TextPart(uri, version, edits):
            return [_text(uri, version, edits, mark)]
        case CreatePart(uri, text):
            if profile.ends_new_files:
                text = text.removesuffix("\n").removesuffix("\r")
            made: list[_Change] = [types.CreateFile(uri=uri, annotation_id=mark)]
            return [*made, _text(uri, None, [types.TextEdit(_START, text)], mark)] if text else made
        case RenamePart(uri, new_uri):
            return [types.RenameFile(old_uri=uri, new_uri=new_uri, annotation_id=mark)]
        case DeletePart(uri):
            return [types.DeleteFile(uri=uri, annotation_id=mark)]


def _text(
    uri: str, version: int | None, edits: Sequence[types.TextEdit], mark: str | None
) -> types.TextDocumentEdit:
    identity = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    if mark is None:
        return types.TextDocumentEdit(text_document=identity, edits=list(edits))
    marked = [
        types.AnnotatedTextEdit(range=edit.range, new_text=edit.new_text, annotation_id=mark)
        for edit in edits
    ]
    return types.TextDocumentEdit(text_document=identity, edits=list(marked))
