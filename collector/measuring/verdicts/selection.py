"""Which tickets an indicator looks at, and what was known of them (DESIGN §6, rules 2 and 4–7)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from collector.config.rules import TicketFilter
from collector.measuring.verdicts.timeline import NEVER, Yardstick, known_at
from collector.model.columns import ABSENT, Fact, Int64, TicketProfile, TicketTable

Bool = NDArray[np.bool_]

ANSWERS = {"note": Fact.NOTE, "status": Fact.STATUS, "assigned": Fact.ASSIGNED}
"""What else than a reply may count as a first response, and the fact that tells when."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The tickets an indicator looks at: their rows, and the events as they were known at ``now``.

    ``counted_at`` is the instant by which a ticket counts in a period. All in epoch seconds, ABSENT
    where an event has not happened.
    """

    table: TicketTable
    now: int
    row: Int64
    opened_at: Int64
    first_response_at: Int64
    resolved_at: Int64
    closed_at: Int64
    counted_at: Int64

    @property
    def profile(self) -> NDArray[np.int32]:
        """The profile code of each selected ticket."""
        return self.table.profile[self.row]

    def of_profiles(self, decided: list[bool]) -> Bool:
        """What was decided per profile, for each selected ticket."""
        return np.array(decided, dtype=np.bool_)[self.profile]


def select(yardstick: Yardstick, table: TicketTable, now: int) -> Selection:
    """The tickets that ``records`` names, with effective first response and resolution.

    Their table is ``with_priorities``.
    """
    records = yardstick.records
    assert isinstance(records, TicketFilter)
    table = with_priorities(yardstick, table)
    matching = np.array([matches(records, p, yardstick) for p in table.profiles], dtype=np.bool_)
    row = np.flatnonzero(matching[table.profile])
    response = first_response(yardstick, table, now)[row]
    resolved = resolution(yardstick, table, now)[row]
    opened = table.opened_at[row]
    counted = {"opened": opened, "responded": response, "resolved": resolved}
    return Selection(
        table=table,
        now=now,
        row=row,
        opened_at=opened,
        first_response_at=response,
        resolved_at=resolved,
        closed_at=known_at(table.closed_at[row], now),
        counted_at=counted[yardstick.clock],
    )


def with_priorities(yardstick: Yardstick, table: TicketTable) -> TicketTable:
    """The table with each ticket's priority at what the rules take for its first response, where
    that is the one that decides (rule 4); while unanswered it is that of now.

    Like all texts it is that of today, whatever ``now``: also by an answer that lies ahead.
    """
    steps = table.facts.of(Fact.PRIORITY)
    if yardstick.rules.priority != "at_response" or not len(steps.row):
        return table
    answered_at = first_response(yardstick, table, NEVER)[steps.row]
    begins = np.diff(steps.row, prepend=-1) != 0
    # before the first step the first one holds: it is the priority at the opening
    steps = steps.where((answered_at != ABSENT) & (begins | (steps.start <= answered_at)))
    last = steps.where(np.diff(steps.row, append=-1) != 0)
    held, code = np.unique(
        np.stack([table.profile[last.row], last.end]), axis=1, return_inverse=True
    )
    profiles = list(table.profiles)
    for before, number in held.T.tolist():
        known = table.profiles[before]
        profiles.append(known._replace(priority=known.priorities[number]))
    profile = table.profile.copy()
    profile[last.row] = len(table.profiles) + code.ravel()
    return replace(table, profile=profile, profiles=profiles)


def first_response(yardstick: Yardstick, table: TicketTable, now: int) -> Int64:
    """When each ticket was answered, by what the rules take for an answer (rule 5).

    One solved on the phone was answered at its opening, whatever else may count, since solving it
    changes the status, too; unless somebody had written by then. A thank-you behind it is none.
    """
    rules = yardstick.rules
    written = known_at(table.first_response_at, now)
    response = np.full(len(table), ABSENT, dtype=np.int64)
    for answer in rules.answers:
        given = written if answer == "reply" else known_at(table.fact(ANSWERS[answer]), now)
        response = _earlier(response, given)
    if rules.phone_solved_within and len(table):
        solved = known_at(table.first_resolved_at, now)
        by_phone = np.array([p.solved_by_registrar for p in table.profiles], dtype=np.bool_)
        at_once = (solved - table.opened_at <= rules.phone_solved_within) & (solved != ABSENT)
        at_once &= by_phone[table.profile] & ((written == ABSENT) | (written > solved))
        response = np.where(at_once, table.opened_at, response)
    return response


def _earlier(a: Int64, b: Int64) -> Int64:
    """The earlier of two instants, where an absent one is none."""
    return np.where((a == ABSENT) | ((b != ABSENT) & (b < a)), b, a)


def resolution(yardstick: Yardstick, table: TicketTable, now: int) -> Int64:
    """When each ticket was resolved: by the first resolution, or the last one up to ``now``
    unless it was open again by then (rule 6)."""
    if yardstick.rules.resolution == "first":
        return known_at(table.first_resolved_at, now)
    resolved = known_at(table.resolved_at, now)
    gaps = table.facts.of(Fact.GAP)
    lasts = gaps.where((gaps.start <= now) & (now < gaps.end))
    resolved[lasts.row] = lasts.start
    return resolved


def matches(records: TicketFilter, profile: TicketProfile, yardstick: Yardstick) -> bool:
    """Whether a profile is one of ``records``; priority is that of the policy in force."""
    return (
        (records.source is None or profile.source in records.source)
        and (records.kind is None or profile.kind in records.kind)
        and (records.organization is None or profile.organization in records.organization)
        and (records.category is None or profile.category in records.category)
        and (records.team is None or profile.team in records.team)
        and (records.status is None or profile.status in records.status)
        and (records.priority is None or priority_in_force(profile, yardstick) in records.priority)
    )


def excluded_for(reason: str, profile: TicketProfile, yardstick: Yardstick) -> bool:
    """Whether rule 7 leaves a profile out for ``reason``: its mark, or a name under ``exclude``."""
    chosen_out = yardstick.exclude.get(reason)
    return profile.mark == reason or (
        profile.mark is None and chosen_out is not None and matches(chosen_out, profile, yardstick)
    )


def priority_in_force(profile: TicketProfile, yardstick: Yardstick) -> str | None:
    """The priority that decides the limit: at opening, at the first response, or the strictest.

    ``profile`` is one of ``with_priorities``.
    """
    held = profile.priorities
    match yardstick.rules.priority:
        case "at_open":
            return held[0] if held else None
        case "at_response":
            return profile.priority
        case _:
            order = {name: rank for rank, name in enumerate(yardstick.priorities)}
            return min(held, key=lambda p: order.get(p, len(order)), default=None)
