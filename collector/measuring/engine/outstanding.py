"""The open tickets whose clocks run, one by one: what counts of overdue tickets consist of."""

from __future__ import annotations

from dataclasses import dataclass

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.open_work import general_rules, grouped
from collector.measuring.judge import deadlines_ahead
from collector.measuring.verdicts.timeline import NEVER


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock of an open ticket that runs. ``due``: its deadline in epoch seconds; ``priority``
    and ``organization`` are empty where the ticket has none, as in the counts."""

    due: int
    source: str
    id: str
    url: str | None
    priority: str
    organization: str
    indicator: str
    overdue: bool


def outstanding(
    measuring: Measuring, now: int, priority: str | None = None, organization: str | None = None
) -> list[RunningClock]:
    """The running clocks of open tickets, the earliest deadline first; None: of any.

    A ticket that is excluded from every figure is left out, as in the counts. Raises StoreError.
    """
    table = measuring.store.records.open_tickets()
    wanted = {
        row: key
        for key, rows in grouped(general_rules(measuring, now), table).items()
        if priority in (None, key[0]) and organization in (None, key[1])
        for row in rows.tolist()
    }
    running = [
        (due, row, timeline.id)
        for timeline in measuring.timelines
        for rows, deadlines in deadlines_ahead(timeline, table, now, measuring.local)
        for row, due in zip(rows.tolist(), deadlines.tolist(), strict=True)
        if row in wanted and due != NEVER
    ]
    names = measuring.store.records.ticket_names({int(table.key[row]) for _, row, _ in running})
    found = [
        RunningClock(due, *names[int(table.key[row])], *wanted[row], indicator, due < now)
        for due, row, indicator in running
    ]
    return sorted(found, key=lambda each: (each.due, each.source, each.id, each.indicator))
