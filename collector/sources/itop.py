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
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from collector.sources import kit
from collector.sources.kit import HttpClient, Row, Rows, Span, Text, required, text

_COLUMNS = kit.Columns(
    opened_at="start_date",
    resolved_at="resolution_date",
    closed_at="close_date",
    changed_at="last_update",
    values={
        **{"status": "status", "priority": "priority", "team": "team_name"},
        **{"organization": "org_name", "category": "service_name"},
    },
    response=kit.Deadline("tto_escalation_deadline", "assignment_date", missed="sla_tto_passed"),
    resolution=kit.Deadline("ttr_escalation_deadline", missed="sla_ttr_passed"),
)
_OF_CLASS = {"UserRequest": ["request_type"]}
_OPERATIONS = {
    "CMDBChangeOpCreate": "",
    "CMDBChangeOpSetAttributeScalar": ",attcode,oldvalue,newvalue",
    "CMDBChangeOpSetAttributeCaseLog": ",attcode",
}
_HISTORY = kit.Entries(
    *("date", "user_id", "attcode", "oldvalue", "newvalue"),
    ours={
        **{"status": "status", "priority": "priority", "request_type": "kind", "team_id": "team"},
        **{"agent_id": kit.OWNER, "public_log": "reply", "private_log": "note"},
    },
    number="id",
    opening=True,
)
Teams = Mapping[str, str | None]
_INTERNAL = 100
"""The code of an answer where the question failed inside iTop."""


class ItopOptions(kit.LocalTimes, kit.TokenOrPassword, kit.Robots):
    """The keys of an ``itop`` source.

    ``classes``: those of its tickets. ``robots``: ids of users that are machines, such as the one
    that reads mail.
    """

    implementation = "collector.sources.itop:Itop"
    title = Text(sv="iTop", en="iTop")
    settings_in_words: ClassVar = {"classes": Text(sv="Ärendeklasser", en="Classes of tickets")}
    HEADER, SCHEME = "Auth-Token", "{}"
    WORDS: ClassVar = {
        "status": {
            **{"new": "new", "escalated_tto": "new", "approved": "open", "assigned": "open"},
            **{"escalated_ttr": "open", "pending": "on_hold", "waiting_for_approval": "on_hold"},
            **{"resolved": "resolved", "rejected": "resolved", "closed": "closed"},
        },
        "priority": kit.numbers("urgent", "high", "normal", "low"),
        "kind": {
            **{"incident": "incident", "Incident": "incident"},
            **{"service_request": "request", "UserRequest": "request"},
        },
    }

    type: Literal["itop"]
    classes: tuple[Annotated[str, Field(pattern=r"^\w+$")], ...] = ("UserRequest", "Incident")


class Itop(kit.WindowedSystem[HttpClient]):
    """An iTop, whose operations are numbered but listed in no order."""

    options: ItopOptions

    def check(self, connection: HttpClient) -> str:
        """Return up to which number tickets are visible; also if the time zone is wrong."""
        if (newest := self.newest_event(connection, 0)) is not None:
            self.options.refuse_other_zone(connection, newest.at, only_ahead=True)
        _ask(connection, "User", "id = 0", "contactid")
        return super().check(connection)

    def events_in(self, connection: HttpClient, span: Span) -> Sequence[kit.Event]:
        ours = self._of("objclass", "Ticket")  # which a deletion names, instead of the class
        found = _ask(connection, "CMDBChangeOp", ours, "date,objkey", span)
        return kit.events(found, ticket="objkey", at="date", zone=self.options.zone)

    def tickets_in(self, connection: HttpClient, span: Span, since: date | None) -> Sequence[int]:
        changed = f" AND last_update >= '{since} 00:00:00'" if since else ""
        found = _ask(connection, "Ticket", self._of("finalclass") + changed, "finalclass", span)
        return [kit.required_integer(row, "id") for row in found]

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        return {required(row, "id") for row in self._listed(connection, ids)}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[kit.Fetched]:
        found: list[Row] = []
        for name in sorted({required(row, "class") for row in self._listed(connection, ids)}):
            fields = ",".join([*_COLUMNS.names(), "caller_id", *_OF_CLASS.get(name, ())])
            found += _ask(connection, name, f"id IN ({','.join(ids)})", fields)
        yield from self._translated(connection, found) if found else ()
        if missing := sorted({*ids} - {required(row, "id") for row in found}):
            where = f"objclass = 'Ticket' AND {self._of('fclass')}"
            where += f" AND objkey IN ({','.join(missing)})"
            ends = kit.by_id(_ask(connection, "CMDBChangeOpDelete", where, "objkey,date"), "objkey")
            for each in missing:
                at = kit.instant(ends.get(each, {}), "date", self.options.zone)
                gone = kit.Removed(each, kit.Status.DELETED, at)
                yield gone if each in ends else kit.NotVisible(each)

    def _listed(self, connection: HttpClient, ids: Sequence[str]) -> Rows:
        where = f"{self._of('finalclass')} AND id IN ({','.join(ids)})"
        return _ask(connection, "Ticket", where, "finalclass")

    def _translated(self, connection: HttpClient, found: Rows) -> Iterator[kit.Fetched]:
        """Yield what these rows are, with their history."""
        where = f"{self._of('objclass')} AND objkey IN ({_distinct(found, 'id')})"
        entries = [
            entry
            for name, fields in _OPERATIONS.items()
            for entry in _ask(connection, name, where, f"date,objkey,user_id{fields}")
        ]
        history = kit.grouped(entries, "objkey")
        people = f"contactid IN ({_distinct(found, 'caller_id')})"
        accounts = kit.grouped(_ask(connection, "User", people, "contactid"), "contactid")
        named = _ask(connection, "Team", "id > 0", "name")
        teams = {"0": None, **{required(row, "id"): text(row, "name") for row in named}}
        for row in found:
            number, caller = required(row, "id"), str(row.get("caller_id"))
            own = accounts[caller] if caller != "0" else ()  # else of all users without a contact
            outside = self.options.machines | {required(user, "id") for user in own}
            parts = (row, history[number], outside, teams, self.options)
            yield kit.translated(number, partial(raw_ticket, *parts))

    def _of(self, name: str, *more: str) -> str:
        return f"{name} IN ({','.join(repr(each) for each in (*self.options.classes, *more))})"


def raw_ticket(
    row: Row, entries: Rows, outside: Collection[str], teams: Teams, options: ItopOptions
) -> kit.RawTicket:
    """Return a ticket of its row and its operations.

    ``outside``: users who are its caller, or nobody. ``teams``: their names by id. Raises
    RejectedRow if it cannot be used.
    """
    number, name = required(row, "id"), required(row, "class")
    history = kit.History(outside, words={"team": teams})
    history.read(entries, _HISTORY, options.zone)
    kind = {"kind": text(row, "request_type") or name}
    link = f"{options.url}/pages/UI.php?operation=details&class={name}&id={number}"
    return _COLUMNS.ticket(row, history, link, options.zone, fields=kind)


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
    if (code := kit.integer(body, "code")) != 0:
        advice = "classes" if code == _INTERNAL else "the login and the profiles of its user"
        said = f"iTop refuses to tell of {name} (code {code}); check {advice}"
        raise kit.SourceError(said, permanent=code != _INTERNAL)
    objects = kit.nested(body, "objects")
    found = [kit.nested(objects, key) for key in objects]
    return [{**kit.nested(o, "fields"), "id": o.get("key"), "class": o.get("class")} for o in found]


def _distinct(rows: Rows, name: str) -> str:
    return ",".join(sorted({str(kit.integer(row, name) or 0) for row in rows}))
