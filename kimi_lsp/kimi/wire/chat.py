"""POST /v1/chat/completions: a Request as its JSON body, and the data of its events as deltas.

Sampling parameters, `thinking` and a forced `tool_choice` are never written: the service fixes or rejects them.
"""

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
from kimi_lsp.kimi.wire.content import data_url
from kimi_lsp.kimi.wire.details import Details, to_wire
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.endpoint import Endpoint, News
from kimi_lsp.kimi.wire.event import KEEP_ALIVE, is_end, object_of, objects_of, read_event, text_of
from kimi_lsp.kimi.wire.fault import FaultInStream, from_json
from kimi_lsp.kimi.wire.tokens import Tokens, read_tokens
from kimi_lsp.kimi.wire.toolcalls import ToolCalls

_REASONING = ("reasoning_content", "reasoning", "reasoning_details")
"""The names under which servers send what the model thinks."""
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
    """Reads one stream of this endpoint."""

    def __init__(self) -> None:
        self.done = False
        self.finish: Finish | None = None
        self.tokens: Tokens | None = None
        self.model = ""
        self.refusal = ""
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._reasoning_field = ""
        self._details = Details()
        self._calls = ToolCalls()

    @property
    def complete(self) -> bool:
        """Whether the answer came to its end."""
        return self.done or self.finish is not None

    @property
    def generated(self) -> str:
        """All that the model wrote."""
        calls = "".join(call.name + call.arguments for call in self._calls.all())
        return "".join(self._reasoning) + "".join(self._text) + calls

    def feed(self, data: str) -> News | None:
        """Take the data of one event. Raises Malformed or FaultInStream."""
        if is_end(data):
            self.done = True
            return []
        chunk = read_event(data)
        if chunk.get("type") in KEEP_ALIVE:
            return None
        choice = next(iter(objects_of(chunk.get("choices"))), {})
        self._note(chunk, choice)
        if choice.get("error"):
            raise FaultInStream(from_json(choice))
        delta = object_of(choice.get("delta")) or object_of(choice.get("message"))
        self._calls.feed(delta.get("tool_calls"))
        news: News = []
        if thought := self._thought(delta):
            self._reasoning.append(thought)
            news.append(ReasoningDelta(thought))
        if text := _joined(delta.get("content")):
            self._text.append(text)
            news.append(TextDelta(text))
        if refusal := text_of(delta.get("refusal")):
            self.refusal += refusal
            self.finish = "content_filter"
        return news

    def message(self) -> Message:
        """Return the assistant's turn."""
        text, thought = "".join(self._text), "".join(self._reasoning)
        if self._details:
            reasoning: Reasoning | None = Reasoning(self._details.dump(), "reasoning_details")
        else:
            reasoning = Reasoning(thought, self._reasoning_field) if thought else None
        return Message("assistant", (Text(text),) if text else (), reasoning, self._calls.all())

    def _note(self, chunk: dict[str, Any], choice: dict[str, Any]) -> None:
        self.model = text_of(chunk.get("model")) or self.model
        for place in (choice, chunk):
            if (tokens := read_tokens(place)) is not None:
                self.tokens = tokens.over(self.tokens)
        reason = text_of(choice.get("finish_reason"))
        if reason and not self.refusal:
            self.finish = _FINISH.get(reason, "stop")

    def _thought(self, delta: dict[str, Any]) -> str:
        # Some gateways send the same thought under two names: one name is read per event, all details are kept.
        listed = self._details.feed(delta.get("reasoning_details"))
        for field in _REASONING:
            if value := text_of(delta.get(field)):
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
        case Image():
            return {"type": "image_url", "image_url": {"url": data_url(part)}}
        case Video():
            return {"type": "video_url", "video_url": {"url": data_url(part)}}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _joined(content: object) -> str:
    if isinstance(content, list):
        return "".join(_joined(part.get("text")) for part in objects_of(content))
    return text_of(content)


CHAT = Endpoint("chat/completions", encode, lambda _request: ChatDecoder(), frozenset(_REASONING))
