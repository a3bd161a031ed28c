"""Which tickets an indicator measures, and their events as known at an instant.

By the rules ``counted_by``, ``priority``, ``answers``, ``resolution`` and ``exclude``
(docs/indicators.md, "The rules").
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from collector.config.rules import TicketFilter
from collector.measuring.verdicts.needs import FILTERED
from collector.measuring.verdicts.timeline import NEVER, Yardstick, known_at
from collector.model.columns import ABSENT, Fact, Int64, TicketProfile, TicketTable

Bool = NDArray[np.bool_]

ANSWERS = {"note": Fact.NOTE, "status": Fact.STATUS, "assigned": Fact.ASSIGNED}
"""What may count as a first response besides a reply, and the fact that holds its instant."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The tickets that an indicator measures: their rows in ``table``, and their events as known at
    ``now``.

    ``counted_at`` is the instant that decides the period in which a ticket counts. All instants
    are epoch seconds, ABSENT where an event has not happened.
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
        """Spread a decision per profile of the table to a boolean per selected ticket."""
        return np.array(decided, dtype=np.bool_)[self.profile]


def select(yardstick: Yardstick, table: TicketTable, now: int) -> Selection:
    """Select the tickets that the indicator's ``records`` filter passes, as known at ``now`` (epoch
    seconds), with first response and resolution as the rules have them.

    Tickets of which their source does not record what the filter looks at are among them, to be
    excluded and counted. The selection's table is that of ``with_priorities``.
    """
    records = yardstick.records
    assert isinstance(records, TicketFilter)
    table = with_priorities(yardstick, table)
    matching = np.array([may_match(records, p, yardstick) for p in table.profiles], dtype=np.bool_)
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
    """Return the table with each ticket's priority set to the one at its first response.

    Only where the rules say ``priority: at_response``; otherwise the table itself. A ticket without
    a first response keeps its present priority. Like all texts the priority does not depend on
    ``now``: a first response that lies ahead decides it, too.
    """
    steps = table.facts.of(Fact.PRIORITY)
    if yardstick.rules.priority != "at_response" or not len(steps.row):
        return table
    answered_at = first_response(yardstick, table, NEVER)[steps.row]
    begins = np.diff(steps.row, prepend=-1) != 0
    # a ticket answered before its first step takes that step: it is the priority at the opening
    steps = steps.where((answered_at != ABSENT) & (begins | (steps.start <= answered_at)))
    last = steps.where(np.diff(steps.row, append=-1) != 0)
    held, code = np.unique(
        np.stack([table.profile[last.row], last.end]), axis=1, return_inverse=True
    )
    profiles = list(table.profiles)
    for before, number in held.T.tolist():
        old_profile = table.profiles[before]
        profiles.append(old_profile._replace(priority=old_profile.priorities[number]))
    profile = table.profile.copy()
    profile[last.row] = len(table.profiles) + code.ravel()
    return replace(table, profile=profile, profiles=profiles)


def first_response(yardstick: Yardstick, table: TicketTable, now: int) -> Int64:
    """Return when each ticket got its first response by the rules, in epoch seconds; ABSENT where
    there was none at ``now``.

    A ticket solved by its registrar within ``phone_solved_within`` was answered at its opening,
    whatever ``answers`` says: solving it changes the status, too. A written reply before the
    solution counts instead; one after it, such as a thank-you, changes nothing.
    """
    rules = yardstick.rules
    written = known_at(table.first_response_at, now)
    response = np.full(len(table), ABSENT, dtype=np.int64)
    for answer in rules.answers:
        instant = written if answer == "reply" else known_at(table.fact(ANSWERS[answer]), now)
        response = _earlier(response, instant)
    if rules.phone_solved_within and len(table):
        solved = known_at(table.first_resolved_at, now)
        by_phone = np.array([p.solved_by_registrar for p in table.profiles], dtype=np.bool_)
        at_once = (solved - table.opened_at <= rules.phone_solved_within) & (solved != ABSENT)
        at_once &= by_phone[table.profile] & ((written == ABSENT) | (written > solved))
        response = np.where(at_once, table.opened_at, response)
    early = (response != ABSENT) & (response < table.opened_at)
    return np.where(early & _registered_later(yardstick, table), table.opened_at, response)


def _registered_later(yardstick: Yardstick, table: TicketTable) -> Bool:
    """Which tickets may have been registered after the conversation that answered them, by the rule
    ``before_opening``."""
    match yardstick.rules.before_opening:
        case "exclude":
            later = [False] * len(table.profiles)
        case "zero":
            later = [True] * len(table.profiles)
        case _:
            later = [p.source in yardstick.registers_later for p in table.profiles]
    return np.array(later, dtype=np.bool_)[table.profile]


def _earlier(a: Int64, b: Int64) -> Int64:
    """The earlier of two instants; where one is ABSENT, the other."""
    return np.where((a == ABSENT) | ((b != ABSENT) & (b < a)), b, a)


def resolution(yardstick: Yardstick, table: TicketTable, now: int) -> Int64:
    """Return when each ticket was resolved (epoch seconds); ABSENT where it was not at ``now``.

    That is the first resolution or, by default, the last one up to ``now``, unless the ticket had
    been reopened by then.
    """
    if yardstick.rules.resolution == "first":
        return known_at(table.first_resolved_at, now)
    resolved = known_at(table.resolved_at, now)
    gaps = table.facts.of(Fact.GAP)
    reopened_later = gaps.where((gaps.start <= now) & (now < gaps.end))
    resolved[reopened_later.row] = reopened_later.start
    return resolved


def may_match(records: TicketFilter, profile: TicketProfile, yardstick: Yardstick) -> bool:
    """Return whether a ticket profile passes the filter as far as its fields are recorded."""
    silent = [field for field, fact in FILTERED.items() if fact in profile.unrecorded]
    known = records.model_copy(update=dict.fromkeys(silent)) if silent else records
    return matches(known, profile, yardstick)


def matches(records: TicketFilter, profile: TicketProfile, yardstick: Yardstick) -> bool:
    """Return whether a ticket profile passes the filter, with the priority that the rules say.

    ``profile`` comes from a table ``with_priorities``.
    """
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
    """Return whether a profile is excluded for ``reason``: a mark such as
    ``merged``, or the name of a filter under ``exclude``. A mark goes before the filters.
    """
    exclusion = yardstick.exclude.get(reason)
    return profile.mark == reason or (
        profile.mark is None and exclusion is not None and matches(exclusion, profile, yardstick)
    )


def priority_in_force(profile: TicketProfile, yardstick: Yardstick) -> str | None:
    """Return the priority by which filters choose the ticket's limit: that at
    opening, at the first response, or the strictest it ever had. None where none is known.

    ``profile`` comes from a table ``with_priorities``.
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
