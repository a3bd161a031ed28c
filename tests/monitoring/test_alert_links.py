"""The links of every alert open, whatever the labels of its metrics hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from collector.config.server import ServerSettings
from collector.config.settings import Settings
from collector.model.records import CallOutcome
from collector.monitoring.alerts.prometheus import rule_file
from collector.monitoring.alerts.source_rules import COLLECTOR_ABSENT
from collector.service.service import Service
from collector.service.serving import web_app
from collector.store import Store
from tests.worlds.measured import (
    CALLS,
    FIRST_LINE,
    MEAN,
    RESOLUTION,
    RESPONSE,
    at,
    call,
    polled,
    settings_of,
    ticket,
)
from tests.worlds.processes import get
from tests.worlds.promtool import Alert, evaluated
from tests.worlds.samples import save
from tests.worlds.serving import served

NOW = at("2020-07-15 12:00")
ODD = [
    "Laxå & Askersund",
    'Väst/Öst "ö"',
    "a+b=c#d?e%20f",
    "100 % {{ .x }}",
    "O'Brien\\",
    "<b>",
    "other",
]
UNLISTED = "Nora; Kumla"
FORMS = {
    "organizations": ODD,
    "priorities": ["P1 & kritisk", 'P2/"hög"', "P3 {{ x }} 100 %", "other"],
    "delivery": {"targets": {"archive": {"type": "folder", "path": "archive"}}},
}
INDICATORS = {
    "answer-1": RESPONSE,
    "solve_2": RESOLUTION,
    "mean": MEAN,
    "line": FIRST_LINE,
    "answered": CALLS,
    "mood": {"kind": "manual", "target": "> baseline 71", "values": []},
}


def _records() -> Iterator[Any]:
    """For each priority and organization, none and one that is not listed among them, a ticket
    whose number says which; and a caller in queues with odd names."""
    priorities = [*FORMS["priorities"], "P9", None]
    for n, organization in enumerate([*ODD, UNLISTED, None]):
        for m, priority in enumerate(priorities):
            yield ticket("2020-07-13 09:00", f"T{n}-{m}", priority=priority,
                         organization=organization)  # fmt: skip
    for n, queue in enumerate(ODD):
        yield call(CallOutcome.OPEN, None, NOW - 600, str(n), queue=queue)


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[tuple[Settings, str]]:
    """The settings of a running service, with its address, and the address."""
    settings = settings_of(INDICATORS, **FORMS)
    with Store.open(sqlite_url) as store:
        records = list(_records())
        save(store, *(each for each in records if each.source == "desk"), source="desk")
        save(store, *(each for each in records if each.source == "phone"), source="phone")
        for name in ("desk", "phone"):
            polled(store, name, NOW)
        service = Service(settings, store, lambda: NOW)
        service.look_back()
        with served(web_app(service)) as address:
            public = ServerSettings.model_validate({"url": address})
            yield settings.model_copy(update={"server": public}), address


def _values(address: str) -> dict[str, set[str]]:
    """Label → all values that it has in the metrics; an empty text where a series lacks it."""
    found: dict[str, set[str]] = {"organization": {""}}
    for family in text_string_to_metric_families(get(f"{address}/metrics")[1]):
        for sample in family.samples:
            for label, value in sample.labels.items():
                found.setdefault(label, set()).add(value)
    return found


def _fired(folder: Path, settings: Settings, values: Mapping[str, set[str]]) -> list[Alert]:
    """Every alert of every rule, for every value of the label that its expression gives: what it
    watches is replaced by a series for each of these values."""
    found: list[Alert] = []
    for group in rule_file(settings)["groups"]:
        for rule in group["rules"]:
            outermost = re.search(r"(?:max|min|sum) by \((\w+)\)", rule["expr"].split("\n")[0])
            whole = "sum(" in rule["expr"].split("\n")[0]  # one alert for all organizations
            label = outermost[1] if outermost and not whole else "job"
            given = {
                f"watched{{{label}={json.dumps(value, ensure_ascii=False)}}}": "1x2"
                for value in (values[label] if label != "job" else ["servicedesk"])
            }
            plain = {**rule, "expr": "watched > 0"}
            plain.pop("for", None), plain.pop("keep_firing_for", None)
            one = [{"name": "all", "interval": "60s", "rules": [plain]}]
            alerts = evaluated(folder, one, rule["alert"], given, [1])[1]
            assert len(alerts) == len(given), rule["alert"]
            found += alerts
    return found


def test_every_link_of_every_alert_opens(desk: tuple[Settings, str], tmp_path: Path) -> None:
    settings, address = desk
    values = _values(address)
    assert values["organization"] >= {"", *ODD, "(other)"}
    assert values["queue"] == {*ODD}
    alerts = _fired(tmp_path, settings, values)
    opened: dict[str, int] = {}
    for alert in alerts:
        links = {name: text for name, text in alert.annotations.items() if name.endswith("_url")}
        absent = alert.labels["alertname"] == COLLECTOR_ABSENT
        assert links.keys() == (set() if absent else {"runbook_url", "explain_url"})
        for link in links.values():
            assert link.startswith(f"{address}/")
            assert link.isascii()
            opened[link] = get(link)[0] if link not in opened else opened[link]
    assert {link: status for link, status in opened.items() if status != 200} == {}
    assert len({alert.labels["alertname"] for alert in alerts}) == 19


PAGES = {
    "ServicedeskCallerWaits": "calls",
    "ServicedeskDayBelowTarget": "indicator",
    "ServicedeskDeliveryFailed": "months",
    "ServicedeskResponseOverdue": "open",
    "ServicedeskSnapshotMissing": "months",
    "ServicedeskSourceNeverRead": "sources",
    "ServicedeskSourceRejecting": "sources",
    "ServicedeskSourceSilent": "sources",
    "ServicedeskSourceStale": "sources",
    "ServicedeskYearAtRisk": "indicator",
    "ServicedeskYearUnreachable": "indicator",
}


def test_an_alert_leads_to_the_page_about_it(desk: tuple[Settings, str]) -> None:
    settings, address = desk
    led = {
        rule["alert"]: re.split(r"[/?]", rule["annotations"]["explain_url"][len(address) + 1 :])[0]
        for group in rule_file(settings)["groups"]
        for rule in group["rules"]
        if "explain_url" in rule["annotations"]
    }
    assert PAGES.items() <= led.items()


def test_the_link_of_an_overdue_ticket_leads_to_it(
    desk: tuple[Settings, str], tmp_path: Path
) -> None:
    settings, address = desk
    priorities = [*FORMS["priorities"], "(other)", ""]
    organizations = [*ODD, "(other)"]
    led = 0
    for alert in _fired(tmp_path, settings, _values(address)):
        whose = alert.labels.get("organization")
        if alert.labels["alertname"] == "ServicedeskResponseOverdue" and whose:
            status, page = get(alert.annotations["explain_url"] + "&lang=en")
            number = organizations.index(whose), priorities.index(alert.labels.get("priority", ""))
            assert status == 200
            assert set(re.findall(r"desk/(T\d-\d)", page)) == {"T{}-{}".format(*number)}
            led += 1
    assert led == len(priorities) * len(organizations)
