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
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from collector.io.errors import SourceError
from collector.io.http import Answer, HttpClient, HttpError
from collector.io.login import Credentials, SessionLogin
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.fields import Strict, TimeZoneName
from collector.model.records import Unrecorded
from collector.sources.kit import values
from collector.sources.kit.history import History
from collector.sources.kit.raw import (
    Action,
    Fetched,
    NotVisible,
    OwnSla,
    RawTicket,
)
from collector.sources.kit.routes import Route, ask
from collector.sources.kit.undated import UndatedSystem
from collector.sources.kit.values import Row, instant, required, text
from collector.sources.kit.web import LocalTimes, WebOptions
from collector.sources.kit.zones import refuse_other_zone

_VALUES = {
    **{"status": "State", "priority": "Priority", "team": "Queue"},
    **{"kind": "Type", "category": "Service"},
}
_HISTORY = {
    **{"StateUpdate": ("status", 0, 1), "PriorityUpdate": ("priority", 0, 2)},
    **{"Move": ("team", 2, 0), "TypeUpdate": ("kind", 2, 0)},
}
"""By type of line: our field, and the positions of the old and the new value in its name."""
_ROWS = {"get": "Ticket", "history": "TicketHistory"}
Asked = Mapping[str, str | Sequence[str]]


class Routes(Strict):
    """The routes of the operations; by default those of the shipped GenericTicketConnectorREST."""

    session: Annotated[str, Field(pattern=r"^POST /\S*$")] = "POST /Session"
    search: Route = "GET /Ticket"
    get: Route = "GET /Ticket/:TicketID"
    history: Route = "GET /TicketHistory/:TicketID"


class ZnunyOptions(LocalTimes):
    """The keys of a ``znuny`` source.

    ``webservice``: the name of the web service, and ``routes`` those of its operations. ``robots``:
    ids of users that are machines; 1 is Znuny itself.
    """

    ACCESS = WebOptions.ACCESS | {"user", "password", "webservice", "routes"}

    implementation = "collector.sources.znuny:Znuny"
    delivers = "tickets"
    title = Text(sv="Znuny", en="Znuny")
    settings_in_words: ClassVar = {
        **LocalTimes.settings_in_words,
        "robots": Text(sv="Automatiska användare", en="Users that are machines"),
    }
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
    UNRECORDED = frozenset({Unrecorded.NOTE})

    type: Literal["znuny"]
    user: str
    password: Secret
    timezone: TimeZoneName = "UTC"
    webservice: Annotated[str, Field(pattern=r"^[^/?#\s]+$")] = "GenericTicketConnectorREST"
    routes: Routes = Routes()
    robots: tuple[int, ...] = (1,)

    def login(self) -> SessionLogin:
        """See :class:`~collector.sources.kit.web.WebOptions`."""
        return SessionLogin(self._session, lambda answer: _error(answer).endswith("AuthFail"))

    def _session(self, client: HttpClient) -> Credentials:
        asked = {"UserLogin": self.user, "Password": self.password.reveal()}
        session = ask(client, self.routes.session, asked, anonymous=True).body.get("SessionID")
        if not isinstance(session, str):
            text = "Znuny refuses the login; check user, password and the operation SessionCreate"
            raise SourceError(text, permanent=True)
        return Credentials(params={"SessionID": session})


