"""`textDocument/didSave`: a review of what is not committed, where the user's own settings ask for one at each save.

Quiet: it supersedes nothing of the user's, gives way to whatever he asks for, and says what it costs once a session.
What may not be sent, and what was reviewed as it is already, is left alone without a word.
"""

import logging
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from lsprotocol import types

from kimi_lsp.conversation import ModelError, Usage
from kimi_lsp.features import FEATURES, FeatureError, NotSent, Report
from kimi_lsp.prompt import PromptError
from kimi_lsp.server import uris
from kimi_lsp.server.handlers.asked import Asked, Place, asked_of
from kimi_lsp.server.handlers.commands import Result, running
from kimi_lsp.server.handlers.review import reviewed
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import Span

logger = logging.getLogger(__name__)


async def did_save(server: KimiServer, params: types.DidSaveTextDocumentParams) -> None:
    """Review the document, where that was asked for and something of it is new."""
    await server.asking.answered()
    document = server.documents.get(params.text_document.uri)
    if not server.settings.review_on_save or document is None or not document.in_step:
        return
    text = document.snapshot().text
    if server.saves.seen.get(document.uri) == hash(text):
        return
    server.saves.seen[document.uri] = hash(text)
    with ExitStack() as opened:
        # What is typed from here on goes through the log, as for a command.
        log = opened.enter_context(document.followed())
        place = Place(document.uri, diff=True)
        asked = replace(asked_of(server, document, place, log, "review"), anyway=True)
        work = partial(_work, server, asked)
        span = Span(0, len(text))
        await running(server, document.uri, FEATURES["review"].title, span, work, opened, yields=True)


async def _work(server: KimiServer, asked: Asked, _job: str, report: Report) -> Result:
    saves = server.saves
    try:
        found, told = await reviewed(server, asked, report)
    except NotSent as reason:
        logger.info("a saved file was not reviewed: %s", type(reason).__name__)
        return {"status": "left"}
    except (FeatureError, ModelError, PromptError) as trouble:
        if str(trouble) == saves.trouble:
            # It was said at an earlier save.
            return {"status": "left"}
        saves.trouble = str(trouble)
        raise
    saves.trouble = ""
    if not saves.said:
        saves.said = True
        server.tell(_price(uris.name(asked.document.uri), found.usage), types.MessageType.Info)
    return {"status": "reviewed", "message": f"{told} ({found.usage.sentence()})"}


def _price(name: str, usage: Usage) -> str:
    return (
        f"{name} was reviewed as it was saved ({usage.sentence()}). Each save costs about as much, as long as "
        "review_on_save is on in your settings."
    )
