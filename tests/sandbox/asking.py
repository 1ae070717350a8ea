"""Requests as a client writes them, and answers as a client uses them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kimi_lsp.sandbox.answer import Answer, think_through
from kimi_lsp.sandbox.asked import Asked, Turn

ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "summary": {"type": "string"},
        "edits": {"type": "array", "items": {"$ref": "#/$defs/Proposal"}},
    },
    "required": ["summary", "edits"],
    "additionalProperties": False,
    "$defs": {
        "Proposal": {
            "type": "object",
            "properties": {
                "file": {"type": "string"},
                "search": {"type": "string"},
                "replace": {"type": "string"},
                "line": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            },
            "required": ["file", "search", "replace", "line"],
            "additionalProperties": False,
        }
    },
}


def message(
    kind: str,
    text: str,
    *,
    problems: Sequence[str] = (),
    instruction: str | None = None,
    selection: tuple[int, int] | None = None,
    language: str = "python",
    path: str = "app/cart.py",
    part: str = "",
    number: str = "",
) -> str:
    """Write the one user message; `number` is the suffix of the file's tag."""
    end = "" if text.endswith("\n") else "\n"
    about = f'path="{path}" language="{language}"' + (f' part="{part}"' if part else "")
    out = f"<file{number} {about}>\n{text}{end}</file{number}>\n\n"
    out += f'<task kind="{kind}">\nSome prose.\n</task>\n'
    if selection:
        out += f'\n<selection first-line="{selection[0]}" last-line="{selection[1]}">\nlines\n</selection>\n'
    if problems:
        out += "\n<problems>\n" + "\n".join(problems) + "\n</problems>\n"
    if instruction is not None:
        out += f"\n<instruction>\n{instruction}\n</instruction>\n"
    return out


def chat(text: str, **more: Any) -> dict[str, Any]:
    """Write the smallest body of a chat request."""
    return {
        "model": "kimi-k2-7-code",
        "messages": [{"role": "system", "content": "You edit code."}, {"role": "user", "content": text}],
        **more,
    }


def as_edits() -> dict[str, Any]:
    """Return the response_format of an answer with edits."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "edits", "strict": True, "schema": ANSWER_SCHEMA},
    }


def answered(kind: str, text: str, **more: Any) -> Answer:
    """Ask the sandbox without a server in between."""
    return think_through(Asked((Turn("user", message(kind, text, **more)),), 16_384))


def changed(kind: str, text: str, **more: Any) -> str:
    """Ask for edits and put them into the text as they say; each must be found once and where it says."""
    return put_in(text, answered(kind, text, **more).edits or ())


def put_in(text: str, edits: Iterable[Mapping[str, Any]]) -> str:
    """Replace each search by its replacement, from the last to the first, so that line numbers stay true."""
    for edit in sorted(edits, key=lambda edit: -edit["line"]):
        assert text.count(edit["search"]) == 1, edit
        assert text[: text.index(edit["search"])].count("\n") + 1 == edit["line"], edit
        text = text.replace(edit["search"], edit["replace"])
    return text


def problem(line: int, message: str, *tags: str, column: int = 1) -> str:
    """Write one line of the problems section."""
    return f"line {line}, column {column}: {message} [{', '.join(tags)}]"


def events(body: str) -> list[Any]:
    """Return the data of a stream; the last one is the string [DONE]."""
    data = [line.removeprefix("data: ") for line in body.split("\n") if line.startswith("data: ")]
    return [one if one == "[DONE]" else json.loads(one) for one in data]


def said(chunks: Iterable[Any], field: str) -> str:
    """Join what the deltas of a stream say in one field."""
    return "".join(
        choice["delta"].get(field) or ""
        for chunk in chunks
        if isinstance(chunk, dict)
        for choice in chunk["choices"]
    )
