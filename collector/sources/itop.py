"""iTop 3 through its REST interface (webservices/rest.php), followed by its numbered history.

Recorded from 3.2; classes, statuses and rights were read in its source, and logging in by token is
as documented (from 3.1). iTop writes an operation for each change of an attribute and for each
entry of a log, with its user and without its text. Errors are answered with 200 and a code.

iTop's own times are local, in the zone of its PHP. Its time to own (``tto``) ends with the
assignment and is no answer. ``sla_tto_passed`` says ``no`` also where no SLA applies, and the
deadline is cleared once it is met, so it tells only which deadlines were missed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from collector.io.errors import SourceError
from collector.io.http import HttpClient
from collector.io.login import Login, bearer
from collector.model.bilingual import Text
from collector.model.records import Status
from collector.sources.kit import values
from collector.sources.kit.history import History
from collector.sources.kit.raw import Event, Fetched, NotVisible, OwnSla, RawTicket, Removed
from collector.sources.kit.values import Row, instant, required, text
from collector.sources.kit.web import LocalTimes, TokenOrPassword
from collector.sources.kit.windows import Span, WindowedSystem
from collector.sources.kit.zones import refuse_other_zone

_VALUES = {
    **{"status": "status", "priority": "priority", "team": "team_name"},
    **{"organization": "org_name", "category": "service_name"},
}
_FIELDS = (
    "caller_id,start_date,last_update,assignment_date,resolution_date,close_date,"
    "tto_escalation_deadline,sla_tto_passed,ttr_escalation_deadline,sla_ttr_passed,"
) + ",".join(_VALUES.values())
_OF_CLASS = {"UserRequest": ",request_type"}
_OPERATIONS = {
    "CMDBChangeOpCreate": "",
    "CMDBChangeOpSetAttributeScalar": ",attcode,oldvalue,newvalue",
    "CMDBChangeOpSetAttributeCaseLog": ",attcode",
}
_INTERNAL = 100
"""The code of an answer where the question failed inside iTop."""
_HISTORY = {"status": "status", "priority": "priority", "request_type": "kind"}


class ItopOptions(LocalTimes, TokenOrPassword):
    """The keys of an ``itop`` source.

    ``classes``: those of its tickets. ``robots``: ids of users that are machines, such as the one
    that reads mail.
    """

    implementation = "collector.sources.itop:Itop"
    delivers = "tickets"
    title = Text(sv="iTop", en="iTop")
    settings_in_words: ClassVar = {
        **LocalTimes.settings_in_words,
        "classes": Text(sv="Ärendeklasser", en="Classes of tickets"),
        "robots": Text(sv="Automatiska användare", en="Users that are machines"),
    }
    WORDS: ClassVar = {
        "status": {
            **{"new": "new", "escalated_tto": "new", "approved": "open", "assigned": "open"},
            **{"escalated_ttr": "open", "pending": "on_hold", "waiting_for_approval": "on_hold"},
            **{"resolved": "resolved", "rejected": "resolved", "closed": "closed"},
        },
        "priority": {"1": "urgent", "2": "high", "3": "normal", "4": "low"},
        "kind": {
            **{"incident": "incident", "Incident": "incident"},
            **{"service_request": "request", "UserRequest": "request"},
        },
    }

    type: Literal["itop"]
    classes: tuple[Annotated[str, Field(pattern=r"^\w+$")], ...] = ("UserRequest", "Incident")
    robots: tuple[int, ...] = ()

    def login(self) -> Login:
        """See :class:`~collector.sources.kit.web.WebOptions`."""
        return bearer(self.token, "", "Auth-Token") if self.token else super().login()


class Itop(WindowedSystem[HttpClient]):
    """An iTop. See :class:`~collector.sources.kit.windows.WindowedSystem`."""

    options: ItopOptions

    def check(self, connection: HttpClient) -> str:
        """Return up to which number tickets are visible; also if the time zone is wrong."""
        newest = self.newest_event(connection, 0)
        if newest is not None:
            here, zone = connection.server_time, self.options.zone
            refuse_other_zone("iTop", newest.at, here, zone, only_ahead=True)
        _ask(connection, "User", "id = 0", "contactid")
        return f"iTop, {self.visible(connection)}"

    def events_in(self, connection: HttpClient, span: Span) -> Sequence[Event]:
        """See :class:`~collector.sources.kit.windows.WindowedSystem`."""
        ours = self._of("objclass", "Ticket")  # which a deletion names, instead of the class
        found = _ask(connection, "CMDBChangeOp", ours, "date,objkey", span)
        zone = self.options.zone
        return [Event(_id(r), text(r, "objkey"), instant(r, "date", zone)) for r in found]

    def tickets_in(self, connection: HttpClient, span: Span, since: date | None) -> Sequence[int]:
        """See :class:`~collector.sources.kit.windows.WindowedSystem`."""
        changed = f" AND last_update >= '{since} 00:00:00'" if since else ""
        where = self._of("finalclass") + changed
        return [_id(row) for row in _ask(connection, "Ticket", where, "finalclass", span)]

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        return {required(row, "id") for row in self._listed(connection, ids)}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        found: list[Row] = []
        for name in sorted({required(row, "class") for row in self._listed(connection, ids)}):
            fields = _FIELDS + _OF_CLASS.get(name, "")
            found += _ask(connection, name, f"id IN ({','.join(ids)})", fields)
        yield from self._translated(connection, found) if found else ()
        if missing := sorted({*ids} - {str(_id(row)) for row in found}):
            where = f"objclass = 'Ticket' AND {self._of('fclass')}"
            where += f" AND objkey IN ({','.join(missing)})"
            ends = _ask(connection, "CMDBChangeOpDelete", where, "objkey,date")
            deleted = {text(row, "objkey"): instant(row, "date", self.options.zone) for row in ends}
            for number in missing:
                gone = Removed(number, Status.DELETED, deleted.get(number))
                yield gone if number in deleted else NotVisible(number)

    def _listed(self, connection: HttpClient, ids: Sequence[str]) -> Sequence[Row]:
        where = f"{self._of('finalclass')} AND id IN ({','.join(ids)})"
        return _ask(connection, "Ticket", where, "finalclass")

    def _translated(self, connection: HttpClient, found: Sequence[Row]) -> Iterator[Fetched]:
        """Yield what these rows are, with their history."""
        where = f"{self._of('objclass')} AND objkey IN ({_distinct(found, 'id')})"
        entries = (
            _ask(connection, name, where, f"date,objkey,user_id{fields}")
            for name, fields in _OPERATIONS.items()
        )
        history = values.grouped(chain.from_iterable(entries), "objkey")
        people = _distinct(found, "caller_id")
        users = _ask(connection, "User", f"contactid IN ({people})", "contactid")
        accounts = values.grouped(users, "contactid")
        named = _ask(connection, "Team", "id > 0", "name")
        teams = {"0": None, **{text(row, "id"): text(row, "name") for row in named}}
        machines = {"0", *map(str, self.options.robots)}
        for row in found:
            number, caller = required(row, "id"), str(row.get("caller_id"))
            own = accounts[caller] if caller != "0" else ()  # else of all users without a contact
            outside = machines | {required(user, "id") for user in own}
            parts = (row, history[number], outside, teams, self.options)
            yield values.translated(number, partial(raw_ticket, *parts))

    def _of(self, name: str, *more: str) -> str:
        return f"{name} IN ({','.join(repr(each) for each in (*self.options.classes, *more))})"


def raw_ticket(
    row: Row,
    entries: Sequence[Row],
    outside: Collection[str],
    teams: Mapping[str | None, str | None],
    options: ItopOptions,
) -> RawTicket:
    """Return a ticket of its row and its operations.

    ``outside``: users who are its caller, or nobody. ``teams``: their names by id. Raises
    RejectedRow if it cannot be used.
    """
    number, name, zone = required(row, "id"), required(row, "class"), options.zone
    history, registrar = History(outside), "0"
    for entry in sorted(entries, key=_id):
        at = values.required_instant(entry, "date", zone)
        by, what = text(entry, "user_id") or "0", text(entry, "attcode")
        old, new = text(entry, "oldvalue"), text(entry, "newvalue")
        if what is None:
            registrar = by
        elif what in ("public_log", "private_log"):
            history.act(at, by, "reply" if what == "public_log" else "note")
        elif what == "agent_id" and new != "0":
            history.act(at, by, "assignment")
        elif what == "team_id":
            history.change(at, by, "team", teams.get(old, old), teams.get(new, new))
        elif what in _HISTORY:
            history.change(at, by, _HISTORY[what], old, new)
    return RawTicket(
        id=number,
        opened_at=values.required_instant(row, "start_date", zone),
        fields={
            **{ours: text(row, theirs) for ours, theirs in _VALUES.items()},
            "kind": text(row, "request_type") or name,
        },
        changes=history.changes,
        actions=history.actions,
        resolved_at=instant(row, "resolution_date", zone),
        closed_at=instant(row, "close_date", zone),
        registered_by=registrar,
        registered_by_staff=history.is_staff(registrar),
        url=f"{options.url}/pages/UI.php?operation=details&class={name}&id={number}",
        changed_at=instant(row, "last_update", zone),
        own=OwnSla(
            response_due_at=instant(row, "tto_escalation_deadline", zone),
            response_met=False if text(row, "sla_tto_passed") == "yes" else None,
            resolution_due_at=instant(row, "ttr_escalation_deadline", zone),
            resolution_met=False if text(row, "sla_ttr_passed") == "yes" else None,
            first_response_at=instant(row, "assignment_date", zone),
        ),
    )


def _ask(
    connection: HttpClient, name: str, where: str, fields: str, span: Span | None = None
) -> list[Row]:
    """Return the objects of a class with their ``id`` and ``class``."""
    asked = {"operation": "core/get", "class": name, "output_fields": fields}
    if span:
        where += f" AND id > {span.after}" + (f" AND id <= {span.until}" if span.until else "")
        asked |= {"limit": str(span.most), "page": "1"} if span.most else {}
    form = {"json_data": json.dumps({**asked, "key": f"SELECT {name} WHERE {where}"})}
    body = connection.post("webservices/rest.php", params={"version": "1.4"}, form=form).body
    if (code := values.integer(body, "code")) != 0:
        advice = "classes" if code == _INTERNAL else "the login and the profiles of its user"
        said = f"iTop refuses to tell of {name} (code {code}); check {advice}"
        raise SourceError(said, permanent=code != _INTERNAL)
    objects = values.nested(body, "objects")
    found = [values.nested(objects, key) for key in objects]
    return [
        {**values.nested(o, "fields"), "id": o.get("key"), "class": o.get("class")} for o in found
    ]


def _distinct(rows: Sequence[Row], name: str) -> str:
    return ",".join(sorted({str(values.integer(row, name) or 0) for row in rows}))


def _id(row: Row) -> int:
    return values.required_integer(row, "id")
