"""GLPI 9.5 to 11 through its legacy REST interface (apirest.php), followed by its numbered log.

Recorded from 10.0.16; the answer 403 for a ticket that lies in none of the user's entities is as
documented. GLPI's log of a ticket holds the history of its status, priority, type and groups, and
who did what; only whether a follow-up is private must be asked for beside it. The log cannot be
asked for from a number on, so it is read backwards from its newest entry.

GLPI's own times are local, in the zone of its PHP, and its "time to own" is no answer: a private
follow-up, an edit of the category or an assignment sets it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from collector.io.errors import SourceError
from collector.io.http import HttpClient
from collector.io.login import Credentials, SessionLogin
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.page import RejectedRow
from collector.model.records import Status
from collector.sources.kit.history import History
from collector.sources.kit.raw import (
    ChangedTicket,
    Event,
    Fetched,
    NotVisible,
    OwnSla,
    RawTicket,
    Removed,
)
from collector.sources.kit.system import NumberedSystem
from collector.sources.kit.values import (
    Row,
    flag,
    instant,
    integer,
    nested,
    rejected,
    required,
    required_instant,
    rows,
    text,
)
from collector.sources.kit.web import LocalTimes, TokenOrPassword, refuse_page
from collector.sources.kit.webhook import HookFormat
from collector.sources.kit.zones import refuse_other_zone

_REQUESTER, _ASSIGNED, _GROUP = 4, 5, 8
_HISTORY = {12: "status", 3: "priority", 14: "kind"}
"""Numbers of GLPI's search options, which stand in its log."""
_DELETED, _ADDED, _UNLINKED, _WRITTEN, _CREATED = 13, 15, 16, 17, 20
"""What an entry of the log says that was done (``linked_action``)."""
_SON_OF = 3
_MOST_ROWS = 1000
_SHIFTED = 20
"""Rows that are read again with the next page of the log, which moves when a ticket is purged."""


class GlpiOptions(LocalTimes, TokenOrPassword):
    """The keys of a ``glpi`` source.

    ``token``: a user's own token for the interface. ``app_token``: that of the API client, if it
    has one. ``timezone``: that of GLPI's times for this user.
    """

    ACCESS = TokenOrPassword.ACCESS | {"app_token"}
    HOOK: ClassVar = HookFormat("X-GLPI-signature", "X-GLPI-timestamp", "item.id")
    SCHEME = "user_token"

    implementation = "collector.sources.glpi:Glpi"
    delivers = "tickets"
    title = Text(sv="GLPI", en="GLPI")
    WORDS: ClassVar = {
        "status": {
            **{"1": "new", "2": "open", "3": "open", "4": "on_hold", "5": "resolved"},
            "6": "closed",
        },
        "priority": {
            **{"6": "urgent", "5": "urgent", "4": "high", "3": "normal", "2": "low", "1": "low"},
        },
        "kind": {"1": "incident", "2": "request"},
    }

    type: Literal["glpi"]
    app_token: Secret | None = None

    def login(self) -> SessionLogin:
        """See :class:`~collector.sources.kit.web.WebOptions`."""
        return SessionLogin(self._session)

    def _session(self, client: HttpClient) -> Credentials:
        app = {"App-Token": self.app_token.reveal()} if self.app_token else {}
        who = super().login().credentials(client).headers
        body = client.get("initSession", headers={**who, **app}, anonymous=True).body
        token = body.get("session_token")
        if not isinstance(token, str) or not token.isascii():
            raise SourceError("initSession returned no session_token; check url", permanent=True)
        return Credentials({"Session-Token": token, **app})


