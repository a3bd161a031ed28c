"""The OpenAPI document of the JSON beside the pages, made from the same table of pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collector.web.desk import SourceAge
from collector.web.indicator_page import IndicatorPage
from collector.web.page import API, Page, adapter
from collector.web.parameters import LANG, Parameter
from collector.web.records_csv import PATH as RECORDS

VERSION = "1"
_REFERENCES = "#/components/schemas/{model}"


def document(pages: Sequence[Page[Any]]) -> dict[str, Any]:
    """Describe every page's JSON: its parameters, the schema of its answer, and its errors."""
    schemas: dict[str, Any] = {
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {"error": {"type": "string", "description": "One line for people."}},
        }
    }
    told = _schema(list[SourceAge], schemas)
    paths = {api_path(page): {"get": _operation(page, told, schemas)} for page in pages}
    paths[RECORDS] = {"get": _records(IndicatorPage())}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Servicedesk KPI",
            "version": VERSION,
            "description": "Read-only: what the pages show. Instants are ISO 8601 with an offset, "
            "durations seconds, shares 0 to 1. An answer has an ETag; asked for with If-None-Match "
            "it is 304 as long as nothing has changed. Longer lists come in pages: the header "
            "Link leads to the next one, and paging says where one is.",
        },
        "servers": [{"url": "../.."}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def api_path(page: Page[Any]) -> str:
    """Where a page's JSON is served: ``/api/v1/indicator/{name}``."""
    return API + page.NAME + ("/{name}" if "{name}" in page.PATH else "")


def _schema(content: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema of a content; its parts are added to ``schemas``."""
    made = adapter(content).json_schema(ref_template=_REFERENCES, mode="serialization")
    schemas.update(made.pop("$defs", {}))
    return made


def _operation(page: Page[Any], told: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    schemas[page.CONTENT.__name__] = _schema(page.CONTENT, schemas)
    answer = {
        "type": "object",
        "required": ["language", "sources", "page"],
        "properties": {
            "language": {"type": "string", "description": "That of the words within."},
            "sources": told,
            "page": {"$ref": _REFERENCES.format(model=page.CONTENT.__name__)},
        },
    }
    error = _json({"$ref": _REFERENCES.format(model="Error")})
    named = "{name}" in page.PATH
    return {
        "operationId": page.NAME,
        "summary": page.ABOUT,
        "parameters": [
            *([_named()] if named else []),
            *(_parameter(each) for each in (*page.PARAMETERS, LANG)),
        ],
        "responses": {
            "200": {"description": "The content of the page.", **_json(answer)},
            "304": {"description": "Nothing has changed since the ETag given."},
            "400": {"description": "A parameter cannot be used.", **error},
            **({"404": {"description": "There is no such thing.", **error}} if named else {}),
            "503": {
                "description": "The store does not answer, or too much is asked at once.",
                **error,
            },
        },
    }


def _records(page: Page[Any]) -> dict[str, Any]:
    """The records behind a figure as CSV."""
    error = {"content": {"text/plain": {"schema": {"type": "string"}}}}
    return {
        "operationId": "records",
        "summary": "The records behind a figure of any period as CSV, sent as they are read.",
        "parameters": [_named(), *(_parameter(each) for each in (*page.PARAMETERS, LANG))],
        "responses": {
            "200": {
                "description": "The columns of the command explain --format csv.",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            },
            "400": {"description": "A parameter cannot be used.", **error},
            "404": {"description": "There is no such thing.", **error},
            "503": {"description": "The store does not answer.", **error},
        },
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _named() -> dict[str, Any]:
    return {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}


def _parameter(each: Parameter) -> dict[str, Any]:
    return {
        "name": each.name,
        "in": "query",
        "description": each.about,
        "required": False,
        "schema": dict(each.schema),
    }
