"""From a real Request Tracker 5 to figures: source, store, measure, compared with what was done."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.figures.figure import Figure
from collector.model.periods import parse_period
from collector.service.drain import drain
from collector.service.poll import build_source
from collector.store import Store
from tests.worlds.real_rt import RealRT

pytestmark = pytest.mark.integration

HOUR = 3600


def settings(rt: RealRT, folder: Path) -> Settings:
    title = {"sv": "x", "en": "x"}
    return Settings.model_validate(
        {
            "timezone": "Europe/Stockholm",
            "organizations": ["Hallsberg", "Laxå"],
            "store": f"sqlite:///{folder / 'store.db'}",
            "calendars": {"always": {"timezone": "UTC", "hours": {"mon-sun": ["00:00-24:00"]}}},
            "rules": {"min_n": 1},
            "sources": {
                "desk": {
                    "type": "request_tracker",
                    "url": rt.url,
                    "token": "${LAB_TOKEN}",
                    "map": {
                        "priority": {"100": "urgent", "50": "normal", "default": "low"},
                        "kind": {"Incident": "incident", "Order": "order"},
                    },
                }
            },
            "indicators": {
                "response": {
                    "title": title,
                    "kind": "share_within",
                    "records": {"kind": "incident", "priority": "urgent"},
                    "to": "first_response",
                    "within": "1h",
                    "calendar": "always",
                    "target": ">= 90%",
                },
                "first_line": {
                    "title": title,
                    "kind": "share_where",
                    "records": {"kind": "incident"},
                    "where": {"only_teams": ["Servicedesk"]},
                },
                "tickets": {"title": title, "kind": "count", "records": {"kind": "incident"}},
            },
        }
    )


def figures(store: Store, chosen: Settings, now: int) -> dict[tuple[str, str | None], Figure]:
    measuring = Measuring(chosen, store)
    period = parse_period("year", measuring.today(now))
    tallies = measuring.tallies(period.first, period.after, now)
    found = measuring.figures(tallies, period, now, store.polls.states())
    return {(figure.indicator, figure.organization): figure for figure in found}


def test_figures_are_what_was_done(
    rt: RealRT, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_TOKEN", rt.tokens["kpi"])
    chosen = settings(rt, tmp_path)

    def incident(priority: int, organization: str) -> str:
        fields = {"Municipality": organization, "TicketType": "Incident"}
        return rt.create(Priority=priority, CustomFields=fields)

    with Store.open(chosen.store) as store:

        def poll() -> None:
            result = drain(build_source(chosen, "desk"), store, clock=lambda: int(time.time()))
            assert result.ok, result.error

        answered, passed_on = incident(100, "Hallsberg"), incident(100, "Laxå")
        noted, asked_again = incident(100, "Hallsberg"), incident(100, "Laxå")
        merged, deleted = incident(100, "Hallsberg"), incident(100, "Laxå")
        normal = incident(50, "Laxå")
        rt.reply(answered)
        rt.reply(noted, kind="comment")  # an internal note is no answer
        rt.reply(asked_again, who="cust1")  # nor is the requestor's own word
        poll()  # the feed has seen them before they vanish
        rt.reply(passed_on)
        rt.put(passed_on, Queue="Second line")
        rt.put(answered, Status="resolved")
        rt.put(normal, Status="resolved")
        rt.put(merged, MergeInto=normal)
        rt.put(deleted, Status="deleted")
        poll()

        now = int(time.time()) + 1
        at_once = figures(store, chosen, now)
        whole = at_once["response", None]
        assert (whole.good, whole.eligible, whole.pending) == (2, 2, 2)
        assert whole.excluded == {"merged": 1, "deleted": 1}
        assert (at_once["response", "Hallsberg"].good, at_once["response", "Laxå"].good) == (1, 1)

        later = figures(store, chosen, now + HOUR)
        whole = later["response", None]
        assert (whole.good, whole.eligible, whole.pending, whole.value) == (2, 4, 0, 0.5)
        assert later["response", "Hallsberg"].value == 0.5

        first_line = at_once["first_line", None]  # answered, normal; not what was passed on
        assert (first_line.good, first_line.eligible, first_line.pending) == (2, 3, 2)
        assert at_once["tickets", None].value == 5
