"""Records as columns: the tables that the store passes to ``measuring``.

All arrays of a table have the same length, and row i of each belongs to the same record. Instants
are int64 epoch seconds UTC, durations int64 seconds, and missing values are ``ABSENT``.

A *profile* is one combination of the text values of a record. Many records share few profiles, so
a rule about texts is evaluated once per profile and looked up by the profile's index; only
arithmetic runs per row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

ABSENT = int(np.iinfo(np.int64).min)
"""Marks a missing value in an int64 column."""


class TicketProfile(NamedTuple):
    """The text values of a ticket.

    ``priorities`` and ``teams`` list every value the ticket has had, in the order in which each
    first occurred, so the first one is the value at opening. ``priority`` and ``team`` are the
    current values. ``unrecorded``: in alphabetical order, see
    :class:`~collector.model.records.Ticket`.
    """

    source: str
    kind: str | None
    organization: str | None
    category: str | None
    status: str | None
    team: str | None
    mark: str | None
    priorities: tuple[str, ...]
    priority: str | None
    teams: tuple[str, ...]
    solved_by_registrar: bool
    unrecorded: tuple[str, ...]


class CallProfile(NamedTuple):
    """The text values of a call."""

    source: str
    queue: str
    organization: str | None
    outcome: str


class Fact(IntEnum):
    """Facts that only some tickets have. The numbers are stored, so they must never change.

    HOLD and GAP are intervals: on hold, and out of work until the ticket was reopened. PRIORITY is
    recorded for tickets that had several priorities: ``start`` is the instant of the change and
    ``end`` the index into the profile's ``priorities``, ascending in time within a ticket. All
    other kinds carry one number in ``start``: an instant, or 1 or 0 for the kinds ending in MET.
    See :class:`~collector.model.records.Ticket`.
    """

    HOLD = 1
    GAP = 2
    NOTE = 3
    STATUS = 4
    ASSIGNED = 5
    OWN_RESPONSE = 6
    OWN_RESPONSE_DUE = 7
    OWN_RESPONSE_MET = 8
    OWN_RESOLUTION_DUE = 9
    OWN_RESOLUTION_MET = 10
    PRIORITY = 11


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of tickets: four int64 arrays of the same length.

    ``kind`` is a :class:`Fact`. Intervals are ``[start, end)``, with ``end`` ABSENT while they
    last; a fact with a single number has it in both. ``row`` is the ticket's position in the table
    and ascends.
    """

    row: Int64
    kind: Int64
    start: Int64
    end: Int64

    def of(self, *kinds: Fact) -> Facts:
        """Return the facts of these kinds."""
        chosen = np.zeros(len(self.kind), dtype=np.bool_)
        for kind in kinds:
            chosen |= self.kind == kind
        return self.where(chosen)

    def where(self, chosen: NDArray[np.bool_]) -> Facts:
        """Return the facts for which the mask ``chosen`` is true."""
        return Facts(self.row[chosen], self.kind[chosen], self.start[chosen], self.end[chosen])


@dataclass(frozen=True, slots=True)
class TicketTable:
    """Tickets as columns.

    ``key`` is the store's row number and ``profile`` an index into ``profiles``; the instants are
    epoch seconds or ABSENT.
    """

    key: Int64
    opened_at: Int64
    first_response_at: Int64
    first_resolved_at: Int64
    resolved_at: Int64
    closed_at: Int64
    profile: NDArray[np.int32]
    profiles: list[TicketProfile]
    facts: Facts

    def __len__(self) -> int:
        return len(self.key)

    def fact(self, kind: Fact) -> Int64:
        """Return the value of a single-number fact for each ticket, ABSENT where it is missing."""
        found = np.full(len(self), ABSENT, dtype=np.int64)
        own = self.facts.of(kind)
        found[own.row] = own.start
        return found

    def own_verdict(self, kind: Fact, now: int) -> Int64:
        """Return the source's own verdict as known at ``now`` (epoch seconds): 1, 0 or ABSENT.

        ``kind`` is OWN_RESPONSE_MET or OWN_RESOLUTION_MET. A verdict on the response dates from
        the source's own first response, or else from ours, or else from the last resolution; a
        verdict on the resolution dates from the last resolution. One that can be dated by none of
        these is always shown.
        """
        about = self.resolved_at
        if kind is Fact.OWN_RESPONSE_MET:
            for answered in (self.first_response_at, self.fact(Fact.OWN_RESPONSE)):
                about = np.where(answered == ABSENT, about, answered)
        return np.where(about > now, ABSENT, self.fact(kind))

    def take(self, rows: Int64) -> TicketTable:
        """Return the tickets at these positions, which must ascend."""
        position = np.full(len(self), -1, dtype=np.int64)
        position[rows] = np.arange(len(rows))
        facts = self.facts.where(position[self.facts.row] >= 0)
        return TicketTable(
            self.key[rows],
            self.opened_at[rows],
            self.first_response_at[rows],
            self.first_resolved_at[rows],
            self.resolved_at[rows],
            self.closed_at[rows],
            self.profile[rows],
            self.profiles,
            replace(facts, row=position[facts.row]),
        )


@dataclass(frozen=True, slots=True)
class CallTable:
    """Calls as columns.

    ``key`` is the store's row number and ``profile`` an index into ``profiles``; instants are epoch
    seconds and the wait is in seconds, either may be ABSENT. ``call``: the same number for all
    stays of one call; ABSENT where the source does not tell.
    """

    key: Int64
    entered_at: Int64
    answered_at: Int64
    left_at: Int64
    wait_seconds: Int64
    call: Int64
    profile: NDArray[np.int32]
    profiles: list[CallProfile]

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: Int64) -> CallTable:
        """Return the calls at these positions."""
        return CallTable(
            self.key[rows],
            self.entered_at[rows],
            self.answered_at[rows],
            self.left_at[rows],
            self.wait_seconds[rows],
            self.call[rows],
            self.profile[rows],
            self.profiles,
        )
