"""Writes changes to a Grafana. Every step may be repeated, so an interrupted run can start over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from collector.monitoring.grafana.client import Grafana, GrafanaError, Refused, Version
from collector.monitoring.grafana.current import CurrentState
from collector.monitoring.grafana.desired import DesiredState
from collector.monitoring.grafana.ownership import Kind
from collector.monitoring.grafana.plan import Change
from collector.monitoring.grafana.policies import with_route

_PROVISIONING = ("v1", "provisioning")
_EXISTS = {409, 412}
"""The answers to the creation of a folder that exists: since Grafana 12, and before."""

_NEW_RULES_IN_GROUPS = (11, 5, 2)
"""Since this release a rule group may be written with new rules that have uids."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request, or a few that belong together, and the changes that they make.

    ``act`` sends them and raises GrafanaError.
    """

    changes: tuple[Change, ...]
    act: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the desired objects to one Grafana, given what was found there."""

    grafana: Grafana
    version: Version | None
    wanted: DesiredState
    found: CurrentState

    def steps(self, changes: list[Change]) -> Iterator[Step]:
        """The steps that make these changes, in order; the rules of a group are one step."""
        groups = {
            uid: name for name, group in self.wanted.groups.items() for uid in _uids(group["rules"])
        }
        written: set[str] = set()
        for change in changes:
            group = change.key if change.kind is Kind.GROUP else groups.get(change.key)
            if change.kind not in {Kind.RULE, Kind.GROUP} or group is None:
                yield Step((change,), lambda change=change: self._write(change))  # type: ignore[misc]
            elif group not in written:
                written.add(group)
                own = {group, *_uids(self.wanted.groups[group]["rules"])}
                several = tuple(
                    e for e in changes if e.kind in {Kind.RULE, Kind.GROUP} and e.key in own
                )
                yield Step(several, lambda group=group: self._group(group))  # type: ignore[misc]

    def _write(self, change: Change) -> None:
        remove = change.action == "remove"
        match change.kind:
            case Kind.CONTACT_POINT:
                self._provision(change, "contact-points", self.wanted.contact_points)
            case Kind.MUTE_TIMING:
                self._provision(change, "mute-timings", self.wanted.mute_timings)
            case Kind.RULE:  # only removals: other rules are written with their group
                self.grafana.delete(*_PROVISIONING, "alert-rules", change.key)
            case Kind.FOLDER:
                self._folder(change)
            case Kind.DATA_SOURCE if remove:
                self.grafana.delete("datasources", "uid", change.key)
            case Kind.DATA_SOURCE:
                self._data_source(change)
            case Kind.BOARD if remove:
                self.grafana.delete("dashboards", "uid", change.key)
            case Kind.BOARD:
                self._board(change)
            case Kind.POLICY:
                self._policy()
            case Kind.GROUP:
                raise AssertionError("a group is written with its rules")

    def _provision(self, change: Change, route: str, wanted: Any) -> None:
        if change.action == "remove":
            self.grafana.delete(*_PROVISIONING, route, change.key)
        elif change.action == "create":
            self.grafana.post(*_PROVISIONING, route, body=wanted[change.key])
        else:
            self.grafana.put(*_PROVISIONING, route, change.key, body=wanted[change.key])

    def _folder(self, change: Change) -> None:
        folder = self.wanted.folder
        if change.action == "create":
            try:
                self.grafana.post("folders", body=folder)
            except Refused as refused:
                if refused.status not in _EXISTS:
                    raise  # otherwise it was made a moment ago, and not yet shown
            self.grafana.when_allowed(lambda: self.grafana.get("folders", change.key))
        else:
            body = {"title": folder["title"], "overwrite": True}
            self.grafana.put("folders", change.key, body=body)

    def _data_source(self, change: Change) -> None:
        body, there = self.wanted.data_source, self.found.data_source
        assert body is not None
        if change.action == "create" or there is None:
            self.grafana.post("datasources", body=body)
            return
        # keep what users configured in addition to ours
        beside = {**(there.get("jsonData") or {}), **body["jsonData"]}
        kept = {"isDefault": bool(there.get("isDefault")), "jsonData": beside}
        self.grafana.put("datasources", "uid", change.key, body={**body, **kept})

    def _board(self, change: Change) -> None:
        body = {
            "dashboard": self.wanted.boards[change.key],
            "folderUid": self.wanted.folder["uid"],
            # for a new board it would overwrite any board with the same title
            "overwrite": change.action == "change",
            "message": "servicedesk-kpi provision",
        }
        self._inside(lambda: self.grafana.post("dashboards", "db", body=body))

    def _group(self, name: str) -> None:
        group = self.wanted.groups[name]
        if self.version is None or self.version < _NEW_RULES_IN_GROUPS:
            for rule in group["rules"]:
                if rule["uid"] not in self.found.rules:
                    self._inside(lambda rule=rule: self._new_rule(rule))  # type: ignore[misc]
        path = (*_PROVISIONING, "folder", group["folderUid"], "rule-groups", name)
        self._inside(lambda: self.grafana.put(*path, body=group))

    def _new_rule(self, rule: dict[str, Any]) -> None:
        self.grafana.post(*_PROVISIONING, "alert-rules", body=rule)

    def _inside(self, send: Callable[[], object]) -> None:
        """Send a request about the inside of the folder, patiently if that is new."""
        if self.found.folder is None:
            self.grafana.when_allowed(send)
        else:
            send()

    def _policy(self) -> None:
        path = (*_PROVISIONING, "policies")
        before = self.grafana.get(*path)
        body = with_route(before, self.wanted.route)
        provenance = body.pop("provenance", "")
        self.grafana.put(*path, body=body, unlocked=not provenance)
        after = self.grafana.get(*path)
        if with_route(after, None) != with_route(before, None):
            raise GrafanaError("somebody else changed the notification policies: check them")


def _uids(rules: list[dict[str, Any]]) -> list[str]:
    return [rule["uid"] for rule in rules]
