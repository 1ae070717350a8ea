"""POST /v1/chat/completions: the only place that knows this endpoint's wire shapes, both ways."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from kimi_lsp.sandbox import card, checks
from kimi_lsp.sandbox.asked import Asked, Call, Format, Turn
from kimi_lsp.sandbox.checks import misplaced
from kimi_lsp.sandbox.dialect import Beat, Dialect, event, openai_error
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.media import Kind, Media, Unusable, from_address
from kimi_lsp.sandbox.spoken import Spoken, deltas

_FORMAT = "response_format"
_ROLES = ("system", "developer", "user", "assistant", "tool")
_MEDIA: Mapping[str, Kind] = {"image_url": "image", "video_url": "video"}
_FINISH = {"refusal": "content_filter"}


def read(body: Any) -> Asked:
    """Check a request as the service does. Raises Rejected: 404 for an unknown model, else 400."""
    body = checks.opened(body)
    options = body.get("stream_options") or {}
    if not isinstance(options, Mapping):
        raise Rejected(400, "Invalid request: stream_options must be an object", param="stream_options")
    asked = Asked(
        _turns(body.get("messages")),
        checks.max_tokens(body, "max_completion_tokens", "max_tokens"),
        format=_format(body.get(_FORMAT)),
        stop=checks.stop(body.get("stop"), "stop"),
        stream=checks.boolean(body, "stream"),
        usage_in_stream=options.get("include_usage") is not False,
        offers=tuple(
            checks.offer(_function(tool), "parameters") for tool in checks.tool_list(body.get("tools"))
        ),
        may_call=checks.may_call(body.get("tool_choice")),
        parallel=body.get("parallel_tool_calls") is not False,
        web_search=checks.boolean(body, "tool_web_search"),
    )
    return checks.finished(asked, _FORMAT)


def _beats(request_id: str, asked: Asked, spoken: Spoken) -> list[Beat]:
    head = _head(request_id, "chat.completion.chunk")

    def chunk(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return event({**head, "choices": [choice], "usage": None})

    def call(index: int, more: Mapping[str, Any], said: str) -> Beat:
        return Beat("content", chunk({"tool_calls": [{"index": index, **more}]}), said)

    field = "refusal" if spoken.finish == "refusal" else "content"
    beats = [Beat("opening", chunk({"role": "assistant", "content": ""}))]
    beats += [
        Beat("reasoning", chunk({"reasoning_content": piece}), piece) for piece in deltas(spoken.reasoning)
    ]
    beats += [Beat("content", chunk({field: piece}), piece) for piece in deltas(spoken.content)]
    for index, one in enumerate(spoken.calls):
        opening = {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": ""}}
        beats.append(call(index, opening, one.name))
        beats += [call(index, {"function": {"arguments": piece}}, piece) for piece in _halves(one.arguments)]
    beats.append(Beat("closing", chunk({}, _FINISH.get(spoken.finish, spoken.finish))))
    if asked.usage_in_stream:
        beats.append(Beat("closing", event({**head, "choices": [], "usage": _usage(spoken)})))
    beats.append(Beat("closing", b"data: [DONE]\n\n"))
    return beats


def _whole(request_id: str, _asked: Asked, spoken: Spoken) -> dict[str, Any]:
    refused = spoken.finish == "refusal"
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if refused or (spoken.calls and not spoken.text) else spoken.text,
        "reasoning_content": spoken.thought,
    }
    if refused:
        message["refusal"] = spoken.text
    if spoken.calls:
        message["tool_calls"] = [
            {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": one.arguments}}
            for one in spoken.calls
        ]
    finish = _FINISH.get(spoken.finish, spoken.finish)
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {**_head(request_id, "chat.completion"), "choices": [choice], "usage": _usage(spoken)}


def _error_beat(rejected: Rejected) -> bytes:
    return event(openai_error(rejected))


CHAT = Dialect("/v1/chat/completions", _FORMAT, read, _beats, _whole, openai_error, _error_beat)


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
        "total_tokens": spoken.total_tokens,
        "cached_tokens": spoken.cached_tokens,
        "prompt_tokens_details": {"cached_tokens": spoken.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": len(spoken.reasoning)},
        **spoken.billing,
    }


def _halves(text: str) -> list[str]:
    middle = max(1, len(text) // 8 * 4)
    return [half for half in (text[:middle], text[middle:]) if half]


def _turns(messages: Any) -> tuple[Turn, ...]:
    if not isinstance(messages, list) or not messages:
        raise Rejected(400, "Invalid request: messages must be a list that is not empty", param="messages")
    turns: list[Turn] = []
    for index, message in enumerate(messages):
        if not isinstance(message, Mapping) or message.get("role") not in _ROLES:
            raise misplaced(index, "has no known role")
        role = str(message["role"])
        text, media = _content(index, message.get("content"))
        calls = _calls(index, message.get("tool_calls"))
        if not text and not media and not calls and role != "tool":
            raise misplaced(index, f"with role '{role}' must not be empty")
        if role == "assistant" and message.get("content") == "":
            raise misplaced(index, "has an empty content: leave it out beside tool calls")
        answers = message.get("tool_call_id") if role == "tool" else ""
        reasoning = message.get("reasoning_content")
        turns.append(
            Turn(
                role,
                text,
                reasoning if isinstance(reasoning, str) else None,
                media,
                calls,
                answers if isinstance(answers, str) else "",
                index,
            )
        )
    return tuple(turns)


def _content(index: int, content: Any) -> tuple[str, tuple[Media, ...]]:
    if content is None or isinstance(content, str):
        return content or "", ()
    if not isinstance(content, Sequence):
        raise misplaced(index, "has a content that is neither a string nor a list of parts")
    texts: list[str] = []
    media: list[Media] = []
    for part in content:
        kind = str(part.get("type")) if isinstance(part, Mapping) else ""
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind in _MEDIA:
            place = part.get(kind)
            try:
                media.append(
                    from_address(_MEDIA[kind], place.get("url") if isinstance(place, Mapping) else place)
                )
            except Unusable as error:
                raise misplaced(index, f"has a part {kind} that {error}") from error
        else:
            raise misplaced(index, "has a part that is not text, image_url or video_url")
    return "".join(texts), tuple(media)


def _calls(index: int, calls: Any) -> tuple[Call, ...]:
    made: list[Call] = []
    for call in calls if isinstance(calls, list) else [] if calls is None else [{}]:
        function = call.get("function") if isinstance(call, Mapping) else None
        if (
            not isinstance(function, Mapping)
            or not isinstance(call.get("id"), str)
            or not isinstance(function.get("name"), str)
            or not isinstance(function.get("arguments"), str)
        ):
            raise misplaced(index, "has a tool call without an id, a name or arguments as a string")
        made.append(Call(call["id"], function["name"], function["arguments"]))
    return tuple(made)


def _function(tool: Any) -> Any:
    return tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None


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
        raise Rejected(400, message, param=_FORMAT)
    return checks.schema_format(shape["schema"], shape.get("strict", True), f"{_FORMAT}.json_schema.schema")
