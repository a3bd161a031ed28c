"""The questions we ask Request Tracker's REST2 interface, and what its answers can prove.

The interface hides rows that the user may not see inside a page, and tells normal users neither
totals nor a next page. So a short page, even an empty one, is never an end. Ends are proved by
the newest visible id, and lists are walked by id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from collector.sources.base import SourceError
from collector.sources.http import HttpClient, HttpError
from collector.sources.request_tracker_records import CUSTOM, Fields, identity

Item = Mapping[str, Any]

WINDOW = 100
"""Ids in one look at the transactions: as many as the rows a page may have, so none is cut off."""

_PAGE_ROWS = 100
_LOOK_BACK_PAGES = 10
_ROOT = "/REST/2.0"
_OF_TICKETS = "ObjectType = 'RT::Ticket'"
_EVENT_FIELDS = "Type,Field,OldValue,NewValue,Creator,Created,ObjectId"
_ROW_FIELDS = ("Status", "Created", "Resolved", "LastUpdated", "Creator", "Requestor", "Queue")
_TYPES = (
    *("Create", "Correspond", "Status", "Set", "CustomField"),
    *("AddLink", "DeleteLink", "AddWatcher", "DelWatcher", "SetWatcher"),
)
_TOUCHING = "(" + " OR ".join(f"Type = '{name}'" for name in _TYPES) + ")"
_VANISHED = (
    "((Type = 'AddLink' AND Field = 'MergedInto') OR (Type = 'Status' AND NewValue = 'deleted'))"
)


class Api:
    """One connection to one Request Tracker; remembers the clock skew and the queues' names."""

    def __init__(self, http: HttpClient, fields: Fields) -> None:
        self._http = http
        self._fields = fields
        self._queues: dict[str, str] = {}
        self.clock_skew: float | None = None

    def version(self) -> str:
        """The version, as far as it looks like one."""
        version = self._get("/rt").get("Version")
        found = re.match(r"[0-9][0-9.]{0,20}", version) if isinstance(version, str) else None
        return found[0] if found else "of unknown version"

    def newest_ticket(self, where: str = "") -> int | None:
        """The highest visible ticket id."""
        return identity(self._newest("/tickets", where or "id > 0", ""))

    def tickets_after(self, last: int, until: int, where: str = "") -> Sequence[Item]:
        """The first visible tickets, at most 50, with an id over ``last``; [] when none is left."""
        query = f"{where} AND id > {last}" if where else f"id > {last}"
        return self._after("/tickets", query, last, until, self._ticket_fields(), rows=50)

    def tickets(self, ids: Iterable[str]) -> Sequence[Item]:
        """The rows of these tickets, less those that are merged, deleted or not for us."""
        query = " OR ".join(f"id = {number}" for number in ids)
        return self._search("/tickets", query, self._ticket_fields())

    def ticket(self, number: str) -> Item | None:
        """What the tracker shows under this id; None where it shows nothing (404)."""
        try:
            return self._get(f"/ticket/{number}")
        except HttpError as error:
            if error.status == 404:
                return None
            raise

    def newest_event(self, where: str = "") -> Item | None:
        """The visible transaction with the highest id among those that touch our facts."""
        query = f"{_OF_TICKETS} AND {where or _TOUCHING}"
        return self._newest("/transactions", query, "Created")

    def window(self, low: int) -> Sequence[Item]:
        """All visible touching transactions with ``low < id <= low + WINDOW``."""
        query = f"{_OF_TICKETS} AND id > {low} AND id <= {low + WINDOW} AND {_TOUCHING}"
        return self._search("/transactions", query, (("fields", "Created,ObjectId"),))

    def vanished(self, day: str) -> Iterator[Sequence[Item]]:
        """Pages of the transactions that merged or deleted a ticket since ``day``."""
        where = f"{_VANISHED} AND Created >= '{day}'"
        newest = identity(self.newest_event(where)) or 0
        fields = (("fields", "ObjectId"),)
        yield from self._walk("/transactions", f"{_OF_TICKETS} AND {where}", newest, fields)

    def histories(self, ids: Iterable[str], custom_ids: Iterable[str]) -> Iterator[Item]:
        """The transactions of these visible tickets that our facts come from.

        Only kinds are asked for that a user who sees the ticket also sees; comments and the
        other custom fields are not among them. So an empty page is the end here.
        """
        settable = sorted(n for n in self._fields.tracked() if not n.startswith(CUSTOM))
        kinds = ["Type = 'Create'", "Type = 'Correspond'", "Type = 'Status'"]
        kinds += [f"(Type = 'Set' AND Field = '{name}')" for name in settable]
        kinds += [f"(Type = 'CustomField' AND Field = '{n}')" for n in sorted(custom_ids)]
        tickets = " OR ".join(f"ObjectId = {number}" for number in ids)
        query = f"{_OF_TICKETS} AND ({tickets}) AND ({' OR '.join(kinds)})"
        for page in self._walk("/transactions", query, None, (("fields", _EVENT_FIELDS),)):
            yield from page

    def queue_name(self, number: str) -> str:
        """The name of a queue; ``queue 7`` where it is not shown to us."""
        if number not in self._queues:
            name = None
            try:
                name = self._get(f"/queue/{number}").get("Name")
            except HttpError as error:
                if error.status not in (403, 404):
                    raise
            self._queues[number] = name if isinstance(name, str) and name else f"queue {number}"
        return self._queues[number]

    def _ticket_fields(self) -> Sequence[tuple[str, str]]:
        ordinary = {name for name in self._fields.used() if not name.startswith(CUSTOM)}
        names = [*_ROW_FIELDS, *sorted(ordinary - set(_ROW_FIELDS))]
        if ordinary != self._fields.used():
            names.append("CustomFields")
        return (("fields", ",".join(names)), ("fields[Queue]", "Name"))

    def _newest(self, path: str, query: str, fields: str) -> Item | None:
        """The visible row with the highest id.

        Rows that we may not see can fill the newest pages, so a few are looked through. Should
        they hide more than that, the next poll finds the row under a newer one.
        """
        asked = (("fields", fields),) if fields else ()
        for page in range(1, _LOOK_BACK_PAGES + 1):
            rows = self._search(path, query, asked, page=page, order="DESC")
            known = [row for row in rows if identity(row) is not None]
            if known:
                return max(known, key=lambda row: identity(row) or 0)
        return None

    def _walk(
        self, path: str, query: str, newest: int | None, fields: Sequence[tuple[str, str]]
    ) -> Iterator[Sequence[Item]]:
        """Pages in the order of ids, up to ``newest`` (None: to the first empty page)."""
        last = 0
        while newest is None or last < newest:
            by_id = f"{query} AND id > {last}"
            if newest is None:
                rows = self._search(path, by_id, fields)
            else:
                rows = self._after(path, by_id, last, newest, fields)
            if not rows:
                return
            yield rows
            last = _advanced(last, rows)

    def _after(
        self,
        path: str,
        query: str,
        last: int,
        until: int,
        fields: Sequence[tuple[str, str]],
        *,
        rows: int = _PAGE_ROWS,
    ) -> Sequence[Item]:
        """The first page with a visible row; ``until`` is a visible id, so there is one.

        Unless that row has vanished meanwhile: after some empty pages the newest is asked again.
        """
        for page in count(1):
            if last >= until:
                break
            if found := self._search(path, query, fields, page=page, rows=rows):
                _advanced(last, found)
                return found
            if page % _LOOK_BACK_PAGES == 0:
                until = identity(self._newest(path, query, "")) or 0
        return []

    def _search(
        self,
        path: str,
        query: str,
        fields: Sequence[tuple[str, str]],
        *,
        page: int = 1,
        rows: int = _PAGE_ROWS,
        order: str = "ASC",
    ) -> Sequence[Item]:
        params = [("query", query), ("orderby", "id"), ("order", order)]
        params += [("per_page", str(rows)), ("page", str(page)), *fields]
        items = self._get(path, params).get("items")
        if not isinstance(items, list):
            raise SourceError(
                f"{path} answered without a list of items; check that url is a Request Tracker 5",
                permanent=True,
            )
        return [item if isinstance(item, dict) else {} for item in items]

    def _get(self, path: str, params: Sequence[tuple[str, str]] = ()) -> Item:
        answer = self._http.get_json(_ROOT + path, params)
        if answer.clock_skew is not None:
            self.clock_skew = answer.clock_skew
        return answer.body


def _advanced(last: int, rows: Sequence[Item]) -> int:
    """The highest id of a page that must lie behind ``last``."""
    highest = max((identity(row) or 0 for row in rows), default=0)
    if highest <= last:
        raise SourceError("pages of Request Tracker do not go forward: ids are missing or ignored")
    return highest
