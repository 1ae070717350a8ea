"""POST /v1/responses: how its requests are read. Its answers are spelled in `responses_answer`."""

from collections.abc import Mapping
from typing import Any

from kimi_lsp.sandbox import checks
from kimi_lsp.sandbox.asked import Asked, Call, Format, Offer, Turn
from kimi_lsp.sandbox.checks import misplaced
from kimi_lsp.sandbox.dialect import Dialect, openai_error
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.media import Kind, Media, Unusable, from_address
from kimi_lsp.sandbox.responses_answer import beats, error_beat, whole

_FORMAT = "text.format"
_ROLES = ("system", "developer", "user", "assistant")
_TEXTS = ("input_text", "output_text", "text", "summary_text", "reasoning_text", "refusal")
_MEDIA: Mapping[str, tuple[Kind, str]] = {
    "input_image": ("image", "image_url"),
    "input_video": ("video", "video_url"),
    "input_file": ("video", "file_data"),
}
_ECHOED = (
    "instructions",
    "max_output_tokens",
    "metadata",
    "reasoning",
    "text",
    "tool_choice",
    "tools",
    "user",
)


def read(body: Any) -> Asked:
    """Check a request as the service does. Raises Rejected: 404 for an unknown model, else 400."""
    body = checks.opened(body)
    if body.get("previous_response_id") is not None:
        message = "Invalid request: no response is kept; send the whole conversation as input"
        raise Rejected(400, message, param="previous_response_id")
    reasoning = body.get("reasoning") or {}
    if not isinstance(reasoning, Mapping) or reasoning.get("effort") == "none":
        message = "invalid thinking: only type=enabled is allowed for this model"
        raise Rejected(400, message, param="reasoning")
    include = body.get("include") or []
    sealed = isinstance(include, list) and "reasoning.encrypted_content" in include
    asked = Asked(
        _turns(body),
        checks.max_tokens(body, "max_output_tokens"),
        format=_format(body.get("text")),
        stop=checks.stop(body.get("stop"), "stop"),
        stream=checks.boolean(body, "stream"),
        offers=tuple(_offer(tool) for tool in checks.tool_list(body.get("tools"))),
        may_call=checks.may_call(body.get("tool_choice")),
        parallel=body.get("parallel_tool_calls") is not False,
        web_search=checks.boolean(body, "tool_web_search"),
        echo={**{name: body[name] for name in _ECHOED if body.get(name) is not None}, "sealed": sealed},
    )
    return checks.finished(asked, _FORMAT)


RESPONSES = Dialect("/v1/responses", _FORMAT, read, beats, whole, openai_error, error_beat)


def _turns(body: Mapping[str, Any]) -> tuple[Turn, ...]:
    instructions, items = body.get("instructions"), body.get("input")
    if instructions is not None and not isinstance(instructions, str):
        raise Rejected(400, "Invalid request: instructions must be a string", param="instructions")
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    if not isinstance(items, list) or not items:
        raise Rejected(
            400, "Invalid request: input must be a text or a list that is not empty", param="input"
        )
    turns = [Turn("system", instructions, place=-1)] if instructions else []
    said: list[Turn] = []
    for index, item in enumerate(items):
        turn = _turn(index, item)
        # Reasoning, message and calls are items of their own; together they are one turn of the assistant.
        if turn.role == "assistant" and not (said and turn.reasoning is not None):
            said.append(turn)
            continue
        turns += _joined(said)
        said = [turn] if turn.role == "assistant" else []
        turns += [] if said else [turn]
    return tuple(turns + _joined(said))


def _joined(said: list[Turn]) -> list[Turn]:
    if not said:
        return []
    thought = [turn.reasoning for turn in said if turn.reasoning is not None]
    return [
        Turn(
            "assistant",
            "".join(turn.text for turn in said),
            thought[0] if thought else None,
            calls=tuple(call for turn in said for call in turn.calls),
            place=said[-1].place,
        )
    ]


def _turn(index: int, item: Any) -> Turn:
    if not isinstance(item, Mapping):
        raise misplaced(index, "is not an object", "input")
    match item.get("type", "message"):
        case "message" if item.get("role") in _ROLES:
            text, media = _content(index, item.get("content"))
            if not text and not media:
                raise misplaced(index, f"with role '{item['role']}' must not be empty", "input")
            return Turn(str(item["role"]), text, media=media, place=index)
        case "reasoning":
            parts = [*(item.get("summary") or []), *(item.get("content") or [])]
            return Turn("assistant", "", _content(index, parts)[0], place=index)
        case "function_call":
            fields = [item.get(name) for name in ("call_id", "name", "arguments")]
            if not all(isinstance(field, str) for field in fields):
                reason = "is a function_call without a call_id, a name or arguments as a string"
                raise misplaced(index, reason, "input")
            return Turn("assistant", "", calls=(Call(*map(str, fields)),), place=index)
        case "function_call_output" if isinstance(item.get("call_id"), str):
            text, media = _content(index, item.get("output"))
            return Turn("tool", text, media=media, answers=item["call_id"], place=index)
        case other:
            raise misplaced(index, f"of the type {other!r} has no known role or is incomplete", "input")


def _content(index: int, content: Any) -> tuple[str, tuple[Media, ...]]:
    if content is None or isinstance(content, str):
        return content or "", ()
    if not isinstance(content, list):
        raise misplaced(index, "has a content that is neither a string nor a list of parts", "input")
    texts: list[str] = []
    media: list[Media] = []
    for part in content:
        kind = str(part.get("type")) if isinstance(part, Mapping) else ""
        text = part.get("refusal" if kind == "refusal" else "text") if isinstance(part, Mapping) else None
        if kind in _TEXTS and isinstance(text, str):
            texts.append(text)
        elif kind in _MEDIA:
            sort, field = _MEDIA[kind]
            try:
                media.append(from_address(sort, part.get(field)))
            except Unusable as error:
                raise misplaced(index, f"has a part {kind} that {error}", "input") from error
        else:
            reason = "has a part that is not input_text, output_text, input_image, input_video or input_file"
            raise misplaced(index, reason, "input")
    return "".join(texts), tuple(media)


def _offer(tool: Any) -> Offer:
    is_function = isinstance(tool, Mapping) and tool.get("type") == "function"
    return checks.offer(tool if is_function else None, "parameters")


def _format(text: Any) -> Format | None:
    wanted = text.get("format") if isinstance(text, Mapping) else None
    kind = wanted.get("type") if isinstance(wanted, Mapping) else None
    if wanted is None or kind == "text":
        return None
    if kind == "json_object":
        return Format(None)
    if (
        kind != "json_schema"
        or not isinstance(wanted.get("name"), str)
        or not wanted["name"]
        or not isinstance(wanted.get("schema"), Mapping)
        or not isinstance(wanted.get("strict") or False, bool)
    ):
        message = "Invalid request: text.format must be json_object, or json_schema with a name and a schema"
        raise Rejected(400, message, param=_FORMAT)
    return checks.schema_format(wanted["schema"], wanted.get("strict") is not False, f"{_FORMAT}.schema")
