"""POST /v1/messages: a Request as its JSON body, and the data of its events as deltas.

`thinking` and a forced `tool_choice` are never written. That a film is a block of type `video`, with an image's source,
is a guess; no document says it. Blocks of one side follow each other in one turn, for the turns must alternate.
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
    Video,
)
from kimi_lsp.conversation.model import Finish
from kimi_lsp.kimi.wire.blocks import Blocks, input_of
from kimi_lsp.kimi.wire.content import base64_text, keep, kept, system_text
from kimi_lsp.kimi.wire.dialect import Dialect
from kimi_lsp.kimi.wire.endpoint import Endpoint, News
from kimi_lsp.kimi.wire.event import KEEP_ALIVE, is_end, object_of, read_event, text_of
from kimi_lsp.kimi.wire.tokens import Tokens, read_tokens

_CONTENT = "content"
"""The wire's name for a turn's blocks; under it they are kept, where more than text came."""
_FINISH: dict[str, Finish] = {
    "max_tokens": "length",
    "length": "length",
    "model_context_window_exceeded": "length",
    # A turn that the service broke off to be asked to go on: it is not whole.
    "pause_turn": "length",
    "tool_use": "tool_calls",
    "tool_calls": "tool_calls",
    "refusal": "content_filter",
    "content_filter": "content_filter",
}


def encode(request: Request, model: str, dialect: Dialect) -> dict[str, Any]:
    """Return the body of a request."""
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "messages": _turns(request.messages),
        "stream": True,
    }
    if system := system_text(request.messages):
        body["system"] = system
    if dialect.disable_formatting:
        body["disable_formatting"] = True
    if request.stop:
        body["stop_sequences"] = list(request.stop)
    if request.answer is not None and dialect.answer == "json_schema":
        shape = {"type": "json_schema", "schema": dict(request.answer.schema)}
        body["output_config"] = {"format": shape}
    if request.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
            for tool in request.tools
        ]
    if request.web_search:
        body["tool_web_search"] = True
    return body


class MessagesDecoder:
    """Reads one stream of this endpoint."""

    def __init__(self) -> None:
        self.done = False
        self.finish: Finish | None = None
        self.tokens: Tokens | None = None
        self.model = ""
        self.refusal = ""
        self._usage: dict[str, Any] = {}
        self._generated: list[str] = []
        self._blocks = Blocks()

    @property
    def complete(self) -> bool:
        """Whether the answer came to its end."""
        return self.finish is not None

    @property
    def generated(self) -> str:
        """All that the model wrote."""
        return "".join(self._generated)

    def feed(self, data: str) -> News | None:
        """Take the data of one event. Raises Malformed or FaultInStream."""
        if is_end(data):
            self.done = True
            return []
        event = read_event(data)
        if event.get("type") in KEEP_ALIVE:
            return None
        match event.get("type"):
            case "message_start":
                message = object_of(event.get("message"))
                self.model = text_of(message.get("model"))
                self._note(message)
            case "content_block_start":
                return self._said(self._blocks.open(event))
            case "content_block_delta":
                return self._said(self._blocks.grow(event))
            case "message_delta":
                self._note(event)
                reason = text_of(object_of(event.get("delta")).get("stop_reason"))
                self.finish = _FINISH.get(reason, "stop") if reason else self.finish
            case "message_stop":
                self._note(event)
                self.finish = self.finish or ("tool_calls" if self._blocks.calls() else "stop")
                self.done = True
        return []

    def message(self) -> Message:
        """Return the assistant's turn."""
        blocks = self._blocks.all()
        plain = all(block["type"] == "text" for block in blocks)
        text = "".join(text_of(block.get("text")) for block in blocks if block["type"] == "text")
        reasoning = None if plain else keep(blocks, _CONTENT)
        return Message("assistant", (Text(text),) if text else (), reasoning, self._blocks.calls())

    def _said(self, pieces: dict[str, str]) -> News:
        thought, text = pieces.get("thinking", ""), pieces.get("text", "")
        self._generated += (thought, text, pieces.get("input", ""))
        news: News = [ReasoningDelta(thought)] if thought else []
        return [*news, TextDelta(text)] if text else news

    def _note(self, place: dict[str, Any]) -> None:
        # The figures come in two halves, the request's at the start and the answer's at the end.
        usage = object_of(place.get("usage"))
        self._usage |= {name: value for name, value in usage.items() if value or name not in self._usage}
        tokens = read_tokens({**place, "usage": self._usage} if self._usage else place)
        if tokens is not None:
            self.tokens = tokens.over(self.tokens)


def _turns(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system":
            continue
        side, blocks = _blocks(message)
        if turns and turns[-1]["role"] == side:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": side, "content": blocks})
    return turns


def _blocks(message: Message) -> tuple[str, list[dict[str, Any]]]:
    """Return the side that says a turn, and its blocks."""
    match message.role:
        case "tool":
            result = {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.text}
            return "user", [result]
        case "assistant":
            replayed = kept(message, _CONTENT)
            return "assistant", _plain_turn(message) if replayed is None else replayed
        case _:
            return "user", [_part(part) for part in message.parts]


def _plain_turn(message: Message) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if message.text or not message.tool_calls:
        # A turn may be neither left out nor blank.
        blocks.append({"type": "text", "text": message.text or "."})
    for call in message.tool_calls:
        named = {"type": "tool_use", "id": call.id, "name": call.name}
        blocks.append({**named, "input": input_of(call.arguments)})
    return blocks


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Image():
            return {"type": "image", "source": _source(part)}
        case Video():
            return {"type": "video", "source": _source(part)}


def _source(medium: Image | Video) -> dict[str, str]:
    return {"type": "base64", "media_type": medium.media_type, "data": base64_text(medium)}


MESSAGES = Endpoint(
    "messages",
    encode,
    lambda _request: MessagesDecoder(),
    frozenset({_CONTENT}),
    Dialect(stream_options=False, answers=("json_schema", "none")),
    {"anthropic-version": "2023-06-01"},
)
