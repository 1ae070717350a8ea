"""What a command is about: read from its argument, then got ready for the model. The one way to a request.

A command and `kimi.showRequest` both come this way, so that what is shown is what is sent.
"""

import asyncio
from dataclasses import dataclass, replace

import attrs
from lsprotocol import types

from kimi_lsp import features
from kimi_lsp.features import Asking, NothingProposed, NotSent, Source, Toolbox, Wanted, wished, with_cells
from kimi_lsp.project.around.width import Width
from kimi_lsp.project.own_actions import OwnAction
from kimi_lsp.prompt import Kind
from kimi_lsp.server import convert, uris
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.suggestions import SOURCE
from kimi_lsp.text import ChangeLog, Diagnostic, Snapshot, Span, grown

NOT_IN_STEP = (
    "Nothing was sent: this document is not followed any more, since the editor's changes came out of order. "
    "Close it and open it again."
)


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
    context: Width | None = None
    """What may be shown beside the document; None leaves it to the settings."""
    name: str = ""
    """Of a user's own action."""
    alternatives: int = attrs.field(default=1, validator=[attrs.validators.ge(1), attrs.validators.le(3)])
    """Answers to choose from, each a paid request, for a client that shows previews."""
    diff: bool = False
    """For a review: only what is not committed yet."""
    code: str = ""
    """For fixing all problems: only those of this code."""
    diagnostics: list[types.Diagnostic] = attrs.Factory(list)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with the document as it was when the command came, and the log of what is typed from then on."""

    document: Document
    source: Source
    span: Span
    place: Place
    log: ChangeLog
    job: str = ""
    """The id of the job that works on it."""
    anyway: bool = False
    """Whether a review of what is not committed is one of the whole document where git cannot tell."""


def asked_of(server: KimiServer, document: Document, place: Place, log: ChangeLog, kind: Kind) -> Asked:
    """Take the document as it is at this moment."""
    source = server.source(document)
    # What a review suggested is no tool's finding, even where an editor names it among them.
    given = [one for one in place.diagnostics if one.source != SOURCE]
    place = attrs.evolve(place, diagnostics=given)
    if kind == "fixAll":
        # All of the document's problems are meant, wherever the cursor stands.
        place = attrs.evolve(place, range=None)
        place = attrs.evolve(place, diagnostics=[*place.diagnostics, *_reported(server, place)])
    elif not place.diagnostics:
        place = attrs.evolve(place, diagnostics=_reported(server, place))
    span = convert.span(place.range, source.snapshot, server.protocol.encoding) if place.range else Span(0, 0)
    return Asked(document, source, span, place, log)


def alternatives(server: KimiServer, place: Place) -> int:
    """Return how many answers are asked for: more than one only where they can be shown side by side."""
    return place.alternatives if server.profile.previews else 1


def renewed(server: KimiServer, asked: Asked) -> Asked | None:
    """Return the same command about the document as it is now, or None where that cannot be followed."""
    document, before, encoding = asked.document, asked.source.snapshot, server.protocol.encoding
    changes = asked.log.since(before.version)
    if changes is None or server.documents.get(document.uri) is not document:
        return None
    now = document.snapshot()

    def moved(place: types.Range) -> types.Range:
        return convert.range_of(grown(convert.span(place, before, encoding), changes), now.lines, encoding)

    found = [attrs.evolve(one, range=moved(one.range)) for one in asked.place.diagnostics]
    place = attrs.evolve(asked.place, diagnostics=found)
    return replace(asked, source=server.source(document), span=grown(asked.span, changes), place=place)


async def wanted(server: KimiServer, asked: Asked, kind: Kind) -> Wanted:
    """Return all that a request is made of, but for what the model has taught about tokens.

    The text is that of the command's moment; the settings are those in force once the editor has told of its own. Raises
    features.FeatureError and project.files.FileProblem.
    """
    await server.asking.answered()
    place = asked.place
    source = _as_asked(server.governed(asked.source), place)
    asked = replace(asked, source=source)
    problems = await _problems(server, asked, kind)
    opened = {path: one.snapshot() for one in server.documents if (path := uris.path(one.uri)) is not None}
    asking = Asking(
        source,
        asked.span,
        place.instruction,
        [str(uris.path(one) or one) for one in place.images],
        problems,
        server.profile.resource_operations,
        server.profile.document_changes,
        opened,
        await _committed(server, asked) if kind == "review" and place.diff else None,
        own_action(server, place.name),
    )
    cells = _cells(server, asked)
    wish = with_cells(await asyncio.to_thread(wished, kind, asking), cells)
    wants_project = asking.action is not None and asking.action.context == "project"
    may_look = (server.settings.tools or wants_project) if place.tools is None else place.tools
    return Wanted(kind, wish, _toolbox(asking) if may_look else None)


async def _committed(server: KimiServer, asked: Asked) -> str | None:
    try:
        return await features.uncommitted(asked.source, server.environ)
    except NotSent:
        if not asked.anyway:
            raise
        return None


def _as_asked(source: Source, place: Place) -> Source:
    """Return a document with what a command says of itself, where the settings say something else."""
    search = source.web_search if place.search is None else place.search
    return replace(source, web_search=search, context=place.context or source.context)


def _reported(server: KimiServer, place: Place) -> list[types.Diagnostic]:
    """Return what the editor told of before, on the lines in question, where the command itself names no problem."""
    kept = [
        server.protocol.structured(one, types.Diagnostic)
        for one in server.desk.reported.get(place.uri, ())
        if one.get("source") != SOURCE
    ]
    if place.range is None:
        return kept
    first, last = sorted((place.range.start.line, place.range.end.line))
    return [one for one in kept if one.range.start.line <= last and first <= one.range.end.line]


async def _problems(server: KimiServer, asked: Asked, kind: Kind) -> tuple[Diagnostic, ...]:
    """Return the problems that a command is about.

    To fix all means those given and those that the editor has told of the document; where there are none, what the
    user's checkers find in the text as it is now.
    """
    place, source = asked.place, asked.source
    found = convert.diagnostics(place.diagnostics, source.snapshot, server.protocol.encoding)
    if kind != "fixAll":
        return found
    if not found:
        return await features.find(source, server.settings.checkers, place.code)
    chosen = tuple(one for one in found if place.code in ("", one.code))
    if not chosen:
        raise NothingProposed(f"There is no problem of the code {place.code} here to fix.")
    return chosen


def _cells(server: KimiServer, asked: Asked) -> list[Snapshot]:
    """Return the cells of the document's notebook in their order, as they are now; none for what is no cell."""
    if asked.source.notebook is None:
        return []
    uris_of = [*server.desk.notebooks] or [one.uri for one in server.documents]
    found = [one for uri in uris_of if (one := server.documents.get(uri)) is not None]
    return [one.snapshot() for one in found if server.source(one).notebook == asked.source.notebook]


def own_action(server: KimiServer, name: str) -> OwnAction | None:
    """Return a user's own action by its name, or None."""
    return next((one for one in server.settings.actions if one.name == name), None)


def _toolbox(asking: Asking) -> Toolbox | None:
    """Return what the model may look into, as the editor has it open."""
    source = asking.source
    reported = {source.path: asking.problems} if source.path is not None else {}
    return features.toolbox(source, asking.opened, reported)
