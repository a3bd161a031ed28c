"""Our calculation against the source's own, record by record (facts/ticketing.md §0.6).

A source has its own idea of a first response and of its limits, so a difference is information and
no fault: it is counted, and ``explain --disagreements`` shows both calculations.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from collector.measuring.verdicts.selection import Bool, first_response
from collector.measuring.verdicts.timeline import Verdict, Verdicts, Yardstick, known_at
from collector.model.columns import ABSENT, Fact, Int64, TicketTable

SAME_MOMENT = 60
"""Seconds that two instants of one first response may lie apart: many systems keep minutes."""

OWN_VERDICT = {"first_response": Fact.OWN_RESPONSE_MET, "resolved": Fact.OWN_RESOLUTION_MET}
"""What the source says of a clock that runs to this event."""


class CrossCheck(NamedTuple):
    """What was compared, one a verdict.

    ``checked``: both gave a verdict on the limit that waiting does not change, since the clock has
    ended in ours, or it is overdue there and has ended in theirs; ``own_met``: the source's is
    that it was met; ``disagrees``: ours is another. ``compared``: the source names its first
    response; ``differs``: ours lies elsewhere, or there is none.
    """

    checked: Bool
    own_met: Bool
    disagrees: Bool
    compared: Bool
    differs: Bool


class OwnSays(NamedTuple):
    """What the source itself says of each row of a table, as far as it was known; else ABSENT.

    Instants in epoch seconds; ``met`` is 1 or 0.
    """

    first_response_at: Int64
    due_at: Int64
    met: Int64


def own_says(end: str, table: TicketTable, now: int) -> OwnSays:
    """What sources say of the clocks that run to the event ``end``."""
    met = table.own_verdict(OWN_VERDICT[end], now)
    if end != "first_response":
        nothing = np.full(len(table), ABSENT, dtype=np.int64)
        return OwnSays(nothing, table.fact(Fact.OWN_RESOLUTION_DUE), met)
    first = known_at(table.fact(Fact.OWN_RESPONSE), now)
    return OwnSays(first, table.fact(Fact.OWN_RESPONSE_DUE), met)


def cross_check(
    yardstick: Yardstick, end: str, table: TicketTable, found: Verdicts, now: int, *, limited: bool
) -> CrossCheck | None:
    """Compare clocks with what their source says, as far as one knew it at ``now`` (epoch seconds);
    None where no source says anything.

    ``end``: the event to which the clocks run; ``limited``: they have a limit, so that both give a
    verdict.
    """
    if end not in OWN_VERDICT:
        return None
    told = np.isin(table.facts.kind, (Fact.OWN_RESPONSE, OWN_VERDICT[end]))
    if not told.any():
        return None
    counts = (found.verdict == Verdict.MET) | (found.verdict == Verdict.MISSED)
    nothing = np.zeros(len(found.row), dtype=np.bool_)
    checked = own_met = disagrees = compared = differs = nothing
    ended = found.final
    if end == "first_response":
        own_at = known_at(table.fact(Fact.OWN_RESPONSE), now)[found.row]
        ours = first_response(yardstick, table, now)[found.row]
        compared = (counts | (found.verdict == Verdict.PENDING)) & (own_at != ABSENT)
        differs = compared & ((ours == ABSENT) | (np.abs(ours - own_at) > SAME_MOMENT))
        ended = ended | compared
    if limited:
        own = table.own_verdict(OWN_VERDICT[end], now)[found.row]
        checked = counts & ended & (own != ABSENT)
        own_met = checked & (own == 1)
        disagrees = checked & (own_met != (found.verdict == Verdict.MET))
    return CrossCheck(checked, own_met, disagrees, compared, differs)
