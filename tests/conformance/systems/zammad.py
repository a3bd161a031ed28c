"""Zammad 6, as documented and as its source reads; nothing was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.conformance.systems import fake
from tests.conformance.systems.fake import SECRET
from tests.worlds.ticket_world import (
    AGENT,
    CUSTOMER,
    OTHER_AGENT,
    TEAMS,
    World,
    WorldEvent,
    WorldTicket,
)

_ROOT = "/api/v1"
_STATES = {  # id, type
    **{"new": (1, 1), "open": (2, 2), "on_hold": (3, 3), "closed": (4, 5)},
    **{"merged": (5, 6), "resolved": (7, 5)},
}
_STATE_NAMES = {"on_hold": "pending reminder", "resolved": "solved"}
_PRIORITIES = {"low": (1, "1 low"), "normal": (2, "2 normal"), "high": (3, "3 high")}
_PRIORITIES |= {"urgent": (4, "4 urgent")}
_USERS = {"": 1, AGENT: 7, OTHER_AGENT: 8, CUSTOMER: 9}
_SORTABLE = frozenset({"id", "updated_at", "created_at"})


class Fake(fake.Fake):
    """Its search by condition, its histories and its articles, with people everywhere.

    A merge moves the articles to the target and touches both tickets.
    """

    options: ClassVar = {
        "token": "${FAKE_SECRET}",
        "articles": True,
        "map": {"status": {"solved": "resolved"}, "priority": {"4 urgent": "urgent"}},
    }
    unreadable: ClassVar = {"token": "${WRONG_SECRET}"}
    left_out: ClassVar = {
        "child_closed_by_its_parent": "children are not resolved with their parents",
        "deleted": "what is deleted leaves no trace in the feed: the sweep finds it",
    }
    requests_per_ticket = 2 + 1 / 50 + 1 / 100  # history, articles; a page of rows, of the feed
    merge_moves_replies = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._version = -1

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""
        paths = {
            "tickets/search": self._search,
            "tickets/{number:int}": self._ticket,
            "ticket_history/{number:int}": self._history,
            "ticket_articles/by_ticket/{number:int}": self._articles,
            "ticket_states": self._states,
        }

        def door(answer: Any) -> Any:
            async def asked(request: Request) -> JSONResponse:
                if request.headers.get("Authorization") != f"Token token={SECRET}":
                    return JSONResponse({"error": "Invalid token"}, 401)
                number = request.path_params.get("number")
                if number in self.world.hidden:
                    return JSONResponse({"error": "Not authorized"}, 403)
                if number is not None and number not in self._visible():
                    return JSONResponse({"error": "Couldn't find Ticket"}, 404)
                body = await request.json() if request.method == "POST" else None
                found: JSONResponse = answer(request, body)
                return found

            return asked

        return Starlette(
            routes=[
                Route(f"{_ROOT}/{path}", door(a), methods=["GET", "POST"])
                for path, a in paths.items()
            ]
        )

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        return path.endswith(f"/{ticket}") or ("ticket.id" in body and f'"{ticket}"' in body)

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        return (row["id"], "created_at") if "article_count" in row else None

    # -- requests -----------------------------------------------------------------------------

    def _search(self, _: Request, body: Any) -> JSONResponse:
        if not body.get("condition"):
            return JSONResponse({"error": "param is missing or empty: condition"}, 400)
        assert body["expand"] is True and "query" not in body
        rows = [self._row(each) for each in self._visible().values()]
        for name, asked in body["condition"].items():
            value = asked["value"]
            match name, asked["operator"]:
                case "ticket.updated_at", "after (absolute)":
                    since = datetime.fromisoformat(value)
                    rows = [r for r in rows if datetime.fromisoformat(r["updated_at"]) >= since]
                case "ticket.id", "is":
                    rows = [r for r in rows if str(r["id"]) in value]
                case _:
                    return JSONResponse({"error": "Invalid condition"}, 422)
        columns = body.get("sort_by", "updated_at").split(",")
        orders = body.get("order_by", "desc").split(",")
        assert set(columns) <= _SORTABLE and len(orders) == len(columns)
        for column, order in reversed(list(zip(columns, orders, strict=True))):
            rows.sort(key=lambda row, by=column: row[by], reverse=order == "desc")
        size = min(200, int(body.get("per_page", 50)))
        start = (int(body.get("page", 1)) - 1) * size
        return JSONResponse(rows[start : start + size])

    def _ticket(self, request: Request, _: Any) -> JSONResponse:
        assert request.query_params["expand"] == "true"
        return JSONResponse(self._row(self._visible()[request.path_params["number"]]))

    def _history(self, request: Request, _: Any) -> JSONResponse:
        ticket = self._visible()[request.path_params["number"]]
        people = {str(n): {"id": n, "firstname": name} for name, n in _USERS.items()}
        return JSONResponse({"history": self._entries(ticket), "assets": {"User": people}})

    def _articles(self, request: Request, _: Any) -> JSONResponse:
        number = request.path_params["number"]
        ticket = self._visible()[number]
        own = [] if ticket.merged_into else ticket.events
        merged = [t for t in self._tickets.values() if t.merged_into == number]
        written = [
            self._article(event)
            for event in sorted(
                [*own, *(event for each in merged for event in each.events)],
                key=lambda event: event.number,
            )
            if event.what in ("open", "reply", "note")
        ]
        if ticket.merged_into:
            written.append({**self._article(ticket.events[-1]), "type": "note"})
        return JSONResponse(written)

    def _states(self, _: Request, __: Any) -> JSONResponse:
        return JSONResponse(
            [
                {"id": number, "name": _state_name(name), "state_type_id": kind}
                for name, (number, kind) in _STATES.items()
            ]
        )

    # -- rows ---------------------------------------------------------------------------------

    def _visible(self) -> dict[int, WorldTicket]:
        """The tickets as they are, made anew when something has happened."""
        if self._version != self.world.version:
            self._version = self.world.version
            found = self.world.tickets().items()
            self._tickets = {n: each for n, each in found if not self.world.is_deleted(each)}
            merges = [e for e in self.world.visible_events() if e.what == "merge"]
            self._merges = {n: [e for e in merges if e.new == str(n)] for n in self._tickets}
        return self._tickets

    def _row(self, ticket: WorldTicket) -> dict[str, Any]:
        status = "merged" if ticket.merged_into else ticket.values["status"]
        priority = ticket.values["priority"]
        number, name = _PRIORITIES.get(priority, (9, priority))
        merges = [event.at for event in self._merges[ticket.id]]
        owner = "" if ticket.merged_into else ticket.assignee
        return {
            "id": ticket.id,
            "number": f"530{ticket.id:02}",
            "title": f"subject of {CUSTOMER}",
            "group_id": TEAMS.index(ticket.values["team"]) + 1,
            "group": ticket.values["team"],
            "state_id": _STATES[status][0],
            "state": _state_name(status),
            "priority_id": number,
            "priority": name,
            "organization_id": 3,
            "organization": "North",
            "customer_id": _USERS[CUSTOMER],
            "customer": f"{CUSTOMER}@example.org",
            "owner_id": _USERS[owner],
            "owner": owner or "-",
            "created_by_id": _USERS[ticket.registered_by],
            "created_by": f"{ticket.registered_by}@example.org",
            "article_count": 1,
            "first_response_at": self._first_response(ticket),
            "first_response_escalation_at": None,
            "first_response_diff_in_min": None,
            "close_at": None,
            "last_close_at": None,
            "close_escalation_at": None,
            "close_diff_in_min": None,
            "type": None,
            "created_at": _time(ticket.opened_at),
            "updated_at": _time(max([ticket.changed_at, *merges[-1:]])),
        }

    def _first_response(self, ticket: WorldTicket) -> str | None:
        """Zammad's own, which a merge does not move."""
        written = [e.at for e in ticket.events if e.what == "reply" and e.by != CUSTOMER]
        return _time(written[0]) if written else None

    def _article(self, event: WorldEvent) -> dict[str, Any]:
        customer = event.by == CUSTOMER or event.what == "open"
        return {
            "id": event.number,
            "ticket_id": event.ticket,
            "sender": "Customer" if customer else "Agent",
            "type": {"open": "phone", "note": "note"}.get(event.what, "email"),
            "internal": event.what == "note",
            "from": event.by,
            "subject": f"subject of {event.by}",
            "body": f"text of {event.by}",
            "created_by_id": _USERS[event.by],
            "created_by": f"{event.by}@example.org",
            "created_at": _time(event.at),
        }

    def _entries(self, ticket: WorldTicket) -> list[dict[str, Any]]:
        found = [self._entry(event, *each) for event in ticket.events for each in _changes(event)]
        return found + [
            {**self._entry(event, "received_merge", "", (event.ticket, ""), (ticket.id, "")),
             "o_id": ticket.id}
            for event in self._merges[ticket.id]
        ]  # fmt: skip

    def _entry(
        self, event: WorldEvent, kind: str, attribute: str, old: Any, new: Any
    ) -> dict[str, Any]:
        article = attribute == "article"
        entry = {
            "id": event.number,
            "o_id": event.number if article else event.ticket,
            "object": "Ticket::Article" if article else "Ticket",
            "type": kind,
            "created_by_id": _USERS[event.by],
            "created_at": _time(event.at),
        }
        if kind == "created":
            return entry
        return {
            **entry,
            **({"attribute": attribute} if attribute else {}),
            **{"id_from": old[0], "id_to": new[0], "value_from": old[1], "value_to": new[1]},
        }


def _changes(event: WorldEvent) -> list[tuple[str, str, Any, Any]]:
    """The entries of an event: type, attribute, and the ids and names before and after."""
    match event.what:
        case "open":
            return [("created", "", None, None), ("created", "article", None, None)]
        case "reply" | "note":
            return [("created", "article", None, None)]
        case "status":
            ends = ((_STATES[each][0], _state_name(each)) for each in (event.old, event.new))
            return [("updated", "state", *ends)]
        case "priority":
            ends = (_PRIORITIES.get(each, (9, each)) for each in (event.old, event.new))
            return [("updated", "priority", *ends)]
        case "team":
            ends = ((TEAMS.index(each) + 1, each) for each in (event.old, event.new))
            return [("updated", "group", *ends)]
        case "assign":
            return [("updated", "owner", (1, "-"), (_USERS[event.new], event.new))]
        case "merge":
            target = (int(event.new), f"subject of {CUSTOMER}")
            merged = (_STATES["merged"][0], "merged")
            return [
                ("merged_into", "", (event.ticket, ""), target),
                ("updated", "state", (_STATES["open"][0], "open"), merged),
            ]
    return []


def _state_name(status: str) -> str:
    return _STATE_NAMES.get(status, status)


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.255Z")