class Glpi(NumberedSystem[HttpClient]):
    """A GLPI. See :class:`~collector.sources.kit.system.NumberedSystem`."""

    options: GlpiOptions
    _newest: Sequence[Event] = ()
    """The newest entries of the log, the newest first, since ``newest_event``."""

    def connect(self) -> AbstractContextManager[HttpClient]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        return self.options.client("apirest.php")

    def check(self, connection: HttpClient) -> str:
        """Return up to which number tickets are visible; also if the time zone is wrong."""
        session = nested(connection.get("getFullSession").body, "session")
        theirs = instant(session, "glpi_currenttime", self.options.zone)
        refuse_other_zone("GLPI", theirs, connection.server_time, self.options.zone)
        self.newest_event(connection, 0)
        return f"GLPI, {self.visible(connection)}"

    def newest_event(self, connection: HttpClient, after: int) -> Event | None:
        """See :class:`~collector.sources.kit.system.NumberedSystem`."""
        self._newest = self._log(connection, 0, 2 * self.FEED_ROWS)
        return max(self._newest, key=_number, default=None)

    def events_after(self, connection: HttpClient, number: int) -> tuple[Sequence[Event], int]:
        """See :class:`~collector.sources.kit.system.NumberedSystem`."""
        more = len(self._newest) >= 2 * self.FEED_ROWS
        while more and _number(self._newest[-1]) > number:
            start, size = max(0, len(self._newest) - _SHIFTED), 10 * self.FEED_ROWS
            older = self._log(connection, start, size)
            more = len(older) == size
            before = self._newest[-_SHIFTED:]
            self._newest = [*self._newest, *(each for each in older if each not in before)]
        newer = sorted({each for each in self._newest if _number(each) > number}, key=_number)
        some = newer[: self.FEED_ROWS]
        return some, _number(some[-1]) if some else number + 1

    def newest_ticket(self, connection: HttpClient, since: date | None = None) -> int | None:
        """See :class:`~collector.sources.kit.system.NumberedSystem`."""
        return max(self._ids(connection, 0, since, order="DESC", size=1), default=None)

    def tickets_after(
        self, connection: HttpClient, ticket: int, until: int, since: date | None = None
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.system.NumberedSystem`."""
        found = self._ids(connection, ticket, since, size=self.PAGE_TICKETS)
        return [ChangedTicket(str(number)) for number in found if number <= until]

    def removed_since(self, connection: HttpClient, since: date) -> Iterator[Sequence[str]]:
        """See :class:`~collector.sources.kit.system.NumberedSystem`."""
        last = 0
        while found := self._ids(connection, last, since, deleted=True, size=_MOST_ROWS):
            yield [str(number) for number in found]
            last = max(found)

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        numbers = {int(each) for each in ids}
        last, found = min(numbers, default=0) - 1, set[int]()
        while last < max(numbers, default=0):
            some = self._ids(connection, last, None, size=_MOST_ROWS)
            found.update(some)
            last = max(some, default=max(numbers))
        return {str(each) for each in found & numbers}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        for number in ids:
            asked = {"with_logs": "true", "expand_dropdowns": "true"}
            answer = connection.get(f"Ticket/{number}", asked, accept={403, 404})
            refuse_page(answer)
            try:
                if answer.status == 403:
                    yield NotVisible(number)
                elif answer.status == 404:
                    yield Removed(number, Status.DELETED)
                elif flag(answer.body, "is_deleted"):
                    yield self._removed(connection, number, answer.body)
                else:
                    url = f"{self.options.url}/front/ticket.form.php?id={number}"
                    written = self._part(connection, number, "ITILFollowup")
                    yield raw_ticket(answer.body, written, url, self.options.zone)
            except RejectedRow as error:
                yield rejected(number, error)

    def _removed(self, connection: HttpClient, number: str, row: Row) -> Removed:
        """Return what became of a ticket in the trash, where merged ones lie too."""
        links = self._part(connection, number, "Ticket_Ticket")
        merged = any(
            integer(link, "link") == _SON_OF and text(link, "tickets_id_1") == number
            for link in links
        )
        ends = [e for e in _log_of(row) if integer(e, "linked_action") == _DELETED]
        at = instant(ends[-1], "date_mod", self.options.zone) if ends else None
        return Removed(number, Status.MERGED if merged else Status.DELETED, at)

    def _part(self, connection: HttpClient, number: str, part: str) -> list[Row]:
        params = {"range": f"0-{_MOST_ROWS - 1}"}
        found = connection.get(f"Ticket/{number}/{part}", params, kind=list).body
        return list(rows({part: found}, part))

    def _log(self, connection: HttpClient, start: int, size: int) -> list[Event]:
        """Return entries of tickets, the newest first."""
        params = {"range": f"{start}-{start + size - 1}", "sort": "id", "order": "DESC"}
        params["searchText[itemtype]"] = "^Ticket$"
        beyond = {400} if start else ()  # the range exceeds the total
        answer = connection.get("Log/", params, kind=list, accept=beyond)
        found = [] if answer.status == 400 else answer.body
        return [self._event(row) for row in rows({"Log": found}, "Log")]

    def _event(self, row: Row) -> Event:
        at, ticket = instant(row, "date_mod", self.options.zone), integer(row, "items_id")
        return Event(integer(row, "id"), None if ticket is None else str(ticket), at)

    def _ids(
        self,
        connection: HttpClient,
        after: int,
        since: date | None,
        *,
        order: str = "ASC",
        deleted: bool = False,
        size: int,
    ) -> list[int]:
        """Return ids of tickets above ``after``, in the order of ids."""
        asked = [("2", str(after)), *([("19", f"{since} 00:00:00")] if since else ())]
        params = {"sort": "2", "order": order, "range": f"0-{size - 1}", "forcedisplay[0]": "2"}
        params["is_deleted"] = str(int(deleted))
        for n, (field, value) in enumerate(asked):
            each = {"link": "AND", "field": field, "searchtype": "morethan", "value": value}
            params |= {f"criteria[{n}][{key}]": part for key, part in each.items()}
        found = connection.get("search/Ticket", params).body
        return [number for row in rows(found, "data") if (number := integer(row, "2"))]


def raw_ticket(row: Row, written: Sequence[Row], url: str, zone: ZoneInfo) -> RawTicket:
    """Return a ticket of its row with its log and of its follow-ups, whose texts are not read.

    Raises RejectedRow if it cannot be used.
    """
    log = _log_of(row)
    opening = next((e for e in log if integer(e, "linked_action") == _CREATED), {})
    registrar, opened = _who(opening, "user_name"), integer(opening, "id") or 0
    outside = {_who(e, "new_value") for e in log if integer(e, "id_search_option") == _REQUESTER}
    outside |= {"", "0"}
    history = History(outside)
    groups: list[str] = []
    for entry in log:
        at, by = required_instant(entry, "date_mod", zone), _who(entry, "user_name")
        option, action = integer(entry, "id_search_option"), integer(entry, "linked_action")
        old, new, link = (text(entry, n) for n in ("old_value", "new_value", "itemtype_link"))
        later = (integer(entry, "id") or 0) > opened
        if option in _HISTORY and not action:
            history.change(at, by, _HISTORY[option], old, new, acted=later)
        elif link == "Group" and action == _UNLINKED and old in groups:
            groups.remove(old)
        elif link == "Group" and action == _ADDED and option == _GROUP and new:
            before = groups[-1] if groups else None
            groups.append(new)
            history.change(at, by, "team", _name(before), _name(new))
        if option == _ASSIGNED and action == _ADDED:
            history.act(at, by, "assignment")
        elif link == "ITILSolution" and action == _WRITTEN and by != registrar:
            history.act(at, by, "reply")
    for entry in written:
        at = instant(entry, "date", zone) or required_instant(entry, "date_creation", zone)
        private = flag(entry, "is_private")
        history.act(at, text(entry, "users_id") or "", "note" if private else "reply")
    names = {"priority": "priority", "status": "status", "kind": "type"}
    return RawTicket(
        id=required(row, "id"),
        opened_at=required_instant(row, "date", zone),
        fields={
            **{ours: text(row, theirs) for ours, theirs in names.items()},
            "organization": _name(text(row, "entities_id")),
            "category": _name(text(row, "itilcategories_id")),
            "team": _name(groups[-1]) if groups else None,
        },
        changes=history.changes,
        actions=sorted(history.actions, key=lambda each: each.at),
        resolved_at=instant(row, "solvedate", zone),
        closed_at=instant(row, "closedate", zone),
        registered_by=registrar,
        registered_by_staff=history.is_staff(registrar),
        url=url,
        changed_at=instant(row, "date_mod", zone),
        own=_own(row, zone),
    )


def _own(row: Row, zone: ZoneInfo) -> OwnSla:
    """Return GLPI's own deadlines; "time to own" stands for its first response."""
    owned, own_by = (instant(row, n, zone) for n in ("takeintoaccountdate", "time_to_own"))
    solved, solve_by = (instant(row, n, zone) for n in ("solvedate", "time_to_resolve"))
    return OwnSla(
        response_due_at=own_by,
        response_met=None if owned is None or own_by is None else owned <= own_by,
        resolution_due_at=solve_by,
        resolution_met=None if solved is None or solve_by is None else solved <= solve_by,
        first_response_at=owned,
    )


def _log_of(row: Row) -> list[Row]:
    """Return the entries of a ticket's log by number; PHP writes an empty object as a list."""
    found: Any = row.get("_logs")
    found = list(found.values()) if isinstance(found, dict) else found
    return sorted(rows({"_logs": found}, "_logs"), key=lambda each: integer(each, "id") or 0)


def _who(row: Row, name: str) -> str:
    """Return the number at the end of a user's name, as in ``agent1 (7)``; empty without one."""
    found = re.search(r"\(([0-9]{1,18})\)\s*\Z", text(row, name) or "")
    return found[1] if found else ""


def _name(value: str | None) -> str | None:
    """Return a name without the number at its end; GLPI escapes names as in HTML."""
    if value is None or value == "0":
        return None
    return re.sub(r"\s*\([0-9]+\)\Z", "", html.unescape(value)) or None


def _number(event: Event) -> int:
    return event.number or 0
