"""What a command is about: read from its argument, then got ready for the model. The one way to a request.

A command and `kimi.showRequest` both come this way, so that what is shown is what is sent.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import attrs
from lsprotocol import types

from kimi_lsp import features
from kimi_lsp.features import FileScope, Source, Toolbox, Wanted, Wish
from kimi_lsp.prompt import Kind
from kimi_lsp.server import convert, uris
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import ChangeLog, Diagnostic, Span


@attrs.frozen
class Place:
    """What a command is about; also its whole argument on the wire."""

    uri: str
    range: types.Range | None = None
    instruction: str = ""
    images: list[str] = attrs.Factory(list)
    """Paths or file URIs of pictures and films to show to the model."""
    tools: bool | None = None
    """Whether the model may look into the workspace; None leaves it to the settings."""
    search: bool | None = None
    """Whether the model may search the web, which costs extra; None leaves it to the settings."""
    diagnostics: list[types.Diagnostic] = attrs.Factory(list)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with the document as it was when the command came, and the log of what is typed from then on."""

    document: Document
    source: Source
    span: Span
    place: Place
    log: ChangeLog


def asked_of(server: KimiServer, document: Document, place: Place, log: ChangeLog) -> Asked:
    """Take the document and the settings as they are at this moment."""
    source = server.source(document)
    if place.search is not None:
        source = replace(source, web_search=place.search)
    span = convert.span(place.range, source.snapshot, server.protocol.encoding) if place.range else Span(0, 0)
    return Asked(document, source, span, place, log)


async def wanted(server: KimiServer, asked: Asked, kind: Kind) -> Wanted:
    """Return all that a request is made of, but for what the model has taught about tokens.

    Raises features.NotSent and project.files.FileProblem.
    """
    source, place = asked.source, asked.place
    images = [str(uris.path(one) or one) for one in place.images]
    problems: tuple[Diagnostic, ...] = ()
    scope: FileScope | None = None
    if kind == "implement":
        wish = await asyncio.to_thread(features.wish, source, asked.span, place.instruction, images)
    else:
        target = features.target(source, asked.span)
        media = await asyncio.to_thread(features.attached, source, images)
        wish = Wish(target, place.instruction, media)
    if kind == "fix":
        problems = convert.diagnostics(place.diagnostics, source.snapshot, server.protocol.encoding)
    if kind == "refactor" and server.profile.resource_operations:
        scope = features.file_scope(source)
    return Wanted(kind, wish, problems, scope, _toolbox(server, asked, problems))


def _toolbox(server: KimiServer, asked: Asked, problems: Sequence[Diagnostic]) -> Toolbox | None:
    """Return what the model may look into, as the editor has it open, or None where it may not."""
    may_look = server.settings.tools if asked.place.tools is None else asked.place.tools
    if not may_look:
        return None
    opened = {path: one.snapshot() for one in server.documents if (path := uris.path(one.uri)) is not None}
    reported = {asked.source.path: problems} if asked.source.path is not None else {}
    return features.toolbox(asked.source, opened, reported)
