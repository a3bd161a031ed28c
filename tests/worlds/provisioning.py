"""What the tests of provisioning share: a configuration, boards and rules to put into a stub."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from collector.config.settings import Settings
from collector.io.secrets import Secret
from collector.monitoring.grafana import boards as board_files
from collector.monitoring.grafana.client import Grafana
from collector.monitoring.grafana.desired import DesiredState, desired_state
from collector.monitoring.grafana.sync import Sync, SyncResult
from collector.store import Store
from tests.worlds.grafana_stub import TOKEN, Stub

WEBHOOK_SECRET = "hush-webhook-1b2c"
CHAT_SECRET = "https://hooks.example.org/hush-chat-9z"
ENVIRONMENT = {
    "GRAFANA_TOKEN": TOKEN,
    "WEBHOOK_PASSWORD": WEBHOOK_SECRET,
    "CHAT_URL": CHAT_SECRET,
}
SECRETS = (TOKEN, WEBHOOK_SECRET, CHAT_SECRET)

OPTIONS: dict[str, Any] = {
    "token": "${GRAFANA_TOKEN}",
    "datasource": {"url": "http://prometheus:9090"},
    "contact_points": [
        {
            "name": "On call",
            "type": "webhook",
            "settings": {
                "url": "https://pager.example.org/in",
                "username": "kpi",
                "password": "${WEBHOOK_PASSWORD}",
            },
        },
        {"name": "Chat", "type": "slack", "settings": {"url": "${CHAT_URL}", "recipient": "#kpi"}},
    ],
    "receivers": {"page": "On call", "warn": "Chat"},
    "mute_timings": {
        "nights/weekends": [
            {
                "weekdays": ["monday:sunday"],
                "times": [{"start_time": "18:00", "end_time": "24:00"}],
                "location": "Europe/Stockholm",
            }
        ]
    },
}


def settings_for(url: str, *, deploy: str = "grafana", **options: Any) -> Settings:
    """A configuration with a Grafana at that address."""
    return Settings.model_validate(
        {
            "timezone": "Europe/Stockholm",
            "server": {"url": "https://kpi.example.org"},
            "alerts": {"deploy": deploy},
            "grafana": {"url": url, **copy.deepcopy(OPTIONS), **options},
            "indicators": {"calls": {"kind": "service_level", "within": "20s"}},
        }
    )


def board(name: str, language: str, title: str) -> dict[str, Any]:
    """A small board as the generator writes it."""
    return {
        "uid": f"servicedesk-{name}-{language}",
        "title": title,
        "tags": ["servicedesk-kpi"],
        "editable": False,
        "schemaVersion": 41,
        "templating": {
            "list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus"},
                {"name": "collector", "type": "constant", "query": "x", "hide": 2},
            ]
        },
        "panels": [
            {
                "id": 1,
                "type": "stat",
                "title": "Share",
                "gridPos": {"x": 0, "y": 0, "w": 24, "h": 9},
                "fieldConfig": {"defaults": {"unit": "percentunit", "min": 0}, "overrides": []},
                "targets": [{"refId": "A", "expr": "servicedesk_indicator_ratio"}],
            }
        ],
    }


def write_boards(folder: Path) -> None:
    """Boards of both languages."""
    for language, title in (("sv", "Servicedesk i dag"), ("en", "Service desk today")):
        for name in ("today", "goals"):
            file = folder / language / f"{name}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(board(name, language, f"{title}: {name}")))


def use_boards(monkeypatch: Any, folder: Path) -> None:
    """Let those boards be the ones that come with the package."""
    write_boards(folder)
    monkeypatch.setattr(board_files, "PLACES", (folder,))


def rule(name: str, severity: str, source: str, expr: str = "up == 0") -> dict[str, Any]:
    """A rule as ``alerts.grafana.rule_groups`` makes them."""
    return {
        "uid": f"servicedesk-{name}",
        "title": f"Servicedesk {name}",
        "condition": "A",
        "data": [
            {
                "refId": "A",
                "datasourceUid": source,
                "relativeTimeRange": {"from": 600, "to": 0},
                "model": {"refId": "A", "expr": expr, "instant": True},
            }
        ],
        "noDataState": "OK",
        "execErrState": "OK",
        "for": "5m",
        "keep_firing_for": "10m",
        "missingSeriesEvalsToResolve": 10,
        "labels": {"severity": severity},
        "annotations": {"summary": "{{ $labels.priority }} is {{ $values.A.Value }}"},
    }


class Rules:
    """Stands in for the alerts: groups that a test may change."""

    def __init__(self) -> None:
        self.groups: dict[str, tuple[int, list[str]]] = {
            "servicedesk-tickets": (60, ["overdue", "due-soon"]),
            "servicedesk-sources": (120, ["stale"]),
        }
        self.expr: dict[str, str] = {}

    def __call__(self, settings: Settings, folder_uid: str, datasource_uid: str) -> Any:
        severities = {"overdue": "page", "due-soon": "info", "stale": "warn"}
        return [
            {
                "title": title,
                "folderUid": folder_uid,
                "interval": interval,
                "rules": [
                    rule(
                        name,
                        severities.get(name, "info"),
                        datasource_uid,
                        self.expr.get(name, "up == 0"),
                    )
                    for name in names
                ],
            }
            for title, (interval, names) in self.groups.items()
        ]


def wanted_by(settings: Settings, rules: Rules | None = None) -> DesiredState:
    """What shall be there, with the secrets of the environment."""
    return desired_state(settings, rules or Rules())


def client(url: str) -> Grafana:
    """A client that does not wait between its tries."""
    return Grafana(url, Secret("${GRAFANA_TOKEN}"), 10, wait=lambda seconds: None)


def provision(settings: Settings, store: Store, rules: Rules | None = None) -> SyncResult:
    """One whole run."""
    assert settings.grafana is not None
    with client(settings.grafana.url) as grafana:
        return Sync(grafana, wanted_by(settings, rules), store).write()


def check(settings: Settings, store: Store, rules: Rules | None = None) -> SyncResult:
    """One look."""
    assert settings.grafana is not None
    with client(settings.grafana.url) as grafana:
        return Sync(grafana, wanted_by(settings, rules), store).check()


def seed_foreign(stub: Stub) -> None:
    """Objects of others, some of them close to ours."""
    stub.folders["ops"] = {"uid": "ops", "title": "Ops", "id": 1, "version": 3}
    stub.sources["prom"] = {
        **{"uid": "prom", "name": "Prometheus", "type": "prometheus", "access": "proxy"},
        **{"url": "http://other:9090", "jsonData": {"httpMethod": "GET"}, "id": 2, "version": 1},
        **{"isDefault": True, "orgId": 1},
    }
    copied = board("today", "sv", "Servicedesk i dag (kopia)")
    for uid, body in {
        "nodes": {"title": "Nodes", "tags": ["linux"], "panels": []},
        "aB3xK9": copied,  # somebody's copy of ours has our tag
        "servicedesk-own": {"title": "Ours, not theirs", "tags": [], "panels": []},
    }.items():
        stub.boards[uid] = {
            "dashboard": {**body, "uid": uid, "id": 10, "version": 2},
            "folderUid": "ops",
        }
    for uid, group, labels in (
        ("disk", "nodes", {"severity": "page"}),
        ("xYz12", "nodes", {"managed_by": "servicedesk-kpi"}),  # a copy of ours
        ("servicedesk-by-hand", "by-hand", {"team": "desk"}),
    ):
        body = rule("x", "page", "prom")
        stub.rules[uid] = {
            **{**body, "uid": uid, "title": uid, "labels": labels, "folderUID": "ops"},
            **{"ruleGroup": group, "id": 11, "provenance": ""},
        }
        stub.intervals["ops", group] = 60
    stub.points.append(
        {
            **{"uid": "their-hook", "name": "Their hook", "type": "webhook"},
            **{"settings": {"url": "https://x.example.org", "password": "theirs"}},
            **{"disableResolveMessage": False, "provenance": ""},
        }
    )
    stub.timings["holidays"] = {
        "name": "holidays",
        "time_intervals": [{"months": ["july"]}],
        "provenance": "",
        "version": "1",
    }
    stub.policies = {
        "receiver": "grafana-default-email",
        "group_by": ["grafana_folder", "alertname"],
        "routes": [
            {"receiver": "Their hook", "object_matchers": [["team", "=", "ops"]]},
            {"receiver": "Their hook", "mute_time_intervals": ["holidays"], "group_wait": "30s"},
        ],
    }


def told(stub: Stub, verb: str | None = None) -> list[tuple[str, str]]:
    """What was asked of it, in short."""
    return [(r.verb, r.path) for r in stub.asked if verb in (None, r.verb)]


def hook_with(**settings: Any) -> list[dict[str, Any]]:
    hook, chat = OPTIONS["contact_points"]
    return [{**hook, "settings": {**hook["settings"], **settings}}, chat]
