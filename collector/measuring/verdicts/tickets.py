"""What every kind that is measured on tickets does: choose them, exclude, look ahead (rule 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from collector.measuring.verdicts.clocks import next_fact
from collector.measuring.verdicts.selection import Bool, Selection, excluded_for, select
from collector.measuring.verdicts.timeline import NEVER, Verdict, Verdicts, Yardstick, news_of
from collector.model.columns import ABSENT, Fact, Int64, TicketTable
from collector.model.records import MARKS

JudgeTickets = Callable[[Yardstick, Selection], Verdicts]
"""How a kind judges the tickets that its indicator looks at."""


def measure_tickets(
    yardstick: Yardstick,
    table: TicketTable,
    now: int,
    judge: JudgeTickets,
    looked_at: Iterable[Fact] = (),
) -> Verdicts:
    """The verdict on every ticket of ``table`` that the indicator's ``records`` names.

    ``now`` (epoch seconds): what happened later is not known yet. ``looked_at``: facts on which
    the verdicts of this kind depend. Pure and vectorised.
    """
    chosen = select(yardstick, table, now)
    verdicts = judge(yardstick, chosen)
    _exclude(yardstick, chosen, verdicts)
    _wake_by_news(yardstick, chosen, verdicts, looked_at)
    return verdicts


def verdicts_of(
    chosen: Selection,
    verdict: NDArray[np.int8],
    wakes_at: Int64 | None = None,
    seconds: Int64 | None = None,
    final: Bool | None = None,
) -> Verdicts:
    """Verdicts on the selected tickets, none of them excluded; see :class:`Verdicts`."""
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


def _exclude(yardstick: Yardstick, chosen: Selection, found: Verdicts) -> None:
    """Rule 7, then what lies after ``now``."""
    for index, reason in enumerate(yardstick.reasons):
        if reason in MARKS or reason in yardstick.exclude:
            left_out = [excluded_for(reason, p, yardstick) for p in chosen.table.profiles]
            _set_reason(found, chosen.of_profiles(left_out), index)
    later = (chosen.opened_at > chosen.now) | (chosen.counted_at > chosen.now)
    found.verdict[later | (chosen.counted_at == ABSENT)] = Verdict.LATER


def _wake_by_news(
    yardstick: Yardstick, chosen: Selection, found: Verdicts, looked_at: Iterable[Fact]
) -> None:
    """Also what is excluded may no longer be once something becomes known that lies ahead."""
    table, row = chosen.table, chosen.row
    news = news_of(
        chosen.now,
        table.opened_at[row],
        table.first_response_at[row],
        table.first_resolved_at[row],
        table.resolved_at[row],
        table.closed_at[row],
    )
    np.minimum(found.wakes_at, news, out=found.wakes_at)
    np.minimum(found.wakes_at, next_fact(yardstick, chosen, looked_at), out=found.wakes_at)


def give_reason(yardstick: Yardstick, found: Verdicts, where: Bool, reason: str) -> None:
    """Exclude records for a reason."""
    _set_reason(found, where, yardstick.reasons.index(reason))


def _set_reason(found: Verdicts, where: Bool, index: int) -> None:
    found.verdict[where] = Verdict.EXCLUDED
    found.reason[where] = index
    found.wakes_at[where] = NEVER
