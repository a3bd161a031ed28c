"""iTop 3, as recorded from 3.2: see tests/fixtures/itop."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

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
    WorldEvent,
    WorldTicket,
)

_STATUS = {"open": "assigned", "on_hold": "pending"}
_PRIORITY = {"urgent": "1", "high": "2", "normal": "3", "low": "4"}
_USERS = {AGENT: 7, OTHER_AGENT: 8}
_CALLERS = 1000
"""Each ticket has a caller of its own, whose contact and user are numbered from here."""
_CONDITION = re.compile(r"(\w+) (?:IN \(([^)]*)\)|(=|>|<=|>=) ('[^']*'|\d+))")
_COMPARED = {
    "=": lambda value, other: value == other,
    ">": lambda value, other: value > other,
    "<=": lambda value, other: value <= other,
    ">=": lambda value, other: value >= other,
}


class Fake(fake.Fake):
    """Its classes and its history, in no order (the newest first); errors are 200 with a code.

    A deletion is written for the root class, and takes the ticket's earlier operations with it.
    """

    left_out: ClassVar = {
        "merged_both_ways": "iTop does not merge tickets",
        **dict.fromkeys(("purged", "swept_purged"), "every deletion leaves an operation"),
        "tie_larger_than_a_page": "the feed has numbers, so it has no ties",
        "nothing_visible_any_more": "its history shows tickets out of sight; the sweep tells it",
    }

    @property
    def options(self) -> dict[str, Any]:  # type: ignore[override]
        """The keys; the zone is the world's."""
        return {"user": "kpi", "password": "${FAKE_SECRET}", "timezone": self.world.zone}

    def app(self) -> ASGIApp:
        """See :class:`fake.Fake`."""
        expected = "Basic " + base64.b64encode(f"kpi:{SECRET}".encode()).decode()

        async def answer(request: Request) -> JSONResponse:
            if request.headers.get("Authorization") != expected:
                return JSONResponse({"code": 1, "message": "Error: Invalid login"})
            if request.query_params.get("version") != "1.4":
                return JSONResponse({"code": 2, "message": "Error: Missing parameter 'version'"})
            form = parse_qs((await request.body()).decode())
            asked = json.loads(form["json_data"][0])
            return JSONResponse(core_get(asked, reversed(list(self._objects(asked["class"])))))

        return Starlette(routes=[Route("/webservices/rest.php", answer, methods=["POST"])])

    def asks_for(self, path: str, query: str, body: str, ticket: int) -> bool:
        """See :class:`fake.Fake`."""
        asked = parse_qs(body).get("json_data", [""])[0]
        listed = re.findall(r"\b(?:id|objkey) IN \(([^)]*)\)", asked)
        return any(str(ticket) in numbers.split(",") for numbers in listed)

    def opening(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """See :class:`fake.Fake`."""
        return (int(row["caller_id"]) - _CALLERS, "start_date") if "start_date" in row else None

    def _objects(self, name: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """All objects of a class: their own class, id and fields."""
        tickets = self.world.tickets().values()
        if name in ("Ticket", "UserRequest", "Incident"):
            found = [(_class(each.id), each.id, self._row(each)) for each in tickets]
            yield from (
                row for row in found if name in ("Ticket", row[0]) and not self._gone(row[1])
            )
        elif name == "User":
            for each in tickets:
                number = _CALLERS + each.id
                yield name, number, {"contactid": str(number), "login": CUSTOMER}
        elif name == "Team":
            for number, team in enumerate(TEAMS, 1):
                yield name, number, {"name": team}
        else:
            for number, kind, fields in self._operations():
                if name in ("CMDBChangeOp", kind):
                    yield kind, number, fields

    def _gone(self, ticket: int) -> bool:
        return any(
            event.ticket == ticket and event.what == "delete"
            for event in self.world.visible_events()
        )

    def _row(self, ticket: WorldTicket) -> dict[str, Any]:
        team, name = ticket.values["team"], _class(ticket.id)
        row = {
            "finalclass": name,
            "title": f"subject of {CUSTOMER}",
            "description": f"text of {CUSTOMER}",
            "caller_id": str(_CALLERS + ticket.id),
            "agent_id": str(_USERS.get(ticket.assignee, 0)),
            "team_id": str(TEAMS.index(team) + 1),
            "team_name": team,
            "org_name": "North",
            "service_name": "Mail",
            "status": _status(ticket.values["status"]),
            "priority": _PRIORITY.get(ticket.values["priority"], "9"),
            "start_date": self._local(ticket.opened_at),
            "last_update": self._local(ticket.changed_at),
            **dict.fromkeys(("assignment_date", "resolution_date", "close_date"), ""),
            **dict.fromkeys(("tto_escalation_deadline", "ttr_escalation_deadline"), ""),
            **dict.fromkeys(("sla_tto_passed", "sla_ttr_passed"), "no"),
        }
        return row | ({"request_type": "service_request"} if name == "UserRequest" else {})

    def _operations(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """The history: numbers, classes and fields. It shows also what its reader may not see."""
        shown = [e for e in self.world.events if e.number not in self.world.withheld]
        opened = {event.ticket for event in shown if event.what == "open"}
        for event in shown:
            deleted = self._gone(event.ticket)
            if (
                event.ticket in opened
                and event.what != "merge"
                and (event.what == "delete" or not deleted)
            ):
                kind, fields = self._operation(event)
                yield (
                    10 * event.number,
                    f"CMDBChangeOp{kind}",
                    {
                        "date": self._local(event.at),
                        "objclass": "Ticket" if event.what == "delete" else _class(event.ticket),
                        "objkey": str(event.ticket),
                        "user_id": str(_USERS.get(event.by, _CALLERS + event.ticket)),
                        "userinfo": event.by,
                        "finalclass": f"CMDBChangeOp{kind}",
                        **fields,
                    },
                )

    def _operation(self, event: WorldEvent) -> tuple[str, dict[str, str]]:
        old, new = event.old, event.new
        match event.what:
            case "open":
                return "Create", {}
            case "delete":
                return "Delete", {"fclass": _class(event.ticket)}
            case "reply" | "note":
                log = "public_log" if event.what == "reply" else "private_log"
                return "SetAttributeCaseLog", {"attcode": log}
            case "status":
                name, old, new = "status", _status(old), _status(new)
            case "priority":
                name, old, new = "priority", *(_PRIORITY.get(each, "9") for each in (old, new))
            case "team":
                name, old, new = "team_id", *(str(TEAMS.index(each) + 1) for each in (old, new))
            case _:
                name, old, new = "agent_id", "0", str(_USERS[new])
        return "SetAttributeScalar", {"attcode": name, "oldvalue": old, "newvalue": new}

    def _local(self, at: int) -> str:
        return datetime.fromtimestamp(at, ZoneInfo(self.world.zone)).strftime("%Y-%m-%d %H:%M:%S")


def core_get(
    asked: Mapping[str, Any], objects: Iterable[tuple[str, int, Mapping[str, Any]]]
) -> dict[str, Any]:
    """What iTop answers, of these objects of the class: their own classes, ids and fields."""
    assert asked["operation"] == "core/get"
    found = re.fullmatch(r"SELECT (\w+) WHERE (.*)", asked["key"])
    assert found is not None and found[1] == asked["class"]
    conditions = list(_CONDITION.finditer(found[2]))
    assert " AND ".join(each[0] for each in conditions) == found[2]
    rows = [
        (name, number, fields)
        for name, number, fields in objects
        if all(_holds(each, {**fields, "id": number}) for each in conditions)
    ]
    some = rows[: int(asked["limit"])] if "limit" in asked else rows
    wanted = asked["output_fields"].split(",")
    if any(field not in fields for _, _, fields in some for field in wanted):
        return {"code": 100, "message": "Error: output_fields: invalid attribute code"}
    shown = {
        f"{name}::{number}": {
            **{"code": 0, "message": "", "class": name, "key": str(number)},
            "fields": {field: fields[field] for field in wanted},
        }
        for name, number, fields in some
    }
    return {"code": 0, "message": f"Found: {len(rows)}", "objects": shown or None}


def _class(ticket: int) -> str:
    return "Incident" if ticket % 3 == 0 else "UserRequest"


def _status(ours: str) -> str:
    return _STATUS.get(ours, ours)


def _holds(condition: re.Match[str], row: Mapping[str, Any]) -> bool:
    name, listed, sign, other = condition.groups()
    if listed is not None:
        return str(row[name]) in [each.strip("'") for each in listed.split(",")]
    value = int(row[name]) if other.isdigit() else row[name]
    return bool(_COMPARED[sign](value, int(other) if other.isdigit() else other.strip("'")))
