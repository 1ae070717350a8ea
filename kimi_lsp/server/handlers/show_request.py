"""`kimi.showRequest`: shows what a command would send, every word of it. Nothing is sent, and no key is needed."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from pygls.exceptions import JsonRpcInvalidParams

from kimi_lsp.connect import Connected
from kimi_lsp.conversation import ModelError
from kimi_lsp.features import FeatureError, NotSent, Service, commit_prompt, described, request, ways
from kimi_lsp.kimi import BadSetting
from kimi_lsp.project.files import FileProblem
from kimi_lsp.prompt import Kind, Prompt, PromptError
from kimi_lsp.server import explanation
from kimi_lsp.server.handlers.asked import NOT_IN_STEP, Place, alternatives, asked_of, wanted
from kimi_lsp.server.handlers.commands import failure
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
        language, prompts_of = await asking
        settings = server.settings
        service = Service(settings.base_url, settings.model, settings.protocol)
        model = await _model(server)
        # A long document is put together, and every word of it counted.
        markdown = await asyncio.to_thread(_markdown, prompts_of, language, model, service)
    except (FeatureError, PromptError, FileProblem) as error:
        return failure(server, "refused", str(error))
    except BadSetting as error:
        # Nothing would be sent, and what may be is not known.
        return failure(server, "failed", str(error))
    await explanation.show(server, markdown)
    return {"status": "ok", "message": "This is what would be sent; nothing was sent.", "markdown": markdown}


_PromptsOf = Callable[[float], tuple[Sequence[Prompt], Sequence[str]]]
"""From the learned ratio of counted to estimated tokens to what would be sent at first, more where alternatives are
wanted, and the ways of those."""


async def _feature(server: KimiServer, shown: Shown, kind: Kind) -> tuple[str, _PromptsOf]:
    document = server.documents.get(shown.uri)
    if document is None:
        raise JsonRpcInvalidParams(f"the document is not open: {shown.uri}")
    if not document.in_step:
        raise NotSent(NOT_IN_STEP)
    with document.followed() as log:
        what = await wanted(server, asked_of(server, document, shown, log, kind), kind)
    count = alternatives(server, shown)

    def prompts_of(ratio: float) -> tuple[Sequence[Prompt], Sequence[str]]:
        every = ways(what.counted(ratio), count)
        return [request(one) for one in every], [one.wish.way for one in every[1:]]

    return what.target.snapshot.language, prompts_of


async def _commit(server: KimiServer, shown: Shown) -> tuple[str, _PromptsOf]:
    await server.asking.answered()
    prompt = await commit_prompt(repository(server, shown.uri), shown.instruction)
    return "diff", lambda _ratio: ([prompt], ())


async def _model(server: KimiServer) -> Connected | None:
    try:
        return await server.model()
    except BadSetting:
        raise
    except ModelError as error:
        # Without a key there is nothing that was learned of tokens either.
        logger.info("no model for showing a request: %s", type(error).__name__)
        return None


def _markdown(prompts_of: _PromptsOf, language: str, model: Connected | None, service: Service) -> str:
    if model is None:
        (prompt, *_), others = prompts_of(1.0)
        return described(prompt, service, ways=others)
    prompts, others = prompts_of(model.ratio(language))
    dearest = sum(model.dearest(prompt.request) for prompt in prompts)
    return described(prompts[0], service, dearest, others)
