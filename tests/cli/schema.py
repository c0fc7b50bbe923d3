"""A small checker of JSON Schema: the words that `docs/agreement.schema.json` uses, and no others."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
KNOWN = {"type", "enum", "minimum", "required", "properties", "additionalProperties", "$ref", "items"}
KNOWN |= {"minItems", "maxItems", "description", "title", "$schema", "$defs"}


def problems(value: Any, schema: Schema, root: Schema, where: str = "$") -> Iterator[str]:
    """What is wrong with the value, and where."""
    assert set(schema) <= KNOWN, f"{where}: the checker does not know {set(schema) - KNOWN}"
    if "$ref" in schema:
        yield from problems(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, where)
    if not _has_type(value, schema) or ("enum" in schema and value not in schema["enum"]):
        yield f"{where}: {value!r} is not allowed"
    elif isinstance(value, dict):
        yield from _in_object(value, schema, root, where)
    elif isinstance(value, list):
        yield from _in_array(value, schema, root, where)
    elif "minimum" in schema and value is not None and value < schema["minimum"]:
        yield f"{where}: {value} is below {schema['minimum']}"


def _has_type(value: Any, schema: Schema) -> bool:
    if "type" not in schema:
        return True
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    allowed = tuple(kind for name in names for kind in TYPES[name])
    return isinstance(value, allowed) and not isinstance(value, bool)


def _in_object(value: dict[str, Any], schema: Schema, root: Schema, where: str) -> Iterator[str]:
    yield from (f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value)
    named, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, part in value.items():
        if name in named:
            yield from problems(part, named[name], root, f"{where}.{name}")
        elif others is False:
            yield f"{where}: {name} is not known"
        elif others is not True:
            yield from problems(part, others, root, f"{where}.{name}")


def _in_array(value: list[Any], schema: Schema, root: Schema, where: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{where}: {len(value)} items"
    for at, part in enumerate(value):
        yield from problems(part, schema.get("items", {}), root, f"{where}[{at}]")
