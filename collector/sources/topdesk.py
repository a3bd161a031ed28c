"""TOPdesk through its Incident API (TOPdeskRestAPI 3.4 or later, by queries in FIQL).

Documented: the parameters and fields of the list, and that 206 means more follows. By published
clients: the entries of a trail, 204 for an empty list, and the link. None of it was recorded.

There is no history of statuses, groups and priorities, only the dates of the present state. The
progress trail tells what operators wrote, and whether the caller may see it. It costs a request for
each changed incident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import ClassVar, Literal
from urllib.parse import quote

from collector.io.http import Answer, HttpClient
from collector.io.login import Login, basic
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.page import RejectedRow
from collector.model.records import Unrecorded
from collector.sources.kit.looking import faults
from collector.sources.kit.raw import (
    Action,
    ChangedTicket,
    Fetched,
    Ignored,
    OwnSla,
    Position,
    RawTicket,
)
from collector.sources.kit.system import KeysetSystem
from collector.sources.kit.values import (
    Row,
    flag,
    instant,
    nested,
    objects,
    rejected,
    required,
    required_instant,
    text,
)
from collector.sources.kit.web import ABSENT, WebOptions, absent

_INCIDENTS = "/tas/api/incidents"
_NAMED = {
    "kind": "callType",
    "priority": "priority",
    "category": "category",
    "team": "operatorGroup",
    "organization": "callerBranch",
}
_FIELDS = (
    *("id", "status", "callDate", "modificationDate", "targetDate", "onHold", "responded"),
    *("responseDate", "completed", "completedDate", "closed", "closedDate", *_NAMED.values()),
)
_MORE = 206
_LONGEST_TRAIL = 5000

Paging = tuple[tuple[str, int], tuple[str, int]]
"""The parameters for the first row and the number of rows, and their values."""


class TopdeskOptions(WebOptions):
    """The keys of a ``topdesk`` source: ``password`` is an application password of ``user``."""

    implementation = "collector.sources.topdesk:Topdesk"
    delivers = "tickets"
    title = Text(sv="TOPdesk", en="TOPdesk")
    ACCESS = WebOptions.ACCESS | {"user", "password"}
    WORDS: ClassVar = {"status": {each: each for each in ("open", "on_hold", "resolved", "closed")}}
    UNRECORDED = frozenset(
        {
            *(Unrecorded.HOLDS, Unrecorded.REOPENINGS, Unrecorded.PRIORITIES, Unrecorded.TEAMS),
            *(Unrecorded.STATUS_CHANGE, Unrecorded.ASSIGNMENT, Unrecorded.REGISTRAR),
        }
    )

    type: Literal["topdesk"]
    user: str
    password: Secret

    def login(self) -> Login:
        """See :class:`~collector.sources.kit.web.WebOptions`."""
        return basic(self.user, self.password)


class Topdesk(KeysetSystem[HttpClient]):
    """A TOPdesk. See :class:`~collector.sources.kit.system.KeysetSystem`."""

    options: TopdeskOptions

    def check(self, connection: HttpClient) -> str:
        """Return how many incidents are visible, and what cannot be used; reads one's trail."""
        rows = self._incidents(connection, Position(0), self.FEED_ROWS)
        found = [
            self._ticket(connection, required(row, "id"), row, trail=not number)
            for number, row in enumerate(rows)
        ]
        more = " or more" if len(rows) == self.FEED_ROWS else ""
        return f"TOPdesk, {len(rows)}{more} incidents visible{faults(found, self.options)}"

    def changed_tickets(
        self, connection: HttpClient, position: Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.system.KeysetSystem`."""
        rows = self._incidents(connection, position, page_size)
        return [self._line(connection, row) for row in rows]

    def _incidents(self, connection: HttpClient, position: Position, size: int) -> list[Row]:
        """Return incidents by their time of change, archived ones too."""
        since = datetime.fromtimestamp(position.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        params = {
            "query": f"modificationDate=ge={since}",
            "sort": "modificationDate:asc,id:asc",
            "fields": ",".join(_FIELDS),
            "all": "true",
        }
        paging = (("pageStart", position.skip), ("pageSize", size))
        return list(islice(_listed(connection, _INCIDENTS, params, paging), size))

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        """See :class:`~collector.sources.kit.system.TicketSystem`: without progress trails."""
        asked = {each: _asked(connection, each) for each in ids}
        return {each for each, answer in asked.items() if not absent(each, answer)}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        for number in ids:
            answer = _asked(connection, number)
            yield absent(number, answer) or self._ticket(connection, number, answer.body)

    def _line(self, connection: HttpClient, row: Row) -> ChangedTicket:
        number, at = required(row, "id"), required_instant(row, "modificationDate")
        return ChangedTicket(number, at, read=lambda: self._ticket(connection, number, row))

    def _ticket(
        self, connection: HttpClient, number: str, row: Row, *, trail: bool = True
    ) -> Fetched:
        try:
            if required(row, "status").startswith("partial"):
                return Ignored(number, "partial")
            path, paging = f"{_path(number)}/progresstrail", (("start", 0), ("page_size", 100))
            entries = _listed(connection, path, {}, paging) if trail else iter(())
            return raw_ticket(row, list(islice(entries, _LONGEST_TRAIL)), self.options.url)
        except RejectedRow as error:
            return rejected(number, error)


def _asked(connection: HttpClient, number: str) -> Answer:
    return connection.get(_path(number), accept=ABSENT)


def _path(number: str) -> str:
    return f"{_INCIDENTS}/id/{quote(number, safe='')}"


def _listed(
    connection: HttpClient, path: str, params: Mapping[str, str], paging: Paging
) -> Iterator[Row]:
    """Yield the rows of a list from a place on. A page may be smaller than it is asked to be."""
    (start, begin), (size, number) = paging
    while True:
        asked = {**params, start: str(begin), size: str(number)}
        answer = connection.get(path, asked, kind=None, accept={204})
        found = objects(answer.body)
        yield from found
        begin += len(found)
        if answer.status != _MORE or not found:
            return


def raw_ticket(row: Row, trail: Sequence[Row], url: str) -> RawTicket:
    """Return a ticket of its row and its progress trail. Raises RejectedRow if it cannot be used.

    Of the trail only the actions count: mails are also sent by TOPdesk itself, and files are no
    answers. Their texts are not looked at beyond whether there is one.
    """
    completed = instant(row, "completedDate") if flag(row, "completed") else None
    closed = instant(row, "closedDate") if flag(row, "closed") else None
    due = instant(row, "targetDate")
    status = "on_hold" if flag(row, "onHold") else "open"
    status = "resolved" if flag(row, "completed") else status
    return RawTicket(
        id=required(row, "id"),
        opened_at=required_instant(row, "callDate"),
        fields={
            "status": "closed" if flag(row, "closed") else status,
            **{ours: text(nested(row, theirs), "name") for ours, theirs in _NAMED.items()},
        },
        actions=sorted(_actions(trail), key=lambda each: each.at),
        resolved_at=completed,
        closed_at=closed,
        url=f"{url}/tas/secure/incident?unid={required(row, 'id')}",
        changed_at=required_instant(row, "modificationDate"),
        own=OwnSla(
            resolution_due_at=due,
            resolution_met=None if due is None or completed is None else completed <= due,
            first_response_at=instant(row, "responseDate") if flag(row, "responded") else None,
        ),
    )


def _actions(trail: Sequence[Row]) -> Iterator[Action]:
    for entry in trail:
        if not entry.get("memoText"):
            continue
        by_staff = bool(nested(entry, "operator"))
        hidden = flag(entry, "invisibleForCaller")
        yield Action(required_instant(entry, "entryDate"), "note" if hidden else "reply", by_staff)
