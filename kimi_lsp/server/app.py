"""Builds the full server, in a function, from one flat table of methods and handlers."""

from collections.abc import Callable, Mapping
from typing import Any

from lsprotocol import types

from kimi_lsp.features import FEATURES
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.handlers import (
    commands,
    commit_message,
    lifecycle,
    on_save,
    review,
    show_request,
    suggested,
    text_content,
    usage,
)
from kimi_lsp.server.session import KimiServer

_FEATURES: tuple[tuple[str, Callable[..., Any]], ...] = (
    (types.INITIALIZED, lifecycle.initialized),
    (types.SHUTDOWN, lifecycle.shutdown),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, lifecycle.did_change_configuration),
    (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, lifecycle.did_change_workspace_folders),
    (types.TEXT_DOCUMENT_DID_SAVE, on_save.did_save),
    (types.WORKSPACE_TEXT_DOCUMENT_CONTENT, text_content.text_document_content),
)

COMMANDS: Mapping[str, Callable[..., Any]] = {
    **{f"kimi.{kind}": commands.command(kind) for kind in FEATURES if kind != "review"},
    "kimi.review": review.review,
    "kimi.applySuggestion": suggested.apply_suggestion,
    "kimi.dismiss": suggested.dismiss,
    "kimi.commitMessage": commit_message.commit_message,
    "kimi.cancel": commands.cancel,
    "kimi.showRequest": show_request.show_request,
    "kimi.usage": usage.usage,
}
"""The commands, each of which takes one object."""


def build(desk: Desk) -> KimiServer:
    """Return a full server that has not begun to talk."""
    server = KimiServer(desk)
    for method, handler in _FEATURES:
        server.feature(method)(handler)
    for name, handler in COMMANDS.items():
        server.command(name)(handler)
    return server
