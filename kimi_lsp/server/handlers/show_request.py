"""`kimi.showRequest`: shows what a command would send, every word of it. Nothing is sent, and no key is needed."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from kimi_lsp.conversation import ModelError
from kimi_lsp.features import FeatureError, Service, commit_prompt, described, request, ways
from kimi_lsp.project.files import FileProblem
from kimi_lsp.prompt import Kind, Prompt, PromptError
from kimi_lsp.server import explanation
from kimi_lsp.server.handlers.asked import Place, alternatives, asked_of, wanted
from kimi_lsp.server.handlers.commit_message import repository
from kimi_lsp.server.session import KimiServer

logger = logging.getLogger(__name__)


@attrs.frozen
class Shown(Place):
    """A command's argument, and which command it is."""

    kind: Kind = "explain"


async def show_request(server: KimiServer, shown: Shown) -> dict[str, Any]:
    """Answer with the request in Markdown, and show it as explanations are shown."""
    asking = _commit(server, shown) if shown.kind == "commitMessage" else _feature(server, shown, shown.kind)
    try:
        prompts_of, language, others = await asking
        settings = server.settings
        service = Service(settings.base_url, settings.model, settings.protocol)
        try:
            model = await server.model()
        except ModelError as error:
            # Without a key there is nothing that was learned of tokens either.
            logger.info("no model for showing a request: %s", type(error).__name__)
            markdown = described(prompts_of(1.0)[0], service, ways=others)
        else:
            prompts = prompts_of(model.ratio(language))
            dearest = sum(model.dearest(prompt.request) for prompt in prompts)
            markdown = described(prompts[0], service, dearest, others)
    except (FeatureError, PromptError, FileProblem) as error:
        server.tell(str(error), types.MessageType.Warning)
        return {"status": "refused", "message": str(error)}
    await explanation.show(server, markdown)
    return {"status": "ok", "message": "This is what would be sent; nothing was sent.", "markdown": markdown}


_PromptsOf = Callable[[float], Sequence[Prompt]]
"""From the learned ratio of counted to estimated tokens to what would be sent at first, more where alternatives are wanted."""


async def _feature(server: KimiServer, shown: Shown, kind: Kind) -> tuple[_PromptsOf, str, Sequence[str]]:
    document = server.documents.get(shown.uri)
    if document is None:
        raise JsonRpcInvalidParams(f"the document is not open: {shown.uri}")
    with document.followed() as log:
        what = await wanted(server, asked_of(server, document, shown, log, kind), kind)
    every = ways(what, alternatives(server, shown))
    others = [one.wish.way for one in every[1:]]
    return lambda ratio: [request(one.counted(ratio)) for one in every], what.target.snapshot.language, others


async def _commit(server: KimiServer, shown: Shown) -> tuple[_PromptsOf, str, Sequence[str]]:
    await server.asking.answered()
    prompt = await commit_prompt(repository(server, shown.uri), shown.instruction)
    return lambda _ratio: [prompt], "diff", ()
