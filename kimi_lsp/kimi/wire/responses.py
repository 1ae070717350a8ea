"""POST /v1/responses: a Request as its JSON body, and the data of its events as deltas.

The whole conversation goes with each request: `previous_response_id` and `store` are never written, for the service
does not say what they do. This endpoint has no `stop`: it is left out, and nothing here cuts the text in its place.
That a film is an `input_video` is a guess after the names of its siblings; no document says it.
An answer is told up to four times over (in pieces, by part, by item, at the end); what an earlier telling lacks is
taken from a later one, and tellings that contradict each other are an error.
"""

from typing import Any

from kimi_lsp.conversation import (
    Image,
    Message,
    Part,
    ReasoningDelta,
    Request,
    Text,
    TextDelta,
    ToolCall,
    Video,
)
from kimi_lsp.conversation.model import Finish
from kimi_lsp.kimi.wire.content import data_url, keep, kept, system_text
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.endpoint import Endpoint, News
from kimi_lsp.kimi.wire.event import KEEP_ALIVE, is_end, object_of, read_event, text_of
from kimi_lsp.kimi.wire.fault import Fault, FaultInStream, Malformed, from_json
from kimi_lsp.kimi.wire.items import Growing, Items, call_in, refusal_in, text_in, thought_in
from kimi_lsp.kimi.wire.tokens import Tokens, read_tokens

_OUTPUT = "output"
"""The wire's name for a turn's items; under it they are kept, where more than text came."""
_PIECES: dict[str, tuple[str, Growing]] = {
    "response.output_text.delta": ("message", "text"),
    "response.reasoning_text.delta": ("reasoning", "content"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary"),
    "response.function_call_arguments.delta": ("function_call", "arguments"),
}
"""Events that bring a piece, the kind of the item it belongs to, and what of the item it is."""
_ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


def encode(request: Request, model: str, dialect: Dialect) -> dict[str, Any]:
    """Return the body of a request."""
    body: dict[str, Any] = {
        "model": model,
        "input": [item for message in request.messages for item in _items(message)],
        "stream": True,
        "max_output_tokens": request.max_tokens,
    }
    if instructions := system_text(request.messages):
        body["instructions"] = instructions
    if dialect.disable_formatting:
        body["disable_formatting"] = True
    if request.answer is not None and dialect.answer == "json_schema":
        shape = {"name": request.answer.name, "schema": dict(request.answer.schema), "strict": True}
        body["text"] = {"format": {"type": "json_schema", **shape}}
    elif request.answer is not None and dialect.answer == "json_object":
        body["text"] = {"format": {"type": "json_object"}}
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
                "strict": True,
            }
            for tool in request.tools
        ]
    if request.web_search:
        body["tool_web_search"] = True
    return body


