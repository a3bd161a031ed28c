"""Whether alerts, snapshots and Grafana name what there is in the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collector.config.alerts import ContactPoint, GrafanaSettings
from collector.config.settings import Settings
from collector.io.yaml import Finding

_WITHIN = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_SECRET = re.compile(
    r"pass(word|wd|phrase)|token$|secret|credentials|authorization$|basic_auth|"
    r"(api|integration|routing|user|private|client)_?key$",
    re.IGNORECASE,
)
_ADDRESS_IS_SECRET = {"slack", "discord", "teams", "googlechat"}
"""Types whose address lets anybody write who has it."""


_KEY_IN_ADDRESS = re.compile(r"//[^/]*@|[?&]\w+=|/(?=[^/]*\d)[A-Za-z0-9_=-]{16,}(?=/|$)")
"""A user, a parameter, or a part of the path that is long and mixed: as hooks have them."""


def watching(settings: Settings) -> Iterator[Finding]:
    """Priorities, calendars, sources and contact points that are named and do not exist."""
    yield from _alerts(settings)
    if settings.grafana is not None:
        yield from _grafana(settings.grafana)
    elif settings.alerts.deploy == "grafana":
        yield ("alerts", "deploy"), "is grafana, and there is no grafana to deploy to"


def _alerts(settings: Settings) -> Iterator[Finding]:
    alerts = settings.alerts
    if "alerts" in settings.model_fields_set:
        for key, named in (("page", alerts.page), ("due_soon", alerts.due_soon)):
            for priority in named:
                if priority not in settings.priorities:
                    yield ("alerts", key), f"{priority!r} is not one of priorities"
    if alerts.calendar is not None and alerts.calendar not in settings.calendars:
        yield ("alerts", "calendar"), f"there is no calendar {alerts.calendar!r}"
    if settings.snapshot.calendar not in {None, *settings.calendars}:
        yield ("snapshot", "calendar"), f"there is no calendar {settings.snapshot.calendar!r}"
    for name in alerts.quiet:
        if name not in settings.sources:
            yield ("alerts", "quiet"), f"there is no source {name!r}"


def _grafana(grafana: GrafanaSettings) -> Iterator[Finding]:
    for index, point in enumerate(grafana.contact_points):
        for key, text in _told_secrets(point):
            yield ("grafana", "contact_points", index, "settings", key), text
    names = [each.name for each in grafana.contact_points]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("grafana", "contact_points", index, "name"), f"{name!r} is there already"
    for severity, name in grafana.receivers.items():
        if name not in names:
            yield ("grafana", "receivers", severity), f"there is no contact point {name!r}"


def _told_secrets(point: ContactPoint) -> Iterator[tuple[str, str]]:
    """Settings that would send a reference as it stands, or hold a secret; never its text."""
    for key, value in point.settings.items():
        if not isinstance(value, str) or not value:
            continue
        if _WITHIN.search(value):
            yield key, "a reference stands alone, as in ${NAME}: within other text it is sent as is"
        elif _SECRET.search(key) or (
            key.lower().endswith("url")
            and (point.type in _ADDRESS_IS_SECRET or _KEY_IN_ADDRESS.search(value))
        ):
            yield key, "is a secret: write it as ${NAME} (environment) or file:PATH, never plain"
