"""Plans the changes to a Grafana: the difference between desired and current objects. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from collector.monitoring.grafana.compare import (
    differences,
    fingerprint,
    matches_salted_hash,
    normalised,
    redacted_paths,
)
from collector.monitoring.grafana.current import CurrentState
from collector.monitoring.grafana.desired import DesiredState
from collector.monitoring.grafana.ownership import (
    FOLDER,
    Kind,
    is_our_board,
    is_our_contact_point,
    is_our_data_source,
    is_our_rule,
    is_provably_ours,
)
from collector.monitoring.grafana.policies import our_route, why_not_writable
from collector.store import ObjectKey, ObjectMarks

Body = Mapping[str, Any]
Marks = Mapping[ObjectKey, ObjectMarks]
Action = Literal["create", "change", "remove"]

POLICY = "notification policies"
"""The key of an organization's single policy tree."""

_MAX_NAMED = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs from the desired state. ``paths``: where, if it is changed."""

    action: Action
    kind: Kind
    key: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """One object that cannot be written, because what is there belongs to others.

    ``stops_all``: a data source that does not work, without which nothing is written.
    """

    kind: Kind
    key: str
    text: str
    stops_all: bool = False


@dataclass(frozen=True, slots=True)
class PlannedObject:
    """A desired object and the current one.

    ``ours``: the current one was made by us. ``settled``: it is unchanged since ``wanted`` was
    sent, so it differs at most in what Grafana itself changed.
    """

    kind: Kind
    key: str
    wanted: Body
    found: Body | None
    ours: bool = True
    settled: bool = False


@dataclass(slots=True)
class Plan:
    """All changes in the order in which they are written, all conflicts, and all desired objects.

    ``unsure``: contact points whose secrets cannot be compared, because they were not sent from
    this store.
    """

    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    objects: list[PlannedObject] = field(default_factory=list)
    unsure: list[Change] = field(default_factory=list)

    @property
    def source_change(self) -> Change | None:
        """The change to the data source, if there is one."""
        kept = (c for c in self.changes if c.kind is Kind.DATA_SOURCE and c.action != "remove")
        return next(kept, None)


def make_plan(wanted: DesiredState, found: CurrentState, marks: Marks) -> Plan:
    """Compare desired and current objects; ``marks`` record what was sent before."""
    made = Plan()
    steps: tuple[Callable[[DesiredState, CurrentState, Marks, Plan], None], ...] = (
        *(_contact_points, _mute_timings, _folder, _data_source),
        *(_boards, _rules, _policy),
    )
    for step in steps:
        step(wanted, found, marks, made)
    made.changes += reversed(list(_leftovers(wanted, found, marks)))
    return made


def _is_ours(kind: Kind, key: str, marked: bool, marks: Marks) -> bool:
    return marked or (kind, key) in marks


def _weigh(made: Plan, each: PlannedObject, marks: Marks) -> None:
    """Add an object to the plan, and the change it needs."""
    if each.found is None:
        made.objects.append(each)
        made.changes.append(Change("create", each.kind, each.key))
        return
    mark = marks.get((each.kind, each.key))
    as_sent = mark is not None and matches_salted_hash(each.kind, mark.sent, each.wanted)
    if mark is not None and as_sent and mark.found == fingerprint(each.kind, each.found):
        # it differs at most in what Grafana changes in everything it stores
        made.objects.append(replace(each, settled=True))
        return
    made.objects.append(each)
    paths = differences(normalised(each.kind, each.wanted), normalised(each.kind, each.found))
    if not paths and (hidden := redacted_paths(each.found)) and not as_sent:
        if mark is None or mark.sent is None:
            made.unsure.append(Change("change", each.kind, each.key, tuple(hidden)))
            return
        paths = hidden
    if paths:
        made.changes.append(Change("change", each.kind, each.key, tuple(paths)))


def _alike(wanted: Body, found: Body) -> Body:
    """The current object, reduced to the keys of the desired one."""
    return {key: found.get(key) for key in wanted}


def _contact_points(wanted: DesiredState, found: CurrentState, marks: Marks, made: Plan) -> None:
    by_uid = {point.get("uid"): point for point in found.contact_points}
    foreign = {p.get("name") for p in found.contact_points if not is_our_contact_point(p)}
    for uid, body in wanted.contact_points.items():
        there = by_uid.get(uid)
        if body["name"] in foreign:
            made.conflicts.append(
                Conflict(
                    *(Kind.CONTACT_POINT, body["name"]),
                    "there is one of that name, and it is not ours: give ours another name",
                )
            )
        elif there is not None and _managed_by_files(there):
            made.conflicts.append(Conflict(Kind.CONTACT_POINT, body["name"], _BY_FILES))
        else:
            alike = None if there is None else _alike(body, there)
            _weigh(made, PlannedObject(Kind.CONTACT_POINT, uid, body, alike), marks)


_BY_FILES = "it is managed by Grafana's provisioning files: remove it there, or use only --out"


def _managed_by_files(found: Body) -> bool:
    return found.get("provenance") == "file"


def _mute_timings(wanted: DesiredState, found: CurrentState, marks: Marks, made: Plan) -> None:
    for name, body in wanted.mute_timings.items():
        there = found.mute_timings.get(name)
        alike = None if there is None else _alike(body, there)
        ours = _is_ours(Kind.MUTE_TIMING, name, False, marks)
        if alike is not None and not ours and differences(body, alike):
            text = "there is one of that name, and it is not ours: give ours another name"
            made.conflicts.append(Conflict(Kind.MUTE_TIMING, name, text))
        elif there is not None and ours and _managed_by_files(there):
            made.conflicts.append(Conflict(Kind.MUTE_TIMING, name, _BY_FILES))
        else:
            found_ours = alike is None or ours
            _weigh(made, PlannedObject(Kind.MUTE_TIMING, name, body, alike, found_ours), marks)


def _folder(wanted: DesiredState, found: CurrentState, marks: Marks, made: Plan) -> None:
    body, there = wanted.folder, found.folder
    uid = body["uid"]
    if there is not None and not _is_ours(Kind.FOLDER, uid, uid == FOLDER, marks):
        return  # an existing folder of somebody else was chosen: its title stays
    alike = None if there is None else _alike(body, there)
    _weigh(made, PlannedObject(Kind.FOLDER, uid, body, alike), marks)


def _data_source(wanted: DesiredState, found: CurrentState, marks: Marks, made: Plan) -> None:
    uid, body, there = wanted.data_source_uid, wanted.data_source, found.data_source
    if body is None:
        if there is None:
            text = "there is none of that uid: create it, or give grafana.datasource.url"
            if there_are := _prometheus_uids(found.data_sources):
                text += f", or correct grafana.datasource.uid (there are {there_are})"
            made.conflicts.append(Conflict(Kind.DATA_SOURCE, uid, text, stops_all=True))
        return
    if there is None:
        alike = None
    else:
        alike = dict(_alike(body, there))
        alike["jsonData"] = _alike(body["jsonData"], there.get("jsonData") or {})
        if there.get("readOnly"):
            made.conflicts.append(Conflict(Kind.DATA_SOURCE, uid, _BY_FILES))
            return
        if not _is_ours(Kind.DATA_SOURCE, uid, is_our_data_source(there), marks):
            text = "there is one of that uid, and it is not ours: leave grafana.datasource.url out"
            made.conflicts.append(Conflict(Kind.DATA_SOURCE, uid, text))
            return
    _weigh(made, PlannedObject(Kind.DATA_SOURCE, uid, body, alike), marks)


def _prometheus_uids(sources: Iterable[Body]) -> str:
    """The uids of the first few Prometheus data sources; empty if there are none."""
    uids = [str(each["uid"]) for each in sources if each.get("type") == "prometheus"]
    more = f" and {len(uids) - _MAX_NAMED} more" if len(uids) > _MAX_NAMED else ""
    return ", ".join(uids[:_MAX_NAMED]) + more


def _boards(wanted: DesiredState, found: CurrentState, marks: Marks, made: Plan) -> None:
    folder = wanted.folder["uid"]
    for uid, body in wanted.boards.items():
        there = found.boards.get(uid)
        if there is None:
            _weigh(made, PlannedObject(Kind.BOARD, uid, {**body, "folder": folder}, None), marks)
        elif there.provisioned:
            made.conflicts.append(Conflict(Kind.BOARD, uid, _BY_FILES))
        elif not _is_ours(Kind.BOARD, uid, is_our_board(there.body), marks):
            text = "there is one of that uid, and it is not ours: give it another uid"
            made.conflicts.append(Conflict(Kind.BOARD, uid, text))
        else:
            placed = {**there.body, "folder": there.folder}
            _weigh(made, PlannedObject(Kind.BOARD, uid, {**body, "folder": folder}, placed), marks)


def _rules(wanted: DesiredState, found: CurrentState, marks: Marks, made: Plan) -> None:
    for name, group in wanted.groups.items():
        if conflict := _group_conflict(group, found, marks):
            made.conflicts.append(Conflict(Kind.GROUP, name, conflict))
            continue
        for rule in group["rules"]:
            uid = rule["uid"]
            _weigh(made, PlannedObject(Kind.RULE, uid, rule, found.rules.get(uid)), marks)
        interval = found.intervals.get(name)
        if interval is not None and interval != group["interval"]:
            made.changes.append(Change("change", Kind.GROUP, name, ("interval",)))


def _group_conflict(group: Body, found: CurrentState, marks: Marks) -> str | None:
    """Why a rule group cannot be written, or None. Writing a group replaces all its rules."""
    title, folder = group["title"], group["folderUid"]
    uids = {rule["uid"] for rule in group["rules"]}
    for uid, rule in found.rules.items():
        inside = rule.get("ruleGroup") == title and rule.get("folderUID") == folder
        if not inside and uid not in uids:
            continue
        if _managed_by_files(rule):
            return f"the rule {uid}: {_BY_FILES}"
        if not _is_ours(Kind.RULE, uid, is_our_rule(rule), marks):
            return f"it holds the rule {rule.get('title')!r} ({uid}), which is not ours: move it"
    return None


def _policy(wanted: DesiredState, found: CurrentState, marks: Marks, made: Plan) -> None:
    if wanted.route is None:
        return
    there = our_route(found.policies)
    weighed = Plan()
    _weigh(weighed, PlannedObject(Kind.POLICY, POLICY, wanted.route, there), marks)
    hindered = why_not_writable(found.policies, recorded=(Kind.POLICY, POLICY) in marks)
    if weighed.changes and hindered:
        made.conflicts.append(Conflict(Kind.POLICY, POLICY, hindered))
        return
    made.objects += weighed.objects
    made.changes += weighed.changes


def _leftovers(wanted: DesiredState, found: CurrentState, marks: Marks) -> Iterator[Change]:
    """Removals of our objects that are no longer desired, in the order of writing.

    A mark in Grafana is not enough, since copies may carry it: removed is only what the store
    records as ours, or what ``is_provably_ours``.
    """

    def made(kind: Kind, body: Body) -> bool:
        return (kind, body.get("uid")) in marks or is_provably_ours(kind, body)

    for point in found.contact_points:
        uid = point.get("uid", "")
        if uid not in wanted.contact_points and made(Kind.CONTACT_POINT, point):
            yield Change("remove", Kind.CONTACT_POINT, uid)
    for name in found.mute_timings:
        if (Kind.MUTE_TIMING, name) in marks and name not in wanted.mute_timings:
            yield Change("remove", Kind.MUTE_TIMING, name)
    for source in found.data_sources:
        ours = is_our_data_source(source) and made(Kind.DATA_SOURCE, source)
        if ours and source["uid"] != wanted.data_source_uid:
            yield Change("remove", Kind.DATA_SOURCE, source["uid"])
    for uid, board in found.boards.items():
        ours = is_our_board(board.body) and made(Kind.BOARD, {"uid": uid})
        if wanted.boards and uid not in wanted.boards and ours:
            yield Change("remove", Kind.BOARD, uid)
    rules = wanted.rules
    for uid, rule in found.rules.items():
        if uid not in rules and is_our_rule(rule) and made(Kind.RULE, rule):
            yield Change("remove", Kind.RULE, uid)
    recorded = (Kind.POLICY, POLICY) in marks
    if wanted.route is None and recorded and our_route(found.policies):
        yield Change("remove", Kind.POLICY, POLICY)
