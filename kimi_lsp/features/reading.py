"""From a request to the model's answer: one answer followed to its end, and the loop in which the model may look first.

A turn of the model's that calls tools is answered, call by call, and said again as it came, its reasoning and the
ids of its calls byte for byte. The loop ends: at a limit the model is told so once, and then it is stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from kimi_lsp.conversation import (
    Message,
    Model,
    ReasoningDelta,
    Reply,
    Request,
    Text,
    TextDelta,
    Waiting,
)
from kimi_lsp.edits import Answer, AnswerReader, ReviewAnswer
from kimi_lsp.features.outcome import EndlessReading, Phase, PhaseName, Report
from kimi_lsp.features.tools import Readings, Toolbox, answer, subject
from kimi_lsp.prompt import Prompt, estimate
from kimi_lsp.prompt.tools import with_tools

_CHARACTERS_PER_TOKEN = 4
"""For the progress display only; code and prose in English come to about this."""
_LAST = "No further call is answered in this request. Give your answer now, from what you have."


@dataclass(frozen=True)
class Told:
    """The model's answer, and the conversation that led to it."""

    reply: Reply
    prompt: Prompt
    """The whole conversation before the reply, tools' turns included; its redaction knows all that was read."""
    readings: Readings
    """What was read on the way, and the usage of all turns."""
    reader: AnswerReader | None
    """The one that read the reply, and no turn before it."""

    def answer(self) -> Answer:
        """Return the reply as an answer with edits. Raises Refusal where it is none, or was not read as one."""
        return (self.reader or AnswerReader()).finish()

    def review(self) -> ReviewAnswer:
        """Return the reply as an answer with suggestions. Raises Refusal where it is none, or was not read as one."""
        return (self.reader or AnswerReader()).finish_review()


def offered(prompt: Prompt, tools: Toolbox | None, budget: int) -> tuple[Prompt, Toolbox | None]:
    """Return a prompt that offers tools, and these within what the prompt leaves of the budget, in tokens.

    Where there are none, or there is no room for what they would bring in, the prompt stays as it is.
    """
    if tools is None:
        return prompt, None
    offering = with_tools(prompt)
    fitting = tools.within(budget - offering.estimate)
    return (offering, fitting) if fitting.is_of_use else (prompt, None)


Heard = Callable[[Callable[[], str]], object]
"""Told at each piece of an answer's text, with what gives all of it so far."""


async def read(
    model: Model,
    request: Request,
    report: Report,
    reader: AnswerReader | None = None,
    before: int = 0,
    heard: Heard | None = None,
) -> Reply:
    """Ask once and follow the answer to its end, reporting as it grows; `before` tokens were generated already.

    Raises conversation.ModelError. Cancelling the task stops the paid request.
    """
    characters, edits = 0, 0
    said: list[str] = []
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
                    said.append(text)
                    if heard is not None:
                        heard(lambda: "".join(said))
                case Reply():
                    return delta
            characters += len(text)
            note = f"{edits} edit{'s' if edits > 1 else ''} so far" if edits else ""
            report(Phase(phase, before + characters // _CHARACTERS_PER_TOKEN, note))
    finally:
        await stream.aclose()
    raise AssertionError("a model's stream ended without a Reply")


async def read_with_tools(
    model: Model,
    prompt: Prompt,
    report: Report,
    toolbox: Toolbox | None,
    so_far: Readings | None = None,
    new_reader: Callable[[], AnswerReader] | None = None,
    heard: Heard | None = None,
) -> Told:
    """Ask, answer the calls of tools as long as the model makes some, and return what it says in the end.

    Without a toolbox the first reply is the end. `so_far` is what was read for this request before, where it is asked
    again. Each turn is read by a new reader, since what the model says beside its calls is not its answer.
    Raises EndlessReading, with the usage, where the model goes on calling after it was told that it may not, and
    conversation.ModelError.
    """
    readings = so_far or Readings(prompt.redaction)
    told_last = toolbox is None or readings.are_enough(toolbox.limits)
    while True:
        reader = new_reader() if new_reader else None
        generated = readings.usage.completion_tokens
        reply = await read(model, prompt.request, report, reader, generated, heard)
        readings = replace(readings, usage=readings.usage + reply.usage)
        if toolbox is None or not reply.message.tool_calls:
            return Told(reply, prompt, readings, reader)
        if told_last:
            raise EndlessReading(readings.calls, readings.usage)
        said, readings = await _answered(reply.message, toolbox, readings, report)
        told_last = readings.are_enough(toolbox.limits)
        if told_last:
            *before, last = said
            said = [*before, replace(last, parts=(Text(f"{last.text}\n\n{_LAST}"),))]
        prompt = _continued(prompt, reply.message, said, readings)


async def _answered(
    turn: Message, toolbox: Toolbox, readings: Readings, report: Report
) -> tuple[list[Message], Readings]:
    """Answer all calls of a turn in their order."""
    readings = replace(readings, turns=readings.turns + 1, tokens=readings.tokens + _tokens(turn))
    said = []
    for call in turn.tool_calls:
        report(Phase("reading", note=subject(call)))
        result, readings = await answer(call, toolbox, readings)
        said.append(Message("tool", (Text(result),), tool_call_id=call.id))
    return said, readings


def _continued(prompt: Prompt, turn: Message, said: list[Message], readings: Readings) -> Prompt:
    request = replace(prompt.request, messages=(*prompt.request.messages, turn, *said))
    tokens = prompt.estimate + _tokens(turn) + sum(estimate(one.text) for one in said)
    return replace(prompt, request=request, redaction=readings.redaction, estimate=tokens)


def _tokens(turn: Message) -> int:
    calls = "".join(call.name + call.arguments for call in turn.tool_calls)
    return estimate(f"{turn.reasoning.text if turn.reasoning else ''}{turn.text}{calls}")
