"""The commands: each takes one object, runs as a job, and answers with a status. The only callers of the model."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from kimi_lsp import features
from kimi_lsp.connect import Connected
from kimi_lsp.conversation import ModelError
from kimi_lsp.features import Edited, FeatureError, Phase, Refused, Report, Wanted
from kimi_lsp.kimi import OverBudget
from kimi_lsp.project.files import FileProblem
from kimi_lsp.prompt import Kind, PromptError
from kimi_lsp.server import confirm, explanation
from kimi_lsp.server.apply import apply
from kimi_lsp.server.apply_files import apply_files
from kimi_lsp.server.handlers.asked import Asked, Place, asked_of, wanted
from kimi_lsp.server.jobs import TooManyJobs, Turn
from kimi_lsp.server.progress import Progress
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import harmless

logger = logging.getLogger(__name__)

Result = dict[str, Any]
"""`{status: ok | cancelled | stale | refused | failed | started, message?, markdown?, job?}`."""


@attrs.frozen
class Stop:
    """What to cancel: one job, the jobs of a document, or all."""

    job: str | None = None
    uri: str | None = None


NOT_IN_STEP = (
    "Nothing was sent: this document is not followed any more, since the editor's changes came out of order. "
    "Close it and open it again."
)
_INFO = types.MessageType.Info


Work = Callable[[KimiServer, Asked, Report], Awaitable[Result]]


async def explain(server: KimiServer, place: Place) -> Result:
    """`kimi.explain`: show what the selection, or the function around the cursor, does."""
    return await _run(server, place, "Kimi: Explain", _explain)


async def refactor(server: KimiServer, place: Place) -> Result:
    """`kimi.refactor`: change the selection as the instruction says."""
    return await _run(server, place, "Kimi: Refactor", _refactor)


async def implement(server: KimiServer, place: Place) -> Result:
    """`kimi.implement`: write the code that is missing there."""
    return await _run(server, place, "Kimi: Implement", _implement)


async def fix(server: KimiServer, place: Place) -> Result:
    """`kimi.fix`: fix the diagnostics given."""
    return await _run(server, place, "Kimi: Fix", _fix)


def cancel(server: KimiServer, stop: Stop) -> Result:
    """`kimi.cancel`: stop one job, a document's, or all."""
    count = server.jobs.cancel(stop.job, stop.uri)
    return {"status": "ok", "message": f"{count} request{'' if count == 1 else 's'} cancelled."}


async def _run(server: KimiServer, place: Place, title: str, work: Work) -> Result:
    document = server.documents.get(place.uri)
    if document is None:
        raise JsonRpcInvalidParams(f"the document is not open: {place.uri}")
    if not document.in_step:
        return _failure(server, "refused", NOT_IN_STEP)
    with ExitStack() as opened:
        # Everything is taken before the first await: what is typed from here on goes through the log.
        asked = asked_of(server, document, place, opened.enter_context(document.followed()))
        try:
            job = server.jobs.start(
                document.uri, title, asked.span, partial(_job, server, asked, title, work)
            )
        except TooManyJobs as busy:
            return _failure(server, "refused", str(busy))
        following = opened.pop_all()
        job.task.add_done_callback(lambda _task: following.close())
    if server.profile.answers == "detached":
        if not server.profile.progress:
            # The wait must be seen at once, and this is all that such a client can show.
            how = "waits for the request before it" if job.turn.waits else "is under way"
            server.tell(f"{_name(title)} {how}; it may take a minute. kimi.cancel stops it.", _INFO)
        return {"status": "started", "job": job.id}
    try:
        return _result(await job.task)
    except asyncio.CancelledError:
        asking = asyncio.current_task()
        if asking is not None and asking.cancelling():
            raise
        return {"status": "cancelled"}


