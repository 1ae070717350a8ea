from typing import Any

import pytest

from kimi_lsp.sandbox.json_schema import complaint, value_for
from tests.sandbox.asking import ANSWER_SCHEMA

TEXT: dict[str, Any] = {"type": "string"}


def of(part: object, **more: object) -> dict[str, Any]:
    return {"type": "object", "properties": {"x": part}, "required": ["x"], **more}


@pytest.mark.parametrize(
    "schema",
    [
        ANSWER_SCHEMA,
        of(TEXT),
        of({"anyOf": [TEXT, {"type": "null"}], "description": "a"}),
        of({"type": "array", "items": {"$ref": "#"}, "minItems": 0}),
        of({"type": "string", "enum": ["a", "b"], "default": "a", "title": "t"}),
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {}}}},
    ],
)
def test_a_schema_in_the_common_subset_is_taken(schema: object) -> None:
    assert complaint(schema) is None


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ([], "the schema must be an object"),
        ({"type": "array"}, 'the root type is required and must be "object"'),
        (of({}), "<At path 'properties.x': type is not defined>"),
        (of({"type": "text"}), "<At path 'properties.x': type is not defined>"),
        (of({"type": ["string", "null"]}), "<At path 'properties.x': type is not defined>"),
        (of({"const": 1, "type": "integer"}), "<At path 'properties.x': keyword const is not supported>"),
        (
            of({"type": "string", "anyOf": [TEXT]}),
            "<At path 'properties.x': when using anyOf, type should be defined in anyOf items instead of the parent schema>",
        ),
        (of({"anyOf": []}), "<At path 'properties.x': anyOf must be a list of schemas>"),
        (of({"anyOf": [1]}), "<At path 'properties.x.anyOf.0': the schema must be an object>"),
        (of({"type": "array", "items": {}}), "<At path 'properties.x.items': type is not defined>"),
        (of({"$ref": "#/$defs/none"}), "<At path 'properties.x': the reference cannot be resolved>"),
        (
            of({"$ref": "#", "type": "object"}),
            "<At path 'properties.x': conflicting keywords found after $ref expansion: type>",
        ),
        (of(TEXT, required=["y"]), "<At path '': required property 'y' is not defined in properties>"),
        (of(TEXT, required="x"), "<At path '': properties must be an object and required a list>"),
        (of({"type": "string", "enum": []}), "<At path 'properties.x': enum must be a list of values>"),
        (
            of({"type": "string", "maxLength": "9"}),
            "<At path 'properties.x': minLength and maxLength must be numbers>",
        ),
    ],
)
def test_a_schema_outside_of_it_is_refused_with_the_place(schema: object, reason: str) -> None:
    assert complaint(schema) == reason


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (of({"type": "string", "enum": ["a", 1]}), "of one kind"),
        (of({"type": "boolean", "enum": [True]}), "of one kind"),
        (of({"type": "integer", "enum": list(range(1001))}), "more than 1000 values"),
        (of({"anyOf": [TEXT] * 501}), "more than 500 branches"),
        ({"type": "object", "properties": {"anyOf": TEXT}}, "property name 'anyOf' is reserved"),
        ({"type": "object", "properties": {f"p{n}": TEXT for n in range(3001)}}, "more than 3000 properties"),
        (of({**TEXT, "description": "x" * 120_000}), "longer than 120000 characters"),
        (of({"type": "object", "$defs": {}}), "$defs must stand at the root"),
        ({"type": "object", "$defs": {"a/b": TEXT}}, "names without a slash"),
    ],
)
def test_a_schema_keeps_within_the_validator_s_limits(schema: object, reason: str) -> None:
    assert reason in (complaint(schema) or "")


def test_a_schema_may_not_be_too_deep() -> None:
    schema = of(TEXT)
    for _ in range(31):
        schema = of(schema)
    assert "deeper than 30" in (complaint(schema) or "")


def test_what_is_offered_is_kept_where_it_fits() -> None:
    offered = {"summary": "s", "edits": [{"file": "f", "search": "a", "replace": "b", "line": 3}], "more": 1}
    assert value_for(ANSWER_SCHEMA, offered) == {"summary": "s", "edits": offered["edits"]}
    offered["edits"] = [{"file": "f", "search": "a", "replace": "b", "line": None}]
    assert value_for(ANSWER_SCHEMA, offered) == {"summary": "s", "edits": offered["edits"]}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (TEXT, "(sandbox)"),
        ({"type": "string", "maxLength": 3}, "(sa"),
        ({"type": "string", "minLength": 11}, "(sandbox).."),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "number", "maximum": -5}, -5),
        ({"type": "boolean"}, False),
        ({"type": "null"}, None),
        ({"type": "array", "items": TEXT}, []),
        ({"type": "array", "items": TEXT, "minItems": 2}, ["(sandbox)", "(sandbox)"]),
        ({"anyOf": [{"type": "integer"}, TEXT]}, 0),
        ({"type": "string", "enum": ["b", "a"]}, "b"),
        (of(TEXT), {"x": "(sandbox)"}),
    ],
)
def test_what_is_not_offered_is_the_smallest_value(part: dict[str, Any], value: object) -> None:
    assert value_for(of(part), {}) == {"x": value}
    assert value_for(of(part), {"x": object()}) == {"x": value}
