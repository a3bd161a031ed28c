"""Checks that alerts, snapshots and Grafana refer to things that the configuration defines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collector.config.alerts import ContactPoint, GrafanaSettings
from collector.config.checks.names import unknown
from collector.config.settings import Settings
from collector.io.yaml import Finding

_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_SECRET = re.compile(
    r"pass(word|wd|phrase)|token$|secret|credentials|authorization$|basic_auth|"
    r"(api|integration|routing|user|private|client)_?key$",
    re.IGNORECASE,
)
_ADDRESS_IS_SECRET = {"slack", "discord", "teams", "googlechat"}
"""Types of contact points whose address is a secret: anybody who has it can post."""

_KEY_IN_ADDRESS = re.compile(r"//[^/]*@|[?&]\w+=|/(?=[^/]*\d)[A-Za-z0-9_=-]{16,}(?=/|$)")
"""What makes an address look like one with a key: a user, a query parameter, or a long part of the
path with digits, as web hooks have."""


def alert_findings(settings: Settings) -> Iterator[Finding]:
    """The faults of alerts, snapshots and Grafana: names that do not exist, and plain secrets."""
    yield from _alerts(settings)
    if settings.grafana is not None:
        yield from _grafana(settings.grafana)
    elif settings.alerts.deploy == "grafana":
        yield (
            ("alerts", "deploy"),
            "is grafana, but there is no grafana section; add one, or write prometheus",
        )


def _alerts(settings: Settings) -> Iterator[Finding]:
    alerts = settings.alerts
    for key, priorities in (("page", alerts.page), ("due_soon", alerts.due_soon)):
        for priority in priorities or ():
            if priority not in settings.priorities:
                yield ("alerts", key), f"{priority!r} is not listed under priorities"
    if alerts.calendar is not None and alerts.calendar not in settings.calendars:
        yield ("alerts", "calendar"), unknown("calendar", alerts.calendar, settings.calendars)
    if (calendar := settings.snapshot.calendar) is not None and calendar not in settings.calendars:
        yield ("snapshot", "calendar"), unknown("calendar", calendar, settings.calendars)
    for name in alerts.quiet:
        if name not in settings.sources:
            yield ("alerts", "quiet"), unknown("source", name, settings.sources)


def _grafana(grafana: GrafanaSettings) -> Iterator[Finding]:
    for index, point in enumerate(grafana.contact_points):
        for key, text in _exposed_secrets(point):
            yield ("grafana", "contact_points", index, "settings", key), text
    names = [each.name for each in grafana.contact_points]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield (
                ("grafana", "contact_points", index, "name"),
                f"{name!r} is the name of an earlier contact point; choose another",
            )
    for severity, name in grafana.receivers.items():
        if name not in names:
            yield ("grafana", "receivers", severity), unknown("contact point", name, names)


def _exposed_secrets(point: ContactPoint) -> Iterator[tuple[str, str]]:
    """Settings that hold a plain secret, or a reference inside other text, which would be sent as
    it is. The messages never repeat the value."""
    for key, value in point.settings.items():
        if not isinstance(value, str) or not value:
            continue
        if _REFERENCE.search(value):
            yield (
                key,
                "a reference such as ${NAME} must be the whole value: inside other text it would "
                "be sent unresolved",
            )
        elif _SECRET.search(key) or (
            key.lower().endswith("url")
            and (point.type in _ADDRESS_IS_SECRET or _KEY_IN_ADDRESS.search(value))
        ):
            yield (
                key,
                "looks like a secret: write it as ${NAME} (environment) or file:PATH, never plain",
            )
