"""The menu: `textDocument/codeAction`, answered from memory. No disk, no network, never the model.

Sparing on purpose: at most three entries and Cancel, names first, own sub-kinds, nothing preferred, nothing on a
bare cursor when the editor asks by itself, nothing under `source`. Plain JSON in and out: a menu is asked for at each
move of the cursor, and a diagnostic goes back to the editor exactly as it came.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kimi_lsp.project.gap import gap
from kimi_lsp.project.undocumented import undocumented
from kimi_lsp.server.capabilities import (
    ASK,
    COMMENT,
    DOCUMENT,
    EXPLAIN,
    FIX,
    FIX_ALL,
    GENERATE,
    IMPLEMENT,
    NAMES,
    REVIEW,
    REWRITE,
    SUGGESTION,
    TESTS,
)
from kimi_lsp.server.client_profile import LLM_GENERATED
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.documents import Document
from kimi_lsp.server.handlers import diagnostics
from kimi_lsp.server.plain import InvalidParams, Range, field, range_of, strings
from kimi_lsp.server.suggestions import SOURCE, Kept
from kimi_lsp.text import Position, Snapshot, Span, harmless
from kimi_lsp.text.diagnostic import plain_message, short

Json = dict[str, Any]

_MOST = 3
"""Entries beside Cancel; where code is missing, Implement takes the place of Explain if need be."""
_NEAR = 130
"""Lines above and below a place that tell whether code is missing there; a comment, a stub or a block is shorter."""
_SHOWN_PROBLEMS = (None, 1, 2)
"""DiagnosticSeverity: none given, Error, Warning."""
_INVOKED, _AUTOMATIC = 1, 2
"""CodeActionTriggerKind."""


def code_action(desk: Desk, params: Mapping[str, Any]) -> list[Json] | None:
    """Return the entries that fit the place, or None. Raises InvalidParams."""
    uri = field(field(params, "textDocument", dict), "uri", str)
    place, context = range_of(params), field(params, "context", dict)
    told = diagnostics.all_of(desk, uri, _diagnostics(context))
    own = [one for one in told if one.get("source") == SOURCE]
    found = [(range_of(one), one) for one in told if one.get("source") != SOURCE]
    only = strings(context, "only")
    document = desk.documents.get(uri)
    trigger = context.get("triggerKind")
    mode = desk.settings.code_actions
    if (
        document is None
        or not document.in_step
        or mode == "off"
        or (mode == "invoked" and trigger == _AUTOMATIC)
    ):
        return None
    problems = [
        one
        for where, one in found
        if where.start.line <= place.end.line and place.start.line <= where.end.line
    ]
    if trigger == _AUTOMATIC:
        problems = [one for one in problems if one.get("severity") in _SHOWN_PROBLEMS]
    menu = [_fix(desk, params, problems)] if problems and _wanted(FIX, only) else []
    if _wanted(SUGGESTION, only):
        menu += _suggestions(desk, document, place, own, marked=trigger != _INVOKED)[: _MOST - len(menu)]
    if trigger == _INVOKED or (place.start != place.end and trigger != _AUTOMATIC):
        fitting = [entry for entry in _entries(desk, document, place, only) if _wanted(entry.kind, only)]
        if problems and _named(FIX_ALL, only):
            more = {"diagnostics": [one for _, one in found]}
            menu.append(_action(desk, "Kimi: Fix all", FIX_ALL, "kimi.fixAll", params, more))
        menu += [entry.action(desk, params) for entry in fitting[: _MOST - len(menu)]]
    if desk.jobs.of(uri) and not only:
        menu.append(_cancel(desk, uri))
    return menu or None


def _diagnostics(context: Mapping[str, Any]) -> list[Json]:
    given = field(context, "diagnostics", list)
    if not all(isinstance(one, dict) for one in given):
        raise InvalidParams("diagnostics")
    return list(given)


def _fix(desk: Desk, params: Mapping[str, Any], problems: Sequence[Json]) -> Json:
    first = f"Kimi: Fix “{short(plain_message(problems[0].get('message', '')))}”"
    name = first if len(problems) == 1 else f"{first} and {len(problems) - 1} more"
    action = _action(desk, name, FIX, "kimi.fix", params, {"diagnostics": problems})
    return {**action, "diagnostics": problems}


def _suggestions(
    desk: Desk, document: Document, place: Range, own: Sequence[Json], *, marked: bool
) -> list[Json]:
    """Return what a review suggested at these lines, the edit included, and how to be rid of the first.

    With `marked`, only what shows its hint there, and not what changes a whole function around.
    """
    first, last = sorted((place.start.line, place.end.line))
    found = desk.suggestions.at(document.uri, first, last)
    kept = [one for one in found if not marked or first <= one.row <= last][: _MOST - 1]
    return [
        *(_suggestion(desk, document, one, own) for one in kept),
        *(_about(desk, "Dismiss", "kimi.dismiss", document, one) for one in kept[:1]),
    ]


def _suggestion(desk: Desk, document: Document, one: Kept, own: Sequence[Json]) -> Json:
    action = _about(desk, "Apply", "kimi.applySuggestion", document, one)
    shown = [found for found in own if found.get("data") == {"id": one.id} or _is_of(found, one)]
    if shown:
        action["diagnostics"] = shown
    if desk.profile.document_changes and desk.settings.preview != "always":
        # Nothing is left to be asked, and the version tells the client whether the text is still the one it fits.
        identity = {"uri": document.uri, "version": document.version}
        change = {"textDocument": identity, "edits": one.text_edits()}
        del action["command"]
        action["edit"] = {"documentChanges": [change]}
    return action


def _is_of(found: Json, one: Kept) -> bool:
    return plain_message(found.get("message")) == one.reason and range_of(found).start.line == one.row


def _about(desk: Desk, verb: str, command: str, document: Document, one: Kept) -> Json:
    name = harmless.message(f"Kimi: {verb} “{short(one.reason)}”")
    argument = {"uri": document.uri, "id": one.id}
    action: Json = {
        "title": name,
        "kind": SUGGESTION,
        "command": {"title": name, "command": command, "arguments": [argument]},
    }
    return {**action, "tags": [LLM_GENERATED]} if desk.profile.llm_tag else action


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the menu, before it is spelled."""

    title: str
    kind: str
    command: str
    prompts: bool = False
    """Whether it wants words of the user's."""
    name: str = ""
    """Of a user's own action."""

    def action(self, desk: Desk, params: Mapping[str, Any]) -> Json:
        more = {"name": self.name} if self.name else {}
        if self.prompts and desk.profile.client_prompt:
            # The client asks its user for the instruction, then runs the command that is named here.
            prompted = {**more, "command": self.command}
            return _action(desk, f"{self.title}…", self.kind, "kimi.client.prompt", params, prompted)
        return _action(desk, self.title, self.kind, self.command, params, more)


