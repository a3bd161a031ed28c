"""Records as columns: what the store hands to the measuring.

Arrays of one table have one length; row i of each belongs to the same record. Instants are int64
epoch seconds, durations int64 seconds, and ``ABSENT`` stands for what is not there.

A *profile* is one combination of the texts of a record. Many records share few profiles, so a
rule over texts is decided once per profile and taken by code, and only arithmetic runs per row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

ABSENT = int(np.iinfo(np.int64).min)


class TicketProfile(NamedTuple):
    """The texts of a ticket.

    ``priorities`` and ``teams`` list every value the ticket ever had, in the order it first had
    them: the first is the one at opening. ``priority_at_response`` is, while unanswered, the one
    in force now.
    """

    source: str
    kind: str | None
    organization: str | None
    category: str | None
    status: str | None
    team: str | None
    mark: str | None
    priorities: tuple[str, ...]
    priority_at_response: str | None
    teams: tuple[str, ...]
    solved_by_registrar: bool


class CallProfile(NamedTuple):
    """The texts of a call."""

    source: str
    queue: str
    organization: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Holds:
    """Intervals ``[start, end)`` in which tickets were on hold; ``end`` ABSENT: still on hold.

    ``row`` indexes the table's arrays and ascends.
    """

    row: Int64
    start: Int64
    end: Int64


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
    holds: Holds

    def __len__(self) -> int:
        return len(self.key)


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
