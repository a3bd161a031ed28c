"""Converts Jira's rows to the kit's tickets: pure functions, no requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.sources.jira_service_management.options import JiraOptions
from collector.sources.kit import raw
from collector.sources.kit.acts import OWNER, acts_of
from collector.sources.kit.values import (
    Row,
    bad,
    epoch,
    flag,
    instant,
    integer,
    nested,
    required,
    required_instant,
    rows,
    text,
)

_NO_STAFF = frozenset({"customer", "app"})
"""Types of accounts, which only Cloud tells."""
_MILLISECONDS_FROM = 10**11


@dataclass(frozen=True, slots=True)
class Site:
    """What a Jira is like: the word of each status in ``map``, by its id; the ids of the fields
    whose history is kept; our name of each of them, by its id and its name; the ids of the fields
    that are read, by our names."""

    words: Mapping[str, str]
    kept: Sequence[str]
    ours: Mapping[str, str]
    ids: Mapping[str, str]


def site_of(states: Sequence[Row], fields: Sequence[Row], options: JiraOptions) -> Site:
    """Return what a Jira is like, of its statuses and fields. Raises SourceError if a field that is
    configured does not exist, or several have its name."""
    words = {required(state, "id"): _word(state, options) for state in states}
    named = [(required(each, "id"), required(each, "name")) for each in fields]
    wanted = {name: each for name, each in options.fields if each}
    wanted |= {f"sla.{name}": each for name, each in options.sla if each}
    ids: dict[str, str] = {}
    for ours, theirs in wanted.items():
        found = {i for i, _ in named if i == theirs} or {i for i, name in named if name == theirs}
        if len(found) == 1:
            ids[ours] = found.pop()
        elif found or "." not in ours:
            how = f"several fields are called {theirs}" if found else f"there is no field {theirs}"
            where = ours if "." in ours else f"fields.{ours}"
            raise SourceError(f"{where}: {how}; write its id", permanent=True)
    kept = {"status": "status", "assignee": OWNER}
    kept |= {ids[name]: name for name in ("priority", "team") if name in ids}
    kept |= {"issuetype": "kind"} if ids.get("kind") == "issuetype" else {}
    return Site(words, [*kept], kept | {name: kept[i] for i, name in named if i in kept}, ids)


def _word(state: Row, options: JiraOptions) -> str:
    name, category = required(state, "name"), nested(state, "statusCategory")
    return name if name in options.words()["status"] else required(category, "key")


def issue_of(
    row: Row, log: Sequence[Row], comments: Sequence[Row], options: JiraOptions, site: Site
) -> raw.RawTicket:
    """Return a ticket of an issue, its changes and its comments.

    Raises RejectedRow if it cannot be used.
    """
    fields = nested(row, "fields")
    opened_at, creator = required_instant(fields, "created"), _person(fields, "creator")
    silent = {"", _person(fields, "reporter"), *options.robots}
    changes = [
        raw.RawChange(at, name, _end(item, name, "from", site), _end(item, name, "to", site), by)
        for at, by, item in sorted(_items(log), key=lambda each: each[0])
        if (name := site.ours.get(text(item, "fieldId") or text(item, "field") or "", ""))
    ]
    owner = _id(nested(fields, "assignee"))
    actions = [*acts_of(changes, opened_at, creator, owner, silent, ("", None))]
    for comment in comments:
        act: raw.Act = "reply" if _is_public(comment, options) else "note"
        staff = _person(comment, "author") not in silent
        actions.append(raw.Action(required_instant(comment, "created"), act, staff))
    values = {name: _named(fields.get(i), i) for name, i in site.ids.items() if "." not in name}
    where = options.site or (None if options.url.startswith("https://api.") else options.url)
    return raw.RawTicket(
        id=required(row, "id"),
        opened_at=opened_at,
        fields={**values, "status": _word(nested(fields, "status"), options)},
        changes=changes,
        actions=sorted(actions, key=lambda each: each.at),
        resolved_at=instant(fields, "resolutiondate"),
        registered_by=creator,
        registered_by_staff=creator not in silent,
        url=where and f"{where}/browse/{required(row, 'key')}",
        changed_at=instant(fields, "updated"),
        own=_own(fields, site.ids),
    )


def _own(fields: Row, ids: Mapping[str, str]) -> raw.OwnSla:
    """Return Jira's verdicts: the first cycle until the response, the present one until the
    resolution. A cycle that goes on is missed or not decided yet."""
    response, resolution = (
        nested(fields, ids[name]) if name in ids else {}
        for name in ("sla.response", "sla.resolution")
    )
    first = next(chain(rows(response, "completedCycles"), [nested(response, "ongoingCycle")]))
    done = list(rows(resolution, "completedCycles"))
    last = nested(resolution, "ongoingCycle") or (done[-1] if done else {})
    return raw.OwnSla(
        response_due_at=_time(first, "breachTime"),
        response_met=_met(first),
        resolution_due_at=_time(last, "breachTime"),
        resolution_met=_met(last),
        first_response_at=_time(first, "stopTime"),
    )


def _met(cycle: Row) -> bool | None:
    breached = flag(cycle, "breached")
    decided = breached or "stopTime" in cycle
    return None if breached is None or not decided else not breached


def _time(cycle: Row, name: str) -> int | None:
    return epoch(nested(cycle, name), "epochMillis", milliseconds=True)


def _items(log: Sequence[Row]) -> Iterator[tuple[int, str, Row]]:
    """Yield when, by whom and what was changed."""
    for entry in log:
        created = entry.get("created")
        if isinstance(created, int):
            at = epoch(entry, "created", milliseconds=created >= _MILLISECONDS_FROM)
        else:
            at = instant(entry, "created")
        if at is None:
            raise bad("created")
        for item in rows(entry, "items"):
            yield at, _person(entry, "author"), item


def whole_log(row: Row) -> list[Row]:
    """Return the changes in an issue of Data Center. Raises RejectedRow if some are left out."""
    log = nested(row, "changelog")
    found = list(rows(log, "histories"))
    if len(found) < (integer(log, "total") or 0):
        raise RejectedRow("cut_history", "not all of its changes are shown")
    return found


def _end(item: Row, name: str, end: str, site: Site) -> str | None:
    """Return a value before or after a change: an owner's id, a status's word, else a name."""
    number, value = text(item, end), text(item, f"{end}String")
    if name == OWNER:
        return number
    return site.words.get(number or "", value or "") if name == "status" else value


def _person(row: Row, name: str) -> str:
    """Return an id; an empty one for nobody, and for accounts that are not those of staff."""
    user = nested(row, name)
    return "" if text(user, "accountType") in _NO_STAFF else _id(user)


def _id(user: Row) -> str:
    return text(user, "accountId") or text(user, "key") or text(user, "name") or ""


def _is_public(comment: Row, options: JiraOptions) -> bool:
    """Return whether customers see a comment; Data Center says in its properties if they do not."""
    public = flag(comment, "jsdPublic")
    if public is None and options.deployment == "cloud":
        raise bad("jsdPublic")
    for each in rows(comment, "properties"):
        if public is None and text(each, "key") == "sd.public.comment":
            public = not flag(nested(each, "value"), "internal")
    return public is not False and not nested(comment, "visibility")


def _named(value: Any, name: str) -> str | None:
    """Return what a field says: a text, an object's name, or that of the first of a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return text({name: value}, name)
    value = nested(value, "requestType") or value
    return text(value, "name") or text(value, "value")
