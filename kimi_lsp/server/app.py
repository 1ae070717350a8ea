"""Builds the server, in a function, from one flat table of methods and handlers."""

from collections.abc import Callable, Mapping
from typing import Any

from lsprotocol import types

from kimi_lsp.server.capabilities import CODE_ACTION_KINDS
from kimi_lsp.server.handlers import code_action, commands, lifecycle, text_content, usage
from kimi_lsp.server.session import KimiServer

_FEATURES: tuple[tuple[str, Callable[..., Any], Any], ...] = (
    (types.INITIALIZE, lifecycle.initialize, None),
    (types.INITIALIZED, lifecycle.initialized, None),
    (types.SHUTDOWN, lifecycle.shutdown, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, lifecycle.did_change_configuration, None),
    (
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_action.code_action,
        types.CodeActionOptions(code_action_kinds=list(CODE_ACTION_KINDS), resolve_provider=False),
    ),
    (types.WORKSPACE_TEXT_DOCUMENT_CONTENT, text_content.text_document_content, None),
)

COMMANDS: Mapping[str, Callable[..., Any]] = {
    "kimi.explain": commands.explain,
    "kimi.refactor": commands.refactor,
    "kimi.implement": commands.implement,
    "kimi.fix": commands.fix,
    "kimi.cancel": commands.cancel,
    "kimi.usage": usage.usage,
}
"""The commands, each of which takes one object."""


def build(environ: Mapping[str, str]) -> KimiServer:
    """Return a server that has not begun to talk."""
    server = KimiServer(environ)
    for method, handler, options in _FEATURES:
        server.feature(method, options)(handler)
    for name, handler in COMMANDS.items():
        server.command(name)(handler)
    return server
