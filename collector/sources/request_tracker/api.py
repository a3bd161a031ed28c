"""The queries sent to Request Tracker's REST 2 interface, and what its responses can prove.

The interface leaves rows that the user may not see out of a page, and gives normal users neither
totals nor a link to the next page. So a short page, even an empty one, does not prove the end of a
list. The end is proved by the newest visible id, and lists are walked by id. Internal notes
(comments) are such rows: seeing them is a separate right that is granted per queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import quote

from collector.io.errors import SourceError
from collector.io.http import HttpClient, HttpError
from collector.sources.request_tracker.options import RequestTrackerOptions
from collector.sources.request_tracker.rows import CUSTOM, NOBODY, OWNER, identity

Item = Mapping[str, Any]

WINDOW = 100
"""Ids covered by one query of transactions; no more than the rows of a page, so none is missed."""

_PAGE_ROWS = 100
_LOOK_BACK_PAGES = 10
_ROOT = "/REST/2.0"
_OF_TICKETS = "ObjectType = 'RT::Ticket'"
_EVENT_FIELDS = "Type,Field,OldValue,NewValue,Creator,Created,ObjectId"
_ROW_FIELDS = (
    *("Status", "Created", "Resolved", "LastUpdated"),
    *("Creator", "Requestor", "Owner", "Queue"),
)
_COMMENT = "Comment"
_TYPES = (
    *("Create", "Correspond", "Status", "Set", "CustomField"),
    *("AddLink", "DeleteLink", "AddWatcher", "DelWatcher", "SetWatcher"),
)
_VANISHED = (
    "((Type = 'AddLink' AND Field = 'MergedInto') OR (Type = 'Status' AND NewValue = 'deleted'))"
)


_NOBODY_AS_INSTALLED = "6"


class Api:
    """A connection to a Request Tracker; caches queue names.

    Every method that sends a request raises HttpError if it fails, and SourceError if the response
    is not that of a Request Tracker.
    """

    def __init__(self, http: HttpClient, options: RequestTrackerOptions) -> None:
        self._http = http
        self._fields = options.fields
        self._comments = options.comments
        self._sla = options.sla
        self._touching = _any("Type", _TYPES + ((_COMMENT,) if options.comments else ()))
        self._queues: dict[str, str] = {}
        self._nobody: str | None = None

    @property
    def clock_skew(self) -> float | None:
        return self._http.clock_skew

    @property
    def server_time(self) -> float | None:
        return self._http.server_time

    def version(self) -> str:
        """Return the version, or ``of unknown version`` if the response has none."""
        version = self._get("/rt").get("Version")
        found = re.match(r"[0-9][0-9.]{0,20}", version) if isinstance(version, str) else None
        return found[0] if found else "of unknown version"

    def newest_ticket(self, where: str = "") -> int | None:
        """Return the highest visible ticket id, None if no ticket is visible."""
        return identity(self._newest("/tickets", where or "id > 0", ""))

    def tickets_after(self, last: int, until: int, where: str = "") -> Sequence[Item]:
        """Return the first visible tickets, at most 50, with ids above ``last``; [] at the end."""
        query = f"{where} AND id > {last}" if where else f"id > {last}"
        return self._after("/tickets", query, last, until, self._ticket_fields(), rows=50)

    def tickets(self, ids: Iterable[str]) -> Sequence[Item]:
        """Return the rows of these tickets; merged, deleted and invisible ones are missing."""
        query = " OR ".join(f"id = {number}" for number in ids)
        return self._search("/tickets", query, self._ticket_fields())

    def ticket(self, number: str) -> Item | None:
        """Return what the tracker shows under this id; None if it shows nothing (404)."""
        try:
            return self._get(f"/ticket/{number}")
        except HttpError as error:
            if error.status == 404:
                return None
            raise

    def newest_event(self, where: str = "") -> Item | None:
        """Return the visible transaction with the highest id that affects our facts."""
        query = f"{_OF_TICKETS} AND {where or self._touching}"
        found = self._newest("/transactions", query, "Created")
        if found is None and self._comments and not where:  # too many of them are hidden
            query = f"{_OF_TICKETS} AND {_any('Type', _TYPES)}"
            found = self._newest("/transactions", query, "Created")
        return found

    def window(self, low: int) -> Sequence[Item]:
        """Return all visible transactions affecting our facts, ``low < id <= low + WINDOW``."""
        query = f"{_OF_TICKETS} AND id > {low} AND id <= {low + WINDOW} AND {self._touching}"
        return self._search("/transactions", query, (("fields", "Created,ObjectId"),))

    def vanished(self, day: str) -> Iterator[Sequence[Item]]:
        """Yield pages of the transactions that merged or deleted a ticket since an ISO date."""
        where = f"{_VANISHED} AND Created >= '{day}'"
        newest = identity(self.newest_event(where)) or 0
        fields = (("fields", "ObjectId"),)
        yield from self._walk("/transactions", f"{_OF_TICKETS} AND {where}", newest, fields)

    def vanishings(self, ids: Iterable[str]) -> Iterator[Item]:
        """Yield transactions that merged or deleted these tickets, or merged others into them."""
        query = f"{_of(ids)} AND {_VANISHED}"
        for page in self._walk("/transactions", query, None, (("fields", _EVENT_FIELDS),)):
            yield from page

    def histories(self, ids: Iterable[str], custom_ids: Iterable[str]) -> Iterator[Item]:
        """Yield the transactions of these visible tickets that determine our facts, in any order.

        Apart from comments, only types are requested that are visible to everybody who sees the
        ticket; custom fields other than ``custom_ids`` are therefore excluded.
        """
        settable = {name for name in self._fields.tracked() if not name.startswith(CUSTOM)}
        settable |= {"Due"} if self._sla else set()
        kinds = [_any("Type", ("Create", "Correspond", "Status"))]
        kinds += [f"(Type = 'Set' AND {_any('Field', sorted(settable))})"]
        # The type is Set; in histories from before version 4.2 also Take, Steal and the like
        kinds += [f"(Field = '{OWNER}' AND Type != 'SetWatcher')"]
        if customs := sorted(custom_ids):
            kinds += [f"(Type = 'CustomField' AND {_any('Field', customs)})"]
        shown = f"{_of(ids)} AND ({' OR '.join(kinds)})"
        if self._comments:
            kinds += [f"Type = '{_COMMENT}'"]
        yield from self._whole(f"{_of(ids)} AND ({' OR '.join(kinds)})", shown)

    def shows_comments(self, queue: str) -> bool:
        """Return whether any of the newest comments in the queue with this id is visible."""
        query = f"{_OF_TICKETS} AND Type = '{_COMMENT}' AND TicketQueue = {queue}"
        return bool(self._search("/transactions", query, (), order="DESC"))

    def nobody(self) -> str:
        """Return the id of the user that represents "no owner".

        If users are not visible to us, the id of a default installation is assumed.
        """
        if self._nobody is None:
            links: object = None
            try:
                links = self._get(f"/user/{NOBODY}").get("_hyperlinks")
            except HttpError as error:
                if error.status not in (403, 404):
                    raise
            own = links[0] if isinstance(links, list) and links else None
            self._nobody = str(identity(own) or _NOBODY_AS_INSTALLED)
        return self._nobody

    def require_queues(self, names: Iterable[str]) -> None:
        """Raise SourceError if one of the queues is not there, or may not be seen."""
        for name in names:
            path = f"{_ROOT}/queue/{quote(name, safe='')}"
            if self._http.get(path, accept={403, 404}).status in (403, 404):
                raise SourceError(
                    f"queues: there is no queue {name} that this user may see: it was renamed, or "
                    "the right SeeQueue is missing; its tickets would be passed over",
                    permanent=True,
                )

    def queue_name(self, number: str) -> str:
        """Return the name of a queue; ``queue 7`` if it is not visible to us."""
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
        """Return the visible row with the highest id.

        Rows that we may not see can fill the newest pages, so a few pages are searched. If even
        more are hidden, the next poll finds the row once a newer one is visible.
        """
        asked = (("fields", fields),) if fields else ()
        for page in range(1, _LOOK_BACK_PAGES + 1):
            rows = self._search(path, query, asked, page=page, order="DESC")
            known = [row for row in rows if identity(row) is not None]
            if known:
                return max(known, key=lambda row: identity(row) or 0)
        return None

    def _whole(self, query: str, shown: str) -> Iterator[Item]:
        """Yield all visible transactions of a query, reading it from both ends.

        The result is complete when the pages from the beginning reach the lowest row of the last
        page, which is visible whatever is hidden around it. ``shown`` is the query restricted to
        types that are never hidden from us.
        """
        fields = (("fields", _EVENT_FIELDS),)
        rows = self._last_page(query, shown, fields)
        if not rows:
            return
        _advanced(0, rows)
        lowest = min(number for row in rows if (number := identity(row)))
        last = 0
        while last < lowest:
            part = f"{query} AND id > {last} AND id <= {lowest}"
            found = self._after("/transactions", part, last, lowest, fields)
            if not found:
                break  # the lowest row has disappeared in the meantime
            yield from (row for row in found if identity(row) != lowest)
            last = _advanced(last, found)
        yield from rows

    def _last_page(
        self, query: str, shown: str, fields: Sequence[tuple[str, str]]
    ) -> Sequence[Item]:
        """Return the last page with a visible transaction; it exists if ``shown`` finds any."""
        for page in count(1):
            rows = self._search("/transactions", query, fields, page=page, order="DESC")
            if rows:
                return rows
            if page % _LOOK_BACK_PAGES == 1 and (
                shown == query or not self._search("/transactions", shown, (), rows=1)
            ):
                break
        return ()

    def _walk(
        self, path: str, query: str, newest: int | None, fields: Sequence[tuple[str, str]]
    ) -> Iterator[Sequence[Item]]:
        """Yield pages in the order of ids, up to ``newest`` (None: to the first empty page)."""
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
        """Return the first page with a visible row; ``until`` is a visible id, so there is one.

        That row may have disappeared in the meantime, so after some empty pages the newest id is
        requested again.
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
                f"{path} returned no list of items; check that url is a Request Tracker 5",
                permanent=True,
            )
        return [item if isinstance(item, dict) else {} for item in items]

    def _get(self, path: str, params: Sequence[tuple[str, str]] = ()) -> Item:
        body: Item = self._http.get(_ROOT + path, params).body
        return body


def _any(field: str, values: Iterable[str]) -> str:
    return "(" + " OR ".join(f"{field} = '{value}'" for value in values) + ")"


def _of(ids: Iterable[str]) -> str:
    tickets = " OR ".join(f"ObjectId = {number}" for number in ids)
    return f"{_OF_TICKETS} AND ({tickets})"


def _advanced(last: int, rows: Sequence[Item]) -> int:
    """Return the highest id of a page. Raises SourceError if it is not above ``last``."""
    highest = max((identity(row) or 0 for row in rows), default=0)
    if highest <= last:
        raise SourceError("pages of Request Tracker do not go forward: ids are missing or ignored")
    return highest
