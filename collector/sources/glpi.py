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
from datetime import date
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from collector.sources import kit
from collector.sources.kit import HttpClient, Row, Rows, Text, integer, required, text

_COLUMNS = kit.Columns(
    opened_at="date",
    resolved_at="solvedate",
    closed_at="closedate",
    changed_at="date_mod",
    values={"priority": "priority", "status": "status", "kind": "type"},
    response=kit.Deadline("time_to_own", "takeintoaccountdate"),
    resolution=kit.Deadline("time_to_resolve", "solvedate"),
)
_REQUESTER, _ASSIGNED, _GROUP = 4, 5, 8
_HISTORY = {12: "status", 3: "priority", 14: "kind"}
"""Numbers of GLPI's search options, which stand in its log."""
_DELETED, _ADDED, _UNLINKED, _WRITTEN, _CREATED = 13, 15, 16, 17, 20
"""What an entry of the log says that was done (``linked_action``)."""
_SON_OF = 3
_MOST = 1000
_ALL = {"range": f"0-{_MOST - 1}"}
Day = date | None


class GlpiOptions(kit.LocalTimes, kit.TokenOrPassword):
    """The keys of a ``glpi`` source.

    ``token``: a user's own token for the interface. ``app_token``: that of the API client, if it
    has one. ``timezone``: that of GLPI's times for this user.
    """

    implementation = "collector.sources.glpi:Glpi"
    title = Text(sv="GLPI", en="GLPI")
    ACCESS = frozenset({"app_token"})
    SCHEME = "user_token {}"
    HOOK: ClassVar = kit.HookFormat("X-GLPI-signature", "X-GLPI-timestamp", "item.id")
    WORDS: ClassVar = {
        "status": kit.numbers("new", "open", "open", "on_hold", "resolved", "closed"),
        "priority": kit.numbers("low", "low", "normal", "high", "urgent", "urgent"),
        "kind": kit.numbers("incident", "request"),
    }

    type: Literal["glpi"]
    app_token: kit.Secret | None = None

    def login(self) -> kit.SessionLogin:
        return kit.SessionLogin(self._session)

    def _session(self, client: HttpClient) -> kit.Credentials:
        app = {"App-Token": self.app_token.reveal()} if self.app_token else {}
        who = super().login().credentials(client).headers
        body = client.get("initSession", headers={**who, **app}, anonymous=True).body
        token = body.get("session_token")
        if not isinstance(token, str) or not token.isascii():
            said = "initSession returned no session_token; check url"
            raise kit.SourceError(said, permanent=True)
        return kit.Credentials({"Session-Token": token, **app})


class Glpi(kit.BackwardsSystem[HttpClient], kit.SingleTickets):
    """A GLPI, whose log is numbered and read from its newest entry on."""

    options: GlpiOptions
    ROOT, PATH = "apirest.php", "Ticket/{}"
    PARAMS: ClassVar = {"with_logs": "true", "expand_dropdowns": "true"}

    def check(self, connection: HttpClient) -> str:
        """Return up to which number tickets are visible; also if the time zone is wrong."""
        session = kit.nested(connection.get("getFullSession").body, "session")
        theirs = kit.instant(session, "glpi_currenttime", self.options.zone)
        self.options.refuse_other_zone(connection, theirs)
        self.newest_event(connection, 0)
        return super().check(connection)

    def newest_events(self, connection: HttpClient, start: int, size: int) -> Sequence[kit.Event]:
        params = {"range": f"{start}-{start + size - 1}", "sort": "id", "order": "DESC"}
        params["searchText[itemtype]"] = "^Ticket$"
        beyond = {400} if start else ()  # the range exceeds the total
        answer = connection.get("Log/", params, kind=list, accept=beyond)
        found = [] if answer.status == 400 else kit.objects(answer.body)
        return kit.events(found, "items_id", "date_mod", self.options.zone)

    def newest_ticket(self, connection: HttpClient, since: Day = None) -> int | None:
        return max(self._ids(connection, 0, since, 1, order="DESC"), default=None)

    def tickets_after(
        self, connection: HttpClient, ticket: int, until: int, since: Day = None
    ) -> kit.Lines:
        found = self._ids(connection, ticket, since, self.PAGE_TICKETS)
        return [kit.ChangedTicket(str(number)) for number in found if number <= until]

    def removed_since(self, connection: HttpClient, since: date) -> Iterator[Sequence[str]]:
        last = 0
        while found := self._ids(connection, last, since, is_deleted="1"):
            yield [str(number) for number in found]
            last = max(found)

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        wanted = sorted(int(each) for each in ids)
        last, found = wanted[0] - 1, set[str]()
        while last < wanted[-1] and (some := self._ids(connection, last)):
            found.update(map(str, some))
            last = max(some)
        return found & {*ids}

    def ticket(self, connection: HttpClient, row: Row) -> kit.Fetched:
        """Return what a row is. Merged tickets lie in the trash, too."""
        number = required(row, "id")
        if kit.flag(row, "is_deleted"):
            links = kit.listed(connection, f"Ticket/{number}/Ticket_Ticket", _ALL)
            merged = any(
                integer(link, "link") == _SON_OF and text(link, "tickets_id_1") == number
                for link in links
            )
            ends = [e for e in _log_of(row) if integer(e, "linked_action") == _DELETED]
            at = kit.instant(ends[-1], "date_mod", self.options.zone) if ends else None
            mark = kit.Status.MERGED if merged else kit.Status.DELETED
            return kit.Removed(number, mark, at)
        written = kit.listed(connection, f"Ticket/{number}/ITILFollowup", _ALL)
        link = f"{self.options.url}/front/ticket.form.php?id={number}"
        return raw_ticket(row, written, link, self.options.zone)

    def _ids(
        self, connection: HttpClient, after: int, since: Day = None, size: int = _MOST, **more: str
    ) -> list[int]:
        """Return ids of tickets above ``after``, in the order of ids."""
        params = {"sort": "2", "order": "ASC", "range": f"0-{size - 1}", "forcedisplay[0]": "2"}
        asked = [("2", str(after)), *([("19", f"{since} 00:00:00")] if since else ())]
        for n, (field, value) in enumerate(asked):
            each = {"link": "AND", "field": field, "searchtype": "morethan", "value": value}
            params |= {f"criteria[{n}][{key}]": part for key, part in each.items()}
        found = connection.get("search/Ticket", {"is_deleted": "0", **params, **more}).body
        return [number for row in kit.rows(found, "data") if (number := integer(row, "2"))]


