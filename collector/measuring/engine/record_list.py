"""The records behind a figure as a list: chosen, sorted, and explained a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import Explanation, explained
from collector.measuring.engine.spans import chunks
from collector.measuring.engine.splitting import Value, of_organization, values_of
from collector.measuring.judge import Judged
from collector.measuring.verdicts.timeline import Timeline, Verdict
from collector.model.columns import ABSENT, CallTable, Int64, TicketTable
from collector.model.periods import Period

Order = Literal["counted", "time", "verdict", "organization"]
ORDERS: tuple[Order, ...] = get_args(Order)
"""What records can be sorted by: when they count, the time they took, their verdict (missed first),
or their organization."""

_RANKS = {Verdict.MISSED: 0, Verdict.PENDING: 1, Verdict.MET: 2, Verdict.EXCLUDED: 3}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: of an ``organization``, with a ``verdict``, and with these values of the
    fields of ``splitting.FIELDS``. None or nothing for all."""

    organization: str | None = None
    verdict: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordList:
    """The chosen records of a period, sorted: ``places`` in the verdicts on a table."""

    measuring: Measuring
    timeline: Timeline
    table: TicketTable | CallTable
    judged: Judged
    places: Int64
    now: int

    def part(self, start: int, stop: int) -> list[Explanation]:
        """Explain the records at the positions ``[start, stop)`` of the list. Raises StoreError."""
        own = self.places[start:stop]
        found = self.judged.verdicts
        order = np.lexsort((found.row[own], found.counted_at[own]))
        explanations = explained(
            self.measuring, self.timeline, self.table, self.judged, own, self.now
        )
        by_place = dict(zip(own[order].tolist(), explanations, strict=True))
        return [by_place[place] for place in own.tolist()]


def record_list(
    measuring: Measuring,
    timeline: Timeline,
    period: Period,
    now: int,
    wanted: Wanted,
    order: Order = "counted",
    *,
    falling: bool = False,
) -> RecordList:
    """Return the records behind an indicator's figure of a period as known at ``now`` (epoch
    seconds). It reads the whole period at once. Raises StoreError if the store cannot be read."""
    start, end = measuring.instants(period)
    table = measuring.table(timeline.clock, (start, end))
    judged = measuring.judge(timeline, table, now)
    found = judged.verdicts
    chosen = (start <= found.counted_at) & (found.counted_at < end)
    chosen &= found.verdict != Verdict.LATER
    if wanted.verdict is not None:
        chosen &= found.verdict == Verdict[wanted.verdict.upper()]
    if wanted.organization is not None:
        chosen &= of_organization(table, wanted.organization)[found.row]
    for by, value in wanted.values.items():
        values, place = values_of(measuring, timeline, table, found, now, by)
        chosen &= place == values.index(value) if value in values else np.False_
    places = np.flatnonzero(chosen)
    keys = _sort_keys(table, judged, places, order)
    order_of = np.lexsort((found.row[places], found.counted_at[places], -keys if falling else keys))
    return RecordList(measuring, timeline, table, judged, places[order_of], now)


def _sort_keys(
    table: TicketTable | CallTable, judged: Judged, places: Int64, order: Order
) -> Int64:
    """What the records are sorted by; equal ones stay in the order in which they count."""
    found = judged.verdicts
    match order:
        case "counted":
            return found.counted_at[places]
        case "time":
            seconds = found.seconds[places]
            return np.where(seconds == ABSENT, -1, seconds)
        case "verdict":
            ranks = np.array([_RANKS.get(each, 4) for each in Verdict], dtype=np.int64)
            return ranks[found.verdict[places]]
        case "organization":
            names = sorted({each.organization or "" for each in table.profiles})
            rank = {name: place for place, name in enumerate(names)}
            own = [rank[each.organization or ""] for each in table.profiles]
            return np.array(own, dtype=np.int64)[table.profile[found.row[places]]]


def every_record(
    measuring: Measuring, timeline: Timeline, period: Period, now: int, wanted: Wanted
) -> Iterator[Explanation]:
    """Yield the chosen records of a period of any length, in the order in which they count. It
    reads a month at a time, and keeps no more. Raises StoreError, also in the midst of it."""
    for first, after in chunks(period.first, period.after):
        part = Period(period.name, first, after, after)
        found = record_list(measuring, timeline, part, now, wanted)
        for start in range(0, len(found.places), _AT_ONCE):
            yield from found.part(start, start + _AT_ONCE)


_AT_ONCE = 1000


def one_record(
    measuring: Measuring,
    timeline: Timeline,
    source: str,
    id: str,  # noqa: A002 - the record's own word
    now: int,
) -> Explanation | None:
    """Explain one record by its source and id, whatever period it counts in; None if the store does
    not have it or the indicator does not measure it. Raises StoreError."""
    records = measuring.store.records
    kind: Literal["opened", "entered"] = "entered" if timeline.clock == "entered" else "opened"
    known = records.begun(kind, source, id)
    if known is None or not timeline.clock:
        return None
    key, begun = known
    table: TicketTable | CallTable
    if kind == "entered":
        table = records.calls((begun, begun + 1))
    else:
        table = records.tickets("opened", (begun, begun + 1))
    judged = measuring.judge(timeline, table, now)
    own = np.flatnonzero(table.key[judged.verdicts.row] == key)
    return next(explained(measuring, timeline, table, judged, own, now), None)
