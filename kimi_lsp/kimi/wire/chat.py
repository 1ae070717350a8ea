"""POST /v1/chat/completions: a Request as its JSON body, and the data of its events as deltas.

Sampling parameters, `thinking` and a forced `tool_choice` are never written: the service fixes or rejects them.
"""

import base64
import json
from typing import Any

from kimi_lsp.conversation import (
    Image,
    Message,
    Part,
    Reasoning,
    ReasoningDelta,
    Request,
    Text,
    TextDelta,
    ToolCall,
    Video,
)
from kimi_lsp.conversation.model import Finish
from kimi_lsp.kimi.wire.details import Details, to_wire
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.fault import FaultInStream, Malformed, from_json
from kimi_lsp.kimi.wire.tokens import Tokens, read_tokens
from kimi_lsp.kimi.wire.toolcalls import ToolCalls

PATH = "chat/completions"

_FINISH: dict[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def encode(request: Request, model: str, dialect: Dialect) -> dict[str, Any]:
    """Return the body of a request."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "max_tokens": request.max_tokens,
    }
    if dialect.stream_options:
        body["stream_options"] = {"include_usage": True}
    if dialect.disable_formatting:
        body["disable_formatting"] = True
    if request.stop:
        body["stop"] = list(request.stop)
    if request.answer is not None and dialect.answer == "json_schema":
        schema = {"name": request.answer.name, "strict": True, "schema": dict(request.answer.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif request.answer is not None and dialect.answer == "json_object":
        body["response_format"] = {"type": "json_object"}
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.parameters),
                },
            }
            for tool in request.tools
        ]
    if request.web_search:
        body["tool_web_search"] = True
    return body


class ChatDecoder:
    """Reads one stream. `feed` gives what is new; the rest is what the whole answer came to so far."""

    def __init__(self) -> None:
        self.done = False
        """Whether the server said that nothing follows."""
        self.finish: Finish | None = None
        self.tokens: Tokens | None = None
        """The last usage that the server gave, or None."""
        self.model = ""
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._reasoning_field = ""
        self._details = Details()
        self._calls = ToolCalls()

    @property
    def complete(self) -> bool:
        """Whether the answer came to its end; a stream that stops before was cut."""
        return self.done or self.finish is not None

    @property
    def generated(self) -> str:
        """All that the model wrote, thinking included; for an estimate where the server gives no usage."""
        calls = "".join(call.name + call.arguments for call in self._calls.all())
        return "".join(self._reasoning) + "".join(self._text) + calls

    def feed(self, data: str) -> list[ReasoningDelta | TextDelta]:
        """Take the data of one event. Raises Malformed, or FaultInStream for an error in mid-stream."""
        if data.strip() == "[DONE]":
            self.done = True
            return []
        chunk = _parsed(data)
        if chunk.get("error") or chunk.get("object") == "error":
            raise FaultInStream(from_json(chunk))
        choice = _first(chunk.get("choices"))
        if choice.get("error"):
            raise FaultInStream(from_json(choice))
        self._note(chunk, choice)
        delta = choice.get("delta") or choice.get("message")
        if not isinstance(delta, dict):
            return []
        self._calls.feed(delta.get("tool_calls"))
        news: list[ReasoningDelta | TextDelta] = []
        if thought := self._thought(delta):
            self._reasoning.append(thought)
            news.append(ReasoningDelta(thought))
        if text := _joined(delta.get("content")):
            self._text.append(text)
            news.append(TextDelta(text))
        return news

    def message(self) -> Message:
        """Return the assistant's turn as it has to be said again."""
        text, thought = "".join(self._text), "".join(self._reasoning)
        if self._details:
            reasoning: Reasoning | None = Reasoning(self._details.dump(), "reasoning_details")
        else:
            reasoning = Reasoning(thought, self._reasoning_field) if thought else None
        return Message("assistant", (Text(text),) if text else (), reasoning, self._calls.all())

    def _note(self, chunk: dict[str, Any], choice: dict[str, Any]) -> None:
        if isinstance(chunk.get("model"), str):
            self.model = chunk["model"]
        for place in (choice, chunk):
            if (tokens := read_tokens(place)) is not None:
                self.tokens = tokens.over(self.tokens)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.finish = _FINISH.get(reason, "stop")

    def _thought(self, delta: dict[str, Any]) -> str:
        # Some gateways send the same thought under two names: one name is read per event, all details are kept.
        listed = self._details.feed(delta.get("reasoning_details"))
        for field in ("reasoning_content", "reasoning", "reasoning_details"):
            value = delta.get(field)
            if isinstance(value, str) and value:
                self._reasoning_field = self._reasoning_field or field
                return value
        return listed


def _message(message: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role}
    if message.role == "tool":
        said["tool_call_id"] = message.tool_call_id
    if all(isinstance(part, Text) for part in message.parts):
        content: str | list[dict[str, Any]] = message.text
    else:
        content = [_part(part) for part in message.parts]
    if content or message.role != "assistant":
        said["content"] = content
    elif not message.tool_calls:
        # The service refuses an assistant's turn that is empty, and a turn may not be left out of the history.
        said["content"] = " "
    if message.reasoning is not None:
        said[message.reasoning.field] = to_wire(message.reasoning)
    if message.tool_calls:
        said["tool_calls"] = [_call(call) for call in message.tool_calls]
    return said


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Image(media_type, data):
            return {"type": "image_url", "image_url": {"url": _data_url(media_type, data)}}
        case Video(media_type, data):
            return {"type": "video_url", "video_url": {"url": _data_url(media_type, data)}}


def _data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _parsed(data: str) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("an event that is not JSON") from None
    if not isinstance(chunk, dict):
        raise Malformed("an event that is not a JSON object")
    return chunk


def _first(choices: object) -> dict[str, Any]:
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    return {}


def _joined(content: object) -> str:
    if isinstance(content, list):
        return "".join(_joined(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
