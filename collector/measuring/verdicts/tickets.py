"""Measuring tickets: select them, judge, exclude, and find the next change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from collector.measuring.verdicts.clocks import next_fact
from collector.measuring.verdicts.needs import Need, lacking
from collector.measuring.verdicts.selection import Bool, Selection, excluded_for, select
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick, next_instant
from collector.model.columns import ABSENT, Fact, Int64, TicketTable
from collector.model.records import MARKS

JudgeTickets = Callable[[Yardstick, Selection], Verdicts]
"""How a kind judges the selected tickets."""


def measure_tickets(
    yardstick: Yardstick,
    table: TicketTable,
    now: int,
    judge: JudgeTickets,
    needs: Iterable[Need],
    looked_at: Iterable[Fact] = (),
) -> Verdicts:
    """Return a verdict for every ticket in ``table`` that the indicator's ``records`` filter
    selects.

    ``now``: epoch seconds UTC; what happened later is not known yet. ``needs``: what must be
    recorded of a ticket; without it, it is excluded. ``looked_at``: the facts that the verdicts of
    this kind depend on. Pure and vectorised.
    """
    chosen = select(yardstick, table, now)
    verdicts = judge(yardstick, chosen)
    _exclude_unrecorded(yardstick, chosen, verdicts, list(needs))
    _exclude(yardstick, chosen, verdicts)
    _wake_by_events(yardstick, chosen, verdicts, looked_at)
    return verdicts


def verdicts_of(
    chosen: Selection,
    verdict: NDArray[np.int8],
    wakes_at: Int64 | None = None,
    seconds: Int64 | None = None,
    final: Bool | None = None,
) -> Verdicts:
    """Return verdicts on the selected tickets with no reason for exclusion; see :class:`Verdicts`.

    The defaults: no clock (``seconds`` ABSENT, not ``final``), and no change by waiting.
    """
    n = len(chosen.row)
    return Verdicts(
        row=chosen.row,
        verdict=verdict,
        reason=np.zeros(n, dtype=np.int16),
        seconds=np.full(n, ABSENT, dtype=np.int64) if seconds is None else seconds,
        final=np.zeros(n, dtype=np.bool_) if final is None else final,
        counted_at=chosen.counted_at,
        wakes_at=np.full(n, NEVER, dtype=np.int64) if wakes_at is None else wakes_at,
    )


def _exclude_unrecorded(
    yardstick: Yardstick, chosen: Selection, verdicts: Verdicts, needs: Sequence[Need]
) -> None:
    """Exclude tickets of which their source does not record what is needed to judge them."""
    first = [next(iter(lacking(needs, p.unrecorded)), None) for p in chosen.table.profiles]
    for each in dict.fromkeys(found for found in first if found is not None):
        without = chosen.of_profiles([found == each for found in first])
        give_reason(yardstick, verdicts, without, each.reason)


def _exclude(yardstick: Yardstick, chosen: Selection, verdicts: Verdicts) -> None:
    """Exclude what is merged, deleted, spam or excluded by the configuration; then set LATER what
    opens or counts after ``now``."""
    for index, reason in enumerate(yardstick.reasons):
        if reason in MARKS or reason in yardstick.exclude:
            excluded = [excluded_for(reason, p, yardstick) for p in chosen.table.profiles]
            _set_reason(verdicts, chosen.of_profiles(excluded), index)
    later = (chosen.opened_at > chosen.now) | (chosen.counted_at > chosen.now)
    verdicts.verdict[later | (chosen.counted_at == ABSENT)] = Verdict.LATER


def _wake_by_events(
    yardstick: Yardstick, chosen: Selection, verdicts: Verdicts, looked_at: Iterable[Fact]
) -> None:
    """Wake when an event that lies ahead becomes known: an excluded ticket may then count, too."""
    table, row = chosen.table, chosen.row
    next_event = next_instant(
        chosen.now,
        table.opened_at[row],
        table.first_response_at[row],
        table.first_resolved_at[row],
        table.resolved_at[row],
        table.closed_at[row],
    )
    np.minimum(verdicts.wakes_at, next_event, out=verdicts.wakes_at)
    np.minimum(verdicts.wakes_at, next_fact(yardstick, chosen, looked_at), out=verdicts.wakes_at)


def give_reason(yardstick: Yardstick, verdicts: Verdicts, where: Bool, reason: str) -> None:
    """Exclude the records ``where`` is true, in place.

    Raises ValueError if ``reason`` is not one of the yardstick's reasons.
    """
    _set_reason(verdicts, where, yardstick.reasons.index(reason))


def _set_reason(verdicts: Verdicts, where: Bool, index: int) -> None:
    verdicts.verdict[where] = Verdict.EXCLUDED
    verdicts.reason[where] = index
    verdicts.wakes_at[where] = NEVER
