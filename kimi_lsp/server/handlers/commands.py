"""The commands: each takes one object, runs as a job, and answers with a status. The only callers of the model."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from kimi_lsp import features
from kimi_lsp.conversation import ModelError
from kimi_lsp.features import FEATURES, Edited, Explained, FeatureError, Phase, Refused, Report
from kimi_lsp.kimi import OverBudget
from kimi_lsp.project.files import FileProblem
from kimi_lsp.prompt import Kind, PromptError
from kimi_lsp.server import confirm, explanation, preview
from kimi_lsp.server.apply import apply
from kimi_lsp.server.apply_files import apply_files
from kimi_lsp.server.handlers.asked import (
    NOT_IN_STEP,
    Asked,
    Place,
    alternatives,
    asked_of,
    own_action,
    renewed,
    wanted,
)
from kimi_lsp.server.jobs import TooManyJobs, Turn
from kimi_lsp.server.progress import Progress
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import Span, harmless

logger = logging.getLogger(__name__)

Result = dict[str, Any]
"""`{status: ok | cancelled | stale | refused | failed | started, message?, markdown?, job?}`."""


@attrs.frozen
class Stop:
    """What to cancel: one job, the jobs of a document, or all."""

    job: str | None = None
    uri: str | None = None


_INFO = types.MessageType.Info


def command(kind: Kind) -> Callable[[KimiServer, Place], Awaitable[Result]]:
    """Return the handler of one feature's command."""

    async def handler(server: KimiServer, place: Place) -> Result:
        return await _run(server, place, kind)

    return handler


def cancel(server: KimiServer, stop: Stop) -> Result:
    """`kimi.cancel`: stop one job, a document's, or all."""
    count = server.jobs.cancel(stop.job, stop.uri)
    return {"status": "ok", "message": f"{count} request{'' if count == 1 else 's'} cancelled."}


async def _run(server: KimiServer, place: Place, kind: Kind) -> Result:
    return await about_document(
        server, place, kind, _title(server, place, kind), partial(_work, server, kind)
    )


async def about_document(
    server: KimiServer,
    place: Place,
    kind: Kind,
    title: str,
    work: Callable[[Asked, str, Report], Awaitable[Result]],
) -> Result:
    """Run work on a document as it is at this moment. Raises JsonRpcInvalidParams where it is not open."""
    document = server.documents.get(place.uri)
    if document is None:
        raise JsonRpcInvalidParams(f"the document is not open: {place.uri}")
    if not document.in_step:
        return failure(server, "refused", NOT_IN_STEP)
    with ExitStack() as opened:
        # Everything is taken before the first await: what is typed from here on goes through the log.
        asked = asked_of(server, document, place, opened.enter_context(document.followed()), kind)
        return await running(server, document.uri, title, asked.span, partial(work, asked), opened)


def _title(server: KimiServer, place: Place, kind: Kind) -> str:
    action = own_action(server, place.name) if kind == "action" else None
    return f"Kimi: {action.title}" if action else FEATURES[kind].title


Work = Callable[[str, Report], Awaitable[Result]]
"""Work on a request, given the id of its job and a way to report progress."""


async def running(
    server: KimiServer,
    uri: str,
    title: str,
    span: Span,
    work: Work,
    taken: ExitStack | None = None,
    *,
    yields: bool = False,
) -> Result:
    """Run work as a job, and answer as the client wants it; what was `taken` for it is given back at its end.

    What `yields` is not waited for: nobody asked for it just now.
    """
    try:
        job = server.jobs.start(uri, title, span, partial(_job, server, uri, title, work), yields=yields)
    except TooManyJobs as busy:
        return failure(server, "refused", str(busy))
    if taken is not None:
        following = taken.pop_all()
        job.task.add_done_callback(lambda _task: following.close())
    job.task.add_done_callback(lambda _task: server.status.changed())
    server.status.changed()
    if yields:
        return {"status": "started", "job": job.id}
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


async def _job(server: KimiServer, uri: str, title: str, work: Work, job: str, turn: Turn) -> Result:
    """Run one piece of work inside its progress, and turn each way it can fail into a status and one message."""
    profile = server.profile
    progress = Progress(server, job, title, shown=profile.progress, told=profile.client_progress, uri=uri)
    last = "failed"
    try:
        await progress.begin()
        if turn.waits:
            progress.wait("for the request before it")
        await turn.come()
        result = await work(job, progress.report)
        last = str(result.get("message") or result["status"])
        server.status.ended(None)
        if result["status"] == "ok" and server.profile.answers == "detached":
            server.tell(last, _INFO)
        return result
    except asyncio.CancelledError:
        last = "cancelled"
        raise
    except OverBudget as error:
        return failure(server, "refused", str(error))
    except (ModelError, PromptError, FileProblem) as error:
        server.status.ended(error)
        return failure(server, "failed", str(error))
    except FeatureError as error:
        return failure(server, error.status, str(error))
    except Exception:
        logger.exception("a command failed")
        return failure(
            server, "failed", "Something went wrong inside kimi-lsp; nothing was changed. Its log says more."
        )
    finally:
        progress.end(last)


