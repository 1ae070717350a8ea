"""JSON schemas as Kimi takes them: which it refuses, and a value that fits one. The rules are the maker's validator's."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

TYPES = ("null", "boolean", "object", "array", "number", "integer", "string")
KEYWORDS = frozenset(
    (
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "anyOf",
        "enum",
        "$defs",
        "$ref",
        "$id",
        "title",
        "description",
        "default",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
    )
)
DEEPEST = 30
LARGEST = 120_000
"""Characters of a schema."""
MOST_PROPERTIES = 3_000
MOST_BRANCHES = 500
MOST_CHOICES = 1_000

_RESERVED = ("$defs", "$ref", "anyOf", "required", "additionalProperties")
"""Names that no property may have."""
_BOUNDS = (("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems"))


def complaint(schema: object) -> str | None:
    """Return why a schema is refused, in the words of the service, or None where it is in order."""
    if not isinstance(schema, Mapping):
        return "the schema must be an object"
    if schema.get("type") != "object" and "$ref" not in schema:
        return 'the root type is required and must be "object"'
    if len(json.dumps(schema, ensure_ascii=False)) > LARGEST:
        return f"the schema is longer than {LARGEST} characters"
    if _properties(schema) > MOST_PROPERTIES:
        return f"the schema has more than {MOST_PROPERTIES} properties"
    return next(_complaints(schema, "", 0, schema), None)


def value_for(
    schema: Mapping[str, Any], offered: object = None, root: Mapping[str, Any] | None = None
) -> Any:
    """Return a value that fits an accepted schema: what is offered where that fits, else the smallest there is."""
    root = schema if root is None else root
    if "$ref" in schema:
        return value_for(_resolve(schema["$ref"], root) or {}, offered, root)
    if "anyOf" in schema:
        values = [value_for(branch, offered, root) for branch in schema["anyOf"]]
        return next((value for value in values if value == offered), values[0])
    if "enum" in schema:
        return offered if offered in schema["enum"] else schema["enum"][0]
    match schema.get("type"):
        case "object":
            given = offered if isinstance(offered, Mapping) else {}
            wanted = schema.get("required", ())
            return {
                name: value_for(part, given.get(name), root)
                for name, part in schema.get("properties", {}).items()
                if name in wanted or name in given
            }
        case "array":
            given_items = list(offered) if isinstance(offered, list | tuple) else []
            given_items = given_items[: schema.get("maxItems")]
            given_items += [None] * (schema.get("minItems", 0) - len(given_items))
            return [value_for(schema.get("items", {}), item, root) for item in given_items]
        case "string":
            text = offered if isinstance(offered, str) else "(sandbox)"
            return text[: schema.get("maxLength")].ljust(schema.get("minLength", 0), ".")
        case "integer" | "number" as kind:
            kinds = int if kind == "integer" else int | float
            number = offered if isinstance(offered, kinds) and not isinstance(offered, bool) else 0
            number = max(number, schema.get("minimum", number))
            return min(number, schema.get("maximum", number))
        case "boolean":
            return offered if isinstance(offered, bool) else False
        case _:
            return None


def _complaints(schema: Mapping[str, Any], path: str, depth: int, root: Mapping[str, Any]) -> Iterator[str]:
    if depth > DEEPEST:
        yield f"<At path '{path}': the schema is deeper than {DEEPEST}>"
        return
    reasons = (*_kind_complaints(schema, root), *_shape_complaints(schema, root))
    yield from (f"<At path '{path}': {reason}>" for reason in reasons)
    for name, part in _parts(schema):
        inner = f"{path}.{name}" if path else name
        if isinstance(part, Mapping):
            yield from _complaints(part, inner, depth + 1, root)
        else:
            yield f"<At path '{inner}': the schema must be an object>"


def _kind_complaints(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        extra = set(schema) - {"$ref", "description", "title", "$defs"}
        if extra:
            yield f"conflicting keywords found after $ref expansion: {', '.join(sorted(extra))}"
        if _resolve(schema["$ref"], root) is None:
            yield "the reference cannot be resolved"
    elif "anyOf" in schema:
        if "type" in schema:
            yield "when using anyOf, type should be defined in anyOf items instead of the parent schema"
        if not isinstance(schema["anyOf"], list) or not schema["anyOf"]:
            yield "anyOf must be a list of schemas"
        elif len(schema["anyOf"]) > MOST_BRANCHES:
            yield f"anyOf has more than {MOST_BRANCHES} branches"
    elif schema.get("type") not in TYPES:
        yield "type is not defined"


def _shape_complaints(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"keyword {keyword} is not supported" for keyword in schema if keyword not in KEYWORDS)
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, Mapping) or not isinstance(required, list):
        yield "properties must be an object and required a list"
        return
    for name in required:
        if name not in properties:
            yield f"required property '{name}' is not defined in properties"
    yield from (f"property name '{name}' is reserved" for name in properties if name in _RESERVED)
    if "enum" in schema:
        yield from _enum_complaints(schema["enum"])
    if "$defs" in schema and (schema is not root or not _are_plain(schema["$defs"])):
        yield "$defs must stand at the root, with names without a slash"
    for low, high in _BOUNDS:
        if any(not isinstance(schema.get(name, 0), int | float) for name in (low, high)):
            yield f"{low} and {high} must be numbers"


def _enum_complaints(choices: object) -> Iterator[str]:
    if not isinstance(choices, list) or not choices:
        yield "enum must be a list of values"
    elif len(choices) > MOST_CHOICES:
        yield f"enum has more than {MOST_CHOICES} values"
    elif len({type(choice) for choice in choices}) > 1 or type(choices[0]) not in (str, int, float):
        yield "enum must hold strings, integers or numbers of one kind"


def _are_plain(definitions: object) -> bool:
    return isinstance(definitions, Mapping) and not any("/" in name for name in definitions)


def _properties(schema: object) -> int:
    if isinstance(schema, list):
        return sum(map(_properties, schema))
    if not isinstance(schema, Mapping):
        return 0
    own = schema.get("properties")
    return (len(own) if isinstance(own, Mapping) else 0) + sum(map(_properties, schema.values()))


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for group in ("properties", "$defs"):
        members = schema.get(group, {})
        if isinstance(members, Mapping):
            yield from ((f"{group}.{name}", part) for name, part in members.items())
    if "items" in schema:
        yield "items", schema["items"]
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield "additionalProperties", schema["additionalProperties"]
    if isinstance(schema.get("anyOf"), list):
        yield from ((f"anyOf.{index}", part) for index, part in enumerate(schema["anyOf"]))


def _resolve(reference: object, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if reference == "#":
        return root
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        found = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
        return found if isinstance(found, Mapping) else None
    return None
