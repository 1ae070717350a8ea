"""One answer as each of the three endpoints streams it, event by event, in the documented shapes."""

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from kimi_lsp.kimi.config import Protocol as Name
from tests.kimi.server import DONE, Script, event, streams

Json = dict[str, Any]
Ending = Literal["stop", "length", "tool_calls", "content_filter"]


class Spoken(Protocol):
    """What a server says; each method gives the bytes of one step, in the order in which they are called."""

    name: Name
    path: str
    blank: bytes
    """An event that says nothing."""

    def opening(self) -> bytes: ...

    def thought(self, text: str) -> bytes: ...

    def text(self, text: str) -> bytes: ...

    def call(self, identity: str, name: str, *arguments: str) -> bytes: ...

    def end(self, ending: Ending = "stop", prompt: int = 1000, completion: int = 500) -> bytes: ...


def speak(name: Name) -> Spoken:
    """Return a new answer over an endpoint."""
    match name:
        case "chat":
            return Chat()
        case "responses":
            return Responses()
        case "messages":
            return Messages()


def good(name: Name) -> Script:
    """Return a script that answers `Hello there` after a thought."""
    said = speak(name)
    return streams(
        said.opening(), said.thought("Let me see."), said.text("Hello"), said.text(" there"), said.end()
    )