async def _work(server: KimiServer, kind: Kind, asked: Asked, job: str, report: Report) -> Result:
    """Do it, and again where the text has moved on and the user wants the same for what it is now."""
    asked = replace(asked, job=job)
    while True:
        result = await _once(server, asked, kind, report)
        if result is not None:
            return result
        moved = renewed(server, asked)
        if moved is None:
            return failure(server, "refused", NOT_IN_STEP)
        asked = moved


async def _once(server: KimiServer, asked: Asked, kind: Kind, report: Report) -> Result | None:
    """Ask the model, and bring what it says to where the user sees it; None where all of it is wanted once more."""
    what = await wanted(server, asked, kind)
    model = await server.model()
    what = what.counted(model.ratio(what.target.snapshot.language))

    async def looked_at(edited: Edited) -> str:
        checkers = server.settings.checkers
        report(Phase("checking", note=", ".join(Path(one).name for one in checkers)))
        problems, after = what.wish.problems, edited.plan.apply()
        checked = await features.check(what.target, asked.source, problems, after, checkers)
        return " ".join(f"{one.sentence()}." for one in checked)

    telling = explanation.Telling(server, asked.job, asked.document.uri)
    listen = telling.so_far if server.profile.streams else None
    count = alternatives(server, asked.place)
    found: Awaitable[Edited | Explained] = features.choices(model, what, count, report, listen)
    consent: confirm.Consent = "none"
    # Who chooses, or asks for another answer, sees that one, too.
    looking = count > 1
    while True:
        try:
            told = await found
        except Refused as refused:
            part = refused.fitting
            # A client that does not answer requests cannot be asked: it gets the refusal as a message.
            if part is None or part.partial is None or not server.profile.apply_edit:
                raise
            # Who sees previews is asked by one, which says that it is a part.
            looking = looking or server.profile.previews
            if not looking and not await confirm.wants_part(server, part.label, part, part.partial):
                # The question was the one message.
                return {"status": refused.status, "message": str(refused)}
            told, consent = part, "part"
        if isinstance(told, Explained):
            return await _tell(server, told, telling)
        afterwards = looked_at if FEATURES[kind].checked else _nothing
        if not (looking or (server.profile.previews and confirm.is_wanted(server, told, consent))):
            return await _land(server, asked, told, consent, afterwards)
        report(Phase("waiting", note="for you to look at the edit"))
        decision = await preview.decide(server, asked.job, asked.document.uri, told)
        if isinstance(decision, preview.Taken):
            return await _land(server, asked, decision.edited, "seen", afterwards)
        if isinstance(decision, preview.Declined):
            return {"status": "refused", "message": decision.sentence}
        if decision.of.again is None:
            return failure(server, "refused", "Nothing was changed: this edit cannot be asked for again.")
        looking = True
        found, consent = decision.of.again(await server.model(), decision.remark, report), "none"


async def _tell(server: KimiServer, explained: Explained, telling: explanation.Telling) -> Result:
    if server.profile.streams:
        telling.end(explained.markdown)
    await explanation.show(server, explained.markdown)
    result: Result = {"status": "ok", "message": explained.usage.sentence()}
    return {**result, "markdown": explained.markdown} if server.profile.markdown_result else result


Afterwards = Callable[[Edited], Awaitable[str]]
"""What there is to say once an edit has landed: it ends the result's message, and the edit does not wait for it."""


async def _nothing(_edited: Edited) -> str:
    return ""


async def _land(
    server: KimiServer, asked: Asked, edited: Edited, consent: confirm.Consent, afterwards: Afterwards
) -> Result | None:
    """Bring an edit into the editor; None where the user has changed the same lines, and wants it for what they are now."""
    landing = apply_files if edited.files else apply
    version = asked.source.snapshot.version
    applied = await landing(server, asked.document, edited, asked.log, version, consent)
    if applied.status == "stale" and _can_be_asked_again(server, asked):
        again = await confirm.wants_again(server, edited, applied.sentence)
        # The question was the one message.
        return None if again else {"status": "stale", "message": harmless.message(applied.sentence)}
    if applied.status != "ok":
        return failure(server, applied.status, applied.sentence)
    told = applied.sentence or (edited.partial.sentence if edited.partial else edited.summary)
    parts = (told, edited.told(), await afterwards(edited), f"({edited.usage.sentence()})")
    return {"status": "ok", "message": " ".join(part for part in parts if part)}


def _can_be_asked_again(server: KimiServer, asked: Asked) -> bool:
    # A client that does not answer requests cannot be asked whether it wants that.
    return server.profile.apply_edit and renewed(server, asked) is not None


def failure(server: KimiServer, status: str, sentence: str) -> Result:
    """Tell the user why a command came to nothing, and return that as its result."""
    sentence = harmless.message(sentence)
    server.tell(sentence, types.MessageType.Error if status == "failed" else types.MessageType.Warning)
    return {"status": status, "message": sentence}


def _name(title: str) -> str:
    return title.removeprefix("Kimi: ")


def _result(value: object) -> Result:
    if not isinstance(value, dict):
        raise TypeError("a job gives back a dictionary")
    return value
