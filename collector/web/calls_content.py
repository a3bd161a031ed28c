"""The shapes of what the page of calls says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.model.codes import State
from collector.web.paging import Paging
from collector.web.waiting import QueueWaiting


@dataclass(frozen=True, slots=True)
class Within:
    """Of some calls those that an indicator counts: ``good`` of ``eligible`` within its limit."""

    indicator: str
    good: int
    eligible: int


@dataclass(frozen=True, slots=True)
class CallLimit:
    """An indicator of calls today. ``within``: its limit in seconds; ``value``: a share, None
    without calls. ``state`` is None for a part of the calls: a target is for all of them."""

    indicator: str
    title: str
    within: int
    target: str
    value: float | None
    text: str
    good: int
    eligible: int
    pending: int
    state: State | None


@dataclass(frozen=True, slots=True)
class QuarterHour:
    """The calls that came in a quarter hour from ``start``, in local time.

    ``known``: whether the telephone system was read after its end; without, the numbers are those
    so far, and None where nothing of it was read. ``answered`` and ``lost`` of the ``calls``, the
    mean wait of the answered ones in seconds, and the ``longest`` wait of any.
    """

    start: datetime
    known: bool
    calls: int | None
    answered: int | None
    lost: int | None
    within: list[Within]
    mean_wait: float | None
    longest: int | None


@dataclass(frozen=True, slots=True)
class LostCall:
    """A caller who was not answered. ``waited``: seconds, None if that is not recorded."""

    at: datetime
    queue: str
    outcome: str
    waited: int | None


@dataclass(frozen=True, slots=True)
class CallsContent:
    """Today's calls as of ``measured_at``; None before the first measurement.

    ``doubt``: why that cannot be relied on; with no_data nothing is known, and all numbers are
    None. ``known_until``: up to when the telephone system told what happened. ``calls`` are
    answered, lost, still in the queue (``open``), or ended ``otherwise``, as by a key or for a
    callback; ``refused`` callers were not let in and are none of them, None where none are
    recorded. ``mean_wait``: the average speed of answer in seconds, of the ``timed`` answered
    calls, those whose wait is known. ``lost_median`` and ``lost_longest``: the wait of lost callers
    in seconds. ``waiting``: by queue; None where it is not known who waits.
    """

    queue: str | None
    measured_at: datetime | None
    doubt: State | None
    known_until: datetime | None
    calls: int | None
    answered: int | None
    mean_wait: float | None
    timed: int | None
    lost: int | None
    open: int | None
    otherwise: int | None
    refused: int | None
    lost_median: float | None
    lost_longest: int | None
    limits: list[CallLimit]
    quarters: list[QuarterHour]
    lost_calls: list[LostCall]
    waiting: list[QueueWaiting] | None
    paging: Paging
