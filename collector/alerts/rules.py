"""The rules of a configuration (docs/alerts.md)."""

from __future__ import annotations

from collector.alerts.call_rules import call_rules
from collector.alerts.figure_rules import figure_rules
from collector.alerts.model import Group
from collector.alerts.source_rules import collector_rules, source_rules
from collector.alerts.ticket_rules import ticket_rules
from collector.settings import Settings


def groups(settings: Settings) -> list[Group]:
    """What a configuration wants to be told of. Groups without rules are left out."""
    found = [
        Group("servicedesk-tickets", 30, tuple(ticket_rules(settings))),
        Group("servicedesk-calls", 30, tuple(call_rules(settings))),
        Group("servicedesk-figures", 60, tuple(figure_rules(settings))),
        Group("servicedesk-sources", 60, tuple(source_rules(settings))),
        Group("servicedesk-collector", 60, tuple(collector_rules(settings))),
    ]
    return [group for group in found if group.rules]
