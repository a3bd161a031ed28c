"""The objects that a Grafana should hold by the configuration, as request bodies of its API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from collector.config.alerts import ContactPoint, GrafanaSettings
from collector.config.settings import Settings
from collector.io.secrets import Secret
from collector.monitoring.alerts.grafana import rule_groups as alert_rules
from collector.monitoring.grafana.boards import boards
from collector.monitoring.grafana.client import Version
from collector.monitoring.grafana.ownership import (
    MANAGED_BY,
    MARK,
    contact_point_uid,
    data_source_link,
)
from collector.monitoring.grafana.policies import route_by_severity

Body = dict[str, Any]

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


class RuleGroups(Protocol):
    """Makes the bodies of rule groups, as ``alerts.grafana.rule_groups`` does."""

    def __call__(self, settings: Settings, folder_uid: str, datasource_uid: str) -> list[Body]: ...


@dataclass(frozen=True, slots=True)
class DesiredState:
    """The desired objects, by uid or name.

    ``data_source`` None: an existing one is used that is not ours. ``boards`` empty: none are
    installed, and those in Grafana stay. ``route`` None: the notification policies are left alone.
    """

    folder: Body
    data_source_uid: str
    data_source: Body | None
    contact_points: Mapping[str, Body]
    mute_timings: Mapping[str, Body]
    boards: Mapping[str, Body]
    groups: Mapping[str, Body]
    route: Body | None

    @property
    def rules(self) -> dict[str, Body]:
        """Every rule of every group, by uid."""
        return {rule["uid"]: rule for group in self.groups.values() for rule in group["rules"]}


_SINCE: Mapping[str, Version] = {
    "keep_firing_for": (12, 0, 0),
    "missingSeriesEvalsToResolve": (12, 0, 0),
}
"""Keys of rules, and the release that introduced them; earlier ones silently drop them."""


def for_release(
    wanted: DesiredState, version: Version | None
) -> tuple[DesiredState, tuple[str, ...]]:
    """The desired objects without what a release of Grafana does not support, and the keys of rules
    that were left out for it. None: an unknown release, which supports everything."""
    late = tuple(key for key, since in _SINCE.items() if version is not None and version < since)
    dropped = tuple(k for k in late if any(k in rule for rule in wanted.rules.values()))
    if not dropped:
        return wanted, ()
    groups = {
        name: {**group, "rules": [_without(rule, dropped) for rule in group["rules"]]}
        for name, group in wanted.groups.items()
    }
    return replace(wanted, groups=groups), dropped


def _without(body: Body, keys: Iterable[str]) -> Body:
    return {key: value for key, value in body.items() if key not in set(keys)}


def desired_state(
    settings: Settings,
    rule_groups: RuleGroups | None = None,
    secret: Callable[[Secret], str] = Secret.reveal,
) -> DesiredState:
    """The desired objects of a configuration, which must have a ``grafana`` section.

    ``rule_groups`` replaces ``alerts.grafana.rule_groups``; ``secret`` returns what is written for
    a secret. Raises SecretUnavailable when a secret cannot be read.
    """
    grafana = settings.grafana
    assert grafana is not None
    points = {contact_point_uid(e.name): _contact_point(e, secret) for e in grafana.contact_points}
    timings = {
        name: {"name": name, "time_intervals": as_grafana_takes_them(intervals)}
        for name, intervals in grafana.mute_timings.items()
    }
    routed = grafana.policies == "route"
    return DesiredState(
        folder={"uid": grafana.folder.uid, "title": grafana.folder.title},
        data_source_uid=grafana.datasource.uid,
        data_source=_data_source(grafana),
        contact_points=points,
        mute_timings=timings,
        boards={board["uid"]: board for board in boards(settings)},
        groups=_groups(settings, grafana, rule_groups or alert_rules),
        route=route_by_severity(dict(grafana.receivers)) if routed else None,
    )


def _contact_point(point: ContactPoint, secret: Callable[[Secret], str]) -> Body:
    # secrets go into settings as well: Grafana rejects them in secureSettings
    settings = {
        key: secret(value) if isinstance(value, Secret) else value
        for key, value in point.settings.items()
    }
    uid = contact_point_uid(point.name)
    return {"uid": uid, "name": point.name, "type": point.type, "settings": settings}


def _data_source(grafana: GrafanaSettings) -> Body | None:
    if grafana.datasource.url is None:
        return None
    return {
        "uid": grafana.datasource.uid,
        "name": grafana.folder.title,
        "type": "prometheus",
        "access": "proxy",
        "url": grafana.datasource.url.rstrip("/"),
        "jsonData": {"httpMethod": "POST", **data_source_link()},
    }


def _groups(
    settings: Settings, grafana: GrafanaSettings, rule_groups: RuleGroups
) -> dict[str, Body]:
    if settings.alerts.deploy != "grafana":
        return {}
    folder = grafana.folder.uid
    made: Iterable[Body] = rule_groups(settings, folder, grafana.datasource.uid)
    receivers = dict(grafana.receivers) if grafana.policies == "leave" else None
    return {
        group["title"]: {
            "title": group["title"],
            "folderUid": folder,
            "interval": group["interval"],
            "rules": [_rule(rule, folder, group["title"], receivers) for rule in group["rules"]],
        }
        for group in made
    }


def _rule(rule: Body, folder: str, group: str, receivers: Mapping[Any, str] | None) -> Body:
    """A rule with our label, and with the contact point to notify, which bypasses the policy tree.

    Without ``receivers`` the rule has no contact point, so that the policy tree decides.
    """
    labels = {**rule.get("labels", {}), MANAGED_BY: MARK}
    whole = {**rule, "orgID": 1, "folderUID": folder, "ruleGroup": group, "labels": labels}
    if receivers is None:
        whole.pop("notification_settings", None)
    elif receiver := receivers.get(labels.get("severity")):
        whole.setdefault("notification_settings", {"receiver": receiver})
    return whole


def as_grafana_takes_them(intervals: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same time intervals without ranges of weekdays that run past Saturday.

    In Grafana a week begins on Sunday, and ``monday:sunday`` is rejected for ending before it
    begins. Such a range is split in two at the beginning of the week.
    """
    accepted = []
    for interval in intervals:
        converted = dict(interval)
        if isinstance(days := interval.get("weekdays"), list):
            converted["weekdays"] = [part for each in days for part in _split(each)]
        accepted.append(converted)
    return accepted


def _split(weekdays: object) -> Iterator[object]:
    first, colon, last = str(weekdays).lower().partition(":")
    if not colon or first not in _DAYS or last not in _DAYS:
        yield weekdays
        return
    begin, end = _DAYS.index(first), _DAYS.index(last)
    if begin <= end:
        yield f"{first}:{last}"
        return
    yield _range(0, end)
    yield _range(begin, len(_DAYS) - 1)


def _range(begin: int, end: int) -> str:
    return _DAYS[begin] if begin == end else f"{_DAYS[begin]}:{_DAYS[end]}"
