"""Purges records of past months: what can be deleted, the sums that stay of it, and the deletion.

A record goes when all that is known of it happened before the date, nothing that could happen to it
would change a verdict, and it is not open. What a kept month needs stays: a ticket that was opened
before the date and solved after it is measured as ever, and is purged later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from collector.config.definitions import as_text, from_text, measured_on
from collector.io.errors import UserFacingError
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import window_start
from collector.measuring.engine.purgeable import EVENTS, Part, by_source, part_of
from collector.measuring.engine.spans import chunks, places
from collector.measuring.engine.splitting import FIELDS, can_be_split, values_of
from collector.measuring.engine.stored_tallies import stored_key
from collector.measuring.figures.tally import organization_places, tally, tally_by
from collector.measuring.judge import Judged
from collector.measuring.verdicts.timeline import NEVER, Timeline
from collector.model.columns import ABSENT, CallTable, Int64, TicketTable
from collector.model.periods import month_index, month_start
from collector.store.purged import Cells, Deletion, Key, Purge, PurgedSpan

MONTHS_FROZEN = 13
"""Last month and the twelve before it, whose verdicts its snapshot holds."""
_ATTEMPTS = 20
"""How often a part is measured again because records keep changing."""


class PurgeRefused(UserFacingError):
    """A purge that must not be; the message says why, and what to do."""

    permanent = True


@dataclass(slots=True)
class PurgedRecords:
    """The records of a source, ``tickets`` or ``calls``, that go or went: how many, and when the
    first and last of them began (epoch seconds)."""

    number: int = 0
    oldest: int = NEVER
    newest: int = ABSENT

    def add(self, begun: Int64) -> None:
        """Count records that began at these instants (epoch seconds)."""
        if begun.size:
            self.number += int(begun.size)
            self.oldest = min(self.oldest, int(begun.min()))
            self.newest = max(self.newest, int(begun.max()))


@dataclass(slots=True)
class PurgeReport:
    """What a purge of records from before the date ``before`` deletes.

    ``records``: by source and ``tickets`` or ``calls``. ``stay``: how many records from before it
    stay, since a kept month needs them or they are still open. ``lost``: the indicators of which
    some purged month is not measured, since its records were purged by another definition.
    """

    before: date
    records: dict[tuple[str, str], PurgedRecords] = field(default_factory=dict)
    stay: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many records go, in all."""
        return sum(each.number for each in self.records.values())


def last_date(measuring: Measuring, months: int, now: int) -> date:
    """Return the date before which records are not kept: the present month and ``months`` - 1
    before it are, and all that the running fiscal year and the one before it need.

    ``now``: epoch seconds.
    """
    today = measuring.today(now)
    return min(month_start(month_index(today) - months + 1), latest_date(measuring, now))


def latest_date(measuring: Measuring, now: int) -> date:
    """Return the latest date before which records may be purged: this fiscal year and the one
    before are measured record by record, and last month is frozen beside the twelve before it.

    ``now``: epoch seconds.
    """
    today = measuring.today(now)
    frozen = month_start(month_index(today) - MONTHS_FROZEN)
    return min(window_start(today, measuring.fiscal).replace(day=1), frozen)


def planned(measuring: Measuring, before: date, now: int) -> PurgeReport:
    """Return what :func:`purge` would do, and do nothing. Raises as it does."""
    _require(measuring, before, now)
    report = PurgeReport(before)
    for clock, span in _parts(measuring, before):
        _count(measuring, part_of(measuring, clock, span, before), report)
    report.lost = _lost(measuring)
    return report


