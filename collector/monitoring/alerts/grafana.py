"""Alert rules for Grafana: request bodies of its provisioning API.

Grafana evaluates the same expressions as Prometheus. It has no inhibition, so the expressions
themselves require fresh sources; opening hours come from a gauge of ours rather than from Grafana's
time intervals, which know no holidays.
"""

from __future__ import annotations

import re
from hashlib import sha256
from math import ceil
from typing import Any

from collector.config.settings import Settings
from collector.monitoring.alerts.model import Group, Rule, annotations_of, duration_text
from collector.monitoring.alerts.rules import alert_groups

MARKER = {"managed_by": "servicedesk-kpi"}
"""The label of all our rules, by which notification policies can match them."""

_MAX_UID_LENGTH = 40
_LOOK_BACK = 600
_EXPRESSION = "__expr__"
_WITH_VALUE = re.compile(r"\{\{ ([^{}]*)\$value\b([^{}]*) \}\}")
_WORD_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")


def rule_groups(settings: Settings, folder_uid: str, datasource_uid: str) -> list[dict[str, Any]]:
    """Bodies of ``PUT /api/v1/provisioning/folder/{folder}/rule-groups/{group}``.

    The key ``title`` is the group's name, ``interval`` is in seconds.
    """
    return [
        {
            "title": group.name,
            "folderUid": folder_uid,
            "interval": group.interval,
            "rules": [
                _rule(rule, group, settings, folder_uid, datasource_uid) for rule in group.rules
            ],
        }
        for group in alert_groups(settings)
    ]


def rule_uid(rule: Rule) -> str:
    """The uid of a rule. It must never change: to Grafana it would be another rule."""
    return uid_of_title(rule.title)


def uid_of_title(title: str) -> str:
    """The uid of our rule with that title: its words, shortened and hashed if need be."""
    name, _, of = title.partition(" ")
    words = "-".join([*_WORD_BOUNDARY.sub("-", name).split("-"), *of.split()]).lower()
    uid = re.sub(r"[^a-z0-9-]", "-", words)
    if uid == words and len(uid) <= _MAX_UID_LENGTH:
        return uid
    return f"{uid[: _MAX_UID_LENGTH - 9]}-{sha256(title.encode()).hexdigest()[:8]}"


def guarded(text: str) -> str:
    """An annotation as Grafana expands it, where the value is that of query A and may be missing.

    Grafana expands annotations even when a query is empty or fails. It then has no value, and
    ``humanizeDuration`` of nothing is an error in its log at every evaluation; so a dash is shown.
    """
    return _WITH_VALUE.sub(r"{{ with $values.A }}{{ \1.Value\2 }}{{ else }}–{{ end }}", text)


def _rule(
    rule: Rule, group: Group, settings: Settings, folder_uid: str, datasource_uid: str
) -> dict[str, Any]:
    """An expression without result means that nothing is wrong, so no data are always OK. Failures
    to evaluate are reported once, by the rules that watch the collector."""
    texts = annotations_of(rule, settings)
    annotations = {key: guarded(text) for key, text in texts.items()}
    receivers = settings.grafana.receivers if settings.grafana else {}
    receiver = receivers.get(rule.severity)
    warns = rule.severity != "page"
    notification: dict[str, Any] = {
        "receiver": receiver,
        "group_by": ["grafana_folder", "alertname"],
    }
    if not warns:
        notification["repeat_interval"] = "1h"  # as in Alertmanager: more tickets, same alert
    return {
        "uid": rule_uid(rule),
        "orgID": 1,
        "folderUID": folder_uid,
        "ruleGroup": group.name,
        "title": rule.title,
        "condition": "B",
        "data": [_query(rule, datasource_uid), _above_zero()],
        "noDataState": "OK",
        # without its data source a rule cannot know the opening hours, so it must wake nobody
        "execErrState": "Alerting" if rule.watches_collector and warns else "OK",
        "for": duration_text(rule.for_seconds),
        "keep_firing_for": duration_text(rule.keep_firing_for_seconds),
        # a series that disappears is kept as long as one that stays and no longer fires
        "missingSeriesEvalsToResolve": max(2, ceil(rule.keep_firing_for_seconds / group.interval)),
        "labels": {**rule.all_labels(), **MARKER},
        "annotations": annotations,
        "isPaused": False,
        **({"notification_settings": notification} if receiver else {}),
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
    """The condition: every series of the expression fires."""
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