async def _job(server: KimiServer, asked: Asked, title: str, work: Work, job: str, turn: Turn) -> Result:
    """Run one piece of work inside its progress, and turn each way it can fail into a status and one message."""
    progress = Progress(server, job, title, shown=server.profile.progress)
    last = "failed"
    try:
        await progress.begin()
        if turn.waits:
            progress.wait("for the request before it")
        await turn.come()
        result = await work(server, asked, progress.report)
        last = str(result.get("message") or result["status"])
        if result["status"] == "ok" and server.profile.answers == "detached":
            server.tell(last, _INFO)
        return result
    except asyncio.CancelledError:
        last = "cancelled"
        raise
    except OverBudget as error:
        return _failure(server, "refused", str(error))
    except (ModelError, PromptError, FileProblem) as error:
        return _failure(server, "failed", str(error))
    except FeatureError as error:
        return _failure(server, error.status, str(error))
    except Exception:
        logger.exception("a command failed")
        return _failure(
            server, "failed", "Something went wrong inside kimi-lsp; nothing was changed. Its log says more."
        )
    finally:
        progress.end(last)


async def _ready(server: KimiServer, asked: Asked, kind: Kind) -> tuple[Wanted, Connected]:
    """Return what is asked for, with what was learned of its language's tokens, and the model to ask."""
    what = await wanted(server, asked, kind)
    model = await server.model()
    return what.counted(model.ratio(what.target.snapshot.language)), model


async def _explain(server: KimiServer, asked: Asked, report: Report) -> Result:
    what, model = await _ready(server, asked, "explain")
    explained = await features.explain(model, what.target, report, what.wish.media, what.tools)
    await explanation.show(server, explained.markdown)
    result: Result = {"status": "ok", "message": explained.usage.sentence()}
    return {**result, "markdown": explained.markdown} if server.profile.markdown_result else result


async def _refactor(server: KimiServer, asked: Asked, report: Report) -> Result:
    what, model = await _ready(server, asked, "refactor")
    wish = what.wish
    proposing = features.refactor(
        model, what.target, wish.instruction, report, what.scope, wish.media, what.tools
    )
    return await _land(server, asked, proposing)


async def _implement(server: KimiServer, asked: Asked, report: Report) -> Result:
    what, model = await _ready(server, asked, "implement")
    wish = what.wish
    proposing = features.implement(model, what.target, wish.instruction, report, wish.media, what.tools)
    return await _land(server, asked, proposing)


async def _fix(server: KimiServer, asked: Asked, report: Report) -> Result:
    what, model = await _ready(server, asked, "fix")

    async def looked_at(edited: Edited) -> str:
        checkers = server.settings.checkers
        report(Phase("checking", note=", ".join(Path(one).name for one in checkers)))
        checked = await features.check(
            what.target, asked.source, what.problems, edited.plan.apply(), checkers
        )
        return " ".join(f"{one.sentence()}." for one in checked)

    proposing = features.fix(model, what.target, what.problems, report, what.tools)
    return await _land(server, asked, proposing, looked_at)


async def _nothing(_edited: Edited) -> str:
    return ""


async def _land(
    server: KimiServer,
    asked: Asked,
    proposing: Awaitable[Edited],
    afterwards: Callable[[Edited], Awaitable[str]] = _nothing,
) -> Result:
    """Bring what is proposed into the editor; where only a part of it fits, that part, if the user wants it.

    What there is to say `afterwards` ends the result's message: the edit does not wait for it.
    """
    agreed = False
    try:
        edited = await proposing
    except Refused as refused:
        part = refused.fitting
        # A client that does not answer requests cannot be asked: it gets the refusal as a message.
        if part is None or part.partial is None or not server.profile.apply_edit:
            raise
        if not await confirm.wants_part(server, part.label, part, part.partial):
            # The question was the one message.
            return {"status": refused.status, "message": str(refused)}
        edited, agreed = part, True
    landing = apply_files if edited.files else apply
    version = asked.source.snapshot.version
    applied = await landing(server, asked.document, edited, asked.log, version, agreed=agreed)
    if applied.status != "ok":
        return _failure(server, applied.status, applied.sentence)
    told = applied.sentence or (edited.partial.sentence if edited.partial else edited.summary)
    parts = (told, edited.told(), await afterwards(edited), f"({edited.usage.sentence()})")
    return {"status": "ok", "message": " ".join(part for part in parts if part)}


def _failure(server: KimiServer, status: str, sentence: str) -> Result:
    sentence = harmless.message(sentence)
    server.tell(sentence, types.MessageType.Error if status == "failed" else types.MessageType.Warning)
    return {"status": status, "message": sentence}


def _name(title: str) -> str:
    return title.removeprefix("Kimi: ")


def _result(value: object) -> Result:
    if not isinstance(value, dict):
        raise TypeError("a job gives back a dictionary")
    return value