class ResponsesDecoder:
    """Reads one stream of this endpoint."""

    def __init__(self, max_tokens: int) -> None:
        """Take the request's limit: some servers call an answer completed that the limit has cut."""
        self.done = False
        self.finish: Finish | None = None
        self.tokens: Tokens | None = None
        self.model = ""
        self.refusal = ""
        self._max_tokens = max_tokens
        self._refused = False
        self._items = Items()
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._thought_told = False
        self._told_by_part = ""
        self._told_by_item = ""

    @property
    def complete(self) -> bool:
        """Whether the answer came to its end."""
        return self.finish is not None

    @property
    def generated(self) -> str:
        """All that the model wrote."""
        calls = "".join(call.name + call.arguments for call in self._calls())
        return "".join(self._reasoning) + "".join(self._text) + calls

    def feed(self, data: str) -> News | None:
        """Take the data of one event. Raises Malformed or FaultInStream."""
        if is_end(data):
            self.done = True
            return []
        event = read_event(data)
        if event.get("type") in KEEP_ALIVE:
            return None
        kind = text_of(event.get("type"))
        if kind in _PIECES:
            return self._grown(*_PIECES[kind], event)
        if kind in _ENDS:
            return self._ended(kind, event)
        match kind:
            case "response.output_item.added":
                self._items.open(event)
            case "response.output_item.done":
                return self._closed(event)
            case "response.output_text.done":
                self._told_by_part += text_of(event.get("text"))
                return self._caught_up(self._told_by_part)
            case "response.function_call_arguments.done":
                self._items.replace(event, "function_call", "arguments", text_of(event.get("arguments")))
            case "response.refusal.delta":
                self._refused = True
                self.refusal += text_of(event.get("delta"))
            case "response.refusal.done":
                self._refuse(text_of(event.get("refusal")))
        return []

    def message(self) -> Message:
        """Return the assistant's turn."""
        # A message without a character would be rejected, and says nothing.
        items = [item for item in self._items.all() if item.get("type") != "message" or text_in(item)]
        text = "".join(self._text)
        plain = all(item.get("type") == "message" for item in items)
        reasoning = None if plain else keep(items, _OUTPUT)
        return Message("assistant", (Text(text),) if text else (), reasoning, self._calls())

    def _calls(self) -> tuple[ToolCall, ...]:
        calls = (call_in(item) for item in self._items.all())
        return tuple(ToolCall(*call) for call in calls if call is not None)

    def _grown(self, kind: str, what: Growing, event: dict[str, Any]) -> News:
        piece = text_of(event.get("delta"))
        self._items.grow(event, kind, what, piece)
        if kind == "reasoning":
            return self._thought(piece)
        return self._said(piece) if kind == "message" else []

    def _said(self, text: str) -> News:
        self._text.append(text)
        return [TextDelta(text)] if text else []

    def _thought(self, text: str) -> News:
        if not text:
            return []
        self._thought_told = True
        self._reasoning.append(text)
        return [ReasoningDelta(text)]

    def _caught_up(self, told: str) -> News:
        """Take the text as a later telling has it so far, and return what the pieces lacked of it."""
        streamed = "".join(self._text)
        if told.startswith(streamed):
            return self._said(told[len(streamed) :])
        # Told in part so far, or trimmed by the server.
        if streamed.startswith(told) or streamed.strip().startswith(told.strip()):
            return []
        # One of the two is wrong, and either could land in a document.
        raise Malformed("a text that is not the one that it sent in pieces")

    def _closed(self, event: dict[str, Any]) -> News:
        item = object_of(event.get("item"))
        self._items.close(event)
        self._note_refusal(item)
        if item.get("type") == "reasoning":
            told, self._thought_told = self._thought_told, False
            return [] if told else self._thought(thought_in(item))
        self._told_by_item += text_in(item)
        return self._caught_up(self._told_by_item)

    def _ended(self, kind: str, event: dict[str, Any]) -> News:
        response = object_of(event.get("response"))
        self.model = text_of(response.get("model"))
        for place in (response, event):
            if (tokens := read_tokens(place)) is not None:
                self.tokens = tokens.over(self.tokens)
        endings = {kind.removeprefix("response."), text_of(response.get("status"))}
        if response.get("error"):
            raise FaultInStream(from_json(response["error"]))
        if endings & {"failed", "cancelled"}:
            raise FaultInStream(Fault("it gave the answer up"))
        self._items.settle(response.get("output"))
        items = self._items.all()
        for item in items:
            self._note_refusal(item)
        thoughts = "" if self._reasoning else "".join(map(thought_in, items))
        news = self._thought(thoughts) + self._caught_up("".join(map(text_in, items)))
        reason = object_of(response.get("incomplete_details")).get("reason")
        self.finish = self._ending("incomplete" in endings, reason)
        self.done = True
        return news

    def _ending(self, cut: bool, reason: object) -> Finish:
        if self._refused or (cut and reason == "content_filter"):
            return "content_filter"
        if cut or (self.tokens is not None and self.tokens.completion >= self._max_tokens):
            return "length"
        return "tool_calls" if self._calls() else "stop"

    def _note_refusal(self, item: dict[str, Any]) -> None:
        if (refusal := refusal_in(item)) is not None:
            self._refuse(refusal)

    def _refuse(self, words: str) -> None:
        self._refused = True
        self.refusal = words or self.refusal


def _items(message: Message) -> list[dict[str, Any]]:
    match message.role:
        case "system":
            return []
        case "user":
            return [{"role": "user", "content": [_part(part) for part in message.parts]}]
        case "tool":
            call = {"type": "function_call_output", "call_id": message.tool_call_id}
            return [{**call, "output": message.text}]
        case "assistant":
            replayed = kept(message, _OUTPUT)
            return _plain_turn(message) if replayed is None else replayed


def _plain_turn(message: Message) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if message.text or not message.tool_calls:
        # A turn may be neither left out nor empty.
        items.append({"role": "assistant", "content": message.text or " "})
    for call in message.tool_calls:
        named = {"type": "function_call", "call_id": call.id, "name": call.name}
        items.append({**named, "arguments": call.arguments})
    return items


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "input_text", "text": text}
        case Image():
            return {"type": "input_image", "image_url": data_url(part), "detail": "auto"}
        case Video():
            return {"type": "input_video", "video_url": data_url(part)}


RESPONSES = Endpoint(
    "responses",
    encode,
    lambda request: ResponsesDecoder(request.max_tokens),
    frozenset({_OUTPUT}),
    Dialect(stream_options=False),
)
