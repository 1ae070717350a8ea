"""The menu: `textDocument/codeAction`, answered from memory. No disk, no network, never the model.

Sparing on purpose: at most three entries and Cancel, names first, own sub-kinds, nothing preferred, nothing on a
bare cursor when the editor asks by itself, nothing under `source`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types

from kimi_lsp.features.fix import title
from kimi_lsp.features.gap import gap
from kimi_lsp.server import convert
from kimi_lsp.server.capabilities import EXPLAIN, FIX, IMPLEMENT, REWRITE
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer

_MOST = 3
"""Entries beside Cancel; where code is missing, Implement takes the place of Explain if need be."""
_SHOWN_PROBLEMS = (None, types.DiagnosticSeverity.Error, types.DiagnosticSeverity.Warning)


def code_action(server: KimiServer, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """Return the entries that fit the place, or None."""
    document = server.documents.get(params.text_document.uri)
    mode = server.settings.code_actions
    automatic = params.context.trigger_kind == types.CodeActionTriggerKind.Automatic
    if document is None or not document.in_step or mode == "off" or (mode == "invoked" and automatic):
        return None
    only = params.context.only
    problems = [one for one in params.context.diagnostics if _near(one.range, params.range)]
    if automatic:
        problems = [one for one in problems if one.severity in _SHOWN_PROBLEMS]
    selected = params.range.start != params.range.end
    asked = params.context.trigger_kind == types.CodeActionTriggerKind.Invoked
    menu = [_fix(server, params, problems)] if problems and _wanted(FIX, only) else []
    if asked or (selected and not automatic):
        if _wanted(IMPLEMENT, only) and _is_missing(server, document, params.range):
            menu.append(_implement(server, params))
        if _wanted(REWRITE, only):
            menu.append(_refactor(server, params, selected=selected))
        if _wanted(EXPLAIN, only) and len(menu) < _MOST:
            menu.append(_explain(server, params))
    if server.jobs.of(document.uri) and not only:
        menu.append(_cancel(server, document.uri))
    return menu or None


def _fix(
    server: KimiServer, params: types.CodeActionParams, problems: Sequence[types.Diagnostic]
) -> types.CodeAction:
    first = convert.plain_message(problems[0])
    name = title(first) if len(problems) == 1 else f"{title(first)} and {len(problems) - 1} more"
    given = [server.protocol.unstructured(one) for one in problems]
    action = _action(server, name, FIX, "kimi.fix", params, {"diagnostics": given})
    action.diagnostics = list(problems)
    return action


def _refactor(server: KimiServer, params: types.CodeActionParams, *, selected: bool) -> types.CodeAction:
    what = "selection" if selected else "this function"
    if server.profile.client_prompt:
        # The client asks its user for the instruction, then runs the command that is named here.
        prompted = {"command": "kimi.refactor"}
        return _action(server, f"Kimi: Refactor {what}…", REWRITE, "kimi.client.prompt", params, prompted)
    return _action(server, f"Kimi: Refactor {what}", REWRITE, "kimi.refactor", params)


def _implement(server: KimiServer, params: types.CodeActionParams) -> types.CodeAction:
    return _action(server, "Kimi: Implement", IMPLEMENT, "kimi.implement", params)


def _is_missing(server: KimiServer, document: Document, place: types.Range) -> bool:
    snapshot = document.snapshot()
    return gap(snapshot, convert.span(place, snapshot, server.protocol.encoding)) is not None


def _explain(server: KimiServer, params: types.CodeActionParams) -> types.CodeAction:
    return _action(server, "Kimi: Explain", EXPLAIN, "kimi.explain", params)


def _cancel(server: KimiServer, uri: str) -> types.CodeAction:
    job = server.jobs.of(uri)[-1]
    name = f"Kimi: Cancel ({job.title.removeprefix('Kimi: ')})"
    command = types.Command(title=name, command="kimi.cancel", arguments=[{"uri": uri}])
    return types.CodeAction(title=name, kind=types.CodeActionKind.QuickFix, command=command)


def _action(
    server: KimiServer,
    name: str,
    kind: str,
    command: str,
    params: types.CodeActionParams,
    more: Mapping[str, Any] | None = None,
) -> types.CodeAction:
    argument = {
        "uri": params.text_document.uri,
        "range": server.protocol.unstructured(params.range),
        **(more or {}),
    }
    return types.CodeAction(
        title=name,
        kind=kind,
        command=types.Command(title=name, command=command, arguments=[argument]),
        tags=[types.CodeActionTag.LlmGenerated] if server.profile.llm_tag else None,
    )


def _wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    if only is None:
        return True
    asked = [str(getattr(one, "value", one)) for one in only]
    return any(one in ("", kind) or kind.startswith(f"{one}.") for one in asked)


def _near(problem: types.Range, place: types.Range) -> bool:
    return problem.start.line <= place.end.line and place.start.line <= problem.end.line
