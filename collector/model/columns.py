"""Records as columns: what the store hands to the measuring.

Arrays of one table have one length; row i of each belongs to the same record. Instants are int64
epoch seconds, durations int64 seconds, and ``ABSENT`` stands for what is not there.

A *profile* is one combination of the texts of a record. Many records share few profiles, so a
rule over texts is decided once per profile and taken by code, and only arithmetic runs per row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

ABSENT = int(np.iinfo(np.int64).min)


class TicketProfile(NamedTuple):
    """The texts of a ticket.

    ``priorities`` and ``teams`` list every value the ticket ever had, in the order it first had
    them: the first is the one at opening. ``priority`` and ``team`` are those of now.
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


class CallProfile(NamedTuple):
    """The texts of a call."""

    source: str
    queue: str
    organization: str | None
    outcome: str


class Fact(IntEnum):
    """What only some tickets have. The numbers are stored: none ever changes its meaning.

    HOLD and GAP are intervals: on hold; out of work, until the ticket was reopened. PRIORITY, of
    a ticket that had several: since when, and as ``end`` which of its profile's priorities (from
    0 on); those of one ticket ascend. The others begin with what they say: an instant, or for MET
    1 and 0. See :class:`~collector.model.records.Ticket`.
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
    """Facts of tickets, each with its kind (:class:`Fact`), ``start`` and ``end``.

    Intervals are ``[start, end)``; ``end`` ABSENT: it still lasts. What says one number has it
    twice. ``row`` indexes the table's arrays and ascends.
    """

    row: Int64
    kind: Int64
    start: Int64
    end: Int64

    def of(self, *kinds: Fact) -> Facts:
        """The facts of these kinds."""
        return self.where(np.isin(self.kind, kinds))

    def of_row(self, row: int) -> Facts:
        """The facts of one ticket."""
        own = slice(*np.searchsorted(self.row, [row, row + 1]))
        return Facts(self.row[own], self.kind[own], self.start[own], self.end[own])

    def where(self, chosen: NDArray[np.bool_]) -> Facts:
        """The chosen ones."""
        return Facts(self.row[chosen], self.kind[chosen], self.start[chosen], self.end[chosen])


@dataclass(frozen=True, slots=True)
class TicketTable:
    """Tickets as columns; ``key`` is the store's row number."""

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
        """What a fact that is no interval says of each ticket; ABSENT where it is not there."""
        found = np.full(len(self), ABSENT, dtype=np.int64)
        own = self.facts.of(kind)
        found[own.row] = own.start
        return found

    def own_verdict(self, kind: Fact, now: int) -> Int64:
        """What the source's own verdict (a MET) says, as one knew it at ``now``: 1, 0 or ABSENT.

        It is about the source's first response, else ours, else the last resolution; or about
        that resolution alone. Of a verdict about nothing that is told the instant is unknown.
        """
        about = self.resolved_at
        if kind is Fact.OWN_RESPONSE_MET:
            for answered in (self.first_response_at, self.fact(Fact.OWN_RESPONSE)):
                about = np.where(answered == ABSENT, about, answered)
        return np.where(about > now, ABSENT, self.fact(kind))

    def take(self, rows: Int64) -> TicketTable:
        """The tickets at these positions, which ascend."""
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
    """Calls as columns; ``key`` is the store's row number."""

    key: Int64
    entered_at: Int64
    answered_at: Int64
    left_at: Int64
    wait_seconds: Int64
    profile: NDArray[np.int32]
    profiles: list[CallProfile]

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: Int64) -> CallTable:
        """The calls at these positions."""
        return CallTable(
            self.key[rows],
            self.entered_at[rows],
            self.answered_at[rows],
            self.left_at[rows],
            self.wait_seconds[rows],
            self.profile[rows],
            self.profiles,
        )
