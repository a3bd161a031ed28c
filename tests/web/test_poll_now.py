"""A poll that is asked for from the page: guarded in every way, and never started by a link."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from collector.config.server import ServerSettings
from collector.service.asked_polls import AGAIN_AFTER, AskedPolls
from collector.service.scheduler import SteadyScheduler
from collector.service.service import Service
from collector.service.serving import web_app
from collector.store import Store
from tests.worlds.measured import RESPONSE, settings_of
from tests.worlds.serving import served


@pytest.fixture
def asked():
    """The sources that were asked for."""
    return []


@pytest.fixture
def address(sqlite_url, asked, request):
    server = getattr(request, "param", {})
    settings = settings_of(
        {"answer": RESPONSE},
        sources={"desk": {"type": "csv_tickets", "path": "tickets.csv"}},
        server=server,
    )
    with Store.open(sqlite_url) as store:
        service = Service(settings, store)
        service.asked.ask = lambda name: asked.append(name) or 0.0
        with served(web_app(service)) as found:
            yield found


def post(address, path="/sources/desk/poll", **headers):
    headers = {"Origin": address} | {k.replace("_", "-"): v for k, v in headers.items()}
    return requests.post(f"{address}{path}", headers=headers, timeout=30, allow_redirects=False)


def test_the_own_page_may_ask(address, asked):
    answer = post(address)
    assert (answer.status_code, answer.headers["location"]) == (303, "../../sources")
    assert asked == ["desk"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "evil.example:9109", "Origin": "http://evil.example:9109"},
        {"Host": "evil.example"},
    ],
)
def test_nobody_else_may(address, asked, headers):
    answer = post(address, **headers)
    assert answer.status_code == 403
    assert asked == []


def test_a_link_changes_nothing(address, asked):
    for method in ("GET", "HEAD", "PUT"):
        answer = requests.request(method, f"{address}/sources/desk/poll", timeout=30)
        assert answer.status_code in (404, 405)
    assert asked == []


def test_a_source_that_is_not_there(address, asked):
    assert post(address, "/sources/nothing/poll").status_code == 404
    assert asked == []


@pytest.mark.parametrize(
    "address", [{"host": "0.0.0.0"}, {"url": "https://kpi.example.org"}, {"poll_now": False}],
    indirect=True,
)  # fmt: skip
def test_off_unless_configured_or_only_on_this_machine(address, asked):
    assert post(address).status_code == 403
    assert "/poll" not in requests.get(f"{address}/sources", timeout=30).text
    assert asked == []


@pytest.mark.parametrize(
    "address", [{"url": "https://kpi.example.org", "poll_now": True}], indirect=True
)
def test_behind_a_proxy_the_configured_address_counts(address, asked):
    assert post(address, Origin="https://kpi.example.org").status_code == 303
    assert post(address, Origin="https://other.example.org").status_code == 403
    assert asked == ["desk"]


@pytest.mark.parametrize(
    ("given", "on"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "::1"}, True),
        ({"host": "192.0.2.1"}, False),
        ({"host": "::"}, False),
        ({"url": "https://kpi.example.org"}, False),
        ({"url": "https://kpi.example.org", "poll_now": True}, True),
        ({"poll_now": False}, False),
    ],
)
def test_where_it_is_on(given, on):
    assert ServerSettings.model_validate(given).polls_on_request is on


def test_not_too_often():
    scheduler, time = SteadyScheduler(2, print), [0.0]
    for name in ("desk", "phone"):
        scheduler.add_job(print, "interval", seconds=600, id=f"poll {name}")
    scheduler.start(paused=True)
    try:
        before = scheduler.get_job("poll desk").next_run_time
        polls = AskedPolls(scheduler, lambda: time[0])
        assert polls.ask("desk") == 0
        assert scheduler.get_job("poll desk").next_run_time < before
        time[0] = 10.0
        assert polls.ask("desk") == AGAIN_AFTER - 10
        assert polls.ask("phone") == 0, "each source by itself"
        time[0] = AGAIN_AFTER
        assert polls.ask("desk") == 0
    finally:
        scheduler.shutdown(wait=False)


def test_who_asks_again_is_told_to_wait(sqlite_url):
    settings = settings_of(
        {"answer": RESPONSE}, sources={"desk": {"type": "csv_tickets", "path": "tickets.csv"}}
    )
    with Store.open(sqlite_url) as store:
        service = Service(settings, store)
        service.asked.ask = lambda name: 12.3
        with served(web_app(service)) as address:
            answer = post(address, Accept="text/html")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "13")
    assert "desk was asked for just before; again in 13 s" in answer.text
    assert "<nav" in answer.text


def test_a_process_that_stands_by_sends_one_to_the_other(sqlite_url):
    settings = settings_of(
        {"answer": RESPONSE}, sources={"desk": {"type": "csv_tickets", "path": "tickets.csv"}}
    )
    with Store.open(sqlite_url) as store:
        service = Service(settings, store)
        service.leading.leads = lambda: False
        with served(web_app(service)) as address:
            answer = post(address, Accept="text/html")
    assert answer.status_code == 409
    assert "another process polls the sources" in answer.text


@pytest.mark.integration
def test_the_button_of_the_page_works(browser: Any, address, asked):
    tab = browser.new_page()
    tab.goto(f"{address}/sources?lang=sv")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Läs nu").click()
    assert tab.url == f"{address}/sources?lang=sv"
    assert asked == ["desk"]
    tab.close()