def purge(
    measuring: Measuring,
    before: date,
    now: int,
    on_progress: Callable[[float], None] = lambda share: None,
    stop: Callable[[], bool] = lambda: False,
) -> PurgeReport:
    """Delete the records from before a date, the first of a month, and keep their sums.

    It goes part by part, each in one transaction: whenever it ends, all figures are what they were,
    and the next purge goes on. ``now``: epoch seconds. ``on_progress`` gets the share done, 0–1.
    ``stop``: whether to leave the rest for the next time. Raises PurgeRefused if the date is too
    late or before an earlier purge, StoreError if the store fails.
    """
    _require(measuring, before, now)
    report, parts = PurgeReport(before), _parts(measuring, before)
    _begin(measuring, before, now)
    for done, (clock, span) in enumerate(parts):
        if stop():
            break
        for _ in range(_ATTEMPTS):
            revision = measuring.store.revisions.latest()
            part = part_of(measuring, clock, span, before)
            if not part.rows.any() or measuring.store.purged.delete(
                _deletion(measuring, part), revision
            ):
                break
        else:
            raise PurgeRefused("records keep changing: purge again when fewer are coming in")
        _count(measuring, part, report)
        on_progress((done + 1) / len(parts))
    measuring.store.purged.finish()
    report.lost = _lost(measuring)
    return report


def _require(measuring: Measuring, before: date, now: int) -> None:
    latest, standing = latest_date(measuring, now), measuring.purged.standing()
    if before > latest:
        raise PurgeRefused(
            f"records from {latest} on are needed: this fiscal year and the one before are "
            f"measured on them, and last month is frozen with them: name {latest:%Y-%m} or an "
            "earlier month"
        )
    if standing.before is not None and before < standing.before:
        raise PurgeRefused(
            f"what lies before {standing.before} was purged already; name {standing.before:%Y-%m} "
            "or a later month"
        )


def _lost(measuring: Measuring) -> list[str]:
    return sorted(name for name, months in measuring.purged.standing().lost.items() if months)


def _parts(measuring: Measuring, before: date) -> list[tuple[str, tuple[date, date]]]:
    """The clocks by which records begin, with spans of dates on which they do."""
    found: list[tuple[str, tuple[date, date]]] = []
    clocks: tuple[Literal["opened", "entered"], ...] = ("opened", "entered")
    for clock in clocks:
        begin = measuring.store.records.first_stored(clock)
        if begin is not None:
            first = measuring.today(begin)
            found += [(clock, span) for span in chunks(first, before)]
    return found


def _begin(measuring: Measuring, before: date, now: int) -> None:
    standing, records = measuring.purged.standing(), measuring.store.records
    firsts = [records.first_counted(c) for c in ("opened", "responded", "resolved", "entered")]
    known = [measuring.today(first) for first in firsts if first is not None]
    first = standing.before or min(known, default=before)
    months = range(month_index(first), month_index(before))
    names = [each.id for each in measuring.timelines if each.clock]
    instant = measuring.local.midnight(before)
    measuring.store.purged.begin(
        Purge(now, before.isoformat(), instant),
        [(name, _named(month)) for name in names for month in months],
        _definitions(measuring),
    )


def _definitions(measuring: Measuring) -> dict[str, str]:
    names = [each.id for each in measuring.timelines if each.clock]
    return {name: as_text(measuring.definitions(name)) for name in names}


def _count(measuring: Measuring, part: Part, report: PurgeReport) -> None:
    table = part.table
    kind = "calls" if isinstance(table, CallTable) else "tickets"
    begun = getattr(table, EVENTS[kind][0])
    for source, rows in by_source(part):
        report.records.setdefault((source, kind), PurgedRecords()).add(begun[rows])
    report.stay += int((~part.rows).sum())


def _deletion(measuring: Measuring, part: Part) -> Deletion:
    table, kind = part.table, "calls" if isinstance(part.table, CallTable) else "tickets"
    spans = {}
    for source, rows in by_source(part):
        for event in EVENTS[kind]:
            instants = getattr(table, event)[rows]
            known = instants[instants != ABSENT]
            if known.size:
                span = PurgedSpan(int(known.min()), int(known.max()))
                spans[source, f"{kind}.{event}"] = span
    sums: dict[Key, Cells] = {}
    for timeline, judged in part.judged:
        counted = part.rows[judged.verdicts.row] & (judged.verdicts.counted_at != ABSENT)
        sums |= _sums(measuring, timeline, table, judged.take(np.flatnonzero(counted)))
    measured, before = measuring.store.purged.measured_by(), measuring.purged.standing()
    touched = _months(measuring, part, EVENTS[kind])
    lost = {
        (timeline.id, _named(month))
        for timeline, _ in part.judged
        for month in touched & before.lost.get(timeline.id, frozenset())
        if (timeline.id, _named(month)) in measured
    }
    lost |= _unheeded(measuring, part, {_named(month) for month in touched}, measured)
    new = _without_sums(measuring, touched)
    sums = new | {k: v for k, v in sums.items() if k[:2] in measured or (*k[:2], "") in new}
    keys = table.key[part.rows].tolist()
    return Deletion(
        tickets=keys if kind == "tickets" else [],
        calls=keys if kind == "calls" else [],
        sums={key: cells for key, cells in sums.items() if key[:2] not in lost},
        lost=lost,
        spans=spans,
        definitions=_definitions(measuring),
    )


