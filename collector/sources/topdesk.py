"""TOPdesk through its Incident API (TOPdeskRestAPI 3.4 or later, by queries in FIQL).

Documented: the parameters and fields of the list, and that 206 means more follows. By published
clients: the entries of a trail, 204 for an empty list, and the link. None of it was recorded.

There is no history of statuses, groups and priorities, only the dates of the present state. The
progress trail tells what operators wrote, and whether the caller may see it. It costs a request for
each changed incident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import ClassVar, Literal

from collector.sources import kit
from collector.sources.kit import HttpClient, Position, Row, Rows, required

_INCIDENTS = "/tas/api/incidents"
_COLUMNS = kit.Columns(
    opened_at="callDate",
    changed_at="modificationDate",
    resolved_at="completedDate",
    closed_at="closedDate",
    values={
        **{"kind": "callType.name", "priority": "priority.name", "category": "category.name"},
        **{"team": "operatorGroup.name", "organization": "callerBranch.name"},
    },
    response=kit.Deadline(None, "responseDate"),
    resolution=kit.Deadline("targetDate", "completedDate"),
)
_FLAGS = {"responded": "responseDate", "completed": "completedDate", "closed": "closedDate"}
"""By what is true of an incident: since when. Such a date stays when it is not true any more."""
_MORE = 206
_LONGEST_TRAIL = 5000


class TopdeskOptions(kit.UserAndPassword):
    """The keys of a ``topdesk`` source: ``password`` is an application password of ``user``."""

    implementation = "collector.sources.topdesk:Topdesk"
    title = kit.Text(sv="TOPdesk", en="TOPdesk")
    WORDS: ClassVar = {"status": {each: each for each in ("open", "on_hold", "resolved", "closed")}}
    UNRECORDED = kit.unrecorded(
        *("holds", "reopenings", "priorities", "teams"),
        *("first_status", "first_assigned", "registrar"),
    )

    type: Literal["topdesk"]


class Topdesk(kit.KeysetSystem[HttpClient], kit.SingleTickets):
    """A TOPdesk, whose incidents are listed by their time of change."""

    options: TopdeskOptions
    PATH = _INCIDENTS + "/id/{}"

    def check(self, connection: HttpClient) -> str:
        """Return how many incidents are visible, and what cannot be used; reads one's trail."""
        rows = self._incidents(connection, Position(0), self.FEED_ROWS)
        found = [
            kit.translated(required(row, "id"), partial(self.ticket, connection, row, trail=not n))
            for n, row in enumerate(rows)
        ]
        more = " or more" if len(rows) == self.FEED_ROWS else ""
        return f"TOPdesk, {len(rows)}{more} incidents visible{kit.faults(found, self.options)}"

    def changed_tickets(self, connection: HttpClient, position: Position, size: int) -> kit.Lines:
        rows = self._incidents(connection, position, size)
        return kit.lines(rows, "modificationDate", partial(self.ticket, connection))

    def _incidents(self, connection: HttpClient, position: Position, size: int) -> list[Row]:
        """Return incidents by their time of change, archived ones too."""
        params = {
            "query": f"modificationDate=ge={kit.iso(position.at)}",
            "sort": "modificationDate:asc,id:asc",
            "fields": ",".join(["id", *_COLUMNS.names(), "status", "onHold", *_FLAGS]),
            "all": "true",
        }
        found = _listed(connection, _INCIDENTS, {**params, "pageSize": str(size)}, position.skip)
        return list(islice(found, size))

    def ticket(self, connection: HttpClient, row: Row, *, trail: bool = True) -> kit.Fetched:
        number = required(row, "id")
        if required(row, "status").startswith("partial"):
            return kit.Ignored(number, "partial")
        path = f"{self.path(number)}/progresstrail"
        entries = _listed(connection, path, {"page_size": "100"}, start="start") if trail else ()
        return raw_ticket(row, list(islice(entries, _LONGEST_TRAIL)), self.options.url)


def _listed(
    connection: HttpClient,
    path: str,
    params: Mapping[str, str],
    begin: int = 0,
    start: str = "pageStart",
) -> Iterator[Row]:
    """Yield the rows of a list from a place on. ``start``: the parameter of the place."""

    def ask(place: int) -> tuple[list[Row], bool]:
        asked = {**params, start: str(place)}
        answer = connection.get(path, asked, kind=None, accept={204})
        return kit.objects(answer.body), answer.status == _MORE

    return kit.by_start(ask, begin)


def raw_ticket(row: Row, trail: Rows, url: str) -> kit.RawTicket:
    """Return a ticket of its row and its progress trail. Raises RejectedRow if it cannot be used.

    Of the trail only the actions count: mails are also sent by TOPdesk itself, and files are no
    answers. Their texts are not looked at beyond whether there is one.
    """
    flags = {name: kit.flag(row, name) for name in _FLAGS}
    row = {**row, **{_FLAGS[name]: None for name in _FLAGS if not flags[name]}}
    history = kit.History()
    for entry in trail:
        if entry.get("memoText"):
            act: kit.Act = "note" if kit.flag(entry, "invisibleForCaller") else "reply"
            by = "operator" if kit.nested(entry, "operator") else ""
            history.act(kit.required_instant(entry, "entryDate"), by, act)
    status = "on_hold" if kit.flag(row, "onHold") else "open"
    status = "resolved" if flags["completed"] else status
    status = "closed" if flags["closed"] else status
    link = f"{url}/tas/secure/incident?unid={required(row, 'id')}"
    changed_at = kit.required_instant(row, "modificationDate")
    return _COLUMNS.ticket(row, history, link, changed_at=changed_at, fields={"status": status})
