"""Which records of past months can be purged: those of which nothing is to be expected any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from collector.measuring.engine.engine import Measuring
from collector.measuring.judge import Judged
from collector.measuring.verdicts.timeline import NEVER, Timeline
from collector.model.columns import ABSENT, CallTable, Int64, TicketTable
from collector.model.records import CallOutcome

EVENTS = {
    "tickets": ("opened_at", "first_response_at", "first_resolved_at", "resolved_at"),
    "calls": ("entered_at",),
}
"""The columns by which records begin, and by which they can count, in any definition."""
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Part:
    """Records that go, as ``rows`` of a table, and what is known of them as of the purge's date."""

    table: TicketTable | CallTable
    rows: Bool
    judged: list[tuple[Timeline, Judged]]


def part_of(measuring: Measuring, clock: str, span: tuple[date, date], before: date) -> Part:
    """The records that began on some dates and go, judged as of the date ``before``."""
    first, after = (measuring.local.midnight(day) for day in span)
    end = measuring.local.midnight(before)
    records = measuring.store.records
    table: TicketTable | CallTable
    if clock == "entered":
        table = records.calls((first, after))
        timelines = [each for each in measuring.timelines if each.clock == "entered"]
        rows = _ended(table)
    else:
        table = records.tickets("opened", (first, after))
        timelines = [each for each in measuring.timelines if each.clock not in {"", "entered"}]
        rows = _settled(table, end)
        changed = list(records.changed_since(table.key[rows], end - 1))
        rows &= ~np.isin(table.key, changed)
    judged = [(each, measuring.judge(each, table, end)) for each in timelines]
    for _, (verdicts, _) in judged:
        rows[verdicts.row[verdicts.wakes_at != NEVER]] = False
    if isinstance(table, CallTable):
        rows &= ~np.isin(table.call, table.call[~rows & (table.call != ABSENT)])
    return Part(table, rows, judged)


def _settled(table: TicketTable, end: int) -> Bool:
    """Which tickets are not open, with nothing known from ``end`` (epoch seconds) on."""
    marked = np.array([each.mark is not None for each in table.profiles], dtype=np.bool_)
    ended = (table.resolved_at != ABSENT) | (table.closed_at != ABSENT)
    ended |= marked[table.profile] if marked.size else False
    instants = [table.opened_at, table.first_response_at, table.first_resolved_at]
    latest = np.maximum.reduce([*instants, table.resolved_at, table.closed_at])
    for column in (table.facts.start, table.facts.end):
        np.maximum.at(latest, table.facts.row, column)
    return np.asarray(ended & (latest < end), dtype=np.bool_)


def _ended(table: CallTable) -> Bool:
    ended = np.array([p.outcome != CallOutcome.OPEN for p in table.profiles], dtype=np.bool_)
    return ended[table.profile] if ended.size else np.zeros(0, dtype=np.bool_)


def by_source(part: Part) -> Iterator[tuple[str, Int64]]:
    sources = sorted({each.source for each in part.table.profiles})
    rank = {name: n for n, name in enumerate(sources)}
    own = np.array([rank[each.source] for each in part.table.profiles], dtype=np.int64)
    for name in sources:
        rows = np.flatnonzero(part.rows & (own[part.table.profile] == rank[name]))
        if rows.size:
            yield name, rows