def _months(measuring: Measuring, part: Part, events: tuple[str, ...]) -> set[int]:
    """The months in which records that go can count by any definition, in any time zone."""
    instants = np.concatenate([getattr(part.table, event)[part.rows] for event in events])
    dates = np.unique(measuring.local.dates(instants[instants != ABSENT])).tolist()
    return {month_index(date.fromordinal(day + n)) for day in dates for n in (-1, 0, 1)}


def _unheeded(
    measuring: Measuring,
    part: Part,
    months: set[str],
    measured: Mapping[tuple[str, str], int | None],
) -> set[tuple[str, str]]:
    """The (indicator, month) with sums over such records by an indicator that is none any more:
    those that go now are not among them."""
    names = {timeline.id for timeline, _ in part.judged}
    found = {
        key: n for key, n in measured.items() if n and key[1] in months and key[0] not in names
    }
    told = measuring.store.purged.definitions({*found.values()})
    own = "calls" if isinstance(part.table, CallTable) else "tickets"
    about = {n: measured_on(from_text(text)) for n, text in told.items()}
    return {key for key, n in found.items() if about[n] == own}


def _without_sums(measuring: Measuring, touched: set[int]) -> dict[Key, Cells]:
    """Empty sums of all indicators for the months before those that have any: a record that stayed
    was found to have begun earlier than all that were deleted."""
    first = measuring.purged.standing().first
    if first is None or not touched:
        return {}
    names = [each.id for each in measuring.timelines if each.clock]
    months = range(min(touched), first)
    return {(name, _named(month), ""): {} for name in names for month in months}


def _named(month: int) -> str:
    return f"{month_start(month):%Y-%m}"


def _sums(
    measuring: Measuring, timeline: Timeline, table: TicketTable | CallTable, judged: Judged
) -> dict[Key, Cells]:
    """The sums over some verdicts, by date and by the values of each field a month."""
    verdicts, checks = judged
    if not verdicts.row.size:
        return {}
    dates = measuring.local.dates(verdicts.counted_at)
    days = np.unique(dates)
    months = [month_index(date.fromordinal(day)) for day in days.tolist()]
    organizations = measuring.settings.organizations
    day = places(days, verdicts.counted_at, measuring.local)
    by_day = tally(timeline, table, verdicts, checks, day, len(days), organizations)
    found: dict[Key, Cells] = defaultdict(dict)
    names = [date.fromordinal(each).isoformat() for each in days.tolist()]
    for month in sorted(set(months)):
        own = [n for n, each in enumerate(months) if each == month]
        cells = measuring.purged.cells(timeline, by_day[own], [names[n] for n in own])
        if cells:
            found[timeline.id, _named(month), ""] = cells
    first = months[0]
    month_of = np.array(months, dtype=np.int64)[day] - first
    where = organization_places(table, organizations)[table.profile[verdicts.row]]
    width = len(organizations) + 1
    n = months[-1] - first + 1
    now = measuring.local.midnight(month_start(months[-1] + 1))
    for by in FIELDS:
        if not can_be_split(timeline, by):
            continue
        values, value = values_of(measuring, timeline, table, verdicts, now, by)
        size = len(values) * width
        cell = value * width + where
        split = tally_by(timeline, verdicts, checks, month_of, n, cell, size)
        for place in range(n):
            sums = split[place].reshape(len(values), width, -1)
            cells = measuring.purged.cells(timeline, sums, list(map(stored_key, values)))
            if cells:
                found[timeline.id, _named(first + place), by] = cells
    return dict(found)
