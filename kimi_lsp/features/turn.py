"""The one loop: ask, read edits as they close, plan, check, and tell the model once why its edits do not fit."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial as partial_of

from kimi_lsp.conversation import Model, Usage
from kimi_lsp.edits import (
    Answer,
    AnswerReader,
    Beyond,
    FileChange,
    NotAnAnswer,
    Proposal,
    Refusal,
    Unfinished,
)
from kimi_lsp.features.file_changes import FileScope, planned
from kimi_lsp.features.outcome import (
    Edited,
    Explained,
    NothingProposed,
    NotUnderstood,
    Phase,
    Refused,
    Report,
)
from kimi_lsp.features.partial import partial
from kimi_lsp.features.reading import Told, offered, read_with_tools
from kimi_lsp.features.tools import Readings, Toolbox
from kimi_lsp.project.syntax import Known, look
from kimi_lsp.prompt import Prompt, Target, remarked, repair
from kimi_lsp.text import Snapshot
from kimi_lsp.text.harmless import markdown, message

Judge = Callable[[Edited, Answer], None]
"""Holds edits that fit against what they were asked for. Raises Refusal where they do something else."""

_BREATH = 0.001
"""Seconds in which all else goes first, after each piece of a text that is looked at while the model thinks."""


class _Left(Exception):
    """Nobody waits for it any more."""


async def propose(
    model: Model,
    prompt: Prompt,
    target: Target,
    label: str,
    report: Report,
    scope: FileScope | None = None,
    tools: Toolbox | None = None,
) -> Edited:
    """Ask for edits and return those that fit the target's snapshot, all of them or none.

    Files come, move and go only inside of the scope. With tools the model may look into the project first; files of
    the scope that it reads may then be edited too.
    Raises NothingProposed, Refused, NotUnderstood, EndlessReading, and lets conversation.ModelError pass.
    """
    found = await answered(model, prompt, target, label, report, scope, tools)
    if isinstance(found, Explained):
        raise NothingProposed(found.markdown, found.usage)
    return found


async def answered(
    model: Model,
    prompt: Prompt,
    target: Target,
    label: str,
    report: Report,
    scope: FileScope | None = None,
    tools: Toolbox | None = None,
    judge: Judge | None = None,
) -> Edited | Explained:
    """Do the same where the answer may be a text, too, and where edits that fit are held against what was asked for."""
    asked, toolbox = offered(prompt, tools, target.budget)
    return await _rounds(model, asked, _About(target, label, scope, toolbox, judge), report, None)


@dataclass(frozen=True)
class _About:
    """What stays the same however often the model is asked."""

    target: Target
    label: str
    scope: FileScope | None
    toolbox: Toolbox | None
    judge: Judge | None


async def _rounds(
    model: Model, asked: Prompt, about: _About, report: Report, readings: Readings | None
) -> Edited | Explained:
    target, label, scope, judge = about.target, about.label, about.scope, about.judge
    with looked_at(target.snapshot) as looking:
        for may_repair in (True, False):
            told = await read_with_tools(model, asked, report, about.toolbox, readings, AnswerReader)
            asked, readings = told.prompt, told.readings
            usage, grown = readings.usage, _grown(scope, readings)
            report(Phase("checking"))
            known = await looking
            answer: Answer | None = None
            try:
                answer = _restored(told.answer(), asked)
                if answer.text and (answer.edits or answer.files):
                    raise NotAnAnswer("it holds both edits and a text")
                if answer.text:
                    return Explained(markdown(answer.text.strip()), usage)
                if answer.edits or answer.files:
                    edited = await asyncio.to_thread(planned, target, known, grown, answer, label, usage)
                    if judge is not None:
                        await asyncio.to_thread(judge, edited, answer)
                    return replace(edited, again=partial_of(_again, told, about))
            except Refusal as refusal:
                if not may_repair:
                    final = await asyncio.to_thread(
                        _final, refusal, target, known, grown, answer, label, usage, judge
                    )
                    raise final from refusal
                report(Phase("repairing", note="the edits did not fit; asking once more"))
                asked = repair(asked, told.reply.message, refusal.for_model)
            else:
                raise NothingProposed(answer.summary or "The model proposed no edit.", usage)
    raise AssertionError("unreachable: the second round returns or raises")


async def _again(told: Told, about: _About, model: Model, remark: str, report: Report) -> Edited | Explained:
    """Ask for another answer: the conversation goes on with what the user says of this one."""
    asked = remarked(told.prompt, told.reply.message, remark)
    return await _rounds(model, asked, about, report, told.readings)


@contextmanager
def looked_at(snapshot: Snapshot) -> Iterator["asyncio.Future[Known]"]:
    """Look at a text's syntax while the model thinks, in a thread that never holds the others up for long."""
    left = threading.Event()

    def pause() -> None:
        if left.wait(_BREATH):
            raise _Left

    looking = asyncio.ensure_future(asyncio.to_thread(look, snapshot.text, snapshot.language, pause))
    try:
        yield looking
    finally:
        left.set()
        looking.cancel()


def _grown(scope: FileScope | None, readings: Readings) -> FileScope | None:
    if scope is None:
        return None
    homes = {path: one.place.root for path, one in readings.seen.items() if one.place.root != scope.root}
    return replace(scope, shown={**scope.shown, **readings.texts()}, homes={**scope.homes, **homes})


def _final(
    refusal: Refusal,
    target: Target,
    known: Known,
    scope: FileScope | None,
    answer: Answer | None,
    label: str,
    usage: Usage,
    judge: Judge | None,
) -> NotUnderstood | Refused:
    if answer is None or isinstance(refusal, NotAnAnswer | Unfinished):
        return NotUnderstood(str(refusal), usage)
    part = None if isinstance(refusal, Beyond) else partial(target, known, scope, answer, label, usage)
    if part is not None and judge is not None:
        try:
            judge(part, answer)
        except Refusal:
            part = None
    return Refused(str(refusal), usage, part)


def _restored(answer: Answer, prompt: Prompt) -> Answer:
    restore = prompt.redaction.restore

    def edit(one: Proposal) -> Proposal:
        return one.model_copy(update={"search": restore(one.search), "replace": restore(one.replace)})

    def file(one: FileChange) -> FileChange:
        return one.model_copy(update={"text": None if one.text is None else restore(one.text)})

    restored = {
        "edits": tuple(map(edit, answer.edits)),
        "files": tuple(map(file, answer.files)),
        "summary": message(answer.summary),
        "text": answer.text and restore(answer.text),
    }
    return answer.model_copy(update=restored)
