"""From a ticket that is past its deadline to a message: collector, Prometheus, Alertmanager."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from collector.config.loading.load import load_settings
from collector.config.server import ServerSettings
from collector.config.settings import Settings
from collector.monitoring.alerts.prometheus import inhibitions, rule_file
from tests.worlds.monitoring import alertmanager, asked, program, prometheus, until
from tests.worlds.processes import get, running, value_of
from tests.worlds.serving import served

pytestmark = pytest.mark.integration

POLL = SCRAPE = EVALUATION = FOR = 1
"""Seconds, each."""

SLACK = 10
"""Seconds for what takes a fraction of one on a quiet machine: reading, measuring, sending."""

CONFIGURATION = """
timezone: Europe/Stockholm
organizations: [Laxå]
server: {port: 0}
calendars:
  always: {timezone: Europe/Stockholm, hours: {mon-sun: ["00:00-24:00"]}}
sources:
  desk: {type: csv_tickets, path: tickets.csv, time_format: epoch, every: 1s}
indicators:
  urgent_response:
    kind: share_within
    records: {priority: urgent}
    to: first_response
    within: 30min
    calendar: always
    target: ">= 90%"
"""


class Mailbox:
    """What Alertmanager delivers, with the moment of its receipt."""

    def __init__(self) -> None:
        self.received: list[tuple[float, dict[str, Any]]] = []
        self.app = Starlette(routes=[Route("/", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        message = json.loads(await request.body())
        self.received += [(time.time(), alert) for alert in message["alerts"]]
        return PlainTextResponse("thanks")

    def of(self, name: str) -> list[tuple[float, dict[str, Any]]]:
        """The firing alerts of a name."""
        return [
            (at, alert)
            for at, alert in self.received
            if alert["labels"]["alertname"] == name and alert["status"] == "firing"
        ]


def _quick(settings: Settings) -> dict[str, Any]:
    """Our rules, evaluated every second and waiting for one, whatever they ask for."""
    whole = rule_file(settings)
    for group in whole["groups"]:
        group["interval"] = f"{EVALUATION}s"
        for rule in group["rules"]:
            rule["for"] = f"{FOR}s"
    return whole


def _routes(settings: Settings, mailbox: str) -> dict[str, Any]:
    route = {"receiver": "mailbox", "group_by": ["alertname"], "group_wait": "0s"}
    return {
        "route": {**route, "group_interval": "1s", "repeat_interval": "1h"},
        "receivers": [{"name": "mailbox", "webhook_configs": [{"url": mailbox}]}],
        "inhibit_rules": inhibitions(settings),
    }


def test_an_overdue_ticket_is_delivered(tmp_path: Path) -> None:
    program("prometheus")
    program("prometheus-alertmanager", "alertmanager")
    file = tmp_path / "servicedesk.yaml"
    file.write_text(CONFIGURATION)
    (tmp_path / "tickets.csv").write_text("id,priority,organization,opened_at,first_response_at\n")
    settings = load_settings(file)
    mailbox = Mailbox()
    with (
        running(["run"], tmp_path) as collector,
        served(mailbox.app) as mailbox_at,
        alertmanager(tmp_path, _routes(settings, mailbox_at)) as manager,
    ):
        address = collector.address()
        public = ServerSettings.model_validate({"url": address})
        rules = _quick(settings.model_copy(update={"server": public}))
        (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules, allow_unicode=True))
        scraping = {
            "global": {
                "scrape_interval": f"{SCRAPE}s",
                "scrape_timeout": f"{SCRAPE}s",
                "evaluation_interval": f"{EVALUATION}s",
            },
            "rule_files": ["rules.yml"],
            "alerting": {
                "alertmanagers": [{"static_configs": [{"targets": [manager.rpartition("/")[2]]}]}]
            },
            "scrape_configs": [
                {
                    "job_name": "servicedesk",
                    "static_configs": [{"targets": [address.rpartition("/")[2]]}],
                }
            ],
        }
        with prometheus(tmp_path, scraping) as prometheus_at:
            until(
                "Alertmanager to be found",
                lambda: asked(f"{prometheus_at}/api/v1/alertmanagers")["data"][
                    "activeAlertmanagers"
                ],
            )
            until(
                "a scrape",
                lambda: asked(
                    f"{prometheus_at}/api/v1/query?query=servicedesk_measured_timestamp_seconds"
                )["data"]["result"],
            )
            # opened so that its half hour is over in a few seconds
            deadline = int(time.time()) + 5
            line = f"1,urgent,Laxå,{deadline - 1800},\n"
            with (tmp_path / "tickets.csv").open("a") as tickets:
                tickets.write(line)
            collector.until(
                "the ticket",
                lambda: value_of(
                    get(f"{address}/metrics")[1],
                    "servicedesk_tickets_open",
                    priority="urgent",
                    organization="Laxå",
                ),
            )
            until("the message", lambda: mailbox.of("ServicedeskResponseOverdue"))
            ((received, alert), *_) = mailbox.of("ServicedeskResponseOverdue")
            delay = received - deadline
            print(f"from the deadline to the message: {delay:.2f} s")
            assert 0 < delay <= POLL + SCRAPE + 2 * EVALUATION + FOR + SLACK
            assert alert["labels"] == {
                "alertname": "ServicedeskResponseOverdue",
                "severity": "page",
                "priority": "urgent",
                "organization": "Laxå",
                "sources": "desk",
            }
            said = alert["annotations"]
            assert said["summary"] == (
                "1 unanswered past the deadline: tickets of priority urgent, Laxå"
            )
            assert said["explain_url"].endswith("/open?priority=urgent&organization=Lax%C3%A5")
            assert "desk/1" in get(said["explain_url"])[1]
            assert get(said["runbook_url"])[0] == 200
            others = {
                alert["labels"]["alertname"]
                for at, alert in mailbox.received
                if at > deadline and alert["status"] == "firing"
            }
            assert others <= {"ServicedeskResponseOverdue", "ServicedeskDueSoon"}

            evaluated = [
                rule
                for group in asked(f"{prometheus_at}/api/v1/rules")["data"]["groups"]
                for rule in group["rules"]
            ]
            assert len(evaluated) == sum(len(group["rules"]) for group in rules["groups"])
            assert {rule["health"] for rule in evaluated} == {"ok"}, "on what is really scraped"

            mailbox.received.clear()  # before the first scrape it was absent, too
            assert collector.end(signal.SIGTERM) == 0
            until(
                "the page, which may come behind the warning",
                lambda: (
                    "page"
                    in [
                        e["labels"]["severity"] for _, e in mailbox.of("ServicedeskCollectorAbsent")
                    ]
                ),
            )
