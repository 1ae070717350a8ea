"""A request as a person reads it before it is sent: where it would go, why each part is in it, and every word of it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.conversation import Image, Message, Request, Text
from kimi_lsp.prompt import Prompt
from kimi_lsp.text import harmless


@dataclass(frozen=True, slots=True)
class Service:
    """Where a request would go."""

    url: str
    model: str
    protocol: str


def described(
    prompt: Prompt, service: Service, most_usd: float | None = None, ways: Sequence[str] = ()
) -> str:
    """Return a request in Markdown, each text of it whole; `most_usd` is the most that it can cost, in US dollars,
    with all others: `ways` are what other requests for the same have at the end of their instruction.
    """
    request = prompt.request
    price = "" if most_usd is None else f", ${most_usd:.4f} at the most"
    price += f" for {len(ways) + 1} requests together" if ways and price else ""
    lines = [
        "# What would be sent",
        "Nothing was sent now. Secrets are replaced already, as they would be.",
        f"- to `{service.url}` ({service.protocol}), for the model `{service.model}`",
        f"- about {prompt.estimate:,} tokens; the answer may have {request.max_tokens:,}{price}",
        f"- web search: {'the model may search' if request.web_search else 'off'}",
        "| part | why | tokens |\n|:--|:--|--:|\n"
        + "\n".join(f"| {one.name} | {_cell(one.reason)} | {one.tokens:,} |" for one in prompt.shown),
    ]
    for number, message in enumerate(request.messages, 1):
        lines += [f"## Message {number}: {message.role}", *_parts(message)]
    return "\n\n".join([*lines, *_others(ways), *_extras(request)]) + "\n"


def _parts(message: Message) -> list[str]:
    parts = []
    for part in message.parts:
        if isinstance(part, Text):
            parts.append(_fenced(part.text, "text"))
        else:
            kind = "An image" if isinstance(part, Image) else "A film"
            parts.append(f"{kind}, {part.media_type}, {len(part.data):,} bytes.")
    return parts


def _others(ways: Sequence[str]) -> list[str]:
    if not ways:
        return []
    told = "\n".join(f"- {way}" for way in ways)
    return [
        f"## The other requests\n\nThe same, each with one of these at the end of its instruction:\n\n{told}"
    ]


def _extras(request: Request) -> list[str]:
    said = []
    if request.answer is not None:
        schema = json.dumps(dict(request.answer.schema), indent=2)
        said += ["## The form of the answer", _fenced(schema, "json")]
    if request.tools:
        rows = "\n".join(f"- `{tool.name}`: {tool.description}" for tool in request.tools)
        said += ["## What the model may call", f"{rows}\n\nWhat it then reads is sent to it as well."]
    return said


def _fenced(text: str, language: str) -> str:
    """Return a text in a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _cell(text: str) -> str:
    # Names of files may hold anything that a file system takes.
    return harmless.markdown(text).replace("|", "\\|").replace("\n", " ")
