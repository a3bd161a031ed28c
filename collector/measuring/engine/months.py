"""The figures of the last months: a month is made again only when its sums have changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.tallies import Tallies
from collector.measuring.figures.figure import Figure
from collector.model.periods import month_index, month_start
from collector.store import PollState

SHOWN = 13
"""How many months are published, with the present one: it stands beside itself a year ago."""


class MonthlyFigures:
    """Makes the figures of the last ``SHOWN`` months from tallies that change in place."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, tuple[Figure, ...]]] = {}

    def of(
        self, measuring: Measuring, tallies: Tallies, now: int, states: dict[str, PollState]
    ) -> tuple[Figure, ...]:
        """Return the figures of each month that the tallies hold whole, the earliest first.

        They are those of ``Measuring.figures`` for a period such as ``2020-07``. ``now``: epoch
        seconds. Raises StoreError if the store cannot be read.
        """
        today = measuring.today(now)
        present = month_index(today)
        read = sorted(name for name, state in states.items() if state.last_success)
        known = today, read, measuring.store.records.span()
        found: dict[str, tuple[object, tuple[Figure, ...]]] = {}
        for index in range(present - SHOWN + 1, present + 1):
            first = month_start(index)
            if first < tallies.first:
                continue
            period = measuring.period(f"{first:%Y-%m}", now)
            until = min(now, measuring.local.midnight(period.after))
            made_of = (
                measuring,
                known,
                now // 3600 if index == present else None,
                [measuring.is_unknown(each.id, until, states) for each in measuring.timelines],
                _sums(tallies, period.first, period.after),
            )
            kept = self._kept.get(period.name)
            if kept is None or kept[0] != made_of:
                kept = made_of, tuple(measuring.figures(tallies, period, now, states))
            found[period.name] = kept
        self._kept = found
        return tuple(figure for _, figures in found.values() for figure in figures)


def _sums(tallies: Tallies, first: date, after: date) -> Mapping[str, bytes]:
    """The sums of a span of dates by indicator, to see whether they have changed."""
    return {name: tallies.of(name, first, after).sum(axis=0).tobytes() for name in tallies.sums}
