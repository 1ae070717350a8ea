"""One conversation on any of the three endpoints: each talker keeps the history in its endpoint's own shapes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from tests.sandbox.conftest import Sandbox

MODEL = "kimi-k2-7-code"
Json = dict[str, Any]
Media = tuple[str, str, str]
"""Kind, media type and base64."""


@dataclass
class Said:
    """An answer, whatever its shape was."""

    status: int
    raw: Any
    text: str = ""
    reasoning: str = ""
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    """Id, name and arguments."""
    finish: str = ""
    usage: Json = field(default_factory=dict)

    @property
    def error(self) -> Json:
        found: Json = self.raw["error"]
        return found

    @property
    def results(self) -> tuple[object, ...]:
        """What must be the same on all endpoints; ids of calls are counted on."""
        return self.text, self.reasoning, [call[1:] for call in self.calls], self.finish


class Talker(Protocol):
    endpoint: str
    limit: str
    format_field: str
    history: list[Json]

    def say(self, text: str, *media: Media) -> None: ...
    def replay(self, said: Said) -> None: ...
    def answer(self, results: Mapping[str, str]) -> None: ...
    def body(self, **more: Any) -> Json: ...
    def formatted(self, schema: Json | None) -> Json: ...
    def tools(self, *tools: tuple[str, Json]) -> list[Json]: ...
    def whole(self, answer: Json, said: Said) -> None: ...
    def joined(self, events: Sequence[Json]) -> Json: ...


async def talk(sandbox: Sandbox, talker: Talker, *, fault: Any = None, **more: Any) -> Said:
    headers = {"x_sandbox_fault": fault} if fault else {}
    response = await sandbox.ask(talker.body(**more), endpoint=talker.endpoint, **headers)
    return heard(talker, response)


def heard(talker: Talker, response: httpx.Response) -> Said:
    if response.status_code != 200:
        return Said(response.status_code, response.json())
    if response.headers["content-type"].startswith("text/event-stream"):
        answer = talker.joined(stream(response.text))
    else:
        answer = response.json()
    said = Said(200, answer)
    talker.whole(answer, said)
    return said


def stream(text: str) -> list[Json]:
    lines = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


class Chat:
    endpoint = "/v1/chat/completions"
    limit = "max_tokens"
    format_field = "response_format"

    def __init__(self) -> None:
        self.history: list[Json] = [{"role": "system", "content": "You answer in JSON."}]

    def say(self, text: str, *media: Media) -> None:
        parts: list[Json] = [{"type": "text", "text": text}]
        for kind, media_type, data in media:
            sort = f"{kind}_url"
            parts.append({"type": sort, sort: {"url": f"data:{media_type};base64,{data}"}})
        self.history.append({"role": "user", "content": parts})

    def replay(self, said: Said) -> None:
        message = said.raw["choices"][0]["message"]
        self.history.append({name: value for name, value in message.items() if value is not None})

    def answer(self, results: Mapping[str, str]) -> None:
        self.history += [
            {"role": "tool", "tool_call_id": name, "content": text} for name, text in results.items()
        ]

    def body(self, **more: Any) -> Json:
        return {"model": MODEL, "messages": self.history, **more}

    def formatted(self, schema: Json | None) -> Json:
        if schema is None:
            return {"response_format": {"type": "json_object"}}
        return {"response_format": {"type": "json_schema", "json_schema": {"name": "any", "schema": schema}}}

    def tools(self, *tools: tuple[str, Json]) -> list[Json]:
        return [
            {"type": "function", "function": {"name": name, "parameters": schema}} for name, schema in tools
        ]

    def whole(self, answer: Json, said: Said) -> None:
        choice = answer["choices"][0]
        message = choice["message"]
        said.text, said.reasoning = message["content"] or "", message["reasoning_content"]
        for call in message.get("tool_calls", ()):
            function = call["function"]
            said.calls.append((call["id"], function["name"], json.loads(function["arguments"])))
        said.finish, said.usage = choice["finish_reason"], answer["usage"]

    def joined(self, events: Sequence[Json]) -> Json:
        message: Json = {"role": "assistant", "content": "", "reasoning_content": ""}
        calls: dict[int, Json] = {}
        finish = None
        for event in events[:-1]:
            delta = event["choices"][0]["delta"]
            message["content"] += delta.get("content") or ""
            message["reasoning_content"] += delta.get("reasoning_content") or ""
            for piece in delta.get("tool_calls", ()):
                if "id" in piece:
                    calls[piece["index"]] = {name: piece[name] for name in ("id", "type", "function")}
                else:
                    calls[piece["index"]]["function"]["arguments"] += piece["function"]["arguments"]
            finish = event["choices"][0]["finish_reason"] or finish
        if calls:
            message = {**message, "content": None, "tool_calls": list(calls.values())}
        return {
            "choices": [{"message": message, "finish_reason": finish}],
            "usage": events[-1]["usage"],
        }


class Responses:
    endpoint = "/v1/responses"
    limit = "max_output_tokens"
    format_field = "text.format"

    def __init__(self) -> None:
        self.history: list[Json] = []

    def say(self, text: str, *media: Media) -> None:
        parts: list[Json] = [{"type": "input_text", "text": text}]
        for kind, media_type, data in media:
            url = f"data:{media_type};base64,{data}"
            parts.append({"type": f"input_{kind}", f"{kind}_url": url})
        self.history.append({"role": "user", "content": parts})

    def replay(self, said: Said) -> None:
        self.history += said.raw["output"]

    def answer(self, results: Mapping[str, str]) -> None:
        self.history += [
            {"type": "function_call_output", "call_id": name, "output": text}
            for name, text in results.items()
        ]

    def body(self, **more: Any) -> Json:
        return {"model": MODEL, "instructions": "You answer in JSON.", "input": self.history, **more}

    def formatted(self, schema: Json | None) -> Json:
        if schema is None:
            return {"text": {"format": {"type": "json_object"}}}
        return {"text": {"format": {"type": "json_schema", "name": "any", "schema": schema, "strict": True}}}

    def tools(self, *tools: tuple[str, Json]) -> list[Json]:
        return [{"type": "function", "name": name, "parameters": schema} for name, schema in tools]

    def whole(self, answer: Json, said: Said) -> None:
        for item in answer["output"]:
            if item["type"] == "reasoning":
                said.reasoning += "".join(part["text"] for part in item["summary"] or item["content"])
            elif item["type"] == "message":
                said.text += "".join(part.get("text", "") for part in item["content"])
            else:
                said.calls.append((item["call_id"], item["name"], json.loads(item["arguments"])))
        refused = any(
            part["type"] == "refusal" for item in answer["output"] for part in item.get("content", ())
        )
        said.finish = {"completed": "tool_calls" if said.calls else "stop", "incomplete": "length"}[
            answer["status"]
        ]
        said.finish = "content_filter" if refused else said.finish
        said.usage = answer["usage"]

    def joined(self, events: Sequence[Json]) -> Json:
        numbers = [event["sequence_number"] for event in events]
        assert numbers == list(range(len(events)))
        items: dict[int, Json] = {}
        for event in events:
            match event["type"]:
                case "response.output_item.added":
                    items[event["output_index"]] = {"text": "", **event["item"]}
                case "response.output_item.done":
                    item = event["item"]
                    whole = item.get("arguments") or "".join(
                        part.get("text", part.get("refusal"))
                        for part in [*(item.get("summary") or ()), *(item.get("content") or ())]
                    )
                    assert items[event["output_index"]]["text"] == whole
                case name if name.endswith(".delta"):
                    item = items[event["output_index"]]
                    assert item["id"] == event["item_id"]
                    item["text"] += event["delta"]
        answer: Json = events[-1]["response"]
        assert [item["id"] for item in answer["output"]] == [items[at]["id"] for at in sorted(items)]
        assert events[-1]["type"] == f"response.{answer['status']}"
        return answer


class Messages:
    endpoint = "/v1/messages"
    limit = "max_tokens"
    format_field = "output_config"

    def __init__(self) -> None:
        self.history: list[Json] = []

    def say(self, text: str, *media: Media) -> None:
        blocks: list[Json] = [{"type": "text", "text": text}]
        for kind, media_type, data in media:
            blocks.append(
                {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}
            )
        self.history.append({"role": "user", "content": blocks})

    def replay(self, said: Said) -> None:
        self.history.append({"role": "assistant", "content": said.raw["content"]})

    def answer(self, results: Mapping[str, str]) -> None:
        blocks = [
            {"type": "tool_result", "tool_use_id": name, "content": text} for name, text in results.items()
        ]
        self.history.append({"role": "user", "content": blocks})

    def body(self, **more: Any) -> Json:
        body = {
            "model": MODEL,
            "max_tokens": 16384,
            "system": "You answer in JSON.",
            "messages": self.history,
        }
        return {**body, **more}

    def formatted(self, schema: Json | None) -> Json:
        kind: Json = {"type": "json_object"} if schema is None else {"type": "json_schema", "schema": schema}
        return {"output_config": {"format": kind}}

    def tools(self, *tools: tuple[str, Json]) -> list[Json]:
        return [{"name": name, "input_schema": schema} for name, schema in tools]

    def whole(self, answer: Json, said: Said) -> None:
        assert answer["content"][0]["type"] == "thinking"
        for block in answer["content"]:
            said.reasoning += block.get("thinking", "")
            said.text += block.get("text", "")
            if block["type"] == "tool_use":
                said.calls.append((block["id"], block["name"], block["input"]))
        names = {
            "end_turn": "stop",
            "stop_sequence": "stop",
            "max_tokens": "length",
            "tool_use": "tool_calls",
        }
        said.finish = names.get(answer["stop_reason"], "content_filter")
        said.usage = answer["usage"]

    def joined(self, events: Sequence[Json]) -> Json:
        assert [event["type"] for event in (*events[:2], *events[-2:])] == [
            "message_start",
            "ping",
            "message_delta",
            "message_stop",
        ]
        answer: Json = events[0]["message"]
        blocks: list[Json] = answer["content"]
        written = ""
        for event in events[2:-2]:
            match event:
                case {"type": "content_block_start"}:
                    assert event["index"] == len(blocks)
                    blocks.append(event["content_block"])
                    written = ""
                case {"type": "content_block_delta", "delta": {"type": "input_json_delta"} as delta}:
                    written += delta["partial_json"]
                case {"type": "content_block_delta", "delta": delta}:
                    ((name, piece),) = [pair for pair in delta.items() if pair[0] != "type"]
                    blocks[event["index"]][name] += piece
                case {"type": "content_block_stop"}:
                    assert event["index"] == len(blocks) - 1
                    if blocks[-1]["type"] == "tool_use":
                        blocks[-1]["input"] = json.loads(written)
        return {**answer, **events[-2]["delta"], "usage": events[-2]["usage"]}


TALKERS: tuple[type[Chat] | type[Responses] | type[Messages], ...] = (Chat, Responses, Messages)
