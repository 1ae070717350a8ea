"""A model with a script: it yields what it is told and keeps what it was asked."""

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
    Usage,
)

USED = Usage(prompt_tokens=100, completion_tokens=20, reasoning_tokens=5, cost_usd=0.001)


class Scripted:
    """Gives its answers one after another; a ModelError among them is raised."""

    def __init__(self, answers: Sequence[str | ModelError]) -> None:
        self._answers = list(answers)
        self.asked: list[Request] = []

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        self.asked.append(request)
        answer = self._answers[len(self.asked) - 1]
        yield ReasoningDelta("hm, ")
        if isinstance(answer, ModelError):
            raise answer
        for start in range(0, len(answer), 7):
            yield TextDelta(answer[start : start + 7])
        message = Message("assistant", (Text(answer),), Reasoning("hm, "))
        yield Reply(message, "stop", USED, "scripted")
