"""POST /v1/messages: how its answers are spelled, whole and as a stream of blocks. A thought always comes first."""

import json
from collections.abc import Mapping
from typing import Any

from kimi_lsp.sandbox import card
from kimi_lsp.sandbox.asked import Asked
from kimi_lsp.sandbox.dialect import Beat, event
from kimi_lsp.sandbox.errors import Rejected
from kimi_lsp.sandbox.spoken import Spoken, deltas, seal

_KINDS: Mapping[int, str] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
    503: "api_error",
    504: "gateway_timeout",
    529: "overloaded_error",
}
"""The endpoint's own name of each status."""
_PASSED_THROUGH = ("exceeded_current_quota_error",)
"""What the gateway hands on from behind it, as its own name would hide the difference."""


def whole(request_id: str, _asked: Asked, spoken: Spoken) -> dict[str, Any]:
    """Spell an answer in one piece."""
    return {
        **_head(request_id),
        "content": _blocks(spoken),
        "stop_reason": _reason(spoken),
        "stop_sequence": spoken.stop_word,
        "usage": _usage(spoken, spoken.completion_tokens),
    }


def beats(request_id: str, _asked: Asked, spoken: Spoken) -> list[Beat]:
    """Spell an answer as a stream."""
    begun: dict[str, Any] = {
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(spoken, 0),
    }
    out = [
        _beat("opening", "message_start", message={**_head(request_id), **begun}),
        _beat("opening", "ping"),
    ]
    for index, block in enumerate(_blocks(spoken)):
        kind = "reasoning" if block["type"] == "thinking" else "content"
        empty: dict[str, Any] = {"thinking": "", "signature": ""} if kind == "reasoning" else {"text": ""}
        empty = {"input": {}} if block["type"] == "tool_use" else empty
        called = block.get("name", "")
        out.append(_beat(kind, "content_block_start", called, index=index, content_block={**block, **empty}))
        for delta, said in _deltas(block, spoken):
            out.append(_beat(kind, "content_block_delta", said, index=index, delta=delta))
        out.append(_beat(kind, "content_block_stop", index=index))
    end = {"stop_reason": _reason(spoken), "stop_sequence": spoken.stop_word}
    usage = _usage(spoken, spoken.completion_tokens)
    out.append(_beat("closing", "message_delta", delta=end, usage=usage))
    out.append(_beat("closing", "message_stop"))
    return out


def error(rejected: Rejected) -> dict[str, Any]:
    """Spell an error."""
    kind = _KINDS.get(rejected.status, "invalid_request_error")
    kind = rejected.kind if rejected.kind in _PASSED_THROUGH else kind
    return {"type": "error", "error": {"type": kind, "message": str(rejected)}, "request_id": None}


def error_beat(rejected: Rejected) -> bytes:
    """Spell an error in the middle of a stream."""
    return event(error(rejected), "error")


def _beat(kind: Any, name: str, said: str = "", /, **fields: Any) -> Beat:
    return Beat(kind, event({"type": name, **fields}, name), said)


def _deltas(block: Mapping[str, Any], spoken: Spoken) -> list[tuple[dict[str, Any], str]]:
    if block["type"] == "thinking":
        thought: list[tuple[dict[str, Any], str]] = [
            ({"type": "thinking_delta", "thinking": piece}, piece) for piece in deltas(spoken.reasoning)
        ]
        return [*thought, ({"type": "signature_delta", "signature": block["signature"]}, "")]
    if block["type"] == "text":
        return [({"type": "text_delta", "text": piece}, piece) for piece in deltas(spoken.content)]
    written = next(call.arguments for call in spoken.calls if call.id == block["id"])
    pieces = [written[at : at + 16] for at in range(0, len(written), 16)]
    return [({"type": "input_json_delta", "partial_json": piece}, piece) for piece in pieces]


def _blocks(spoken: Spoken) -> list[dict[str, Any]]:
    thought = spoken.thought
    blocks: list[dict[str, Any]] = [{"type": "thinking", "thinking": thought, "signature": seal(thought)}]
    if spoken.content:
        blocks.append({"type": "text", "text": spoken.text})
    blocks += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}
        for call in spoken.calls
    ]
    return blocks


def _reason(spoken: Spoken) -> str:
    if spoken.stop_word is not None:
        return "stop_sequence"
    names = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "refusal": "refusal"}
    return names[spoken.finish]


def _head(request_id: str) -> dict[str, Any]:
    return {"id": f"msg_{request_id}", "type": "message", "role": "assistant", "model": card.MODEL}


def _usage(spoken: Spoken, generated: int) -> dict[str, Any]:
    """Spell the usage; the three input figures together are the prompt."""
    usage: dict[str, Any] = {
        "input_tokens": spoken.prompt_tokens - spoken.cached_tokens,
        "cache_read_input_tokens": spoken.cached_tokens,
        "cache_creation_input_tokens": 0,
        "output_tokens": generated,
    }
    if generated:
        usage |= {"output_tokens_details": {"thinking_tokens": len(spoken.reasoning)}, **spoken.billing}
    return usage
