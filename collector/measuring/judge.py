"""Records → verdicts, each by the version of the indicator in force when the record counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from collector.business_time.zone import LocalDays
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.crosscheck import CrossCheck
from collector.measuring.verdicts.selection import select
from collector.measuring.verdicts.timeline import Timeline, Verdicts, Yardstick
from collector.model.columns import ABSENT, CallTable, Fact, Int64, TicketTable

_DECIDING = Fact.GAP, Fact.NOTE, Fact.STATUS, Fact.ASSIGNED
"""The facts whose beginning may be the instant by which a ticket counts."""


class Judged(NamedTuple):
    """Verdicts, and their comparison with the source's own calculation; None where it has none."""

    verdicts: Verdicts
    checks: CrossCheck | None

    def take(self, chosen: Int64) -> Judged:
        """Return the verdicts and checks at the positions ``chosen``."""
        checks = self.checks and CrossCheck(*(each[chosen] for each in self.checks))
        return Judged(self.verdicts.take(chosen), checks)


def judge(timeline: Timeline, table: TicketTable | CallTable, now: int, local: LocalDays) -> Judged:
    """Return the verdicts of an indicator on a table as known at ``now`` (epoch seconds), in the
    order of the table's rows.

    ``local``: the reporting zone, which gives the local date of each record. A record that does not
    count yet is measured by today's version. Pure.
    """
    if len(timeline.versions) == 1:
        return _measure(timeline.versions[0], table, now)
    parts: list[Judged] = []
    for version in _possible_versions(timeline, table, now, local):
        judged = _measure(timeline.versions[version], table, now)
        versions = _version_indices(timeline, judged.verdicts.counted_at, now, local)
        parts.append(judged.take(np.flatnonzero(versions == version)))
    order = np.argsort(np.concatenate([part.verdicts.row for part in parts]), kind="stable")
    columns = zip(*(part.verdicts.columns() for part in parts), strict=True)
    found = Verdicts(*(np.concatenate(column)[order] for column in columns))
    # whether sources give figures of their own depends on the table: all parts have checks, or none
    if not (checks := [part.checks for part in parts if part.checks is not None]):
        return Judged(found, None)
    check_columns = zip(*checks, strict=True)
    return Judged(found, CrossCheck(*(np.concatenate(column)[order] for column in check_columns)))


def deadlines_ahead(
    timeline: Timeline, table: TicketTable, now: int, local: LocalDays
) -> Iterator[tuple[Int64, Int64]]:
    """Yield, per version, the rows of open tickets whose clock runs and their deadlines (epoch
    seconds); see ``Kind.deadlines``.

    Yields nothing for kinds without deadlines.
    """
    kind = kind_of(timeline.versions[0].indicator)
    if not kind.has_deadlines:
        return
    for yardstick, rows in open_by_version(timeline, table, now, local):
        row, due = kind.deadlines(yardstick, table.take(rows), now)
        yield rows[row], due


def open_by_version(
    timeline: Timeline, table: TicketTable, now: int, local: LocalDays
) -> Iterator[tuple[Yardstick, Int64]]:
    """Yield each version of an indicator with the rows of the tickets that it measures."""
    for version in _possible_versions(timeline, table, now, local):
        yardstick = timeline.versions[version]
        chosen = select(yardstick, table, now)
        versions = _version_indices(timeline, chosen.counted_at, now, local)
        yield yardstick, chosen.row[versions == version]


def _measure(yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Judged:
    kind = kind_of(yardstick.indicator)
    found = kind.measure(yardstick, table, now)
    if isinstance(table, CallTable):
        return Judged(found, None)
    return Judged(found, kind.cross_check(yardstick, table, found, now))


def _possible_versions(
    timeline: Timeline, table: TicketTable | CallTable, now: int, local: LocalDays
) -> list[int]:
    """The indices of the versions by which any record of the table can count: those in force while
    anything happened by which records count, and today's."""
    if isinstance(table, CallTable):
        instants = table.entered_at
    else:
        instants = np.concatenate(
            [table.opened_at, table.first_response_at, table.first_resolved_at, table.resolved_at,
             table.facts.of(*_DECIDING).start]
        )  # fmt: skip
    known = instants[instants != ABSENT]
    ends = [known.min(), known.max()] if len(known) else []
    *span, today = timeline.version_indices(local.dates(np.array([*ends, now]))).tolist()
    return sorted({today, *range(min(span, default=0), max(span, default=-1) + 1)})


def _version_indices(timeline: Timeline, counted_at: Int64, now: int, local: LocalDays) -> Int64:
    """The index of the version by which each record counts."""
    return timeline.version_indices(local.dates(np.where(counted_at == ABSENT, now, counted_at)))
