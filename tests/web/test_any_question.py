"""Whatever is asked of a route of the OpenAPI document is answered: never with a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.web.openapi import document
from collector.web.pages import PAGES
from tests.worlds.sizes import sample_size

_PAGES = {each.NAME: each for each in PAGES}
_DESCRIBED: dict[str, dict[str, Any]] = {
    path: operation["get"]
    for path, operation in document([each() for each in PAGES])["paths"].items()
}
_TEXTS = st.text(max_size=12) | st.sampled_from(
    ["0", "-1", "1e9", "nan", "inf", "9" * 400, "2020-06", "2020-13", "month", "Laxå", "'", "%00",
     "urgent", "costs", "desc", "..", "0001-01", "9999-12-31..9999-12-31", "\\0", "\\ud800"]
)  # fmt: skip


def _value(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    """Values as described, and any others."""
    if "enum" in schema:
        return st.sampled_from([str(each) for each in schema["enum"]]) | _TEXTS
    if schema.get("type") in {"integer", "number"}:
        return st.integers(-2, 10**7).map(str) | st.floats().map(str) | _TEXTS
    return _TEXTS


@st.composite
def _questions(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    path = draw(st.sampled_from(sorted(_DESCRIBED)))
    query: dict[str, str] = {}
    for each in _DESCRIBED[path]["parameters"]:
        if each["in"] == "path":
            known = st.sampled_from(["urgent", "answered", "costs", "source-stale", "2020-06"])
            name = draw(known | _TEXTS).encode("utf-8", "replace").decode()
            path = path.replace("{name}", quote(name, safe="") or "x")
        elif draw(st.booleans()):
            query[each["name"]] = draw(_value(each["schema"])).encode("utf-8", "replace").decode()
    return path, query


@pytest.fixture(scope="module")
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@settings(
    max_examples=sample_size(150, 450, 1500),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=_questions())
def test_no_question_is_a_fault(
    client: requests.Session, site: str, asked: tuple[str, dict[str, str]]
) -> None:
    path, query = asked
    answer = client.get(site + path, params=query, timeout=60)
    assert answer.status_code in {200, 400, 404}, answer.text
    if answer.status_code != 200:
        assert len(answer.text) < 2000
        if answer.headers["content-type"] == "application/json":
            assert answer.json()["error"]
    shown = client.get(site + path.removeprefix("/api/v1"), params=query, timeout=60)
    assert shown.status_code in {200, 400, 404}, shown.text


def test_every_route_is_asked() -> None:
    assert {each["operationId"] for each in _DESCRIBED.values()} >= set(_PAGES)
