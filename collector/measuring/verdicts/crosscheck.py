"""Compares our calculation with the source's own, record by record.

A source defines first responses and limits in its own way, so a difference is information, not an
error: it is counted, and ``explain --disagreements`` shows both calculations.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from collector.measuring.verdicts.selection import Bool, first_response
from collector.measuring.verdicts.timeline import Verdict, Verdicts, Yardstick, known_at
from collector.model.columns import ABSENT, Fact, Int64, TicketTable

SAME_MOMENT = 60
"""Two first responses at most this many seconds apart are the same: many systems store minutes."""

OWN_VERDICT = {"first_response": Fact.OWN_RESPONSE_MET, "resolved": Fact.OWN_RESOLUTION_MET}
"""The fact that holds the source's own verdict on a clock, by the event the clock runs to."""


class CrossCheck(NamedTuple):
    """The comparison with the source, one element per verdict.

    ``checked``: both sides have a verdict on the limit that can no longer change by waiting: our
    clock has ended, or it is overdue and the source's has ended. ``own_met``: the source says that
    the limit was met. ``disagrees``: our verdict is the other one. ``compared``: the source gives a
    first response. ``differs``: ours is more than SAME_MOMENT away from it, or absent.
    """

    checked: Bool
    own_met: Bool
    disagrees: Bool
    compared: Bool
    differs: Bool


class SourceCalculation(NamedTuple):
    """The source's own figures for each row of a table as known at ``now``; ABSENT where it has
    none.

    Instants in epoch seconds; ``met`` is 1 or 0.
    """

    first_response_at: Int64
    due_at: Int64
    met: Int64


def source_calculation(end: str, table: TicketTable, now: int) -> SourceCalculation:
    """Return the source's own figures for clocks that run to ``end`` (first_response or resolved),
    as known at ``now`` (epoch seconds).

    Raises KeyError for any other event: sources have no verdict on it.
    """
    met = table.own_verdict(OWN_VERDICT[end], now)
    if end != "first_response":
        absent = np.full(len(table), ABSENT, dtype=np.int64)
        return SourceCalculation(absent, table.fact(Fact.OWN_RESOLUTION_DUE), met)
    first = known_at(table.fact(Fact.OWN_RESPONSE), now)
    return SourceCalculation(first, table.fact(Fact.OWN_RESPONSE_DUE), met)


def cross_check(
    yardstick: Yardstick,
    end: str,
    table: TicketTable,
    verdicts: Verdicts,
    now: int,
    *,
    limited: bool,
) -> CrossCheck | None:
    """Compare verdicts with the source's own, as known at ``now`` (epoch seconds).

    ``end``: the event to which the clocks run. ``limited``: they have a limit, so that there are
    verdicts to compare. Returns None where no source gives figures of its own.
    """
    if end not in OWN_VERDICT:
        return None
    has_own = np.isin(table.facts.kind, (Fact.OWN_RESPONSE, OWN_VERDICT[end]))
    if not has_own.any():
        return None
    decided = (verdicts.verdict == Verdict.MET) | (verdicts.verdict == Verdict.MISSED)
    nowhere = np.zeros(len(verdicts.row), dtype=np.bool_)
    checked = own_met = disagrees = compared = differs = nowhere
    ended = verdicts.final
    if end == "first_response":
        own_at = known_at(table.fact(Fact.OWN_RESPONSE), now)[verdicts.row]
        ours = first_response(yardstick, table, now)[verdicts.row]
        compared = (decided | (verdicts.verdict == Verdict.PENDING)) & (own_at != ABSENT)
        differs = compared & ((ours == ABSENT) | (np.abs(ours - own_at) > SAME_MOMENT))
        ended = ended | compared
    if limited:
        own = table.own_verdict(OWN_VERDICT[end], now)[verdicts.row]
        checked = decided & ended & (own != ABSENT)
        own_met = checked & (own == 1)
        disagrees = checked & (own_met != (verdicts.verdict == Verdict.MET))
    return CrossCheck(checked, own_met, disagrees, compared, differs)
