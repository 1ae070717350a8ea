"""POST /v1/responses: how its answers are spelled, whole and as a stream of numbered events."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from kimi_lsp.sandbox import card
from kimi_lsp.sandbox.asked import Asked
from kimi_lsp.sandbox.dialect import Beat, event, openai_error
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.spoken import Spoken, deltas, seal

_Item = dict[str, Any]


def whole(request_id: str, asked: Asked, spoken: Spoken) -> dict[str, Any]:
    """Spell an answer in one piece."""
    cut = spoken.finish == "length"
    return {
        **_opened(request_id, asked),
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": _items(request_id, asked, spoken),
        "usage": {
            "input_tokens": spoken.prompt_tokens,
            "input_tokens_details": {"cached_tokens": spoken.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": spoken.completion_tokens,
            "output_tokens_details": {"reasoning_tokens": len(spoken.reasoning)},
            "total_tokens": spoken.total_tokens,
            **spoken.billing,
        },
    }


def beats(request_id: str, asked: Asked, spoken: Spoken) -> list[Beat]:
    """Spell an answer as a stream."""
    counted = _Numbered()
    last = whole(request_id, asked, spoken)
    opened = _opened(request_id, asked)
    out = [
        counted.beat("opening", f"response.{state}", response={**opened, "status": "in_progress"})
        for state in ("created", "in_progress")
    ]
    for index, item in enumerate(last["output"]):
        kind = "reasoning" if item["type"] == "reasoning" else "content"
        place: _Item = {"output_index": index}
        # The name of a call comes with its item, so it is counted there.
        called = item.get("name", "")
        out.append(counted.beat(kind, "response.output_item.added", called, item=_begun(item), **place))
        place["item_id"] = item["id"]
        for name, fields, said in _inside(item, spoken):
            out.append(counted.beat(kind, name, said, **place, **fields))
        out.append(counted.beat(kind, "response.output_item.done", item=item, output_index=index))
    out.append(counted.beat("closing", f"response.{last['status']}", response=last))
    return out


def error_beat(rejected: Rejected) -> bytes:
    """Spell an error in the middle of a stream."""
    about = openai_error(rejected)["error"]
    named = {"type": "error", "code": about["code"], "message": about["message"], "param": about["param"]}
    return event({**named, "sequence_number": 0}, "error")


class _Numbered:
    """Spells events and counts them."""

    def __init__(self) -> None:
        self._next = 0

    def beat(self, kind: Any, name: str, said: str = "", /, **fields: Any) -> Beat:
        data = {"type": name, "sequence_number": self._next, **fields}
        self._next += 1
        return Beat(kind, event(data, name), said)


def _inside(item: _Item, spoken: Spoken) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield name, fields and text of the events between an item's beginning and its end."""
    if item["type"] == "function_call":
        name = "response.function_call_arguments"
        arguments = item["arguments"]
        for at in range(0, len(arguments), 16):
            piece = arguments[at : at + 16]
            yield f"{name}.delta", {"delta": piece}, piece
        yield f"{name}.done", {"arguments": arguments, "name": item["name"]}, ""
    elif item["type"] == "message":
        part = item["content"][0]
        field = "refusal" if part["type"] == "refusal" else "text"
        name = "response.refusal" if field == "refusal" else "response.output_text"
        more: _Item = {} if field == "refusal" else {"logprobs": []}
        inner = {"content_index": 0}
        yield "response.content_part.added", {**inner, "part": {**part, field: ""}}, ""
        for piece in deltas(spoken.content):
            yield f"{name}.delta", {**inner, "delta": piece, **more}, piece
        yield f"{name}.done", {**inner, field: part[field], **more}, ""
        yield "response.content_part.done", {**inner, "part": part}, ""
    elif item["summary"]:
        (part,) = item["summary"]
        inner = {"summary_index": 0}
        yield "response.reasoning_summary_part.added", {**inner, "part": {**part, "text": ""}}, ""
        for piece in deltas(spoken.reasoning):
            yield "response.reasoning_summary_text.delta", {**inner, "delta": piece}, piece
        yield "response.reasoning_summary_text.done", {**inner, "text": part["text"]}, ""
        yield "response.reasoning_summary_part.done", {**inner, "part": part}, ""
    else:
        for piece in deltas(spoken.reasoning):
            yield "response.reasoning_text.delta", {"content_index": 0, "delta": piece}, piece
        yield "response.reasoning_text.done", {"content_index": 0, "text": spoken.thought}, ""


def _begun(item: _Item) -> _Item:
    empty: _Item = {"reasoning": {"summary": []}, "message": {"content": []}}.get(
        item["type"], {"arguments": ""}
    )
    begun = {name: value for name, value in item.items() if name != "encrypted_content"}
    if item["type"] == "reasoning":
        begun.pop("content", None)
    return {**begun, **empty, "status": "in_progress"}


def _items(request_id: str, asked: Asked, spoken: Spoken) -> list[_Item]:
    reasoning: _Item = {"type": "reasoning", "id": f"rs_{request_id}", "summary": []}
    if (asked.echo.get("reasoning") or {}).get("summary"):
        reasoning["summary"] = [{"type": "summary_text", "text": spoken.thought}]
    else:
        reasoning["content"] = [{"type": "reasoning_text", "text": spoken.thought}]
    if asked.echo.get("sealed"):
        reasoning["encrypted_content"] = seal(spoken.thought)
    items = [reasoning]
    status = "incomplete" if spoken.finish == "length" else "completed"
    if spoken.content:
        part: _Item = {"type": "output_text", "text": spoken.text, "annotations": [], "logprobs": []}
        if spoken.finish == "refusal":
            part = {"type": "refusal", "refusal": spoken.text}
        message = {"type": "message", "id": f"msg_{request_id}", "role": "assistant", "status": status}
        items.append({**message, "content": [part]})
    for index, call in enumerate(spoken.calls):
        about = {"call_id": call.id, "name": call.name, "arguments": call.arguments, "status": "completed"}
        items.append({"type": "function_call", "id": f"fc_{request_id}_{index}", **about})
    return items


def _opened(request_id: str, asked: Asked) -> dict[str, Any]:
    return {
        "id": f"resp_{request_id}",
        "object": "response",
        "created_at": int(time.time()),
        "model": card.MODEL,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": asked.echo.get("instructions"),
        "max_output_tokens": asked.echo.get("max_output_tokens"),
        "metadata": {"served_by": card.LABEL},
        "output": [],
        "parallel_tool_calls": asked.parallel,
        "previous_response_id": None,
        "reasoning": asked.echo.get("reasoning") or {"effort": None, "summary": None},
        "store": False,
        "temperature": 1.0,
        "text": asked.echo.get("text") or {"format": {"type": "text"}},
        "tool_choice": asked.echo.get("tool_choice") or "auto",
        "tools": asked.echo.get("tools") or [],
        "top_p": 0.95,
        "truncation": "disabled",
        "usage": None,
    }
