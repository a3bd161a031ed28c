"""Requests and answers held against Grafana's OpenAPI specifications, where these are at hand."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from tests.worlds.paths import SHARED

FOLDER = Path(os.environ.get("GRAFANA_OPENAPI", SHARED / "data/grafana_openapi"))
VERSIONS = ("12.1.0", "13.0.0")

UNSPECIFIED = {("GET", "/frontend/settings")}
"""Served by every Grafana, and in no specification."""

MORE_KEYS = {
    "MuteTimeInterval": {"version", "provenance"},  # answers have them
    "DashboardMeta": {"isEditable"},
    "SuccessResponseBody": {"status"},  # of the health of a data source
    "DataResponse": {"status", "frames", "error"},  # named there as in Go, and not as sent
}
"""Keys that real answers have beyond their schemas."""

MORE_VALUES = {
    "type": None,  # contact points of newer kinds than the list knows
    "noDataState": {"KeepLast"},
    "execErrState": {"KeepLast"},
}
"""Values that Grafana takes beyond the enumerations; None: any."""

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def at_hand() -> bool:
    """Whether there are specifications to hold against."""
    return all(_file(version).is_file() for version in VERSIONS)


def specifications() -> None:
    """Skips where there are none."""
    if not at_hand():
        pytest.skip(f"no Grafana OpenAPI specification in {FOLDER}")


def _file(version: str) -> Path:
    return FOLDER / f"grafana-{version}.openapi3.json"


@cache
def _spec(version: str) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(_file(version).read_text())
    return spec


@cache
def _paths(version: str) -> list[tuple[list[str], dict[str, Any]]]:
    return [(path.strip("/").split("/"), verbs) for path, verbs in _spec(version)["paths"].items()]


def _operation(version: str, verb: str, path: str) -> dict[str, Any] | None:
    parts = path.strip("/").split("/")
    fitting = [
        (sum(own.startswith("{") for own in template), verbs)
        for template, verbs in _paths(version)
        if len(template) == len(parts)
        and all(
            own == part or own.startswith("{") for own, part in zip(template, parts, strict=True)
        )
    ]
    for _, verbs in sorted(fitting, key=lambda each: each[0]):
        if verb.lower() in verbs:
            operation: dict[str, Any] = verbs[verb.lower()]
            return operation
    return None


def complaints_of_request(verb: str, path: str, query: str, body: Any) -> list[str]:
    """What the specifications have against a request; ``path`` begins after /api, quoted."""
    found = []
    for version in VERSIONS:
        operation = _operation(version, verb, path)
        where = f"{version}: {verb} {unquote(path)}"
        if operation is None:
            if (verb, path) not in UNSPECIFIED:
                found.append(f"{where}: no such route")
            continue
        found += [f"{where}: {each}" for each in _queries(version, operation, query)]
        schema = _content(version, operation.get("requestBody"))
        if schema is None and body is not None:
            found.append(f"{where}: takes no body")
        elif schema is not None:
            check = _Check(version, in_answer=False)
            found += [f"{where}: {each}" for each in check.complaints(schema, body, "body")]
    return found


def complaints_of_answer(verb: str, path: str, status: int, body: Any) -> list[str]:
    """What the specifications have against an answer that succeeded."""
    found = []
    for version in VERSIONS:
        operation = _operation(version, verb, path)
        if operation is None:
            continue
        where = f"{version}: {verb} {unquote(path)} -> {status}"
        answer = operation["responses"].get(str(status))
        if answer is None:
            if status < 400:
                found.append(f"{where}: no such answer")
            continue
        if (schema := _content(version, answer)) is not None:
            check = _Check(version, in_answer=True)
            found += [f"{where}: {each}" for each in check.complaints(schema, body, "answer")]
    return found


def _content(version: str, part: Mapping[str, Any] | None) -> dict[str, Any] | None:
    while part is not None and "$ref" in part:
        part = _resolve(version, part["$ref"])
    schema = ((part or {}).get("content") or {}).get("application/json", {}).get("schema")
    return schema if isinstance(schema, dict) else None


def _queries(version: str, operation: Mapping[str, Any], query: str) -> Iterator[str]:
    known = {
        p["name"]: p["schema"] for p in operation.get("parameters", []) if p.get("in") == "query"
    }
    for name, values in parse_qs(query, keep_blank_values=True).items():
        if name not in known:
            yield f"no query {name!r}"
        elif known[name].get("type") == "integer" and not values[0].isdigit():
            yield f"query {name!r} must be a number"
        elif known[name].get("type") != "array" and len(values) > 1:
            yield f"query {name!r} is given {len(values)} times"


def _resolve(version: str, reference: str) -> Any:
    found: Any = _spec(version)
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


class _Check:
    """The part of JSON Schema that the specifications use; unknown keys are complained about."""

    def __init__(self, version: str, *, in_answer: bool) -> None:
        self._version = version
        self._in_answer = in_answer

    def complaints(
        self, schema: Mapping[str, Any], value: Any, at: str, name: str = ""
    ) -> list[str]:
        return list(self._complaints(schema, value, at, name))

    def _complaints(
        self, schema: Mapping[str, Any], value: Any, at: str, name: str
    ) -> Iterator[str]:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = _resolve(self._version, schema["$ref"])
        for part in schema.get("allOf", ()):
            yield from self._complaints(part, value, at, name)
        kind = schema.get("type")
        if kind is None:
            return
        if value is None and self._in_answer:
            return  # Go's nil: no schema of Grafana admits it, and its answers are full of it
        if not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool)):
            yield f"{at}: {value!r} is no {kind}"
        elif kind == "object":
            yield from self._object(schema, value, at, name)
        elif kind == "array":
            for place, each in enumerate(value):
                yield from self._complaints(schema["items"], each, f"{at}[{place}]", "")
        elif kind == "string":
            yield from self._string(schema, value, at)

    def _object(
        self, schema: Mapping[str, Any], value: dict[str, Any], at: str, name: str
    ) -> Iterator[str]:
        properties = schema.get("properties", {})
        for each in schema.get("required", ()):
            if each not in value:
                yield f"{at}.{each}: is missing"
        for key, own in value.items():
            if key in properties:
                if properties[key].get("readOnly") and not self._in_answer:
                    yield f"{at}.{key}: is read only"
                yield from self._complaints(properties[key], own, f"{at}.{key}", "")
            elif "additionalProperties" in schema:
                yield from self._complaints(schema["additionalProperties"], own, f"{at}.{key}", "")
            elif properties and key not in MORE_KEYS.get(name, ()):
                yield f"{at}.{key}: is not known"

    def _string(self, schema: Mapping[str, Any], value: str, at: str) -> Iterator[str]:
        if "enum" in schema and value not in schema["enum"]:
            more = MORE_VALUES.get(at.rpartition(".")[2], frozenset())
            if more is not None and value not in more:
                yield f"{at}: {value!r} is none of {schema['enum']}"
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{at}: {value!r} is too short or too long"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{at}: {value!r} does not fit {schema['pattern']}"
