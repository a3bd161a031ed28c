"""Whether a body is what an OpenAPI 3 description asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
# What of JSON Schema the descriptions use; anything else is not passed over in silence.
_KNOWN = {
    *("$ref", "type", "properties", "required", "items", "enum", "pattern", "minLength"),
    *("maxLength", "additionalProperties", "description", "example", "format", "title", "allOf"),
    *("x-meta", "nullable", "readOnly", "default", "deprecated"),
}


class Description:
    """An OpenAPI description in a file."""

    def __init__(self, file: Path) -> None:
        self._whole: dict[str, Any] = json.loads(file.read_text())

    def body_of(self, method: str, path: str) -> dict[str, Any]:
        """The schema of the JSON that a route takes. Raises KeyError."""
        route = self._whole["paths"][path][method]
        body = self._resolved(route["requestBody"])
        schema: dict[str, Any] = body["content"]["application/json"]["schema"]
        return schema

    def faults(self, schema: dict[str, Any], value: Any, place: str = "") -> Iterator[str]:
        """What is wrong with a value, a line each. A key that the schema does not name is wrong:
        a server would silently drop it."""
        schema = self._resolved(schema)
        if unknown := schema.keys() - _KNOWN:
            raise NotImplementedError(f"{place}: {unknown}")
        for each in schema.get("allOf", ()):
            yield from self.faults(each, value, place)
        kind = schema.get("type")
        if kind and (not isinstance(value, _TYPES[kind]) or _is_bool_as_number(kind, value)):
            yield f"{place}: {value!r} is no {kind}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{place}: {value!r} is none of {schema['enum']}"
        if isinstance(value, str):
            yield from _text_faults(schema, value, place)
        if isinstance(value, dict):
            yield from self._object_faults(schema, value, place)
        if isinstance(value, list) and "items" in schema:
            for index, each in enumerate(value):
                yield from self.faults(schema["items"], each, f"{place}[{index}]")

    def _object_faults(
        self, schema: dict[str, Any], value: dict[str, Any], place: str
    ) -> Iterator[str]:
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{place}: has no {name}"
        for name, each in value.items():
            if name in known:
                yield from self.faults(known[name], each, f"{place}.{name}")
            elif isinstance(others, dict):
                yield from self.faults(others, each, f"{place}.{name}")
            elif known and others is not True:
                yield f"{place}: {name} is not known"

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            found: Any = self._whole
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema


def _is_bool_as_number(kind: str, value: Any) -> bool:
    return kind in {"integer", "number"} and isinstance(value, bool)


def _text_faults(schema: dict[str, Any], value: str, place: str) -> Iterator[str]:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: {value!r} does not match {schema['pattern']}"
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{place}: {value!r} is too long"
    if len(value) < schema.get("minLength", 0):
        yield f"{place}: {value!r} is too short"
