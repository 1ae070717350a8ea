"""POST /v1/messages: how its requests are read. Its answers are spelled in `messages_answer`."""

import json
from collections.abc import Mapping
from typing import Any

from kimi_lsp.sandbox import checks
from kimi_lsp.sandbox.asked import Asked, Call, Format, Offer, Turn
from kimi_lsp.sandbox.checks import misplaced
from kimi_lsp.sandbox.dialect import Dialect
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.media import Kind, Media, Unusable, from_address, from_base64
from kimi_lsp.sandbox.messages_answer import beats, error, error_beat, whole
from kimi_lsp.sandbox.spoken import seal

_FORMAT = "output_config"
_MEDIA: Mapping[str, Kind] = {"image": "image", "video": "video"}


def read(body: Any) -> Asked:
    """Check a request as the service does. Raises Rejected: 404 for an unknown model, else 400."""
    body = checks.opened(body)
    if body.get("max_tokens") is None:
        raise Rejected(400, "max_tokens: Field required", param="max_tokens")
    choice = body.get("tool_choice")
    asked = Asked(
        (*_system(body.get("system")), *_turns(body.get("messages"))),
        checks.max_tokens(body, "max_tokens"),
        format=_format(body),
        stop=checks.stop(body.get("stop_sequences") or body.get("stop"), "stop_sequences"),
        stream=checks.boolean(body, "stream"),
        offers=tuple(_offer(tool) for tool in checks.tool_list(body.get("tools"))),
        may_call=checks.may_call(choice),
        parallel=not (isinstance(choice, Mapping) and choice.get("disable_parallel_tool_use") is True),
        web_search=checks.boolean(body, "tool_web_search"),
    )
    return checks.finished(asked, _FORMAT)


MESSAGES = Dialect("/v1/messages", _FORMAT, read, beats, whole, error, error_beat)


def _system(system: Any) -> list[Turn]:
    if system is None or system == "":
        return []
    blocks = [{"type": "text", "text": system}] if isinstance(system, str) else system
    if not isinstance(blocks, list) or not all(
        isinstance(block, Mapping) and isinstance(block.get("text"), str) for block in blocks
    ):
        raise Rejected(400, "Invalid request: system must be a text or a list of text blocks", param="system")
    return [Turn("system", "".join(block["text"] for block in blocks), place=-1)]


def _turns(messages: Any) -> list[Turn]:
    if not isinstance(messages, list) or not messages:
        raise Rejected(400, "Invalid request: messages must be a list that is not empty", param="messages")
    turns: list[Turn] = []
    for index, message in enumerate(messages):
        role = message.get("role") if isinstance(message, Mapping) else None
        if role not in ("user", "assistant"):
            raise misplaced(index, "has no known role")
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if not isinstance(blocks, list) or not all(isinstance(block, Mapping) for block in blocks):
            raise misplaced(index, "has a content that is neither a string nor a list of blocks")
        turns += [_assistant(index, blocks)] if role == "assistant" else _user(index, blocks)
    return turns


def _assistant(index: int, blocks: list[Mapping[str, Any]]) -> Turn:
    thoughts: list[str] = []
    texts: list[str] = []
    calls: list[Call] = []
    for block in blocks:
        match block.get("type"):
            case "thinking" if isinstance(block.get("thinking"), str):
                if texts or calls:
                    raise misplaced(index, "has a thinking block after the text or the calls")
                if block.get("signature") != seal(block["thinking"]):
                    raise misplaced(
                        index, "has a thinking block whose signature is not the one that was sent"
                    )
                thoughts.append(block["thinking"])
            case "text" if isinstance(block.get("text"), str):
                texts.append(block["text"])
            case "tool_use" if isinstance(block.get("id"), str) and isinstance(block.get("name"), str):
                arguments = json.dumps(block.get("input") or {}, ensure_ascii=False)
                calls.append(Call(block["id"], block["name"], arguments))
            case other:
                raise misplaced(index, f"has a block of the type {other!r} that an assistant cannot say")
    if not any(texts) and not calls:
        raise misplaced(index, "with role 'assistant' must not be empty")
    thought = "".join(thoughts) if thoughts else None
    return Turn("assistant", "".join(texts), thought, calls=tuple(calls), place=index)


def _user(index: int, blocks: list[Mapping[str, Any]]) -> list[Turn]:
    results: list[Turn] = []
    for block in blocks:
        if block.get("type") == "tool_result":
            content = block.get("content")
            inner = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
            if not isinstance(block.get("tool_use_id"), str) or not isinstance(inner, list):
                raise misplaced(index, "has a tool_result without a tool_use_id or a content")
            text, media = _said(index, inner)
            results.append(Turn("tool", text, media=media, answers=block["tool_use_id"], place=index))
    others = [block for block in blocks if block.get("type") != "tool_result"]
    text, media = _said(index, others)
    if not text and not media and not results:
        raise misplaced(index, "with role 'user' must not be empty")
    return [*results, Turn("user", text, media=media, place=index)] if text or media else results


def _said(index: int, blocks: list[Any]) -> tuple[str, tuple[Media, ...]]:
    texts: list[str] = []
    media: list[Media] = []
    for block in blocks:
        kind = str(block.get("type")) if isinstance(block, Mapping) else ""
        if kind == "text" and isinstance(block.get("text"), str):
            texts.append(block["text"])
        elif kind in _MEDIA:
            try:
                media.append(_media(_MEDIA[kind], block.get("source")))
            except Unusable as problem:
                raise misplaced(index, f"has a block {kind} that {problem}") from problem
        else:
            raise misplaced(index, f"has a block of the type {kind!r} that a user cannot say")
    return "".join(texts), tuple(media)


def _media(kind: Kind, source: Any) -> Media:
    match source:
        case {"type": "base64"}:
            return from_base64(kind, source.get("media_type"), source.get("data"))
        case {"type": "url"}:
            return from_address(kind, source.get("url"))
        case _:
            raise Unusable("has a source that is neither base64 nor url")


def _offer(tool: Any) -> Offer:
    is_function = isinstance(tool, Mapping) and tool.get("type", "custom") == "custom"
    return checks.offer(tool if is_function else None, "input_schema")


def _format(body: Mapping[str, Any]) -> Format | None:
    config = body.get(_FORMAT)
    wanted = config.get("format") if isinstance(config, Mapping) else None
    if config is not None and (
        not isinstance(config, Mapping) or (wanted and not isinstance(wanted, Mapping))
    ):
        raise Rejected(400, "Invalid request: output_config must be an object", param=_FORMAT)
    # The older beta of the endpoint's maker has the format at the top.
    wanted = wanted or body.get("output_format")
    kind = wanted.get("type") if isinstance(wanted, Mapping) else None
    if not wanted or kind == "text":
        return None
    if kind == "json_object":
        return Format(None)
    if kind != "json_schema" or not isinstance(wanted.get("schema"), Mapping):
        message = "Invalid request: output_config.format must be a json_schema with a schema, or json_object"
        raise Rejected(400, message, param=_FORMAT)
    return checks.schema_format(wanted["schema"], strict=True, field=f"{_FORMAT}.format.schema")
