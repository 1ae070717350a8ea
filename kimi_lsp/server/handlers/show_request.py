"""`kimi.showRequest`: shows what a command would send, every word of it. Nothing is sent, and no key is needed."""

import logging
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from kimi_lsp.conversation import ModelError
from kimi_lsp.features import FeatureError, Service, described, request
from kimi_lsp.project.files import FileProblem
from kimi_lsp.prompt import Kind, PromptError
from kimi_lsp.server import explanation
from kimi_lsp.server.handlers.asked import Place, asked_of, wanted
from kimi_lsp.server.session import KimiServer

logger = logging.getLogger(__name__)


@attrs.frozen
class Shown(Place):
    """A command's argument, and which command it is."""

    kind: Kind = "explain"


async def show_request(server: KimiServer, shown: Shown) -> dict[str, Any]:
    """Answer with the request in Markdown, and show it as explanations are shown."""
    document = server.documents.get(shown.uri)
    if document is None:
        raise JsonRpcInvalidParams(f"the document is not open: {shown.uri}")
    settings = server.settings
    service = Service(settings.base_url, settings.model, settings.protocol)
    try:
        with document.followed() as log:
            what = await wanted(server, asked_of(server, document, shown, log), shown.kind)
        try:
            model = await server.model()
        except ModelError as error:
            # Without a key there is nothing that was learned of tokens either.
            logger.info("no model for showing a request: %s", type(error).__name__)
            markdown = described(request(what), service)
        else:
            prompt = request(what.counted(model.ratio(what.target.snapshot.language)))
            markdown = described(prompt, service, model.dearest(prompt.request))
    except (FeatureError, PromptError, FileProblem) as error:
        server.tell(str(error), types.MessageType.Warning)
        return {"status": "refused", "message": str(error)}
    await explanation.show(server, markdown)
    return {"status": "ok", "message": "This is what would be sent; nothing was sent.", "markdown": markdown}
