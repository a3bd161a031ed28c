"""All alert rules of a configuration (docs/alerts.md)."""

from __future__ import annotations

import json
from hashlib import sha256

from collector.config.settings import Settings
from collector.monitoring.alerts.call_rules import call_rules
from collector.monitoring.alerts.delivery_rules import delivery_rules
from collector.monitoring.alerts.figure_rules import figure_rules
from collector.monitoring.alerts.model import Group
from collector.monitoring.alerts.operation_rules import operation_rules
from collector.monitoring.alerts.source_rules import (
    collector_rules,
    rules_outdated_rule,
    source_rules,
)
from collector.monitoring.alerts.ticket_rules import ticket_rules


def alert_groups(settings: Settings) -> list[Group]:
    """The rule groups of a configuration. Groups without rules are left out."""
    found = _watched(settings)
    own = rules_outdated_rule(_digest_of(found))
    return [
        Group(group.name, group.interval, (*group.rules, own))
        if group.name == _OF_THE_COLLECTOR
        else group
        for group in found
    ]


def rules_digest(settings: Settings) -> str:
    """A hash (16 hex digits) that identifies the rules of this configuration.

    It covers titles, expressions and labels, but neither texts nor waiting times, so that polling a
    source at another interval does not outdate the deployed rules.
    """
    return _digest_of(_watched(settings))


_OF_THE_COLLECTOR = "servicedesk-collector"


def _digest_of(found: list[Group]) -> str:
    rules = [(rule.title, rule.expr, rule.all_labels()) for group in found for rule in group.rules]
    return sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:16]


def _watched(settings: Settings) -> list[Group]:
    found = [
        Group("servicedesk-tickets", 30, tuple(ticket_rules(settings))),
        Group("servicedesk-calls", 30, tuple(call_rules(settings))),
        Group("servicedesk-figures", 60, tuple(figure_rules(settings))),
        Group("servicedesk-sources", 60, tuple(source_rules(settings))),
        Group("servicedesk-deliveries", 60, tuple(delivery_rules(settings))),
        Group("servicedesk-operation", 60, tuple(operation_rules(settings))),
        Group(_OF_THE_COLLECTOR, 60, tuple(collector_rules(settings))),
    ]
    return [group for group in found if group.rules]
