"""JSON beside every page: the same content, described by the OpenAPI document, asked for anew only
when something has changed."""

from __future__ import annotations

import json
from urllib.parse import urljoin

import jsonschema
import pytest
import requests

from collector.web.answers import POLICY
from collector.web.assets import assets
from collector.web.pages import PAGES

CONTENTS = {
    "goals": "/api/v1/goals?organization=Lax%C3%A5",
    "open": "/api/v1/open",
    "calls": "/api/v1/calls?queue=it",
    "sources": "/api/v1/sources",
    "wall": "/api/v1/wall",
    "indicator": "/api/v1/indicator/urgent?verdict=missed",
    "what-if": "/api/v1/what-if?indicator=urgent&month=2020-06&within=3600",
    "months": "/api/v1/months",
    "month": "/api/v1/month/2020-06",
    "runbook": "/api/v1/runbook/source-stale",
}


@pytest.fixture(scope="module")
def described(site):
    return requests.get(f"{site}/api/v1/openapi.json", timeout=30).json()


def test_every_page_has_its_json():
    assert set(CONTENTS) == {each.NAME for each in PAGES}


@pytest.mark.parametrize("name", CONTENTS)
def test_an_answer_is_as_described(site, described, name):
    answer = requests.get(site + CONTENTS[name], timeout=30)
    assert answer.headers["content-type"] == "application/json"
    (operation,) = [
        each["get"] for each in described["paths"].values() if each["get"]["operationId"] == name
    ]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": described["components"]}
    jsonschema.validate(answer.json(), whole)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**answer.json(), "page": {}}, whole)


def test_every_parameter_is_described(described):
    for page in PAGES:
        (operation,) = [
            each["get"]
            for each in described["paths"].values()
            if each["get"]["operationId"] == page.NAME
        ]
        told = {each["name"] for each in operation["parameters"]}
        named = {"name"} if "{name}" in page.PATH else set()
        assert told == {each.name for each in page.PARAMETERS} | named | {"lang"}


@pytest.mark.parametrize("path", ["/", "/open", *CONTENTS.values(), "/api/v1/openapi.json"])
def test_what_has_not_changed_is_not_sent_again(site, path):
    first = requests.get(site + path, timeout=30)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = requests.get(site + path, headers={"If-None-Match": known}, timeout=30)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = requests.get(site + path, headers={"If-None-Match": '"other"'}, timeout=30)
    assert (other.status_code, other.content) == (200, first.content)


def test_errors_are_one_line_of_json(site):
    answer = requests.get(f"{site}/api/v1/indicator/nobody", timeout=30)
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("there is no indicator 'nobody'; there are: urgent")
    answer = requests.get(f"{site}/api/v1/open?priority=soon", timeout=30)
    assert answer.status_code == 400
    assert answer.json() == {"error": "priority: 'soon' is not one of the configured ones"}


def test_a_page_names_its_json_and_its_files(site):
    page = f"{site}/indicator/urgent?period=2020-06"
    text = requests.get(page, timeout=30).text
    for found in ("../api/v1/indicator/urgent?period=2020-06", "../api/v1/openapi.json"):
        assert f'href="{found}"' in text
        assert requests.get(urljoin(page, found), timeout=30).status_code == 200
    for each in assets().values():
        answer = requests.get(f"{site}/static/{each.name}", timeout=30)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        known = {"If-None-Match": answer.headers["etag"]}
        assert (
            requests.get(f"{site}/static/{each.name}", headers=known, timeout=30).status_code == 304
        )
    assert requests.get(f"{site}/static/style.css", timeout=30).status_code == 404


@pytest.mark.parametrize("path", ["/", "/open", "/api/v1/goals", "/metrics", "/nothing"])
def test_nothing_comes_from_elsewhere(site, path):
    answer = requests.get(site + path, timeout=30)
    assert answer.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/open",
        "/calls",
        "/sources",
        "/wall",
        "/indicator/urgent",
        "/what-if",
        "/months/2020-06",
        "/runbook/source-stale",
    ],
)
def test_a_page_is_small_and_has_no_style_and_script_of_its_own(site, path):
    answer = requests.get(site + path, timeout=30)
    assert len(answer.content) < 100_000
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text
    assert answer.text.count("<script") == 1


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/nothing/at/all", 404, "there is no such page"),
        ("/indicator/nobody", 404, "there is no indicator"),
        ("/runbook/nothing", 404, "there is no runbook"),
        ("/?period=soon", 400, "period: &#39;soon&#39; is not one of"),
        ("/open?lang=fi", 400, "lang: &#39;fi&#39; is neither sv nor en"),
    ],
)
def test_a_browser_is_shown_a_way_on_from_an_error(site, path, status, says):
    answer = requests.get(site + path, headers={"Accept": "text/html,*/*"}, timeout=30)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    assert says in answer.text
    home = answer.text.split("<nav")[1].split('href="')[1].split('"')[0]
    assert requests.get(urljoin(site + path, home), timeout=30).url == f"{site}/"
    plain = requests.get(site + path, timeout=30)
    assert (plain.status_code, plain.headers["content-type"]) == (
        status,
        "text/plain; charset=utf-8",
    )
    assert len(plain.text.splitlines()) == 1


def test_the_document_is_stable(site, described):
    assert described["openapi"] == "3.1.0"
    again = requests.get(f"{site}/api/v1/openapi.json", timeout=30).json()
    assert json.dumps(again) == json.dumps(described)