def raw_ticket(row: Row, written: Rows, url: str, zone: ZoneInfo) -> kit.RawTicket:
    """Return a ticket of its row with its log and of its follow-ups, whose texts are not read.

    Raises RejectedRow if it cannot be used.
    """
    log = _log_of(row)
    opening = next((e for e in log if integer(e, "linked_action") == _CREATED), {})
    outside = {_who(e, "new_value") for e in log if integer(e, "id_search_option") == _REQUESTER}
    history = kit.History(outside, registrar=_who(opening, "user_name"))
    groups: list[str] = []
    for entry in log:
        at, by = kit.required_instant(entry, "date_mod", zone), _who(entry, "user_name")
        option, action = integer(entry, "id_search_option"), integer(entry, "linked_action")
        old, new, link = (text(entry, n) for n in ("old_value", "new_value", "itemtype_link"))
        if option in _HISTORY and not action:
            later = (integer(entry, "id") or 0) > (integer(opening, "id") or 0)
            history.change(at, by, _HISTORY[option], old, new, acted=later)
        elif link == "Group" and action == _UNLINKED and old in groups:
            groups.remove(old)
        elif link == "Group" and action == _ADDED and option == _GROUP and new:
            groups.append(new)
            history.change(at, by, "team", _name(groups[-2] if groups[1:] else None), _name(new))
        elif option == _ASSIGNED and action == _ADDED:
            history.act(at, by, "assignment")
        elif link == "ITILSolution" and action == _WRITTEN and by != history.registrar:
            history.act(at, by, "reply")
    for entry in written:
        at = kit.required_instant(entry, ("date", "date_creation"), zone)
        act: kit.Act = "note" if kit.flag(entry, "is_private") else "reply"
        history.act(at, text(entry, "users_id") or "", act)
    fields = {
        "organization": _name(text(row, "entities_id")),
        "category": _name(text(row, "itilcategories_id")),
        "team": _name(groups[-1]) if groups else None,
    }
    return _COLUMNS.ticket(row, history, url, zone, fields=fields)


def _log_of(row: Row) -> list[Row]:
    """Return the entries of a ticket's log by number; PHP writes an empty object as a list."""
    found: Any = row.get("_logs")
    found = list(found.values()) if isinstance(found, dict) else found
    return sorted(kit.objects(found), key=lambda each: integer(each, "id") or 0)


def _who(row: Row, name: str) -> str:
    """Return the number at the end of a user's name, as in ``agent1 (7)``; empty without one."""
    found = re.search(r"\(([0-9]{1,18})\)\s*\Z", text(row, name) or "")
    return found[1] if found else ""


def _name(value: str | None) -> str | None:
    """Return a name without the number at its end; GLPI escapes names as in HTML."""
    if value is None or value == "0":
        return None
    return re.sub(r"\s*\([0-9]+\)\Z", "", html.unescape(value)) or None
