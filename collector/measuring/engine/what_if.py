"""Measures the same records by two configurations: the figures side by side, and how many records
change their verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.spans import chunks
from collector.measuring.figures.figure import Figure
from collector.measuring.verdicts.timeline import Timeline, Verdict
from collector.model.columns import Int64
from collector.model.periods import Period

_OUTSIDE = "not counted"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A figure by the configuration in force, the same by the other one, and the changed verdicts.

    ``moved``: (verdict in force, other verdict) → number of records, where the two differ;
    ``not counted`` stands for records that do not belong to the figure.
    """

    in_force: Figure
    other: Figure
    moved: dict[tuple[str, str], int]


def alternatives(
    in_force: tuple[Measuring, Period],
    other: tuple[Measuring, Period],
    now: int,
    only: Sequence[str],
    on_progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Alternative]:
    """Yield the figures of a period by both configurations; indicators that only one has are left
    out.

    Each side comes with its own reading of the period, since a tertial may be other dates. ``now``:
    epoch seconds. ``only``: ids; empty for all. ``on_progress`` gets the share done, 0–1. Nothing
    is written. Raises RecordsPurged for a period whose records are gone, and StoreError if the
    store cannot be read.
    """
    for side, period in (in_force, other):
        side.purged.require(period.first, f"what {period.name} would be")
    states = in_force[0].store.polls.states()
    sides = (in_force, other)
    figures: list[dict[str, Figure]] = []
    for n, (side, period) in enumerate(sides):

        def report(share: float, n: int = n) -> None:
            on_progress((n + share) / 3)

        first = side.history_of(period, now)
        tallies = side.tallies(first, period.after, now, report, only or None)
        measured = side.figures(tallies, period, now, states, only or None)
        figures.append({f.indicator: f for f in measured if f.organization is None})
    shared = [name for name in figures[0] if name in figures[1]]
    for done, name in enumerate(shared):
        moved = _moved(*(_verdicts(s, s.timeline(name), p, now) for s, p in sides))
        on_progress((2 + (done + 1) / len(shared)) / 3)
        yield Alternative(figures[0][name], figures[1][name], moved)


def _verdicts(
    measuring: Measuring, timeline: Timeline, period: Period, now: int
) -> tuple[Int64, Int64]:
    """The keys and verdicts of all records that belong to a figure."""
    all_keys = [np.empty(0, dtype=np.int64)]
    all_verdicts = [np.empty(0, dtype=np.int64)]
    if timeline.clock:
        start, end = measuring.instants(period)
        for first, after in chunks(period.first, period.after):
            span = measuring.local.midnight(first), measuring.local.midnight(after)
            table = measuring.table(timeline.clock, span)
            verdicts = measuring.judge(timeline, table, now).verdicts
            counted = (verdicts.counted_at >= max(start, span[0])) & (verdicts.counted_at < span[1])
            chosen = counted & (verdicts.counted_at < end) & (verdicts.verdict != Verdict.LATER)
            all_keys.append(table.key[verdicts.row[chosen]])
            all_verdicts.append(verdicts.verdict[chosen].astype(np.int64))
    return np.concatenate(all_keys), np.concatenate(all_verdicts)


def _moved(before: tuple[Int64, Int64], after: tuple[Int64, Int64]) -> dict[tuple[str, str], int]:
    verdict_before = dict(zip(before[0].tolist(), before[1].tolist(), strict=True))
    verdict_after = dict(zip(after[0].tolist(), after[1].tolist(), strict=True))
    words = {verdict.value: verdict.name.lower() for verdict in Verdict} | {None: _OUTSIDE}
    pairs = Counter(
        (words[verdict_before.get(key)], words[verdict_after.get(key)])
        for key in verdict_before.keys() | verdict_after.keys()
    )
    return {pair: n for pair, n in sorted(pairs.items()) if pair[0] != pair[1]}
