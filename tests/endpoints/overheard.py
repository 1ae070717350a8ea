"""What a model said on each turn, and what came back of it in the journal of the sandbox, whichever the endpoint."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from kimi_lsp.conversation import Delta, Model, ReasoningDelta, Reply, Request, TextDelta
from kimi_lsp.sandbox.tokens import count


@dataclass(frozen=True)
class Turn:
    """One turn of the model's: its thought, its calls, and what else there was on it."""

    thought: str
    calls: tuple[str, ...] = ()
    """The ids."""
    results: tuple[str, ...] = ()
    """The ids under which the calls were answered; on a turn that was only heard, those that are to come."""


class Overheard:
    """A model that is listened to."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.turns: list[Turn] = []
        self._said: list[str] = []
        self._more = asyncio.Event()

    async def stream(self, request: Request) -> AsyncGenerator[Delta, None]:
        thought = ""
        self._said.clear()
        async with aclosing(self._model.stream(request)) as deltas:
            async for delta in deltas:
                match delta:
                    case ReasoningDelta(text):
                        thought += text
                        self._said.append(text)
                    case TextDelta(text):
                        self._said.append(text)
                    case Reply(message):
                        ids = tuple(call.id for call in message.tool_calls)
                        self.turns.append(Turn(thought, ids, ids))
                self._more.set()
                yield delta

    async def heard(self, tokens: int) -> None:
        """Return once that much of the answer under way has come through, as the sandbox counts."""
        while sum(map(count, self._said)) < tokens:
            self._more.clear()
            await self._more.wait()


def replayed(endpoint: str, body: Mapping[str, Any]) -> list[Turn]:
    """Return the model's turns that a request said again, oldest first."""
    match endpoint:
        case "/v1/chat/completions":
            return _of_chat(body["messages"])
        case "/v1/responses":
            return _of_responses(body["input"])
        case "/v1/messages":
            return _of_messages(body["messages"])
    raise AssertionError(endpoint)


def _of_chat(messages: list[dict[str, Any]]) -> list[Turn]:
    turns: list[Turn] = []
    for message in messages:
        if message["role"] == "assistant":
            calls = tuple(call["id"] for call in message.get("tool_calls", ()))
            turns.append(Turn(message["reasoning_content"], calls))
        elif message["role"] == "tool":
            turns[-1] = _answered(turns[-1], message["tool_call_id"])
    return turns


def _of_responses(items: list[dict[str, Any]]) -> list[Turn]:
    turns: list[Turn] = []
    for item in items:
        match item.get("type"):
            case "reasoning":
                parts = item.get("content") or item["summary"]
                turns.append(Turn("".join(part["text"] for part in parts)))
            case "function_call":
                turns[-1] = Turn(turns[-1].thought, (*turns[-1].calls, item["call_id"]))
            case "function_call_output":
                turns[-1] = _answered(turns[-1], item["call_id"])
    return turns


def _of_messages(messages: list[dict[str, Any]]) -> list[Turn]:
    turns: list[Turn] = []
    for message in messages:
        blocks = [block for block in message["content"] if isinstance(block, dict)]
        if message["role"] == "assistant":
            thought = "".join(block["thinking"] for block in blocks if block["type"] == "thinking")
            turns.append(Turn(thought, tuple(block["id"] for block in blocks if block["type"] == "tool_use")))
        else:
            for block in blocks:
                if block["type"] == "tool_result":
                    turns[-1] = _answered(turns[-1], block["tool_use_id"])
    return turns


def _answered(turn: Turn, call: str) -> Turn:
    return Turn(turn.thought, turn.calls, (*turn.results, call))
