"""Tickets as they were: their texts at an instant that lies back, from the history of changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from collector.history import value_at, values
from collector.records import Change
from collector.store.profiles import CHUNK
from collector.store.schema import changes
from collector.tables import ABSENT, TicketProfile, TicketTable

TRACKED = ("status", "priority", "team", "kind")


def rewound(connection: Connection, table: TicketTable, known_at: int) -> TicketTable:
    """The table with the texts that were in force at ``known_at`` (epoch seconds).

    Instants stay as they are: later ones are told apart by themselves. Texts without history
    (organization, category) stay, and so does what was merged or deleted at an unknown time.
    """
    histories = _changed_since(connection, table.key.tolist(), known_at)
    if not histories:
        return table
    codes: dict[TicketProfile, int] = {p: code for code, p in enumerate(table.profiles)}
    profile = table.profile.copy()
    place = {key: row for row, key in enumerate(table.key.tolist())}
    for key, history in histories.items():
        row = place[key]
        answered = int(table.first_response_at[row])
        before = profile_at(table.profiles[profile[row]], history, answered, known_at)
        profile[row] = codes.setdefault(before, len(codes))
    return replace(table, profile=profile, profiles=list(codes))


def _changed_since(
    connection: Connection, keys: Sequence[int], known_at: int
) -> dict[int, list[Change]]:
    """The whole history of those tickets that something happened to after ``known_at``."""
    found: dict[int, list[Change]] = {}
    for start in range(0, len(keys), CHUNK):
        own = changes.c.ticket.in_(keys[start : start + CHUNK])
        tracked = changes.c.field.in_(TRACKED)
        later = select(changes.c.ticket).where(own, changes.c.at > known_at, tracked).distinct()
        touched = [row.ticket for row in connection.execute(later)]
        if touched:
            query = select(changes).where(changes.c.ticket.in_(touched), tracked)
            for row in connection.execute(query.order_by(changes.c.ticket, changes.c.seq)):
                found.setdefault(row.ticket, []).append(Change(row.at, row.field, row.value))
    return found


def profile_at(
    profile: TicketProfile, history: Sequence[Change], answered_at: int, known_at: int
) -> TicketProfile:
    """The texts of a ticket at ``known_at``; ``answered_at`` is its first response or ABSENT."""
    known = [change for change in history if change.at <= known_at]
    later = [change for change in history if change.at > known_at]

    def then(field: str, now: str | None) -> str | None:
        return value_at(history, field, known_at) or now

    still = profile.mark is None or any(
        change.field == "status" and change.value == profile.mark for change in later
    )
    at_response = known_at if answered_at == ABSENT else min(answered_at, known_at)
    priority = value_at(history, "priority", at_response)
    return profile._replace(
        kind=then("kind", profile.kind),
        status=then("status", profile.status) if still else profile.status,
        team=then("team", profile.team),
        mark=None if still else profile.mark,
        priorities=values(known, "priority") or profile.priorities[:1],
        priority_at_response=priority or profile.priority_at_response,
        teams=values(known, "team") or profile.teams[:1],
    )
