"""POST /v1/chat/completions: the only place that knows this endpoint's wire shapes, both ways.

It rejects what the service behind the gateway rejects, with its words, so that a client's mistake shows here first.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from kimi_lsp.sandbox import card
from kimi_lsp.sandbox.dialect import Asked, Beat, Dialect, Format, Spoken, Turn, deltas
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.faults import no_model
from kimi_lsp.sandbox.json_schema import complaint
from kimi_lsp.sandbox.tokens import count

_FIXED: Mapping[str, float] = {
    "temperature": 1,
    "top_p": 0.95,
    "n": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
}
"""Sampling parameters and the one value of each that is not rejected."""
_ROLES = ("system", "developer", "user", "assistant", "tool")
_MEDIA = {"image_url": "image", "video_url": "video"}
_MEDIA_TOKENS = 2_000
_TURN_TOKENS = 4
_TOOL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{2,63}")
_MOST_TOOLS = 128
_MOST_STOPS = 4
_LONGEST_STOP = 32


def read(body: Any) -> Asked:
    """Check a request as the service does. Raises Rejected: 404 for an unknown model, else 400."""
    if not isinstance(body, Mapping):
        raise Rejected(400, "Invalid request: the body must be a JSON object")
    model = body.get("model")
    if not isinstance(model, str):
        raise Rejected(400, "Invalid request: model must be a string", param="model")
    if model != card.MODEL:
        raise no_model(model)
    _check_sampling(body)
    turns, tokens = _turns(body.get("messages"))
    tokens += _tools(body)
    max_tokens = _max_tokens(body)
    if tokens + max_tokens > card.CONTEXT_TOKENS:
        raise Rejected(400, f"Your request exceeded model token limit : {card.CONTEXT_TOKENS}")
    if not isinstance(body.get("tool_web_search") or False, bool):
        raise Rejected(400, "Invalid request: tool_web_search must be a boolean", param="tool_web_search")
    stream = body.get("stream") or False
    options = body.get("stream_options") or {}
    if not isinstance(stream, bool) or not isinstance(options, Mapping):
        raise Rejected(
            400, "Invalid request: stream must be a boolean, stream_options an object", param="stream"
        )
    return Asked(
        turns,
        tokens,
        max_tokens,
        format=_format(body.get("response_format")),
        stop=_stop(body.get("stop")),
        stream=stream,
        usage_in_stream=options.get("include_usage") is not False,
    )


def _beats(request_id: str, asked: Asked, spoken: Spoken) -> list[Beat]:
    head = _head(request_id, "chat.completion.chunk")

    def chunk(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event({**head, "choices": [choice], "usage": None})

    beats = [Beat("opening", chunk({"role": "assistant", "content": ""}))]
    beats += [Beat("reasoning", chunk({"reasoning_content": piece})) for piece in deltas(spoken.reasoning)]
    beats += [Beat("content", chunk({"content": piece})) for piece in deltas(spoken.content)]
    beats.append(Beat("closing", chunk({}, spoken.finish)))
    if asked.usage_in_stream:
        beats.append(Beat("closing", _event({**head, "choices": [], "usage": _usage(spoken)})))
    beats.append(Beat("closing", b"data: [DONE]\n\n"))
    return beats


def _whole(request_id: str, spoken: Spoken) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": "".join(spoken.content),
        "reasoning_content": "".join(spoken.reasoning),
    }
    choice = {"index": 0, "message": message, "finish_reason": spoken.finish}
    return {**_head(request_id, "chat.completion"), "choices": [choice], "usage": _usage(spoken)}


def _error(rejected: Rejected) -> dict[str, Any]:
    return {
        "error": {
            "message": str(rejected),
            "type": rejected.kind,
            "param": rejected.param,
            "code": rejected.code,
        }
    }


def _error_beat(rejected: Rejected) -> bytes:
    return _event(_error(rejected))


CHAT = Dialect("/v1/chat/completions", read, _beats, _whole, _error, _error_beat)


def _head(request_id: str, kind: str) -> dict[str, Any]:
    return {
        "id": request_id,
        "object": kind,
        "created": int(time.time()),
        "model": card.MODEL,
        "system_fingerprint": card.LABEL,
    }


def _usage(spoken: Spoken) -> dict[str, Any]:
    return {
        "prompt_tokens": spoken.prompt_tokens,
        "completion_tokens": spoken.completion_tokens,
        "total_tokens": spoken.prompt_tokens + spoken.completion_tokens,
        "completion_tokens_details": {"reasoning_tokens": len(spoken.reasoning)},
        "cost_usd": spoken.cost_usd,
    }


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def _check_sampling(body: Mapping[str, Any]) -> None:
    for name, only in _FIXED.items():
        if body.get(name) is not None and body[name] != only:
            raise Rejected(400, f"invalid {name}: only {only} is allowed for this model", param=name)
    thinking = body.get("thinking")
    if thinking is not None and (not isinstance(thinking, Mapping) or thinking.get("type") != "enabled"):
        message = "invalid thinking: only type=enabled is allowed for this model"
        raise Rejected(400, message, param="thinking")
    choice = body.get("tool_choice")
    if choice not in (None, "auto", "none"):
        spelling = "specified" if isinstance(choice, Mapping) else str(choice)
        message = f"tool_choice '{spelling}' is incompatible with thinking enabled"
        raise Rejected(400, message, param="tool_choice")


def _turns(messages: Any) -> tuple[tuple[Turn, ...], int]:
    """Return the turns and what they count in tokens."""
    if not isinstance(messages, list) or not messages:
        raise Rejected(400, "Invalid request: messages must be a list that is not empty", param="messages")
    turns: list[Turn] = []
    tokens = 0
    calls: set[str] = set()
    for index, message in enumerate(messages):
        if not isinstance(message, Mapping) or message.get("role") not in _ROLES:
            raise _bad_message(index, "has no known role")
        role = str(message["role"])
        text, used = _content(index, message.get("content"))
        asked_calls = _tool_calls(index, message.get("tool_calls"))
        reasoning = message.get("reasoning_content")
        if role == "assistant" and asked_calls and not isinstance(reasoning, str):
            reason = f"reasoning_content is missing in assistant tool call message at index {index}"
            raise Rejected(400, f"thinking is enabled but {reason}", param="messages")
        if role == "tool" and message.get("tool_call_id") not in calls:
            raise _bad_message(index, "has a tool_call_id that no tool call before it has")
        if not text and not used and not asked_calls and role != "tool":
            raise _bad_message(index, f"with role '{role}' must not be empty")
        calls.update(asked_calls)
        turns.append(Turn(role, text))
        tokens += used + _TURN_TOKENS + count(reasoning if isinstance(reasoning, str) else "")
    if all(turn.role in ("system", "developer") for turn in turns):
        raise Rejected(400, "Invalid request: messages hold nothing to answer", param="messages")
    return tuple(turns), tokens


def _content(index: int, content: Any) -> tuple[str, int]:
    if content is None or isinstance(content, str):
        return content or "", count(content or "")
    if not isinstance(content, Sequence):
        raise _bad_message(index, "has a content that is neither a string nor a list of parts")
    texts: list[str] = []
    tokens = 0
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
            tokens += count(part["text"])
        elif kind in _MEDIA:
            place = part.get(kind)
            address = place.get("url") if isinstance(place, Mapping) else place
            if not isinstance(address, str) or not address.startswith(
                (f"data:{_MEDIA[kind]}/", "https://", "http://", "ms://", "bunny://")
            ):
                raise _bad_message(index, f"has a {kind} part without a usable url")
            tokens += _MEDIA_TOKENS
        else:
            raise _bad_message(index, "has a part that is not text, image_url or video_url")
    return "".join(texts), tokens


def _tool_calls(index: int, calls: Any) -> list[str]:
    if calls is None:
        return []
    ids: list[str] = []
    for call in calls if isinstance(calls, list) else [{}]:
        function = call.get("function") if isinstance(call, Mapping) else None
        if (
            not isinstance(function, Mapping)
            or not isinstance(call.get("id"), str)
            or not isinstance(function.get("name"), str)
            or not isinstance(function.get("arguments"), str)
        ):
            raise _bad_message(index, "has a tool call without an id, a name or arguments as a string")
        ids.append(call["id"])
    return ids


def _tools(body: Mapping[str, Any]) -> int:
    tools = body.get("tools")
    if tools is None:
        return 0
    if not isinstance(tools, list) or len(tools) > _MOST_TOOLS:
        raise Rejected(400, f"Invalid request: tools must be a list of at most {_MOST_TOOLS}", param="tools")
    for tool in tools:
        function = (
            tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None
        )
        name = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
            message = "Invalid request: function name is invalid, must start with a letter or _ and have 3 to 64 characters"
            raise Rejected(400, message, param="tools")
        reason = complaint(function.get("parameters", {"type": "object", "properties": {}}))
        if reason and function.get("strict") is not False:
            message = "tools.function.parameters is not a valid moonshot flavored json schema, details: "
            raise Rejected(400, message + reason, param="tools")
    return count(json.dumps(tools))


def _max_tokens(body: Mapping[str, Any]) -> int:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= card.LARGEST_MAX_TOKENS:
            message = f"Invalid request: {name} must be a whole number from 1 to {card.LARGEST_MAX_TOKENS}"
            raise Rejected(400, message, param=name)
        return value
    return card.DEFAULT_MAX_TOKENS


def _stop(stop: Any) -> tuple[str, ...]:
    words = [stop] if isinstance(stop, str) else stop or []
    if (
        not isinstance(words, list)
        or len(words) > _MOST_STOPS
        or not all(isinstance(word, str) and 0 < len(word.encode()) <= _LONGEST_STOP for word in words)
    ):
        message = f"Invalid request: stop takes up to {_MOST_STOPS} strings of 1 to {_LONGEST_STOP} bytes"
        raise Rejected(400, message, param="stop")
    return tuple(words)


def _format(wanted: Any) -> Format | None:
    kind = wanted.get("type") if isinstance(wanted, Mapping) else None
    if wanted is None or kind == "text":
        return None
    if kind == "json_object":
        return Format(None)
    shape = wanted.get("json_schema") if kind == "json_schema" else None
    if (
        not isinstance(shape, Mapping)
        or not isinstance(shape.get("name"), str)
        or not shape["name"]
        or not isinstance(shape.get("schema"), Mapping)
        or not isinstance(shape.get("strict", True), bool)
    ):
        message = (
            "Invalid request: response_format must be json_object, or json_schema with a name and a schema"
        )
        raise Rejected(400, message, param="response_format")
    reason = complaint(shape["schema"])
    if reason and shape.get("strict", True):
        message = "response_format.json_schema.schema is not a valid moonshot flavored json schema, details: "
        raise Rejected(400, message + reason, param="response_format")
    return Format(None if reason else shape["schema"])


def _bad_message(index: int, reason: str) -> Rejected:
    return Rejected(400, f"Invalid request: message at position {index} {reason}", param="messages")
