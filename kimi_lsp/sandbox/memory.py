"""What the sandbox has said in this run: ids of calls, the thought before each turn, and prompts that count as cached.

A turn of the assistant's that comes back must be the one that was said, its thought byte for byte.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from kimi_lsp.sandbox.asked import Asked, Call, Turn
from kimi_lsp.sandbox.checks import misplaced
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.spoken import Spoken
from kimi_lsp.sandbox.tokens import count

_MOST = 2_000
"""Calls, and texts, that are remembered."""
_MOST_PROMPTS = 20
_Value = TypeVar("_Value")


class Memory:
    """One run's memory; the oldest is forgotten first."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, tuple[Call, str]] = OrderedDict()
        self._thoughts: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._prompts: OrderedDict[tuple[tuple[str, int], ...], None] = OrderedDict()
        self._made = 0

    def call(self, name: str, arguments: dict[str, object]) -> Call:
        """Make a call with an id that this run has not used; ids look as the real service's do."""
        self._made += 1
        return Call(f"functions.{name}:{self._made - 1}", name, json.dumps(arguments, ensure_ascii=False))

    def note(self, spoken: Spoken) -> None:
        """Remember an answer."""
        for call in spoken.calls:
            _keep(self._calls, call.id, (call, spoken.thought))
        known = self._thoughts.get(spoken.text, ())
        if spoken.content and spoken.thought not in known:
            _keep(self._thoughts, spoken.text, (*known[-9:], spoken.thought))

    def cached_tokens(self, asked: Asked) -> int:
        """Return how much of the prompt an earlier one began with, in tokens, and remember the prompt."""
        cached = max((_shared(asked.segments, earlier) for earlier in self._prompts), default=0)
        self._prompts[asked.segments] = None
        self._prompts.move_to_end(asked.segments)
        while len(self._prompts) > _MOST_PROMPTS:
            self._prompts.popitem(last=False)
        return cached

    def check(self, turns: Sequence[Turn]) -> None:
        """Check all turns that came back. Raises Rejected."""
        for turn in turns:
            if turn.role == "assistant":
                self._check_thought(turn)
                for call in turn.calls:
                    self._check_call(turn, call)
        _check_results(turns)

    def _check_thought(self, turn: Turn) -> None:
        sort = "assistant tool call message" if turn.calls else "assistant message"
        if not turn.reasoning:
            raise _thoughtless(f"reasoning_content is missing in {sort} at index {turn.place}")
        known = self._thoughts.get(turn.text)
        if not turn.calls and known is not None and turn.reasoning not in known:
            raise _thoughtless(
                f"reasoning_content is not the one that was sent in {sort} at index {turn.place}"
            )

    def _check_call(self, turn: Turn, call: Call) -> None:
        if call.id not in self._calls:
            raise misplaced(
                turn.place, f"has the unknown tool call id {call.id!r}: send ids back as they came"
            )
        made, thought = self._calls[call.id]
        if turn.reasoning != thought:
            # The service only sees that the thought is not there; the difference is the sandbox's to tell.
            missing = f"reasoning_content is missing in assistant tool call message at index {turn.place}"
            raise _thoughtless(f"{missing} (what was sent back differs from what was said)")
        if call.name != made.name or _parsed(call.arguments) != _parsed(made.arguments):
            raise misplaced(turn.place, f"has changed the tool call {call.id!r}")


def _check_results(turns: Sequence[Turn]) -> None:
    waiting: dict[str, int] = {}
    for turn, following in pairwise([*turns, Turn("", "")]):
        waiting |= {call.id: turn.place for call in turn.calls}
        if turn.role == "tool" and waiting.pop(turn.answers, None) is None:
            raise misplaced(
                turn.place, f"has a tool_call_id that no tool call before it has: {turn.answers!r}"
            )
        if waiting and following.role != "tool":
            message = (
                "Invalid request: an assistant message with tool calls must be followed by tool messages; "
                f"without a result are: {', '.join(waiting)}"
            )
            raise Rejected(400, message, param="messages")


def _thoughtless(reason: str) -> Rejected:
    return Rejected(400, f"thinking is enabled but {reason}", param="messages")


def _parsed(arguments: str) -> object:
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments


def _keep(kept: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _MOST:
        kept.popitem(last=False)


def _shared(one: Sequence[tuple[str, int]], other: Sequence[tuple[str, int]]) -> int:
    tokens = 0
    for (mine, size), (theirs, _) in zip(one, other, strict=False):
        if mine != theirs:
            return tokens + min(size, count(_common_head(mine, theirs)))
        tokens += size
    return tokens


def _common_head(one: str, other: str) -> str:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return one[:low]
