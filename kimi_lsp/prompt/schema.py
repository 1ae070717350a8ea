"""From a pydantic type to a JSON schema that all three endpoints take.

The common subset: every property required, no others allowed, a nullable one as `anyOf` with null, definitions put
in place, and none of the keywords that only some endpoints know (lengths, ranges, formats, titles, defaults).
"""

from typing import Any

from pydantic import BaseModel

_KEPT = ("type", "enum")


class UnsupportedSchema(Exception):
    """A type cannot be said in the common subset; a mistake of ours, never of a user's."""


def strict_schema(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a type. Raises UnsupportedSchema for recursion, unions beside null, and open objects."""
    schema = kind.model_json_schema()
    return _strict(schema, schema.get("$defs", {}), ())


def _strict(node: dict[str, Any], definitions: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in path:
            raise UnsupportedSchema(f"{name} contains itself")
        return _strict(definitions[name], definitions, (*path, name))
    if "anyOf" in node:
        if len(node["anyOf"]) != 2 or {"type": "null"} not in node["anyOf"]:
            raise UnsupportedSchema("a union of other things than one type and null")
        return {"anyOf": [_strict(branch, definitions, path) for branch in node["anyOf"]]}
    kept = {name: node[name] for name in _KEPT if name in node}
    if "const" in node:
        kept["enum"] = [node["const"]]
    match node.get("type"):
        case "object":
            properties = node.get("properties")
            if not properties:
                raise UnsupportedSchema("an object without named properties")
            inner = {name: _strict(value, definitions, path) for name, value in properties.items()}
            return {**kept, "properties": inner, "required": list(inner), "additionalProperties": False}
        case "array":
            if "items" not in node:
                raise UnsupportedSchema("an array of anything")
            return {**kept, "items": _strict(node["items"], definitions, path)}
        case "string" | "integer" | "number" | "boolean" | "null":
            return kept
        case other:
            raise UnsupportedSchema(f"no rule for {other!r}")
