"""The read-only tools that the model may call: their names, what they say they do, and what they take.

The declarations are the same bytes for every request, so that what follows them is found in the service's cache.
Nothing is executed here.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from kimi_lsp.conversation import Tool, ToolCall
from kimi_lsp.prompt.budget import estimate
from kimi_lsp.prompt.build import Prompt
from kimi_lsp.prompt.context import Shown
from kimi_lsp.prompt.schema import strict_schema

_LONGEST_ARGUMENTS = 4096


class BadCall(Exception):
    """A call that cannot be understood; `str(error)` is the sentence that the model reads."""


class _Arguments(BaseModel):
    """What a tool takes. A nullable value may be left out, since not every server holds models to the schema."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    does: ClassVar[str]


class ReadFile(_Arguments):
    """The lines of a file."""

    does = (
        "Read a text file of the project. Lines count from 1; null for first_line and last_line means the whole "
        "file. The first row of the result says which lines follow; a long result is cut and says so."
    )
    path: str
    first_line: int | None = None
    last_line: int | None = None


class ListFiles(_Arguments):
    """What lies in a folder."""

    does = 'List one folder of the project; "" is the project\'s root. Names of folders end in /.'
    folder: str


class SearchText(_Arguments):
    """Lines that contain a text."""

    does = (
        "Find the lines that contain a text, exactly as it is written, capitals included, in all files of the project "
        "or, where folder is not null, in those below a folder. No patterns."
    )
    text: str
    folder: str | None = None


class Outline(_Arguments):
    """The functions and classes of a file."""

    does = "List the functions and classes of a file with their lines."
    path: str


class Diagnostics(_Arguments):
    """The problems of a file."""

    does = "List the problems that tools reported in a file, and its syntax errors."
    path: str


class Definition(_Arguments):
    """Where a name is defined."""

    does = "Find where the project defines a function, class or constant, for example total or Cart.total."
    name: str


Arguments = ReadFile | ListFiles | SearchText | Outline | Diagnostics | Definition

_KINDS: Mapping[str, type[Arguments]] = {
    "read_file": ReadFile,
    "list_files": ListFiles,
    "search_text": SearchText,
    "outline": Outline,
    "diagnostics": Diagnostics,
    "definition": Definition,
}

_PATHS = "Paths are relative to the project's root, with /."


def declarations() -> tuple[Tool, ...]:
    """Return the tools as they are declared to the model."""
    return tuple(
        Tool(name, f"{kind.does} {_PATHS}" if _takes_path(kind) else kind.does, strict_schema(kind))
        for name, kind in _KINDS.items()
    )


def with_tools(prompt: Prompt) -> Prompt:
    """Return a prompt that lets the model look into the project before it answers."""
    tools = declarations()
    tokens = sum(estimate(f"{tool.name}{tool.description}{tool.parameters}") for tool in tools)
    shown = Shown("tools", "what the model may look at in your project, if it asks", tokens)
    request = replace(prompt.request, tools=tools)
    return replace(prompt, request=request, shown=(*prompt.shown, shown), estimate=prompt.estimate + tokens)


def arguments(call: ToolCall) -> Arguments:
    """Read what the model gave to a tool. Raises BadCall."""
    kind = _KINDS.get(call.name)
    if kind is None:
        raise BadCall(f"there is no tool {call.name[:40]!a}; there are {', '.join(_KINDS)}")
    if len(call.arguments) > _LONGEST_ARGUMENTS:
        raise BadCall(f"the arguments are longer than {_LONGEST_ARGUMENTS:,} characters")
    try:
        return kind.model_validate_json(call.arguments)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        told = f"{where}: {first['msg']}" if where else first["msg"]
        takes = ", ".join(kind.model_fields)
        raise BadCall(f"the arguments are not those of {call.name} ({takes}): {told[:200]!a}") from error


def _takes_path(kind: type[Arguments]) -> bool:
    return bool({"path", "folder"} & set(kind.model_fields))