@dataclass
class Chat:
    name: Name = "chat"
    path: str = "chat/completions"
    blank: bytes = event({"choices": []})
    calls: int = 0

    def opening(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def thought(self, text: str) -> bytes:
        return self._chunk({"reasoning_content": text})

    def text(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def call(self, identity: str, name: str, *arguments: str) -> bytes:
        index, self.calls = self.calls, self.calls + 1
        first = {
            "index": index,
            "id": identity,
            "type": "function",
            "function": {"name": name, "arguments": ""},
        }
        pieces = [{"index": index, "function": {"arguments": piece}} for piece in arguments]
        return b"".join(self._chunk({"tool_calls": [piece]}) for piece in (first, *pieces))

    def end(self, ending: Ending = "stop", prompt: int = 1000, completion: int = 500) -> bytes:
        usage = {"prompt_tokens": prompt, "completion_tokens": completion}
        told = event({"choices": [], "model": "kimi-k2-7-code", "usage": usage})
        return self._chunk({}, ending) + told + DONE

    def _chunk(self, delta: Json, finish: str | None = None) -> bytes:
        return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


@dataclass
class Responses:
    name: Name = "responses"
    path: str = "responses"
    blank: bytes = event({"type": "response.in_progress", "response": {"status": "in_progress"}})
    output: list[Json] = field(default_factory=list)
    """The items so far; the last one is open where `growing` says so."""
    growing: bool = False
    events: int = 0

    def opening(self) -> bytes:
        return self._event("response.created", response={"status": "in_progress", "output": []})

    def thought(self, text: str) -> bytes:
        begun = self._begun("reasoning", {"summary": [{"type": "summary_text", "text": ""}]})
        self.output[-1]["summary"][0]["text"] += text
        return begun + self._piece("response.reasoning_summary_text.delta", delta=text, summary_index=0)

    def text(self, text: str) -> bytes:
        begun = self._begun(
            "message", {"role": "assistant", "content": [{"type": "output_text", "text": ""}]}
        )
        self.output[-1]["content"][0]["text"] += text
        return begun + self._piece("response.output_text.delta", delta=text, content_index=0)

    def call(self, identity: str, name: str, *arguments: str) -> bytes:
        begun = self._closed() + self._begun(
            "function_call", {"call_id": identity, "name": name, "arguments": ""}
        )
        pieces = [self._piece("response.function_call_arguments.delta", delta=piece) for piece in arguments]
        self.output[-1]["arguments"] = "".join(arguments)
        whole = self._piece("response.function_call_arguments.done", arguments="".join(arguments))
        return begun + b"".join(pieces) + whole + self._closed()

    def end(self, ending: Ending = "stop", prompt: int = 1000, completion: int = 500) -> bytes:
        closed = self._closed()
        response: Json = {"model": "kimi-k2-7-code", "status": "completed", "output": self.output}
        response["usage"] = {"input_tokens": prompt, "output_tokens": completion}
        if ending in ("length", "content_filter"):
            reason = "max_output_tokens" if ending == "length" else ending
            response |= {"status": "incomplete", "incomplete_details": {"reason": reason}}
        return closed + self._event(f"response.{response['status']}", response=response)

    def _begun(self, kind: str, fields: Json) -> bytes:
        if self.growing and self.output[-1]["type"] == kind:
            return b""
        closed = self._closed()
        item = {"type": kind, "id": f"{kind}_{len(self.output)}", **fields}
        self.output.append(item)
        self.growing = True
        return closed + self._event(
            "response.output_item.added", output_index=len(self.output) - 1, item=item
        )

    def _closed(self) -> bytes:
        if not self.growing:
            return b""
        self.growing = False
        index = len(self.output) - 1
        return self._event("response.output_item.done", output_index=index, item=self.output[-1])

    def _piece(self, kind: str, **fields: object) -> bytes:
        item = self.output[-1]
        return self._event(kind, item_id=item["id"], output_index=len(self.output) - 1, **fields)

    def _event(self, kind: str, **fields: object) -> bytes:
        number, self.events = self.events, self.events + 1
        named = f"event: {kind}\n".encode()
        return named + event({"type": kind, "sequence_number": number, **fields})


@dataclass
class Messages:
    name: Name = "messages"
    path: str = "messages"
    blank: bytes = b"event: ping\n" + event({"type": "ping"})
    blocks: list[str] = field(default_factory=list)
    """The types of the blocks so far."""
    prompt: int = 1000

    def opening(self) -> bytes:
        usage = {"input_tokens": self.prompt, "output_tokens": 1}
        message = {"role": "assistant", "model": "kimi-k2-7-code", "content": [], "usage": usage}
        return self._event("message_start", message=message)

    def thought(self, text: str) -> bytes:
        begun = self._begun({"type": "thinking", "thinking": "", "signature": ""})
        return begun + self._piece(type="thinking_delta", thinking=text)

    def text(self, text: str) -> bytes:
        return self._begun({"type": "text", "text": ""}) + self._piece(type="text_delta", text=text)

    def call(self, identity: str, name: str, *arguments: str) -> bytes:
        begun = self._begun({"type": "tool_use", "id": identity, "name": name, "input": {}}, another=True)
        pieces = (self._piece(type="input_json_delta", partial_json=piece) for piece in ("", *arguments))
        return begun + b"".join(pieces)

    def end(self, ending: Ending = "stop", prompt: int = 1000, completion: int = 500) -> bytes:
        reasons = {
            "stop": "end_turn",
            "length": "max_tokens",
            "tool_calls": "tool_use",
            "content_filter": "refusal",
        }
        usage = {"input_tokens": prompt, "output_tokens": completion}
        told = self._event("message_delta", delta={"stop_reason": reasons[ending]}, usage=usage)
        return self._closed() + told + self._event("message_stop")

    def _begun(self, block: Json, *, another: bool = False) -> bytes:
        if self.blocks and self.blocks[-1] == block["type"] and not another:
            return b""
        closed = self._closed()
        self.blocks.append(block["type"])
        return closed + self._event("content_block_start", index=len(self.blocks) - 1, content_block=block)

    def _closed(self) -> bytes:
        return self._event("content_block_stop", index=len(self.blocks) - 1) if self.blocks else b""

    def _piece(self, **delta: str) -> bytes:
        return self._event("content_block_delta", index=len(self.blocks) - 1, delta=delta)

    def _event(self, kind: str, **fields: object) -> bytes:
        return f"event: {kind}\n".encode() + event({"type": kind, **fields})
