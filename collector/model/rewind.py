"""Tickets as they were known at an earlier instant, from the history of their changes.

Most fields need no history: an event that happened later is recognized by its instant. But a
reopened ticket keeps only its first and last resolution and its last closing, and its text values
are today's; those are reconstructed here.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from collector.model.columns import ABSENT, Fact, Facts, TicketProfile, TicketTable
from collector.model.history import distinct_values, intervals, value_at
from collector.model.records import MARKS, OUT_OF_WORK, Change, Status

_CLOSED = frozenset({Status.CLOSED})


def rewind_tickets(
    table: TicketTable, histories: Mapping[int, Sequence[Change]], known_at: int
) -> TicketTable:
    """Return the table with text values, last resolution and closing as of ``known_at``.

    ``known_at`` is in epoch seconds. ``histories``: the complete changes by the ticket's key, at
    least for every ticket that changed after ``known_at``; a ticket without later changes stays as
    it is today, even if its history is out of date. Other instants are not touched, since later
    ones are recognizable. Texts without history (organization, category) stay, and so does the mark
    of a ticket that was merged or deleted at an unknown time. The source's own verdicts on later
    responses or resolutions are removed. Pure.
    """
    if not histories:
        return table
    codes: dict[TicketProfile, int] = {p: code for code, p in enumerate(table.profiles)}
    profile = table.profile.copy()
    resolved, closed = table.resolved_at.copy(), table.closed_at.copy()
    for row, key in enumerate(table.key.tolist()):
        history = histories.get(key, ())
        if not any(change.at > known_at for change in history):
            continue
        before = profile_at(table.profiles[profile[row]], history, known_at)
        if table.first_resolved_at[row] > known_at:
            before = before._replace(solved_by_registrar=False)
        profile[row] = codes.setdefault(before, len(codes))
        for column, wanted in ((resolved, OUT_OF_WORK), (closed, _CLOSED)):
            now_at = int(column[row])
            if now_at == ABSENT or now_at > known_at:
                since = _since(history, wanted, known_at)
                column[row] = now_at if since is None else since
    return replace(
        table,
        profile=profile,
        profiles=list(codes),
        resolved_at=resolved,
        closed_at=closed,
        facts=_known_facts(table, known_at),
    )


def _since(history: Sequence[Change], wanted: Container[str], known_at: int) -> int | None:
    """Return since when the status had been one of ``wanted`` at ``known_at``.

    None if it was not, or if it has not left ``wanted`` since.
    """
    for start, end in intervals(history, "status", wanted):
        if end is not None and start <= known_at < end:
            return start
    return None


def _known_facts(table: TicketTable, known_at: int) -> Facts:
    """Return the facts without the priorities and own verdicts that came later."""
    facts = table.facts
    later = (facts.kind == Fact.PRIORITY) & (facts.start > known_at)
    for kind in (Fact.OWN_RESPONSE_MET, Fact.OWN_RESOLUTION_MET):
        unknown = table.own_verdict(kind, known_at) == ABSENT
        later |= (facts.kind == kind) & unknown[facts.row]
    return facts.where(~later)


def profile_at(profile: TicketProfile, history: Sequence[Change], known_at: int) -> TicketProfile:
    """Return the text values of a ticket at ``known_at`` (epoch seconds)."""
    known = [change for change in history if change.at <= known_at]
    later = [change for change in history if change.at > known_at]

    def then(field: str, now: str | None) -> str | None:
        return value_at(history, field, known_at) or now

    still = profile.mark is None or any(
        change.field == "status" and change.value == profile.mark for change in later
    )
    status = then("status", profile.status) if still else profile.status
    return profile._replace(
        kind=then("kind", profile.kind),
        status=status,
        team=then("team", profile.team),
        mark=profile.mark if not still else status if status in MARKS else None,
        priorities=distinct_values(known, "priority") or profile.priorities[:1],
        priority=then("priority", profile.priority),
        teams=distinct_values(known, "team") or profile.teams[:1],
    )
