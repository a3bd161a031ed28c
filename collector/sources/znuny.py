"""Znuny 6 and 7, OTRS 6 and OTOBO through a web service of their Generic Interface (HTTP::REST).

Recorded from Znuny 6.5; the shipped routes, the lines of the history and the parameters of searches
were read in its source. A search returns ids only, so the times by which changes are followed are
asked for beside it. The history tells states, queues, priorities and owners, without texts. Who
wrote what only the articles tell, which cannot be had without their texts, so the first answer is
Znuny's own ``FirstResponse``: the first article of an agent that the customer can see.

Errors are answered with 200. One ticket without access fails all that are asked for with it, and a
deleted one cannot be told from one without access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from collector.sources import kit
from collector.sources.kit import HttpClient, Row, Text, required, text

_COLUMNS = kit.Columns(
    id="TicketID",
    opened_at="Created",
    resolved_at="Closed",
    closed_at="Closed",
    changed_at="Changed",
    values={
        **{"status": "State", "priority": "Priority", "team": "Queue"},
        **{"kind": "Type", "category": "Service"},
    },
    response=kit.Deadline(
        *("FirstResponseTimeDestinationTime", "FirstResponse"), left="FirstResponseDiffInMin"
    ),
    resolution=kit.Deadline("SolutionTimeDestinationTime", left="SolutionDiffInMin"),
)
_HISTORY = {
    **{"StateUpdate": ("status", 0, 1), "PriorityUpdate": ("priority", 0, 2)},
    **{"Move": ("team", 2, 0), "TypeUpdate": ("kind", 2, 0)},
}
"""By type of line: our field, and the positions of the old and the new value in its name."""
Asked = Mapping[str, str | Sequence[str]]


class Routes(kit.Strict):
    """The routes of the operations; by default those of the shipped GenericTicketConnectorREST."""

    session: Annotated[str, Field(pattern=r"^POST /\S*$")] = "POST /Session"
    search: kit.Route = "GET /Ticket"
    get: kit.Route = "GET /Ticket/:TicketID"
    history: kit.Route = "GET /TicketHistory/:TicketID"


class ZnunyOptions(kit.LocalTimes, kit.UserAndPassword, kit.Robots):
    """The keys of a ``znuny`` source.

    ``webservice``: the name of the web service, and ``routes`` those of its operations. ``robots``:
    ids of users that are machines; 1 is Znuny itself.
    """

    implementation = "collector.sources.znuny:Znuny"
    title = Text(sv="Znuny", en="Znuny")
    ACCESS = frozenset({"webservice", "routes"})
    WORDS: ClassVar = {
        "status": {
            **{"new": "new", "open": "open", "pending reminder": "on_hold"},
            **{"pending auto close+": "on_hold", "pending auto close-": "on_hold"},
            **{"closed successful": "closed", "closed unsuccessful": "closed"},
            **{"merged": "merged", "removed": "deleted"},
        },
        "priority": {
            **{"5 very high": "urgent", "4 high": "high", "3 normal": "normal"},
            **{"2 low": "low", "1 very low": "low"},
        },
    }
    UNRECORDED = kit.unrecorded("first_note")

    type: Literal["znuny"]
    timezone: kit.TimeZoneName = "UTC"
    webservice: Annotated[str, Field(pattern=r"^[^/?#\s]+$")] = "GenericTicketConnectorREST"
    routes: Routes = Routes()
    robots: tuple[int, ...] = (1,)

    def login(self) -> kit.Login:
        return kit.SessionLogin(self._session, lambda answer: _error(answer).endswith("AuthFail"))

    def _session(self, client: HttpClient) -> kit.Credentials:
        asked = {"UserLogin": self.user, "Password": self.password.reveal()}
        session = kit.ask(client, self.routes.session, asked, anonymous=True).body.get("SessionID")
        if not isinstance(session, str):
            said = "Znuny refuses the login; check user, password and the operation SessionCreate"
            raise kit.SourceError(said, permanent=True)
        return kit.Credentials(params={"SessionID": session})


class Znuny(kit.UndatedSystem[HttpClient]):
    """A Znuny, OTRS or OTOBO, whose tickets are searched by their time of change."""

    options: ZnunyOptions
    ROOT = "nph-genericinterface.pl/Webservice/{webservice}"

    def check(self, connection: HttpClient) -> str:
        """Return whether tickets are visible; also if the time zone or a route is wrong."""
        try:
            newest = self._search(connection, {"SortBy": "Age", "Limit": "1"})
            found = self._each(connection, "get", "Ticket", newest)
            self._each(connection, "history", "TicketHistory", newest)
        except kit.HttpError as error:
            if error.status != 500:
                raise
            raise kit.SourceError(f"{error}; if it stays so, check webservice and routes") from None
        for row in found.values():
            opened, age = kit.instant(row, "Created", self.options.zone), kit.integer(row, "Age")
            self.options.refuse_other_zone(connection, opened, ago=age or 0)
        return f"Znuny, {'tickets are' if found else 'no ticket is'} visible"

    def ids_changed(self, connection: HttpClient, at: int, most: int) -> Sequence[str]:
        since = datetime.fromtimestamp(max(at, 1), self.options.zone)  # 0 is no time in OTRS
        asked = {
            **{"SortBy": ["Changed", "TicketNumber"], "OrderBy": ["Up", "Up"], "Limit": str(most)},
            "TicketLastChangeTimeNewerDate": f"{since:%Y-%m-%d %H:%M:%S}",
        }
        return self._search(connection, asked)

    def times_of(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[tuple[str, int]]:
        for number, row in self._each(connection, "get", "Ticket", ids).items():
            yield number, kit.required_instant(row, "Changed", self.options.zone)

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        return {*self._search(connection, {"TicketID": ids, "Limit": str(len(ids))})}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[kit.Fetched]:
        found = self._each(connection, "get", "Ticket", ids, Extended="1")
        told = self._each(connection, "history", "TicketHistory", list(found))
        for each in [number for number in found if number in told]:
            yield kit.translated(each, partial(raw_ticket, found[each], told[each], self.options))
        yield from (kit.NotVisible(number) for number in ids if number not in told)

    def _search(self, connection: HttpClient, asked: Asked) -> list[str]:
        """Return ids of tickets, archived ones too."""
        asked = {"SearchInArchive": "AllTickets", **asked}
        body = self._ask(connection, "search", asked) or {"TicketID": []}  # or an empty object
        if not isinstance(body.get("TicketID"), list):
            raise kit.bad("TicketID")
        return [required({"TicketID": each}, "TicketID") for each in body["TicketID"]]

    def _each(
        self, connection: HttpClient, operation: str, name: str, ids: Sequence[str], **more: str
    ) -> dict[str, Row]:
        """Return by id what an operation tells of those of these tickets that the user may see."""

        def ask(some: Sequence[str]) -> dict[str, Row] | None:
            body = self._ask(connection, operation, {**more, "TicketID": some})
            if body is not None and name not in body:
                raise kit.bad(name)
            return None if body is None else kit.by_id(kit.rows(body, name), "TicketID")

        return kit.by_halves(ask, ids)

    def _ask(self, connection: HttpClient, operation: str, asked: Asked) -> Any:
        """Return the answer of an operation, None without access to one of the tickets."""
        answer = kit.ask(connection, getattr(self.options.routes, operation), asked)
        code = _error(answer)
        if code and not code.endswith("AccessDenied"):
            said = f"Znuny refuses the {operation}; check that operation of its web service"
            raise kit.SourceError(said, permanent=code.endswith("AuthFail"))
        return None if code else answer.body


def raw_ticket(row: Row, told: Row, options: ZnunyOptions) -> kit.RawTicket:
    """Return a ticket of its row and of its history, whose lines are in their order.

    Raises RejectedRow if it cannot be used.
    """
    zone, history = options.zone, kit.History(options.machines)
    for entry in kit.rows(told, "History"):
        at, by = kit.required_instant(entry, "CreateTime", zone), required(entry, "CreateBy")
        what, name = required(entry, "HistoryType"), text(entry, "Name") or ""
        parts = name.removeprefix("%%").split("%%") if name.startswith("%%") else []
        field, old, new = _HISTORY.get(what, ("", 0, 0))
        if what == "NewTicket":
            history.registrar = history.registrar or by
        elif what == "OwnerUpdate" and parts and history.is_staff(parts[-1]):
            history.act(at, by, "assignment")
        elif field and len(parts) > max(old, new):
            history.change(at, by, field, parts[old], parts[new])
    history.answered(kit.instant(row, "FirstResponse", zone))
    customer = text(row, "CustomerID") or ""
    company = {"organization": None if "@" in customer else customer}  # or somebody's address
    link = f"{options.url}/index.pl?Action=AgentTicketZoom;TicketID={required(row, 'TicketID')}"
    return _COLUMNS.ticket(row, history, link, zone, fields=company)


def _error(answer: kit.Answer) -> str:
    """Return the code of an error inside an answer; empty without one."""
    error = answer.body.get("Error") if isinstance(answer.body, dict) else None
    return "" if error is None else str(error.get("ErrorCode") if isinstance(error, dict) else "?")
