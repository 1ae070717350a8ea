"""`kimi.showRequest`: shows what a command would send, every word of it. Nothing is sent, and no key is needed."""

import logging
from collections.abc import Callable
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from kimi_lsp.conversation import ModelError
from kimi_lsp.features import FeatureError, Service, commit_prompt, described, request
from kimi_lsp.project.files import FileProblem
from kimi_lsp.prompt import Kind, Prompt, PromptError
from kimi_lsp.server import explanation
from kimi_lsp.server.handlers.asked import Place, asked_of, wanted
from kimi_lsp.server.handlers.commit_message import repository
from kimi_lsp.server.session import KimiServer

logger = logging.getLogger(__name__)


@attrs.frozen
class Shown(Place):
    """A command's argument, and which command it is."""

    kind: Kind = "explain"


async def show_request(server: KimiServer, shown: Shown) -> dict[str, Any]:
    """Answer with the request in Markdown, and show it as explanations are shown."""
    settings = server.settings
    service = Service(settings.base_url, settings.model, settings.protocol)
    asking = _commit(server, shown) if shown.kind == "commitMessage" else _feature(server, shown, shown.kind)
    try:
        prompt_of, language = await asking
        try:
            model = await server.model()
        except ModelError as error:
            # Without a key there is nothing that was learned of tokens either.
            logger.info("no model for showing a request: %s", type(error).__name__)
            markdown = described(prompt_of(1.0), service)
        else:
            prompt = prompt_of(model.ratio(language))
            markdown = described(prompt, service, model.dearest(prompt.request))
    except (FeatureError, PromptError, FileProblem) as error:
        server.tell(str(error), types.MessageType.Warning)
        return {"status": "refused", "message": str(error)}
    await explanation.show(server, markdown)
    return {"status": "ok", "message": "This is what would be sent; nothing was sent.", "markdown": markdown}


_PromptOf = Callable[[float], Prompt]
"""From the learned ratio of counted to estimated tokens to what would be sent."""


async def _feature(server: KimiServer, shown: Shown, kind: Kind) -> tuple[_PromptOf, str]:
    document = server.documents.get(shown.uri)
    if document is None:
        raise JsonRpcInvalidParams(f"the document is not open: {shown.uri}")
    with document.followed() as log:
        what = await wanted(server, asked_of(server, document, shown, log, kind), kind)
    return lambda ratio: request(what.counted(ratio)), what.target.snapshot.language


async def _commit(server: KimiServer, shown: Shown) -> tuple[_PromptOf, str]:
    prompt = await commit_prompt(repository(server, shown.uri), shown.instruction)
    return lambda _ratio: prompt, "diff"