def _entries(desk: Desk, document: Document, place: Range, only: Sequence[str] | None) -> Iterator[_Entry]:
    """Yield what fits a place, the best first; what is rarely meant only where the client asks for its kind."""
    selected = place.start != place.end
    top, part, span = _around(desk, document, place)
    missing = gap(part, span)
    if missing is not None and missing.wish and not missing.unwritten:
        yield _Entry(f"Kimi: Do “{short(missing.wish)}”", COMMENT, "kimi.doComment")
    elif missing is not None:
        yield _Entry("Kimi: Implement", IMPLEMENT, "kimi.implement")
    what = "selection" if selected else "this function"
    yield _Entry(f"Kimi: Refactor {what}", REWRITE, "kimi.refactor", prompts=True)
    yield from _own(desk, document.language, only)
    if _named(DOCUMENT, only) or undocumented(part, place.start.line - top):
        yield _Entry("Kimi: Document", DOCUMENT, "kimi.document")
    if _named(TESTS, only):
        yield _Entry("Kimi: Write tests", TESTS, "kimi.writeTests")
    if _named(NAMES, only):
        yield _Entry("Kimi: Better names", NAMES, "kimi.renameBetter")
    if _named(REVIEW, only):
        yield _Entry("Kimi: Review", REVIEW, "kimi.review")
    if _named(ASK, only):
        yield _Entry("Kimi: Ask", ASK, "kimi.ask", prompts=True)
    yield _Entry("Kimi: Explain", EXPLAIN, "kimi.explain")


def _own(desk: Desk, language: str, only: Sequence[str] | None) -> Iterator[_Entry]:
    """Yield the user's own actions for a language, each of the first of its kinds that is asked for."""
    for one in desk.settings.actions:
        kinds = [f"{kind}.kimi.{one.name}" if kind != "kimi" else f"kimi.{one.name}" for kind in one.kinds]
        kind = next((kind for kind in kinds if _wanted(kind, only)), None)
        if kind is not None and one.fits(language):
            yield _Entry(f"Kimi: {one.title}", kind, "kimi.action", prompts=one.wants_words, name=one.name)


def _around(desk: Desk, document: Document, place: Range) -> tuple[int, Snapshot, Span]:
    """Return the lines around a place, the number of their first line, and the place in them."""
    first, last = sorted((place.start.line, place.end.line))
    top, part = document.near(first, last, _NEAR)
    start, end = sorted(
        part.lines.offset(Position(one.line - top, one.character), desk.encoding) for one in place
    )
    return top, part, Span(start, end)


def _cancel(desk: Desk, uri: str) -> Json:
    job = desk.jobs.of(uri)[-1]
    name = f"Kimi: Cancel ({job.title.removeprefix('Kimi: ')})"
    command = {"title": name, "command": "kimi.cancel", "arguments": [{"uri": uri}]}
    return {"title": name, "kind": "quickfix", "command": command}


def _action(
    desk: Desk,
    name: str,
    kind: str,
    command: str,
    params: Mapping[str, Any],
    more: Mapping[str, Any] | None = None,
) -> Json:
    # A diagnostic's words come from what another tool read in the workspace.
    name = harmless.message(name)
    argument = {"uri": params["textDocument"]["uri"], "range": params["range"], **(more or {})}
    action: Json = {
        "title": name,
        "kind": kind,
        "command": {"title": name, "command": command, "arguments": [argument]},
    }
    return {**action, "tags": [LLM_GENERATED]} if desk.profile.llm_tag else action


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    return only is None or any(one in ("", kind) or kind.startswith(f"{one}.") for one in only)


def _named(kind: str, only: Sequence[str] | None) -> bool:
    """Tell whether the client asked for this very kind, or for all that is generated, and not just for a parent."""
    return any(one in (kind, GENERATE) for one in only or ()) and _wanted(kind, only)
