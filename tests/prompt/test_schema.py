"""The schema that is sent: the part of JSON Schema that all endpoints share, and nothing else."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from kimi_lsp.edits import EditAnswer, EitherAnswer, FilesAnswer, NamesAnswer
from kimi_lsp.prompt import strict_schema
from kimi_lsp.prompt.schema import UnsupportedSchema

KEYWORDS = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf"}
TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}
DEEPEST = 5


def complaints(node: Any, path: str = "$", depth: int = 1) -> Iterator[str]:
    """Say where a schema leaves the shared part."""
    if depth > DEEPEST:
        yield f"{path} is too deep"
    yield from (f"{path} has {name}" for name in node.keys() - KEYWORDS)
    if "anyOf" in node:
        if {"type": "null"} not in node["anyOf"] or len(node["anyOf"]) != 2 or len(node) != 1:
            yield f"{path} is a union beside null"
        for branch in node["anyOf"]:
            yield from complaints(branch, f"{path}|", depth)
        return
    if node.get("type") not in TYPES:
        yield f"{path} has no type"
    if node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            yield f"{path} is open"
        if node.get("required") != list(node.get("properties", {})) or not node.get("properties"):
            yield f"{path} does not require all"
        for name, value in node.get("properties", {}).items():
            yield from complaints(value, f"{path}.{name}", depth + 1)
    if node.get("type") == "array":
        yield from complaints(node.get("items", {}), f"{path}[]", depth + 1)


def test_the_answers_schema_is_this_one() -> None:
    text = {"type": "string"}
    assert strict_schema(EditAnswer) == {
        "type": "object",
        "properties": {
            "summary": text,
            "edits": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "file": text,
                        "search": text,
                        "replace": text,
                        "line": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    },
                    "required": ["file", "search", "replace", "line"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["summary", "edits"],
        "additionalProperties": False,
    }
    # The order in which the model writes is the order of the properties.
    assert list(strict_schema(FilesAnswer)["properties"]) == ["summary", "edits", "files"]
    assert list(strict_schema(FilesAnswer)["properties"]["edits"]["items"]["properties"]) == [
        "file",
        "search",
        "replace",
        "line",
    ]


def test_the_schema_of_an_answer_with_files_has_them_too() -> None:
    text, maybe = {"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}
    whole, edits = strict_schema(FilesAnswer), strict_schema(EditAnswer)
    files = whole["properties"].pop("files")
    assert whole["required"].pop() == "files"
    assert whole == edits
    assert files["items"]["properties"] == {
        "action": {"type": "string", "enum": ["create", "rename", "delete"]},
        "path": text,
        "new_path": maybe,
        "text": maybe,
    }


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = Field(default="x", min_length=1, max_length=9, pattern="^x", title="T", description="D")
    size: int | None = Field(default=None, ge=0, le=9)


class Outer(BaseModel):
    inner: Inner
    many: list[Inner] = Field(default_factory=list, max_length=3)
    colour: Colour = Colour.RED
    word: Literal["a", "b"] = "a"
    share: float = 0.5
    sure: bool | None = None


@pytest.mark.parametrize("kind", [FilesAnswer, EditAnswer, EitherAnswer, NamesAnswer, Outer])
def test_a_schema_stays_within_the_shared_part(kind: type[BaseModel]) -> None:
    assert list(complaints(strict_schema(kind))) == []


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"$ref": "#/$defs/X"}, "$ has $ref"),
        ({"type": "string", "minLength": 1}, "$ has minLength"),
        ({"type": "object", "properties": {}, "required": []}, "$ is open"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "$ is a union beside null"),
        ({"type": "array"}, "$[] has no type"),
    ],
)
def test_the_linter_sees_what_is_not_shared(node: dict[str, Any], said: str) -> None:
    assert said in list(complaints(node))


class Recursive(BaseModel):
    again: "list[Recursive]"


class Open(BaseModel):
    anything: dict[str, int]


class Union(BaseModel):
    either: int | str


class Constant(BaseModel):
    one: Literal["a"]


class AnyList(BaseModel):
    items: list[Any]


@pytest.mark.parametrize("kind", [Recursive, Open, Union, AnyList])
def test_what_cannot_be_said_is_refused(kind: type[BaseModel]) -> None:
    with pytest.raises(UnsupportedSchema):
        strict_schema(kind)


def test_a_constant_is_an_enum_of_one() -> None:
    assert strict_schema(Constant)["properties"] == {"one": {"type": "string", "enum": ["a"]}}