class Znuny(UndatedSystem[HttpClient]):
    """A Znuny, OTRS or OTOBO. See :class:`~collector.sources.kit.undated.UndatedSystem`."""

    options: ZnunyOptions

    def __init__(self, options: ZnunyOptions) -> None:
        super().__init__(options)
        self.OVERLAP = options.overlap

    def connect(self) -> AbstractContextManager[HttpClient]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        return self.options.client(f"nph-genericinterface.pl/Webservice/{self.options.webservice}")

    def check(self, connection: HttpClient) -> str:
        """Return whether tickets are visible; also if the time zone or a route is wrong."""
        try:
            newest = self._search(connection, {"SortBy": "Age", "Limit": "1"})
            found = self._each(connection, "get", newest)
            self._each(connection, "history", newest)
        except HttpError as error:
            if error.status != 500:
                raise
            raise SourceError(f"{error}; if it stays so, check webservice and routes") from None
        for row in found.values():
            opened, age = instant(row, "Created", self.options.zone), values.integer(row, "Age")
            here = connection.server_time
            refuse_other_zone("Znuny", opened, here, self.options.zone, ago=age or 0)
        return f"Znuny, {'tickets are' if found else 'no ticket is'} visible"

    def ids_changed(self, connection: HttpClient, at: int, most: int) -> Sequence[str]:
        """See :class:`~collector.sources.kit.undated.UndatedSystem`."""
        since = datetime.fromtimestamp(max(at, 1), self.options.zone)  # 0 is no time in OTRS
        asked = {
            **{"SortBy": ["Changed", "TicketNumber"], "OrderBy": ["Up", "Up"], "Limit": str(most)},
            "TicketLastChangeTimeNewerDate": f"{since:%Y-%m-%d %H:%M:%S}",
        }
        return self._search(connection, asked)

    def times_of(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[tuple[str, int]]:
        """See :class:`~collector.sources.kit.undated.UndatedSystem`."""
        for number, row in self._each(connection, "get", ids).items():
            yield number, values.required_instant(row, "Changed", self.options.zone)

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        size = self.FEED_ROWS  # as many as an address holds
        parts = [ids[start : start + size] for start in range(0, len(ids), size)]
        asked = ({"TicketID": part, "Limit": str(size)} for part in parts)
        return {number for each in asked for number in self._search(connection, each)}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        found = self._each(connection, "get", ids, Extended="1")
        told = self._each(connection, "history", list(found))
        for number in ids:
            if number in told:
                parts = (found[number], told[number], self.options)
                yield values.translated(number, partial(raw_ticket, *parts))
            else:
                yield NotVisible(number)

    def _search(self, connection: HttpClient, asked: Asked) -> list[str]:
        """Return ids of tickets, archived ones too."""
        asked = {"SearchInArchive": "AllTickets", **asked}
        body = self._ask(connection, "search", asked) or {"TicketID": []}  # or an empty object
        if not isinstance(body.get("TicketID"), list):
            raise values.bad("TicketID")
        return [required({"TicketID": each}, "TicketID") for each in body["TicketID"]]

    def _each(
        self, connection: HttpClient, operation: str, ids: Sequence[str], **asked: str
    ) -> dict[str, Row]:
        """Return by id what an operation tells of those of these tickets that the user may see."""
        if not ids:
            return {}
        body, name = self._ask(connection, operation, {**asked, "TicketID": ids}), _ROWS[operation]
        if body is None:
            half = len(ids) // 2
            parts = (ids[:half], ids[half:]) if half else ()
            found = [self._each(connection, operation, part, **asked) for part in parts]
            return {number: row for part in found for number, row in part.items()}
        if name not in body:
            raise values.bad(name)
        return {required(row, "TicketID"): row for row in values.rows(body, name)}

    def _ask(self, connection: HttpClient, operation: str, asked: Asked) -> Any:
        """Return the answer of an operation, None without access to one of the tickets."""
        answer = ask(connection, getattr(self.options.routes, operation), asked)
        code = _error(answer)
        if code and not code.endswith("AccessDenied"):
            text = f"Znuny refuses the {operation}; check that operation of its web service"
            raise SourceError(text, permanent=code.endswith("AuthFail"))
        return None if code else answer.body


def raw_ticket(row: Row, told: Row, options: ZnunyOptions) -> RawTicket:
    """Return a ticket of its row and of its history, whose lines are in their order.

    Raises RejectedRow if it cannot be used.
    """
    number, zone = required(row, "TicketID"), options.zone
    history, registrar = History({str(each) for each in options.robots}), ""
    for entry in values.rows(told, "History"):
        at, by = values.required_instant(entry, "CreateTime", zone), required(entry, "CreateBy")
        what, name = required(entry, "HistoryType"), text(entry, "Name") or ""
        parts = name.removeprefix("%%").split("%%") if name.startswith("%%") else []
        if what == "NewTicket":
            registrar = registrar or by
        elif what == "OwnerUpdate" and parts and history.is_staff(parts[-1]):
            history.act(at, by, "assignment")
        elif what in _HISTORY:
            field, old, new = _HISTORY[what]
            if len(parts) > max(old, new):
                history.change(at, by, field, parts[old], parts[new])
    answered_at = instant(row, "FirstResponse", zone)
    answer = [] if answered_at is None else [Action(answered_at, "reply", by_staff=True)]
    customer = text(row, "CustomerID") or ""
    return RawTicket(
        id=number,
        opened_at=values.required_instant(row, "Created", zone),
        fields={
            **{ours: text(row, theirs) for ours, theirs in _VALUES.items()},
            "organization": None if "@" in customer else customer,  # of nobody's company
        },
        changes=history.changes,
        actions=sorted([*history.actions, *answer], key=lambda each: each.at),
        resolved_at=instant(row, "Closed", zone),
        closed_at=instant(row, "Closed", zone),
        registered_by=registrar,
        registered_by_staff=history.is_staff(registrar),
        url=f"{options.url}/index.pl?Action=AgentTicketZoom;TicketID={number}",
        changed_at=instant(row, "Changed", zone),
        own=OwnSla(
            response_due_at=values.epoch(row, "FirstResponseTimeDestinationTime"),
            response_met=_met(row, "FirstResponseDiffInMin"),
            resolution_due_at=values.epoch(row, "SolutionTimeDestinationTime"),
            resolution_met=_met(row, "SolutionDiffInMin"),
            first_response_at=answered_at,
        ),
    )


def _met(row: Row, name: str) -> bool | None:
    """Return whether minutes of business time were left."""
    left = values.integer(row, name)
    return None if left is None else left >= 0


def _error(answer: Answer) -> str:
    """Return the code of an error inside an answer; empty without one."""
    error = answer.body.get("Error") if isinstance(answer.body, dict) else None
    return "" if error is None else str(error.get("ErrorCode") if isinstance(error, dict) else "?")
