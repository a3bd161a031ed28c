"""The figures of a period, split by a field of its records.

Tallies are kept by organization only, so that a split judges the records of the period again and
sums their verdicts by another value. The whole is the sum of its parts, of the same reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.figures.figure import Figure, Part, measured_figure, not_measured
from collector.measuring.figures.tally import columns, counts, tally_by
from collector.measuring.verdicts.counts import Counts
from collector.measuring.verdicts.selection import priority_in_force, with_priorities
from collector.measuring.verdicts.timeline import Timeline, Verdicts, Yardstick
from collector.model.columns import (
    ABSENT,
    CallProfile,
    CallTable,
    Int64,
    TicketProfile,
    TicketTable,
)
from collector.model.periods import Period
from collector.store import PollState

Value = str | int | None
Sums = dict[Value, Int64]
"""By the value of the field: the columns of a tally, summed over the period."""

_FIELDS = {
    "tickets": ("team", "priority", "category", "hour", "weekday"),
    "calls": ("queue", "hour", "weekday"),
}
FIELDS = tuple(dict.fromkeys(field for fields in _FIELDS.values() for field in fields))
"""The fields by which figures can be split, besides organizations."""


def can_be_split(timeline: Timeline, by: str) -> bool:
    """Return whether the records of an indicator have a field; none are entered by hand."""
    return by in _FIELDS.get(timeline.versions[0].indicator.measured_on or "", ())


def split_figures(
    measuring: Measuring,
    period: Period,
    now: int,
    by: str,
    states: dict[str, PollState],
    only: Iterable[str],
    on_progress: Callable[[float], None] = lambda share: None,
    organization: str | None = None,
) -> Iterator[Figure]:
    """Yield the figures of a period as known at ``now`` (epoch seconds): each of the indicators
    ``only`` for the whole desk, then for each value of the field ``by``. ``organization``: of its
    records instead of those of the whole desk.

    Priorities are in the order of the configuration, hours and weekdays in theirs, other values by
    their number of records, the most first; records without a value come last. The parts of an
    indicator add up to the whole. What is left of the period is not estimated for parts. Raises
    StoreError if the store cannot be read.
    """
    timelines = [measuring.timeline(each) for each in only]
    sums = _sums(measuring, timelines, period, now, (by,), on_progress, organization)
    yield from _figures(measuring, timelines, period, now, by, sums[by], states, organization)


def split_by_each(
    measuring: Measuring,
    period: Period,
    now: int,
    fields: Sequence[str],
    states: dict[str, PollState],
    indicator: str,
    organization: str | None,
) -> dict[str, list[Figure]]:
    """Return the figures of an indicator as :func:`split_figures` gives them, by each of the
    fields; the records are judged once."""
    timelines = [measuring.timeline(indicator)]
    sums = _sums(measuring, timelines, period, now, fields, lambda _: None, organization)
    return {
        by: list(_figures(measuring, timelines, period, now, by, own, states, organization))
        for by, own in sums.items()
    }


def _figures(
    measuring: Measuring,
    timelines: list[Timeline],
    period: Period,
    now: int,
    by: str,
    sums: Mapping[str, Sums],
    states: dict[str, PollState],
    organization: str | None,
) -> Iterator[Figure]:
    """The figures of each indicator: of all its records, then of each value of a field."""
    history, today = None, measuring.today(now)
    if measuring.is_running_year(period, now):
        names, first = [each.id for each in timelines], measuring.history_of(period, now)
        history = measuring.tallies(first, period.after, now, only=names)
    for timeline in timelines:
        parts = {value: counts(timeline, own) for value, own in sums[timeline.id].items()}
        purge = measuring.purged.purge_of(timeline.id, period, now)
        if purge := purge or measuring.purged.split_purge_of(period):
            none = counts(timeline, np.zeros(columns(timeline), dtype=np.int64))
            gone = measuring.today(purge.at)
            yield not_measured(timeline, none, period, organization, today, gone)
            continue
        progress = measuring.progress(timeline, period, now, states)
        nothing = np.zeros(columns(timeline), dtype=np.int64)
        whole = counts(timeline, sum(sums[timeline.id].values(), nothing))
        left, places = None, measuring.settings.organizations
        place = None if organization is None else places.index(organization)
        if history is not None:
            left = measuring.left_of_year(history, timeline, place, now)
        yield measured_figure(
            timeline, whole, period, organization, replace(progress, left=left), today
        )
        for value in _in_order(measuring.settings, by, parts):
            figure = measured_figure(timeline, parts[value], period, organization, progress, today)
            yield replace(figure, part=Part(by, value), left=None, misses_left=None, required=None)


def _sums(
    measuring: Measuring,
    timelines: list[Timeline],
    period: Period,
    now: int,
    fields: Sequence[str],
    on_progress: Callable[[float], None],
    organization: str | None,
) -> dict[str, dict[str, Sums]]:
    """By field and indicator: the sums of a period by the values of the field, those that some
    record has, or had until it was purged."""

    def summed() -> dict[str, dict[str, Sums]]:
        found = _sums_of_records(
            measuring, timelines, period, now, fields, on_progress, organization
        )
        for by, of_field in found.items():
            for timeline in timelines:
                gone = measuring.purged.by_value(timeline, period, by, organization)
                _add(of_field[timeline.id], gone)
        return found

    return measuring.purged.undisturbed(summed)


def _add(sums: Sums, more: Mapping[Value, Int64]) -> None:
    for value, own in more.items():
        sums[value] = own + sums[value] if value in sums else own


def _sums_of_records(
    measuring: Measuring,
    timelines: list[Timeline],
    period: Period,
    now: int,
    fields: Sequence[str],
    on_progress: Callable[[float], None],
    organization: str | None,
) -> dict[str, dict[str, Sums]]:
    found: dict[str, dict[str, Sums]] = {by: {each.id: {} for each in timelines} for by in fields}
    clocks = {each.clock for each in timelines}
    steps = [step for step in measuring.spans(period.first, period.after) if step[0] in clocks]
    for done, (clock, (first, after)) in enumerate(steps):
        bounds = measuring.local.midnight(first), measuring.local.midnight(after)
        table = measuring.table(clock, bounds)
        for timeline in timelines:
            if timeline.clock != clock:
                continue
            verdicts, checks = measuring.judge(timeline, table, now)
            counted = verdicts.counted_at
            inside = (bounds[0] <= counted) & (counted < bounds[1])
            if organization is not None:
                inside &= of_organization(table, organization)[verdicts.row]
            day = np.where(inside, 0, -1)
            for by in fields:
                values, place = values_of(measuring, timeline, table, verdicts, now, by)
                summed = tally_by(timeline, verdicts, checks, day, 1, place, len(values))[0]
                parts = zip(values, summed, strict=True)
                _add(found[by][timeline.id], {value: own for value, own in parts if own.any()})
        on_progress((done + 1) / len(steps))
    return found


def of_organization(table: TicketTable | CallTable, organization: str) -> NDArray[np.bool_]:
    """Return which rows of a table are of an organization."""
    own = np.array([each.organization == organization for each in table.profiles], dtype=np.bool_)
    return own[table.profile]


def values_of(
    measuring: Measuring,
    timeline: Timeline,
    table: TicketTable | CallTable,
    verdicts: Verdicts,
    now: int,
    by: str,
) -> tuple[list[Value], Int64]:
    """Return the values of a field, and for each verdict the index of the value of its record.

    The priority is the one by which the verdict was reached, the team the present one, and the hour
    that of the instant by which the record counts, in the reporting zone; so is the weekday, from 1
    for Monday to 7.
    """
    counted = np.where(verdicts.counted_at == ABSENT, now, verdicts.counted_at)
    if by == "hour":
        return list(range(24)), measuring.local.hours(counted)
    if by == "weekday":  # an ordinal divisible by seven is a Sunday
        return list(range(1, 8)), (measuring.local.dates(counted) - 1) % 7
    values: dict[Value, int] = {}
    place = np.zeros(len(counted), dtype=np.int64)
    versions = timeline.version_indices(measuring.local.dates(counted))
    for version in np.unique(versions).tolist():
        yardstick, chosen = timeline.versions[version], versions == version
        texts = table
        if by == "priority" and isinstance(table, TicketTable):
            texts = with_priorities(yardstick, table)
        own = [
            values.setdefault(_value(by, profile, yardstick), len(values))
            for profile in texts.profiles
        ]
        place[chosen] = np.array(own, dtype=np.int64)[texts.profile[verdicts.row[chosen]]]
    return list(values), place


def _value(by: str, profile: TicketProfile | CallProfile, yardstick: Yardstick) -> Value:
    if by == "priority" and isinstance(profile, TicketProfile):
        return priority_in_force(profile, yardstick)
    value: str | None = getattr(profile, by)
    return value or None


def _in_order(settings: Settings, by: str, parts: Mapping[Value, Counts]) -> list[Value]:
    ranks = {name: rank for rank, name in enumerate(settings.priorities)}

    def place(value: Value) -> tuple[object, ...]:
        part = parts[value]
        records = part.eligible + part.pending + sum(part.excluded.values())
        rank = ranks.get(str(value), len(ranks)) if by == "priority" else 0
        at = value if isinstance(value, int) else 0
        return value is None, at, rank, -records, str(value)

    return sorted(parts, key=place)
