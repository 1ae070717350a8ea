"""A model with a script in which it calls tools: each answer is a text, or the calls of one turn."""

import json
from collections.abc import AsyncGenerator, Sequence

from kimi_lsp.conversation import (
    Delta,
    Message,
    ModelError,
    Reasoning,
    ReasoningDelta,
    Reply,
    Request,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)

USED = Usage(prompt_tokens=100, completion_tokens=20, reasoning_tokens=5, cost_usd=0.001)


class Calling:
    """Gives its answers one after another, and the last one again and again; a ModelError is raised.

    `beside` is what it says beside its calls.
    """

    def __init__(self, *answers: str | Sequence[ToolCall] | ModelError, beside: str = "I look. ") -> None:
        self._answers = answers
        self._beside = beside
        self.asked: list[Request] = []

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        self.asked.append(request)
        number = len(self.asked)
        answer = self._answers[min(number, len(self._answers)) - 1]
        yield ReasoningDelta(f"thought {number}")
        if isinstance(answer, ModelError):
            raise answer
        reasoning = Reasoning(f"thought {number}")
        if isinstance(answer, str):
            yield TextDelta(answer)
            yield Reply(Message("assistant", (Text(answer),), reasoning), "stop", USED, "scripted")
        else:
            yield TextDelta(self._beside)
            message = Message("assistant", (Text(self._beside),), reasoning, tuple(answer))
            yield Reply(message, "tool_calls", USED, "scripted")


def call(name: str, identity: str = "functions.x:0", /, **arguments: object) -> ToolCall:
    """Return a call as a model makes it."""
    return ToolCall(identity, name, json.dumps(arguments))
