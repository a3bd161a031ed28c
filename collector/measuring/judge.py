"""Records → verdicts, each by the version of its indicator in force on the date it counts on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from collector.business_time.zone import LocalDays
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.crosscheck import CrossCheck
from collector.measuring.verdicts.selection import select
from collector.measuring.verdicts.timeline import Timeline, Verdicts, Yardstick
from collector.model.columns import ABSENT, CallTable, Int64, TicketTable


class Judged(NamedTuple):
    """Verdicts, and how they compare to the source's own; None where no source says anything."""

    found: Verdicts
    checks: CrossCheck | None

    def take(self, chosen: Int64) -> Judged:
        """Those at the chosen positions."""
        checks = self.checks and CrossCheck(*(each[chosen] for each in self.checks))
        return Judged(self.found.take(chosen), checks)


def judge(timeline: Timeline, table: TicketTable | CallTable, now: int, local: LocalDays) -> Judged:
    """The verdicts of an indicator on a table, in the order of its rows.

    ``local``: the reporting zone, in which a record has its date. A record that does not count yet
    is measured by the version of today. Pure.
    """
    if len(timeline.versions) == 1:
        return _measured(timeline.versions[0], table, now)
    parts: list[Judged] = []
    for place in _in_question(timeline, table, now, local):
        judged = _measured(timeline.versions[place], table, now)
        places = _places(timeline, judged.found.counted_at, now, local)
        parts.append(judged.take(np.flatnonzero(places == place)))
    order = np.argsort(np.concatenate([part.found.row for part in parts]), kind="stable")
    columns = zip(*(part.found.columns() for part in parts), strict=True)
    found = Verdicts(*(np.concatenate(column)[order] for column in columns))
    # a source says something of the table or not: all parts have checks, or none
    if not (checks := [part.checks for part in parts if part.checks is not None]):
        return Judged(found, None)
    told = zip(*checks, strict=True)
    return Judged(found, CrossCheck(*(np.concatenate(column)[order] for column in told)))


def deadlines_ahead(
    timeline: Timeline, table: TicketTable, now: int, local: LocalDays
) -> Iterator[tuple[Int64, Int64]]:
    """Rows of open tickets whose clock runs, and the deadline of each; see ``Kind.deadlines``.

    Nothing of a kind that has no deadlines.
    """
    kind = kind_of(timeline.versions[0].indicator)
    if not kind.has_deadlines:
        return
    for place in _in_question(timeline, table, now, local):
        yardstick = timeline.versions[place]
        chosen = select(yardstick, table, now)
        places = _places(timeline, chosen.counted_at, now, local)
        rows = chosen.row[places == place]
        row, due = kind.deadlines(yardstick, table.take(rows), now)
        yield rows[row], due


def _measured(yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Judged:
    kind = kind_of(yardstick.indicator)
    found = kind.measure(yardstick, table, now)
    if isinstance(table, CallTable):
        return Judged(found, None)
    return Judged(found, kind.cross_check(yardstick, table, found, now))


def _in_question(
    timeline: Timeline, table: TicketTable | CallTable, now: int, local: LocalDays
) -> range:
    """The versions by which any record of the table can count, by their index."""
    if isinstance(table, CallTable):
        instants = table.entered_at
    else:
        several = table.opened_at, table.first_response_at, table.first_resolved_at
        instants = np.concatenate([*several, table.resolved_at])
    known = np.append(instants[instants != ABSENT], now)
    first, last = timeline.places(local.dates(np.array([known.min(), known.max()]))).tolist()
    return range(first, last + 1)


def _places(timeline: Timeline, counted_at: Int64, now: int, local: LocalDays) -> Int64:
    """The version by which each record counts."""
    return timeline.places(local.dates(np.where(counted_at == ABSENT, now, counted_at)))
