"""A real django-helpdesk: its figures are those counted by hand, and it says what changed.

==  ========  ==================  ===================  =================  ========  ==========
id  priority  opened              answered             resolved           in 30min  in 8h
==  ========  ==================  ===================  =================  ========  ==========
1   urgent    Mon 2 Mar 09:00     09:20                10:00              met 20m   met 1h
2   urgent    Mon 2 Mar 09:00     10:00, note 09:10    Tue 09:30          missed    missed 9h30
3   urgent    Fri 6 Mar 16:50     Mon 08:15            Mon 08:30          met 25m   met 40m
4   urgent    Mon 2 Mar 12:00     –                    –                  missed    missed
5   normal    Mon 2 Mar 10:00     11:00                Mon 11:00, again   –         met 8h00
                                                       Tue 09:00
6   urgent    Mon 2 Mar 09:05     merged into 1                           excluded  excluded
7   urgent    Mon 2 Mar 13:30     deleted                                 excluded  excluded
8   urgent    Mon 2 Mar 13:00     by the agent, solved 13:05, no text     met 0s    met 5m
==  ========  ==================  ===================  =================  ========  ==========

Office hours are 08:00 to 17:00. So 3 of 5 are answered in time, and 4 of 6 resolved.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.service.drain import drain
from collector.service.poll import build_source
from collector.service.service import Service
from collector.service.serving import web_app
from collector.service.sweep import sweep
from collector.sources.kit.source import TicketSource
from collector.store import Store
from tests.worlds.measured import RESOLUTION, RESPONSE, at, settings_of
from tests.worlds.real_helpdesk import RealHelpdesk, real_helpdesk
from tests.worlds.serving import served

SECRET = "hush-7e57ed"
NOW = at("2026-03-13 12:00")


class Collector:
    """Where the helpdesk sends its messages: the collector's application, once it is there."""

    def __init__(self) -> None:
        self.app: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def collector() -> Iterator[tuple[Collector, str]]:
    made = Collector()
    with served(made) as address:
        yield made, address


@pytest.fixture(scope="module")
def helpdesk(collector: tuple[Collector, str]) -> Iterator[RealHelpdesk]:
    host = collector[1].removeprefix("http://")
    with real_helpdesk(f"http://helpdesk:{SECRET}@{host}/hooks/desk") as running:
        yield running


@pytest.fixture
def settings(helpdesk: RealHelpdesk, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HELPDESK_PASSWORD", "kpi-password")
    monkeypatch.setenv("HELPDESK_SECRET", SECRET)
    desk = {
        "type": "django_helpdesk",
        "url": helpdesk.url,
        "user": "kpi",
        "password": "${HELPDESK_PASSWORD}",
        "webhook": {"secret": "${HELPDESK_SECRET}"},
        "map": {"team": {"1": "Servicedesk"}, "kind": {"default": "incident"},
                "organization": {"default": "Laxå"}},
    }  # fmt: skip
    indicators = {"answered": {**RESPONSE, "records": {"priority": "urgent"}},
                  "resolved": RESOLUTION}  # fmt: skip
    return settings_of(indicators, sources={"desk": desk})


def _polled(settings: Settings, store: Store) -> TicketSource:
    source = build_source(settings, "desk")
    assert isinstance(source, TicketSource)
    result = drain(source, store, clock=lambda: int(time.time()))
    assert (result.ok, dict(result.rejected)) == (True, {})
    return source


def _counted(settings: Settings, store: Store) -> dict[str, Any]:
    measuring = Measuring(settings, store)
    month = measuring.period("2026-03", NOW)
    tallies = measuring.tallies(measuring.history_of(month, NOW), month.after, NOW)
    figures = measuring.figures(tallies, month, NOW, store.polls.states())
    return {
        each.indicator: (each.good, each.eligible, dict(each.excluded))
        for each in figures
        if each.organization is None
    }


def test_a_running_one_from_check_to_figures(
    settings: Settings, helpdesk: RealHelpdesk, sqlite_store: Store
) -> None:
    """Counted by hand above; what is merged and deleted there is found by a sweep."""
    assert build_source(settings, "desk").check() == "django-helpdesk, 8 tickets visible"
    source = _polled(settings, sqlite_store)
    assert _counted(settings, sqlite_store) == {
        "answered": (3, 7, {}),
        "resolved": (4, 8, {}),
    }, "6 and 7 are still there: unanswered, not resolved"
    helpdesk.call("PATCH", "tickets/6/", merged_to=1, status=5)
    helpdesk.call("DELETE", "tickets/7/")
    swept = sweep(source, sqlite_store, clock=lambda: NOW)
    assert (swept.error, swept.finished, swept.found) == (
        None, True, {"deleted": 1, "merged": 1},
    )  # fmt: skip
    by_hand = {
        "answered": (3, 5, {"merged": 1, "deleted": 1}),
        "resolved": (4, 6, {"merged": 1, "deleted": 1}),
    }
    assert _counted(settings, sqlite_store) == by_hand
    _polled(settings, sqlite_store)
    assert _counted(settings, sqlite_store) == by_hand


def test_it_says_itself_that_a_ticket_has_changed(
    settings: Settings,
    helpdesk: RealHelpdesk,
    collector: tuple[Collector, str],
    sqlite_store: Store,
) -> None:
    """By its own webhook, which sends a password and signs nothing."""
    service = Service(settings, sqlite_store)
    collector[0].app = web_app(service)
    _polled(settings, sqlite_store)
    cursor = sqlite_store.pages.cursor("desk")
    before = sqlite_store.records.ticket("desk", "4")
    assert before is not None
    assert before.first_response_at is None
    sent = {"ticket": 4, "user": 1, "title": "an answer", "comment": "x", "public": True}
    helpdesk.call("POST", "followups/", **sent)
    assert service.counters.hooks == {("desk", "accepted"): 1}
    service.read_named("desk")
    after = sqlite_store.records.ticket("desk", "4")
    assert after is not None
    assert after.first_response_at is not None
    assert sqlite_store.pages.cursor("desk") == cursor
