"""The one loop: ask, read edits as they close, plan, check, and tell the model once why its edits do not fit."""

from dataclasses import replace

from kimi_lsp.conversation import Model, ReasoningDelta, Reply, Request, TextDelta, Usage, Waiting
from kimi_lsp.edits import Answer, AnswerReader, EditPlan, NotAnAnswer, Proposal, Refusal, Unfinished, plan
from kimi_lsp.features.outcome import (
    Edited,
    NothingProposed,
    NotUnderstood,
    Phase,
    PhaseName,
    Refused,
    Report,
)
from kimi_lsp.project.syntax import new_problems
from kimi_lsp.prompt import Prompt, Target, repair

_CHARACTERS_PER_TOKEN = 4
"""For the progress display only; code and prose in English come to about this."""


async def read(model: Model, request: Request, report: Report, reader: AnswerReader | None = None) -> Reply:
    """Ask once and follow the answer to its end, reporting as it grows.

    Raises conversation.ModelError. Cancelling the task stops the paid request.
    """
    characters, edits = 0, 0
    report(Phase("waiting"))
    stream = model.stream(request)
    try:
        async for delta in stream:
            phase: PhaseName
            match delta:
                case Waiting(reason):
                    report(Phase("waiting", note=reason))
                    continue
                case ReasoningDelta(text):
                    phase = "thinking"
                case TextDelta(text):
                    phase = "writing"
                    edits += len(reader.feed(text)) if reader else 0
                case Reply():
                    return delta
            characters += len(text)
            note = f"{edits} edit{'s' if edits > 1 else ''} so far" if edits else ""
            report(Phase(phase, characters // _CHARACTERS_PER_TOKEN, note))
    finally:
        await stream.aclose()
    raise AssertionError("a model's stream ended without a Reply")


async def propose(model: Model, prompt: Prompt, target: Target, label: str, report: Report) -> Edited:
    """Ask for edits and return those that fit the target's snapshot, all of them or none.

    Raises NothingProposed, Refused, NotUnderstood, and lets conversation.ModelError pass.
    """
    usage = Usage()
    asked = prompt
    for may_repair in (True, False):
        reader = AnswerReader()
        reply = await read(model, asked.request, report, reader)
        usage += reply.usage
        report(Phase("checking"))
        try:
            answer = _restored(reader.finish(), prompt)
            if answer.edits:
                return _checked(_plan(target, answer), answer, target, label, usage)
        except Refusal as refusal:
            if not may_repair:
                unread = isinstance(refusal, NotAnAnswer | Unfinished)
                raise (NotUnderstood if unread else Refused)(str(refusal), usage) from refusal
            report(Phase("repairing", note="the edits did not fit; asking once more"))
            asked = repair(asked, reply.message, refusal.for_model)
        else:
            raise NothingProposed(answer.summary or "The model proposed no edit.", usage)
    raise AssertionError("unreachable: the second round returns or raises")


def _plan(target: Target, answer: Answer) -> EditPlan:
    others = sorted({edit.file for edit in answer.edits} - {target.path, ""})
    if others:
        raise Refusal(
            f"the model wanted to edit {', '.join(others)}, which it was not shown.",
            for_model=f"Only {target.path} may be edited here; there is no edit of another file.",
        )
    return plan(target.snapshot.text, answer.edits)


def _restored(answer: Answer, prompt: Prompt) -> Answer:
    def back(edit: Proposal) -> Proposal:
        restore = prompt.redaction.restore
        return edit.model_copy(update={"search": restore(edit.search), "replace": restore(edit.replace)})

    return answer.model_copy(update={"edits": tuple(back(edit) for edit in answer.edits)})


def _checked(planned: EditPlan, answer: Answer, target: Target, label: str, usage: Usage) -> Edited:
    edited = Edited(planned, label, answer.summary, usage)
    problems = new_problems(target.snapshot.text, planned.apply(), target.snapshot.language)
    return replace(edited, syntax=problems)
