"""What all three endpoints check alike, in the words of the service behind them. A request that passes is in order."""

import re
from collections.abc import Mapping
from typing import Any

from kimi_lsp.sandbox import card
from kimi_lsp.sandbox.asked import Asked, Format, Offer
from kimi_lsp.sandbox.errors import Rejected, no_model
from kimi_lsp.sandbox.json_schema import complaint

_FIXED: Mapping[str, float] = {
    "temperature": 1,
    "top_p": 0.95,
    "n": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
}
"""Sampling parameters and the one value of each that is not rejected."""
_TOOL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{2,63}")
_MOST_TOOLS = 128
_MOST_STOPS = 4
_LONGEST_STOP = 32
_JSON = re.compile("json", re.IGNORECASE)


def opened(body: Any) -> Mapping[str, Any]:
    """Return a body that is an object and asks for the model with nothing that is fixed. Raises Rejected."""
    if not isinstance(body, Mapping):
        raise Rejected(400, "Invalid request: the body must be a JSON object")
    model = body.get("model")
    if not isinstance(model, str):
        raise Rejected(400, "Invalid request: model must be a string", param="model")
    if model != card.MODEL:
        raise no_model(model)
    for name, only in _FIXED.items():
        if body.get(name) is not None and body[name] != only:
            raise Rejected(400, f"invalid {name}: only {only} is allowed for this model", param=name)
    thinking = body.get("thinking")
    given_up = body.get("enable_thinking") is False
    if given_up or (
        thinking is not None and (not isinstance(thinking, Mapping) or thinking.get("type") != "enabled")
    ):
        message = "invalid thinking: only type=enabled is allowed for this model"
        raise Rejected(400, message, param="enable_thinking" if given_up else "thinking")
    return body


def boolean(body: Mapping[str, Any], name: str) -> bool:
    """Return a field that is false where it was left out. Raises Rejected."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise Rejected(400, f"Invalid request: {name} must be a boolean", param=name)
    return value or False


def max_tokens(body: Mapping[str, Any], *names: str) -> int:
    """Return the first of these fields that was sent, or the card's default. Raises Rejected."""
    for name in names:
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= card.LARGEST_MAX_TOKENS:
            message = f"Invalid request: {name} must be a whole number from 1 to {card.LARGEST_MAX_TOKENS}"
            raise Rejected(400, message, param=name)
        return value
    return card.DEFAULT_MAX_TOKENS


def stop(value: Any, name: str) -> tuple[str, ...]:
    """Return the stop words. Raises Rejected."""
    words = [value] if isinstance(value, str) else value or []
    if (
        not isinstance(words, list)
        or len(words) > _MOST_STOPS
        or not all(isinstance(word, str) and 0 < len(word.encode()) <= _LONGEST_STOP for word in words)
    ):
        message = f"Invalid request: {name} takes up to {_MOST_STOPS} strings of 1 to {_LONGEST_STOP} bytes"
        raise Rejected(400, message, param=name)
    return tuple(words)


def may_call(choice: Any) -> bool:
    """Tell whether a tool_choice allows calls; an object counts by its type. Raises Rejected for a forced call."""
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    if kind in (None, "auto", "none"):
        return kind != "none"
    spelling = "required" if kind in ("any", "required") else "specified"
    message = f"tool_choice '{spelling}' is incompatible with thinking enabled"
    raise Rejected(400, message, param="tool_choice")


def tool_list(tools: Any) -> list[Any]:
    """Return the tools that were sent, not yet looked at. Raises Rejected."""
    if tools is not None and (not isinstance(tools, list) or len(tools) > _MOST_TOOLS):
        raise Rejected(400, f"Invalid request: tools must be a list of at most {_MOST_TOOLS}", param="tools")
    return tools or []


def offer(function: Any, parameters_field: str) -> Offer:
    """Return one function, given as the object that holds its name. Raises Rejected."""
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
        message = "Invalid request: function name is invalid, must start with a letter or _ and have 3 to 64 characters"
        raise Rejected(400, message, param="tools")
    parameters = function.get(parameters_field)
    parameters = {"type": "object", "properties": {}} if parameters is None else parameters
    reason = complaint(parameters)
    if reason and (function.get("strict") is not False or not isinstance(parameters, Mapping)):
        message = "tools.function.parameters is not a valid moonshot flavored json schema, details: "
        raise Rejected(400, message + reason, param="tools")
    return Offer(name, str(function.get("description") or ""), parameters)


def schema_format(schema: Any, strict: bool, field: str) -> Format:
    """Return the format of a schema. Raises Rejected where it is not in the subset; one that is not strict may be."""
    reason = complaint(schema)
    if reason and strict:
        message = f"{field} is not a valid moonshot flavored json schema, details: "
        raise Rejected(400, message + reason, param=field.partition(".")[0])
    return Format(None if reason else schema)


def finished(asked: Asked, field: str) -> Asked:
    """Return a request that also keeps within what only its whole shows. Raises Rejected.

    `field` is where the endpoint takes the format.
    """
    if all(turn.role in ("system", "developer") for turn in asked.turns):
        raise Rejected(400, "Invalid request: messages hold nothing to answer", param="messages")
    if asked.prompt_tokens + asked.max_tokens > card.CONTEXT_TOKENS:
        raise Rejected(400, f"Your request exceeded model token limit : {card.CONTEXT_TOKENS}")
    wants_any = asked.format is not None and asked.format.schema is None
    if wants_any and not any(_JSON.search(turn.text) for turn in asked.turns):
        message = f"Invalid request: {field} of the type json_object needs the word 'json' in the messages"
        raise Rejected(400, message, param=field)
    return asked


def misplaced(index: int, reason: str, param: str = "messages") -> Rejected:
    """Return the error for one message or item that is not in order."""
    noun = "item" if param == "input" else "message"
    return Rejected(400, f"Invalid request: {noun} at position {index} {reason}", param=param)
