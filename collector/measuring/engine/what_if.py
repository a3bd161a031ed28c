"""The same records measured another way: figures side by side, and the records that change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from collector.measuring.engine.engine import Measuring, chunks
from collector.measuring.figures.figure import Figure
from collector.measuring.verdicts.timeline import Timeline, Verdict
from collector.model.columns import Int64
from collector.model.periods import Period

_OUTSIDE = "not counted"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A figure in force, the same under the other configuration, and what became of the records.

    ``moved``: (verdict in force, the other verdict) → number of records, where they differ;
    ``not counted`` is a record that the figure does not look at.
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
    """The figures of a period by both configurations; indicators that only one has are left out.

    Each comes with the period as it reads it: a tertial may be other dates. Nothing is written.
    """
    states = in_force[0].store.polls.states()
    sides = (in_force, other)
    figures: list[dict[str, Figure]] = []
    for n, (side, period) in enumerate(sides):

        def report(share: float, n: int = n) -> None:
            on_progress((n + share) / 3)

        first = side.history_of(period, now)
        tallies = side.tallies(first, period.after, now, report, only or None)
        found = side.figures(tallies, period, now, states, only or None)
        figures.append({f.indicator: f for f in found if f.organization is None})
    shared = [name for name in figures[0] if name in figures[1]]
    for done, name in enumerate(shared):
        moved = _moved(*(_verdicts(s, s.timeline(name), p, now) for s, p in sides))
        on_progress((2 + (done + 1) / len(shared)) / 3)
        yield Alternative(figures[0][name], figures[1][name], moved)


def _verdicts(
    measuring: Measuring, timeline: Timeline, period: Period, now: int
) -> tuple[Int64, Int64]:
    """Keys and verdicts of all records that a figure looks at."""
    keys = [np.empty(0, dtype=np.int64)]
    verdicts = [np.empty(0, dtype=np.int64)]
    if timeline.clock:
        start, end = measuring.instants(period)
        for first, after in chunks(period.first, period.after):
            span = measuring.local.midnight(first), measuring.local.midnight(after)
            table = measuring.table(timeline.clock, span)
            found = measuring.judge(timeline, table, now).found
            counted = (found.counted_at >= max(start, span[0])) & (found.counted_at < span[1])
            chosen = counted & (found.counted_at < end) & (found.verdict != Verdict.LATER)
            keys.append(table.key[found.row[chosen]])
            verdicts.append(found.verdict[chosen].astype(np.int64))
    return np.concatenate(keys), np.concatenate(verdicts)


def _moved(before: tuple[Int64, Int64], after: tuple[Int64, Int64]) -> dict[tuple[str, str], int]:
    was = dict(zip(before[0].tolist(), before[1].tolist(), strict=True))
    becomes = dict(zip(after[0].tolist(), after[1].tolist(), strict=True))
    words = {verdict.value: verdict.name.lower() for verdict in Verdict} | {None: _OUTSIDE}
    pairs = Counter(
        (words[was.get(key)], words[becomes.get(key)]) for key in was.keys() | becomes.keys()
    )
    return {pair: n for pair, n in sorted(pairs.items()) if pair[0] != pair[1]}
