"""Whether alerts and Grafana name what there is in the configuration."""

from __future__ import annotations

from collections.abc import Iterator

from collector.settings import Settings
from collector.yaml_file import Finding


def watching(settings: Settings) -> Iterator[Finding]:
    """Priorities, calendars, sources and contact points that are named and do not exist."""
    alerts, grafana = settings.alerts, settings.grafana
    if "alerts" in settings.model_fields_set:
        named = [("page", each) for each in alerts.page] + [
            ("due_soon", e) for e in alerts.due_soon
        ]
        for key, priority in named:
            if priority not in settings.priorities:
                yield ("alerts", key), f"{priority!r} is not one of priorities"
    if alerts.calendar is not None and alerts.calendar not in settings.calendars:
        yield ("alerts", "calendar"), f"there is no calendar {alerts.calendar!r}"
    for name in alerts.quiet:
        if name not in settings.sources:
            yield ("alerts", "quiet"), f"there is no source {name!r}"
    if grafana is None:
        if alerts.deploy == "grafana":
            yield ("alerts", "deploy"), "is grafana, and there is no grafana to deploy to"
        return
    names = [each.name for each in grafana.contact_points]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("grafana", "contact_points", index, "name"), f"{name!r} is there already"
    for severity, name in grafana.receivers.items():
        if name not in names:
            yield ("grafana", "receivers", severity), f"there is no contact point {name!r}"
