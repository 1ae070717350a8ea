"""Faults of what the model says, and of the numbers in its stream. What a fault is called is in `faults`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kimi_lsp.sandbox.asked import Asked
from kimi_lsp.sandbox.dialect import Beat
from kimi_lsp.sandbox.faults import Fault
from kimi_lsp.sandbox.json_schema import value_for

REFUSAL = "(sandbox) I cannot help with that."
_NUMBERS = ("index", "output_index", "content_index", "summary_index", "sequence_number")


def spoil(fault: Fault | None, content: str, *, is_json: bool) -> str:
    """Return what the model says under a fault of its answer."""
    if fault is None or not is_json:
        return content
    match fault.name:
        case "not-json-answer":
            return "(sandbox) Here is a sentence in the place of the JSON that was asked for."
        case "truncated-json":
            return content[: len(content) // 2]
        case "fenced-json":
            return f"Here is the answer (sandbox):\n\n```json\n{content}\n```\n"
        case "wrong-schema":
            return json.dumps({"note": "(sandbox) valid JSON of another shape", "changes": 0})
        case _:
            return content


def endless_call(fault: Fault | None, asked: Asked) -> list[tuple[str, dict[str, object]]]:
    """Return a call of the first tool, whatever was learned already, under the fault `tool-loop`."""
    if fault is None or fault.name != "tool-loop" or not asked.offers or not asked.may_call:
        return []
    return [(asked.offers[0].name, value_for(asked.offers[0].parameters))]


def reindexed(fault: Fault | None, beats: Sequence[Beat]) -> Sequence[Beat]:
    """Return the events with all their numbers left out, or all of them 0."""
    if fault is None or fault.name not in ("missing-index", "duplicate-index"):
        return beats
    return [
        replace(beat, data=_without_numbers(beat.data, keep=fault.name == "duplicate-index"))
        for beat in beats
    ]


def _without_numbers(data: bytes, *, keep: bool) -> bytes:
    head, mark, text = data.partition(b"data: ")
    if text.startswith(b"[DONE]"):
        return data
    changed = json.dumps(_renumbered(json.loads(text), keep=keep), ensure_ascii=False, separators=(",", ":"))
    return head + mark + changed.encode() + b"\n\n"


def _renumbered(value: Any, *, keep: bool) -> Any:
    if isinstance(value, list):
        return [_renumbered(item, keep=keep) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: 0 if name in _NUMBERS else _renumbered(item, keep=keep)
        for name, item in value.items()
        if keep or name not in _NUMBERS
    }
