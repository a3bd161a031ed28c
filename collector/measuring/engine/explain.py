"""The records behind a figure: the verdict on each, the reason, and the arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import repeat
from typing import NamedTuple

import numpy as np

from collector.measuring.engine.clock_spans import (
    NO_CLOCK,
    ClockSpans,
    clock_spans,
    known,
)
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.splitting import of_organization
from collector.measuring.judge import Judged
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.crosscheck import SourceCalculation
from collector.measuring.verdicts.selection import priority_in_force, with_priorities
from collector.measuring.verdicts.timeline import Timeline, Verdict, Yardstick
from collector.model.columns import ABSENT, CallTable, Int64, TicketTable
from collector.model.periods import Period

RecordName = tuple[str, str, str | None]

_NAMES_AT_ONCE = 1000
_VERDICTS = {each.value: each.name.lower() for each in Verdict}


@dataclass(frozen=True, slots=True)
class OwnCalculation:
    """The source's own figures for a record; instants in epoch seconds, None where it gives none.

    ``disagrees``: where ours differ: ``verdict``, ``first response``, both or neither.
    """

    first_response_at: int | None
    due_at: int | None
    met: bool | None
    disagrees: tuple[str, ...]


class Explanation(NamedTuple):
    """One record's part in a figure; instants in epoch seconds.

    ``facts``: what else decides the verdict, by name. ``valid_from``: since when records are
    measured this way, None if from the beginning. ``clock``: how its clock was read, or its wait.
    ``own``: what its source calculated.
    """

    source: str
    id: str
    url: str | None
    organization: str | None
    verdict: str
    reason: str
    counted_at: int
    facts: dict[str, str]
    valid_from: date | None = None
    clock: ClockSpans = NO_CLOCK
    own: OwnCalculation | None = None


def explain(
    measuring: Measuring,
    timeline: Timeline,
    period: Period,
    now: int,
    organization: str | None = None,
    verdict: str | None = None,
) -> Iterator[Explanation]:
    """Yield every record behind an indicator's figure of ``period`` as known at ``now`` (epoch
    seconds), in the order of the instants by which they count.

    Excluded records are among them. ``organization``, ``verdict``: only records with these; None
    for any. Raises StoreError if the store cannot be read.
    """
    start, end = measuring.instants(period)
    table = measuring.table(timeline.clock, (start, end))
    judged = measuring.judge(timeline, table, now)
    found = judged.verdicts
    chosen = (found.counted_at >= start) & (found.counted_at < end)
    if verdict is None:
        chosen &= found.verdict != Verdict.LATER
    else:
        chosen &= found.verdict == Verdict[verdict.upper()]
    if organization is not None:
        chosen &= of_organization(table, organization)[found.row]
    yield from explained(measuring, timeline, table, judged, np.flatnonzero(chosen), now)


def explained(
    measuring: Measuring,
    timeline: Timeline,
    table: TicketTable | CallTable,
    judged: Judged,
    shown: Int64,
    now: int,
) -> Iterator[Explanation]:
    """Yield the records at the positions ``shown`` of the verdicts on a table, in the order of the
    instants by which they count. Raises StoreError if the store cannot be read."""
    found = judged.verdicts
    order = shown[np.lexsort((found.row[shown], found.counted_at[shown]))]
    counted = found.counted_at[order]
    versions = timeline.version_indices(
        measuring.local.dates(np.where(counted == ABSENT, now, counted))
    )
    for version, yardstick in enumerate(timeline.versions):
        places = order[versions == version]  # they ascend in time, and so do the versions
        if not places.size:
            continue
        part = judged.take(places)
        if isinstance(table, CallTable):
            yield from _calls(measuring, yardstick, table, part)
        else:
            yield from _tickets(measuring, timeline, version, table, part, now)


def _names(
    read: Callable[[Sequence[int]], dict[int, RecordName]], keys: Int64
) -> Iterator[RecordName]:
    """Source, id and URL of records by their keys, read as they are needed."""
    for first in range(0, len(keys), _NAMES_AT_ONCE):
        chunk = keys[first : first + _NAMES_AT_ONCE].tolist()
        names = read(chunk)
        yield from (names[key] for key in chunk)


def _calls(
    measuring: Measuring, yardstick: Yardstick, table: CallTable, judged: Judged
) -> Iterator[Explanation]:
    found = judged.verdicts
    limit = kind_of(yardstick.indicator).limit(yardstick)
    for name, profile_at, verdict, reason, entered_at, seconds in zip(
        _names(measuring.store.records.call_names, table.key[found.row]),
        table.profile[found.row].tolist(),
        found.verdict.tolist(),
        found.reason.tolist(),
        table.entered_at[found.row].tolist(),
        found.seconds.tolist(),
        strict=True,
    ):
        profile = table.profiles[profile_at]
        yield Explanation(
            source=name[0],
            id=name[1],
            url=None,
            organization=profile.organization,
            verdict=_VERDICTS[verdict],
            reason=yardstick.reasons[reason],
            counted_at=entered_at,
            facts={"queue": profile.queue, "outcome": profile.outcome},
            clock=ClockSpans(start=entered_at, elapsed=known(seconds), limit=limit),
        )


def _tickets(
    measuring: Measuring,
    timeline: Timeline,
    version: int,
    table: TicketTable,
    judged: Judged,
    now: int,
) -> Iterator[Explanation]:
    yardstick, found, rows = timeline.versions[version], judged.verdicts, judged.verdicts.row
    kind = kind_of(yardstick.indicator)
    texts = with_priorities(yardstick, table)

    @cache
    def facts(profile_at: int) -> dict[str, str]:
        profile = texts.profiles[profile_at]
        priority = priority_in_force(profile, yardstick)
        return {"kind": profile.kind or "-", "priority": priority or "-", **kind.facts(profile)}

    clocks: Iterable[ClockSpans] = repeat(NO_CLOCK, len(rows))
    if (reading := kind.clock_reading(yardstick, table, now)) is not None:
        assert yardstick.calendar is not None
        special = measuring.special_days(reading.calendar, timeline.turns[version])
        clocks = clock_spans(reading, rows, yardstick.calendar, special)
    own_figures: Iterable[OwnCalculation | None] = repeat(None, len(rows))
    if judged.checks is not None:
        calculated = kind.source_calculation(timeline.versions[0], table, now)
        own_figures = repeat(None, len(rows)) if calculated is None else _own(calculated, judged)
    since = timeline.measured_since(version)
    for name, profile_at, verdict, reason, counted_at, own, clock in zip(
        _names(measuring.store.records.ticket_names, table.key[rows]),
        texts.profile[rows].tolist(),
        found.verdict.tolist(),
        found.reason.tolist(),
        found.counted_at.tolist(),
        own_figures,
        clocks,
        strict=True,
    ):
        yield Explanation(
            source=name[0],
            id=name[1],
            url=name[2],
            organization=texts.profiles[profile_at].organization,
            verdict=_VERDICTS[verdict],
            reason=yardstick.reasons[reason],
            counted_at=counted_at,
            facts=facts(profile_at),
            valid_from=since,
            clock=clock,
            own=own,
        )


def _own(own_figures: SourceCalculation, judged: Judged) -> Iterator[OwnCalculation | None]:
    """The source's own figures for each record; None where it gives none."""
    checks, rows = judged.checks, judged.verdicts.row
    assert checks is not None
    for first, due, met, disagrees, differs in zip(
        *(each[rows].tolist() for each in own_figures),
        checks.disagrees.tolist(),
        checks.differs.tolist(),
        strict=True,
    ):
        if first == due == met == ABSENT:
            yield None
            continue
        differences = {"verdict": disagrees, "first response": differs}
        yield OwnCalculation(
            first_response_at=known(first),
            due_at=known(due),
            met=None if met == ABSENT else bool(met),
            disagrees=tuple(name for name, differs in differences.items() if differs),
        )


def explanations(
    measuring: Measuring,
    indicator: str,
    period: Period,
    at: int,
    organization: str | None,
    verdict: str | None,
    *,
    disagreements: bool = False,
) -> Iterator[Explanation]:
    """Return the records behind a figure as known at ``at`` (epoch seconds); none for indicators
    entered by hand.

    ``organization``, ``verdict``: only records with these; None for any. ``disagreements``: only
    records whose source calculated something else. Raises KeyError for an unknown indicator and,
    while iterating, StoreError.
    """
    timeline = measuring.timeline(indicator)
    if not timeline.clock:
        return iter(())
    found = explain(measuring, timeline, period, at, organization, verdict)
    if not disagreements:
        return found
    return (each for each in found if each.own and each.own.disagrees)
