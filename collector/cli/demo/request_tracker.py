"""A simulated Request Tracker 5: its REST2 interface over a desk in memory, with its pitfalls.

There are no totals, page counts or links to next pages. Rows that the user may not see are dropped
within a page. No page has more than 100 rows. Merged and deleted tickets are in no search result;
by id the former return their target's body and the latter are deleted. Unset times are in 1970. Ids
in lists are text, those of single objects numbers. Dates in queries are naive, in the user's zone.

With ``dated`` it sends a ``Date`` by its own clock: serve it then with
``uvicorn.Config(..., date_header=False)``. A listening socket made by hand needs
``proto=socket.IPPROTO_TCP``; without it asyncio leaves Nagle's algorithm on, which adds 40 ms to
every response.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from collector.cli.demo.desk import Desk, DeskTicket, DeskTransaction
from collector.cli.demo.ticketsql import Query, QueryError, Table, compile_query

MOST_ROWS = 100
_FEW_ROWS = 20


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def request_tracker_app(
    desk: Desk,
    clock: Callable[[], float],
    *,
    token: str,
    zone: str = "Europe/Stockholm",
    comments: Container[str] = (),
    dated: bool = True,
) -> Starlette:
    """Build the application. It answers 401 without ``token``, and raises no errors of its own.

    ``clock`` returns the simulated epoch seconds. ``zone``: the user's time zone. ``comments``: the
    queues whose internal notes the user may see. ``dated``: send a ``Date`` by ``clock``.
    """
    server = _Server(desk, zone, comments)
    expected = f"token {token}".encode()

    async def answer(request: Request) -> JSONResponse:
        now = clock()
        given = request.headers.get("Authorization", "").encode()
        try:
            if not hmac.compare_digest(given, expected):
                raise _Refused(401, "Unauthorized")
            desk.advance(int(now))
            status, body = 200, server.answer(request.path_params["path"], request.query_params)
        except _Refused as refusal:
            status, body = refusal.status, {"message": str(refusal)}
        date = {"Date": formatdate(now, usegmt=True)} if dated else {}
        return JSONResponse(body, status, date)

    async def display(request: Request) -> PlainTextResponse:
        found = server.page(request.query_params.get("id", ""))
        return PlainTextResponse(found or "no such ticket\n", 200 if found else 404)

    return Starlette(
        routes=[
            Route("/REST/2.0/{path:path}", answer),
            Route("/Ticket/Display.html", display),
        ]
    )


class _Server:
    """Maps paths of the interface to response bodies."""

    def __init__(self, desk: Desk, zone: str, comments: Container[str]) -> None:
        self._desk = desk
        self._comments = comments
        self._tickets = Table(
            numbers={"id": lambda t: t.id, "Priority": lambda t: int(t.priority)},
            texts={
                "Status": lambda t: t.status,
                "Queue": lambda t: self._queue_name(t.queue),
            },
            dates={
                "Created": lambda t: t.created,
                "LastUpdated": lambda t: t.updated,
                "Resolved": lambda t: t.resolved,
            },
            lookups={"id": lambda number: (number,)},
            zone=ZoneInfo(zone),
        )
        self._transactions = Table(
            numbers={
                "id": lambda t: t.id,
                "ObjectId": lambda t: t.ticket,
                "TicketQueue": lambda t: desk.tickets[t.ticket - 1].queue,
            },
            texts={
                "ObjectType": lambda _: "RT::Ticket",
                "Type": lambda t: t.type,
                "Field": lambda t: t.field,
                "OldValue": lambda t: t.old,
                "NewValue": lambda t: t.new,
                "Creator": lambda t: t.creator,
            },
            dates={"Created": lambda t: t.at},
            lookups={
                "id": lambda number: (number,),
                "ObjectId": lambda number: desk.by_ticket.get(number, ()),
            },
            zone=ZoneInfo(zone),
        )

    def answer(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The body for a path below the interface's root. Raises _Refused with an HTTP status."""
        match path.strip("/").split("/"):
            case ["rt"]:
                return {"Version": "5.0.3"}
            case ["tickets"]:
                return self._search(
                    self._desk.tickets, self._tickets, params, self._listed, self._row
                )
            case ["transactions"]:
                return self._search(
                    self._desk.transactions, self._transactions, params, None, self._act
                )
            case ["ticket", number] if number.isdigit():
                return self._single(int(number))
            case ["queue", number] if number.isdigit():
                if 0 < int(number) <= len(self._desk.queues):
                    return {"id": int(number), "Name": self._queue_name(int(number))}
            case ["queue", name] if name in self._desk.queues:
                return {"id": 1 + [*self._desk.queues].index(name), "Name": name}
            case ["user", name] if name in self._desk.users:
                link = {"ref": "self", "type": "user", "id": self._desk.users[name]}
                return {"Name": name, "_hyperlinks": [link]}
        raise _Refused(404, "Not Found")

    def page(self, number: str) -> str | None:
        """The page of a ticket, to which links lead: its state and its history, as plain text."""
        if not number.isdigit() or not 0 < int(number) <= len(self._desk.tickets):
            return None
        ticket = self._desk.tickets[int(number) - 1]
        lines = [
            f"Ticket {ticket.id} of the simulated Request Tracker",
            f"queue {self._queue_name(ticket.queue)}, priority {ticket.priority}, {ticket.status}",
            "",
        ]
        for each in self._desk.by_ticket.get(ticket.id, ()):
            act = self._desk.transactions[each - 1]
            change = f"  {act.field}: {act.old or '-'} -> {act.new or '-'}" if act.field else ""
            lines.append(f"{_written(act.at)}  {act.type}{change}")
        return "\n".join(lines) + "\n"

    def _search(
        self,
        rows: list[Any],
        table: Table,
        params: Mapping[str, str],
        listed: Callable[[DeskTicket], bool] | None,
        shown: Callable[[Any, Mapping[str, str]], dict[str, Any] | None],
    ) -> dict[str, Any]:
        try:
            query: Query = compile_query(params.get("query", ""), table)
        except QueryError as error:
            raise _Refused(400, str(error)) from None
        size = min(MOST_ROWS, _number(params, "per_page", _FEW_ROWS))
        page = _number(params, "page", 1)
        ids = query.candidates(len(rows), descending=params.get("order", "ASC") == "DESC")
        found = (rows[i - 1] for i in ids)
        matching = (row for row in found if query.matches(row) and (not listed or listed(row)))
        chosen = islice(matching, (page - 1) * size, page * size)
        items = [item for row in chosen if (item := shown(row, params)) is not None]
        return {
            "items": items,
            "count": len(items),
            "page": page,
            "per_page": size,
            "total": None,
            "pages": None,
        }

    def _listed(self, ticket: DeskTicket) -> bool:
        """Whether searches include a ticket."""
        return ticket.merged_into is None and ticket.status != "deleted" and ticket.type == "ticket"

    def _row(self, ticket: DeskTicket, params: Mapping[str, str]) -> dict[str, Any] | None:
        if self._desk.by_ticket[ticket.id][0] in self._desk.withheld:
            return None
        wanted = params.get("fields", "").split(",")
        facts = self._facts(ticket)
        if "Name" in params.get("fields[Queue]", "").split(","):
            facts["Queue"]["Name"] = self._queue_name(ticket.queue)
        row = {name: facts[name] for name in wanted if name in facts}
        return {"type": "ticket", "id": str(ticket.id), **row}

    def _facts(self, ticket: DeskTicket) -> dict[str, Any]:
        return {
            "Type": ticket.type,
            "Status": ticket.status,
            "Priority": ticket.priority,
            "InitialPriority": "0",
            "SLA": "",
            "Due": _written(ticket.due),
            "Owner": {"type": "user", "id": ticket.owner},
            "Queue": {"type": "queue", "id": str(ticket.queue)},
            "EffectiveId": str(ticket.merged_into or ticket.id),
            "Creator": {"type": "user", "id": ticket.creator},
            "Requestor": [{"type": "user", "id": name} for name in ticket.requestors],
            "Created": _written(ticket.created),
            "Resolved": _written(ticket.resolved),
            "LastUpdated": _written(ticket.updated),
            "CustomFields": [
                {
                    "type": "customfield",
                    "id": str(number),
                    "name": name,
                    "values": [ticket.custom[name]] if ticket.custom.get(name) else [],
                }
                for number, name in enumerate(self._desk.custom_fields, 1)
            ],
        }

    def _act(self, act: DeskTransaction, params: Mapping[str, str]) -> dict[str, Any] | None:
        if act.type == "EmailRecord" or act.id in self._desk.withheld:
            return None
        if act.type == "Comment":
            queue = self._desk.tickets[act.ticket - 1].queue
            if self._queue_name(queue) not in self._comments:
                return None
        wanted = params.get("fields", "").split(",")
        row = {name: _ACT[name](act) for name in wanted if name in _ACT}
        return {"type": "transaction", "id": str(act.id), **row}

    def _single(self, number: int) -> dict[str, Any]:
        try:
            ticket = self._desk.ticket(number)
        except KeyError:
            raise _Refused(404, "Not Found") from None
        return {**self._facts(ticket), "id": ticket.id}

    def _queue_name(self, number: int) -> str:
        return self._desk.queues[number - 1]


@lru_cache(maxsize=1024)
def _written(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


_ACT: dict[str, Callable[[DeskTransaction], Any]] = {
    "Type": lambda act: act.type,
    "Field": lambda act: act.field,
    "OldValue": lambda act: act.old,
    "NewValue": lambda act: act.new,
    "ObjectId": lambda act: str(act.ticket),
    "ObjectType": lambda _: "RT::Ticket",
    "Created": lambda act: _written(act.at),
    "Creator": lambda act: {"type": "user", "id": act.creator},
}
"""A transaction's fields by name."""


def _number(params: Mapping[str, str], name: str, default: int) -> int:
    text = params.get(name, "")
    return max(1, int(text)) if text.isdigit() else default
