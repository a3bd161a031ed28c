"""Tickets as they were: their texts at an instant that lies back, from the history of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from collector.history import value_at, values
from collector.records import Change
from collector.tables import ABSENT, TicketProfile, TicketTable


def rewound(
    table: TicketTable, histories: Mapping[int, Sequence[Change]], known_at: int
) -> TicketTable:
    """The table with the texts that were in force at ``known_at`` (epoch seconds).

    ``histories``: the whole history of at least those tickets, by key, that changed since; where
    nothing changed since, the texts are those of today, also where a history is behind. Instants
    stay as they are: later ones are told apart by themselves. Texts without history (organization,
    category) stay, and so does what was merged or deleted at an unknown time. Pure.
    """
    if not histories:
        return table
    codes: dict[TicketProfile, int] = {p: code for code, p in enumerate(table.profiles)}
    profile = table.profile.copy()
    for row, key in enumerate(table.key.tolist()):
        history = histories.get(key, ())
        if any(change.at > known_at for change in history):
            answered = int(table.first_response_at[row])
            before = profile_at(table.profiles[profile[row]], history, answered, known_at)
            profile[row] = codes.setdefault(before, len(codes))
    return replace(table, profile=profile, profiles=list(codes))


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
