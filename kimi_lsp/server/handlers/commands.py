"""The commands: each takes one object, runs as a job, and answers with a status. The only callers of the model."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from kimi_lsp import features
from kimi_lsp.conversation import ModelError
from kimi_lsp.features import Edited, FeatureError, Report, Source
from kimi_lsp.project.files import FileProblem
from kimi_lsp.prompt import PromptError
from kimi_lsp.server import convert, explanation
from kimi_lsp.server.apply import apply
from kimi_lsp.server.documents import Document
from kimi_lsp.server.jobs import TooManyJobs
from kimi_lsp.server.progress import Progress
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import ChangeLog, Span

logger = logging.getLogger(__name__)

Result = dict[str, Any]
"""`{status: ok | cancelled | stale | refused | failed | started, message?, markdown?, job?}`."""


@attrs.frozen
class Place:
    """What a command is about; also its whole argument on the wire."""

    uri: str
    range: types.Range | None = None
    instruction: str = ""
    diagnostics: list[types.Diagnostic] = attrs.Factory(list)


@attrs.frozen
class Stop:
    """What to cancel: one job, the jobs of a document, or all."""

    job: str | None = None
    uri: str | None = None


_INFO = types.MessageType.Info


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with the document as it was when the command came, and the log of what is typed from then on."""

    document: Document
    source: Source
    span: Span
    place: Place
    log: ChangeLog


Work = Callable[[KimiServer, Asked, Report], Awaitable[Result]]


async def explain(server: KimiServer, place: Place) -> Result:
    """`kimi.explain`: show what the selection, or the function around the cursor, does."""
    return await _run(server, place, "Kimi: Explain", _explain)


async def refactor(server: KimiServer, place: Place) -> Result:
    """`kimi.refactor`: change the selection as the instruction says."""
    return await _run(server, place, "Kimi: Refactor", _refactor)


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
    # Everything is taken before the first await: what is typed from here on goes through the log.
    source = server.source(document)
    span = convert.span(place.range, source.snapshot, server.protocol.encoding) if place.range else Span(0, 0)
    with ExitStack() as opened:
        asked = Asked(document, source, span, place, opened.enter_context(document.followed()))
        try:
            job = server.jobs.start(document.uri, title, span, partial(_job, server, asked, title, work))
        except TooManyJobs as busy:
            return _failure(server, "refused", str(busy))
        following = opened.pop_all()
        job.task.add_done_callback(lambda _task: following.close())
    if server.profile.answers == "detached":
        if not server.profile.progress:
            # The wait must be seen at once, and this is all that such a client can show.
            server.tell(f"{_name(title)} is under way; it may take a minute. kimi.cancel stops it.", _INFO)
        return {"status": "started", "job": job.id}
    try:
        return _result(await job.task)
    except asyncio.CancelledError:
        asking = asyncio.current_task()
        if asking is not None and asking.cancelling():
            raise
        return {"status": "cancelled"}


async def _job(server: KimiServer, asked: Asked, title: str, work: Work, job: str) -> Result:
    """Run one piece of work inside its progress, and turn each way it can fail into a status and one message."""
    progress = Progress(server, job, title, shown=server.profile.progress)
    last = "failed"
    try:
        await progress.begin()
        result = await work(server, asked, progress.report)
        last = str(result.get("message") or result["status"])
        if result["status"] == "ok" and server.profile.answers == "detached":
            server.tell(last, _INFO)
        return result
    except asyncio.CancelledError:
        last = "cancelled"
        raise
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


async def _explain(server: KimiServer, asked: Asked, report: Report) -> Result:
    target = features.target(asked.source, asked.span)
    explained = await features.explain(await server.model(), target, report)
    await explanation.show(server, explained.markdown)
    result: Result = {"status": "ok", "message": explained.usage.sentence()}
    return {**result, "markdown": explained.markdown} if server.profile.markdown_result else result


async def _refactor(server: KimiServer, asked: Asked, report: Report) -> Result:
    target = features.target(asked.source, asked.span)
    instruction = asked.place.instruction
    return await _land(
        server, asked, await features.refactor(await server.model(), target, instruction, report)
    )


async def _fix(server: KimiServer, asked: Asked, report: Report) -> Result:
    target = features.target(asked.source, asked.span)
    problems = convert.diagnostics(asked.place.diagnostics, target.snapshot, server.protocol.encoding)
    return await _land(server, asked, await features.fix(await server.model(), target, problems, report))


async def _land(server: KimiServer, asked: Asked, edited: Edited) -> Result:
    applied = await apply(server, asked.document, edited, asked.log, asked.source.snapshot.version)
    if applied.status != "ok":
        return _failure(server, applied.status, applied.sentence)
    told = applied.sentence or edited.summary
    return {
        "status": "ok",
        "message": " ".join(part for part in (told, f"({edited.usage.sentence()})") if part),
    }


def _failure(server: KimiServer, status: str, sentence: str) -> Result:
    server.tell(sentence, types.MessageType.Error if status == "failed" else types.MessageType.Warning)
    return {"status": status, "message": sentence}


def _name(title: str) -> str:
    return title.removeprefix("Kimi: ")


def _result(value: object) -> Result:
    if not isinstance(value, dict):
        raise TypeError("a job gives back a dictionary")
    return value
