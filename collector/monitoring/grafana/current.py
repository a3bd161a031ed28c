"""Reads the current state of everything in a Grafana that concerns us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.monitoring.grafana.client import Grafana, Refused
from collector.monitoring.grafana.desired import DesiredState
from collector.monitoring.grafana.ownership import MARK, is_our_board

Body = Mapping[str, Any]

_MAX_HITS = 5000
"""The most results of one search in Grafana."""


@dataclass(frozen=True, slots=True)
class CurrentBoard:
    """A board and the uid of its folder. ``provisioned``: it is managed by files."""

    body: Body
    folder: str
    provisioned: bool


@dataclass(frozen=True, slots=True)
class CurrentState:
    """The current objects; None or missing where there are none.

    ``boards``: by uid, those with a uid of ours and those with our tag. ``rules``: all rules of the
    organization by uid. ``intervals``: seconds, of the existing groups among the desired ones.
    """

    folder: Body | None
    data_source: Body | None
    data_sources: tuple[Body, ...]
    contact_points: tuple[Body, ...]
    mute_timings: Mapping[str, Body]
    boards: Mapping[str, CurrentBoard]
    rules: Mapping[str, Body]
    intervals: Mapping[str, int]
    policies: Body


def read_current_state(grafana: Grafana, wanted: DesiredState) -> CurrentState:
    """Read the current objects; writes nothing. Raises GrafanaError."""
    uid = wanted.folder["uid"]
    # to roles below Admin, Grafana answers 403 for a folder that does not exist, and for its groups
    folder = grafana.find("folders", uid, hidden=True)
    groups = {
        name: grafana.find("v1", "provisioning", "folder", uid, "rule-groups", name)
        for name in (wanted.groups if folder else ())
    }
    timings = grafana.get("v1", "provisioning", "mute-timings") or []
    rules = grafana.get("v1", "provisioning", "alert-rules") or []
    return CurrentState(
        folder=folder,
        data_source=grafana.find("datasources", "uid", wanted.data_source_uid),
        data_sources=tuple(grafana.get("datasources") or []),
        contact_points=tuple(grafana.get("v1", "provisioning", "contact-points") or []),
        mute_timings={timing["name"]: timing for timing in timings},
        boards=_boards(grafana, wanted.boards),
        rules={rule["uid"]: rule for rule in rules},
        intervals={name: group["interval"] for name, group in groups.items() if group},
        policies=grafana.get("v1", "provisioning", "policies") or {},
    )


def _boards(grafana: Grafana, wanted: Iterable[str]) -> dict[str, CurrentBoard]:
    tagged = grafana.get("search", tag=[MARK], type="dash-db", limit=_MAX_HITS) or []
    ours = {hit["uid"] for hit in tagged if is_our_board(hit)}
    uids = dict.fromkeys([*wanted, *(hit["uid"] for hit in tagged if hit["uid"] in ours)])
    found = {uid: _board(grafana, uid, tagged=uid in ours) for uid in uids}
    return {uid: board for uid, board in found.items() if board is not None}


def _board(grafana: Grafana, uid: str, *, tagged: bool) -> CurrentBoard | None:
    try:
        whole = grafana.find("dashboards", "uid", uid)
    except Refused as refused:
        if refused.status != 406:
            raise
        # it was saved in a format that this endpoint cannot return; the search knew its tags
        return CurrentBoard({"uid": uid, "tags": [MARK] if tagged else []}, "", provisioned=False)
    if whole is None:
        return None
    meta = whole.get("meta") or {}
    return CurrentBoard(
        whole["dashboard"], meta.get("folderUid") or "", bool(meta.get("provisioned"))
    )
