"""`initialized`, `shutdown`, the settings, and the folders that hold some of them."""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from kimi_lsp.server.session import KimiServer
from kimi_lsp.server.settings_asked import ANSWER_LIMIT

logger = logging.getLogger(__name__)

_PARENT_EVERY = 5.0
"""Seconds between looks for the editor's process."""


async def initialized(server: KimiServer, _params: types.InitializedParams) -> None:
    """Ask for settings, offer virtual documents, say what is wrong with the settings, watch the editor's process."""
    if server.process_id and server.process_id > 0 and server.watch is None:
        server.watch = asyncio.ensure_future(_parent_gone(server, server.process_id))
    await _pull(server)
    _tell_remarks(server)
    if server.profile.text_content:
        await _register_text_content(server)
    server.status.begin()


async def did_change_configuration(server: KimiServer, params: types.DidChangeConfigurationParams) -> None:
    """Take new settings at once: pulled where the client answers, pushed otherwise."""
    if server.profile.configuration:
        await _pull(server)
    else:
        pushed = _mapping(params.settings)
        _take(server, _mapping(pushed.get("kimi", pushed)))
    _tell_remarks(server)


async def did_change_workspace_folders(
    server: KimiServer, _params: types.DidChangeWorkspaceFoldersParams
) -> None:
    """Read the settings anew: another folder may be the first now, and an editor may have settings for each."""
    server.folders_changed = True
    server.pending_remarks += server.configure(server.editor)
    await _pull(server)
    _tell_remarks(server)


async def shutdown(server: KimiServer, _params: Any = None) -> None:
    """Stop all work, which closes all streams to the model."""
    await server.stop()


async def _pull(server: KimiServer) -> None:
    if not server.profile.configuration:
        return
    asked = types.ConfigurationParams(items=[types.ConfigurationItem(section="kimi")])
    with server.asking.question():
        try:
            answer = await asyncio.wait_for(server.workspace_configuration_async(asked), ANSWER_LIMIT)
        except (TimeoutError, JsonRpcException) as error:
            logger.info("the client gave no settings: %s", error or "no answer")
            return
        _take(server, _mapping(answer[0]) if answer else {})


def _take(server: KimiServer, editor: Mapping[str, Any]) -> None:
    given = {name: value for name, value in editor.items() if value is not None}
    server.pending_remarks += server.configure({**server.desk.options, **given})


def _tell_remarks(server: KimiServer) -> None:
    remarks, server.pending_remarks = server.pending_remarks, []
    for remark in remarks:
        server.tell(remark)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


async def _register_text_content(server: KimiServer) -> None:
    options = {"schemes": ["kimi"]}
    registration = types.Registration(
        id="kimi-text", method="workspace/textDocumentContent", register_options=options
    )
    try:
        request = server.client_register_capability_async(
            types.RegistrationParams(registrations=[registration])
        )
        await asyncio.wait_for(request, ANSWER_LIMIT)
    except (TimeoutError, JsonRpcException) as error:
        logger.info("no virtual documents: %s", error or "no answer")


async def _parent_gone(server: KimiServer, process_id: int) -> None:
    """End the connection when the editor's process has died without saying so."""
    if sys.platform == "win32":
        # There a signal does more than look; the end of stdin tells as well.
        return
    while True:
        if not _lives(process_id):
            logger.warning("the editor's process is gone")
            server.protocol.exited.set()
            return
        await asyncio.sleep(_PARENT_EVERY)


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True
