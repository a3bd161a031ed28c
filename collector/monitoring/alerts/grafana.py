"""Rules as Grafana manages them: bodies of its provisioning API, written by hand.

Grafana evaluates the same expressions. It inhibits nothing, so whether sources are fresh stands in
the expressions; it mutes by a gauge of ours and not by time intervals, which know no holidays.
"""

from __future__ import annotations

import re
from hashlib import sha256
from math import ceil
from typing import Any

from collector.config.settings import Settings
from collector.monitoring.alerts.model import Group, Rule, annotations_of, period
from collector.monitoring.alerts.rules import groups

MARKER = {"managed_by": "servicedesk-kpi"}
"""The label of every rule of ours, by which a policy can tell them."""

_LONGEST_UID = 40
_LOOK_BACK = 600
_EXPRESSION = "__expr__"
_VALUE = re.compile(r"\$value\b")
_RESTS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def rule_groups(settings: Settings, folder_uid: str, datasource_uid: str) -> list[dict[str, Any]]:
    """Bodies of ``PUT /api/v1/provisioning/folder/{folder}/rule-groups/{group}``; ``title`` is
    the group."""
    return [
        {
            "title": group.name,
            "folderUid": folder_uid,
            "interval": group.interval,
            "rules": [
                _rule(rule, group, settings, folder_uid, datasource_uid) for rule in group.rules
            ],
        }
        for group in groups(settings)
    ]


def rule_uid(rule: Rule) -> str:
    """The same for the same rule, for ever: a changed one would be another rule to Grafana."""
    return uid_of_title(rule.title)


def uid_of_title(title: str) -> str:
    """The uid of our rule of that title."""
    name, _, of = title.partition(" ")
    words = "-".join([*_RESTS.sub("-", name).split("-"), *of.split()]).lower()
    uid = re.sub(r"[^a-z0-9-]", "-", words)
    if uid == words and len(uid) <= _LONGEST_UID:
        return uid
    return f"{uid[: _LONGEST_UID - 9]}-{sha256(title.encode()).hexdigest()[:8]}"


def _rule(
    rule: Rule, group: Group, settings: Settings, folder_uid: str, datasource_uid: str
) -> dict[str, Any]:
    """Empty is what an expression gives where all is well, so no data are always OK. What cannot
    be evaluated is told once, by the rules that watch the collector."""
    texts = annotations_of(rule, settings)
    told = {key: _VALUE.sub("$values.A.Value", text) for key, text in texts.items()}
    receivers = settings.grafana.receivers if settings.grafana else {}
    receiver = receivers.get(rule.severity)
    warns = rule.severity != "page"
    notified: dict[str, Any] = {"receiver": receiver, "group_by": ["grafana_folder", "alertname"]}
    if not warns:
        notified["repeat_interval"] = "1h"  # as in Alertmanager: another ticket is no other alert
    return {
        "uid": rule_uid(rule),
        "orgID": 1,
        "folderUID": folder_uid,
        "ruleGroup": group.name,
        "title": rule.title,
        "condition": "B",
        "data": [_query(rule, datasource_uid), _above_zero()],
        "noDataState": "OK",
        # without its data source a rule cannot know the hours, so that is told and wakes nobody
        "execErrState": "Alerting" if rule.watches_collector and warns else "OK",
        "for": period(rule.for_seconds),
        "keep_firing_for": period(rule.keep_firing_for_seconds),
        # one of several series that is gone is kept as long as one that is there and well again
        "missingSeriesEvalsToResolve": max(2, ceil(rule.keep_firing_for_seconds / group.interval)),
        "labels": {**rule.all_labels(), **MARKER},
        "annotations": told,
        "isPaused": False,
        **({"notification_settings": notified} if receiver else {}),
    }


def _query(rule: Rule, datasource_uid: str) -> dict[str, Any]:
    return {
        "refId": "A",
        "datasourceUid": datasource_uid,
        "queryType": "",
        "relativeTimeRange": {"from": _LOOK_BACK, "to": 0},
        "model": {
            "refId": "A",
            "datasource": {"type": "prometheus", "uid": datasource_uid},
            "editorMode": "code",
            "expr": rule.expr,
            "instant": True,
            "range": False,
            "intervalMs": 1000,
            "maxDataPoints": 43200,
        },
    }


def _above_zero() -> dict[str, Any]:
    """Every series that an expression gives alerts."""
    return {
        "refId": "B",
        "datasourceUid": _EXPRESSION,
        "queryType": "",
        "relativeTimeRange": {"from": 0, "to": 0},
        "model": {
            "refId": "B",
            "datasource": {"type": _EXPRESSION, "uid": _EXPRESSION},
            "type": "threshold",
            "expression": "A",
            "conditions": [
                {
                    "type": "query",
                    "evaluator": {"type": "gt", "params": [0]},
                    "operator": {"type": "and"},
                    "query": {"params": ["B"]},
                    "reducer": {"type": "last", "params": []},
                }
            ],
            "intervalMs": 1000,
            "maxDataPoints": 43200,
        },
    }
