"""Converts Jira's rows to the kit's tickets: pure functions, no requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from collector.sources import kit
from collector.sources.jira_service_management.options import JiraOptions
from collector.sources.kit import Row, Rows, nested, required, text

_COLUMNS = kit.Columns(opened_at="created", resolved_at="resolutiondate", changed_at="updated")
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


def site_of(states: Rows, fields: Rows, options: JiraOptions) -> Site:
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
            raise kit.SourceError(f"{where}: {how}; write its id", permanent=True)
    kept = {"status": "status", "assignee": kit.OWNER}
    kept |= {ids[name]: name for name in ("priority", "team") if name in ids}
    kept |= {"issuetype": "kind"} if ids.get("kind") == "issuetype" else {}
    return Site(words, [*kept], kept | {name: kept[i] for i, name in named if i in kept}, ids)


def _word(state: Row, options: JiraOptions) -> str:
    category = required(nested(state, "statusCategory"), "key")
    return options.status_word(required(state, "name"), category)


def issue_of(
    row: Row, log: Rows, comments: Rows, options: JiraOptions, site: Site
) -> kit.RawTicket:
    """Return a ticket of an issue, its changes and its comments.

    Raises RejectedRow if it cannot be used.
    """
    fields = {**nested(row, "fields"), "id": row.get("id")}
    outside = {_person(fields, "reporter"), *options.robots}
    history = kit.History(outside, nobody=("", None), words={"status": site.words})
    for at, by, item in sorted(_items(log), key=lambda each: each[0]):
        if name := site.ours.get(text(item, "fieldId") or text(item, "field") or ""):
            ends = ((text(item, end), text(item, f"{end}String")) for end in ("from", "to"))
            history.add(at, by, name, *ends)
    creator, owner = _person(fields, "creator"), _id(nested(fields, "assignee"))
    history.opened(kit.required_instant(fields, "created"), creator, owner)
    for comment in comments:
        act: kit.Act = "reply" if _is_public(comment, options) else "note"
        history.act(kit.required_instant(comment, "created"), _person(comment, "author"), act)
    values = {name: _named(fields.get(i), i) for name, i in site.ids.items() if "." not in name}
    values |= {"status": _word(nested(fields, "status"), options)}
    where = options.site or (None if options.url.startswith("https://api.") else options.url)
    link = where and f"{where}/browse/{required(row, 'key')}"
    return _COLUMNS.ticket(fields, history, link, fields=values, own=_own(fields, site.ids))


def _own(fields: Row, ids: Mapping[str, str]) -> kit.OwnSla:
    """Return Jira's verdicts: the first cycle until the response, the present one until the
    resolution. A cycle that goes on is missed or not decided yet."""
    response, resolution = (
        nested(fields, ids[name]) if name in ids else {}
        for name in ("sla.response", "sla.resolution")
    )
    first = next(chain(kit.rows(response, "completedCycles"), [nested(response, "ongoingCycle")]))
    done = list(kit.rows(resolution, "completedCycles"))
    last = nested(resolution, "ongoingCycle") or (done[-1] if done else {})
    return kit.OwnSla(
        response_due_at=_time(first, "breachTime"),
        response_met=_met(first),
        resolution_due_at=_time(last, "breachTime"),
        resolution_met=_met(last),
        first_response_at=_time(first, "stopTime"),
    )


def _met(cycle: Row) -> bool | None:
    breached = kit.flag(cycle, "breached")
    decided = breached or "stopTime" in cycle
    return None if breached is None or not decided else not breached


def _time(cycle: Row, name: str) -> int | None:
    return kit.epoch(nested(cycle, name), "epochMillis", milliseconds=True)


def _items(log: Rows) -> Iterator[tuple[int, str, Row]]:
    """Yield when, by whom and what was changed."""
    for entry in log:
        created = entry.get("created")
        if isinstance(created, int):
            at = kit.epoch(entry, "created", milliseconds=created >= _MILLISECONDS_FROM)
        else:
            at = kit.instant(entry, "created")
        if at is None:
            raise kit.bad("created")
        for item in kit.rows(entry, "items"):
            yield at, _person(entry, "author"), item


def whole_log(row: Row) -> list[Row]:
    """Return the changes in an issue of Data Center. Raises RejectedRow if some are left out."""
    log = nested(row, "changelog")
    found = list(kit.rows(log, "histories"))
    if len(found) < (kit.integer(log, "total") or 0):
        raise kit.RejectedRow("cut_history", "not all of its changes are shown")
    return found


def _person(row: Row, name: str) -> str:
    """Return an id; an empty one for nobody, and for accounts that are not those of staff."""
    user = nested(row, name)
    return "" if text(user, "accountType") in _NO_STAFF else _id(user)


def _id(user: Row) -> str:
    return text(user, "accountId") or text(user, "key") or text(user, "name") or ""


def _is_public(comment: Row, options: JiraOptions) -> bool:
    """Return whether customers see a comment; Data Center says in its properties if they do not."""
    public = kit.flag(comment, "jsdPublic")
    if public is None and options.deployment == "cloud":
        raise kit.bad("jsdPublic")
    for each in kit.rows(comment, "properties"):
        if public is None and text(each, "key") == "sd.public.comment":
            public = not kit.flag(nested(each, "value"), "internal")
    return public is not False and not nested(comment, "visibility")


def _named(value: Any, name: str) -> str | None:
    """Return what a field says: a text, an object's name, or that of the first of a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return text({name: value}, name)
    value = nested(value, "requestType") or value
    return text(value, "name") or text(value, "value")
