"""Alert rules about callers."""

from __future__ import annotations

from collections.abc import Iterator

from collector.config.settings import Settings, sources_delivering
from collector.model.bilingual import Text
from collector.monitoring.alerts.model import Rule
from collector.monitoring.alerts.scope import general_calendar
from collector.monitoring.alerts.ticket_rules import CLOCK_TOLERANCE
from collector.monitoring.promql import aggregated, all_of, is_fresh, is_open


def call_rules(settings: Settings) -> Iterator[Rule]:
    """The rule about a caller who waits too long, by queue; none without telephone systems.

    Other rules wait a minute with ``for``. Here the minute is added to the limit itself: between
    two polls it is unknown whether the caller is still there.
    """
    sources, waits = sources_delivering(settings, "calls"), settings.alerts.caller_waits
    if not sources:
        return
    waited = aggregated("calls_waiting_when_read_seconds", "queue")
    yield Rule(
        name="ServicedeskCallerWaits",
        expr=all_of(
            f"{waited} > {waits + CLOCK_TOLERANCE}",
            is_open(general_calendar(settings)),
            is_fresh(sources),
        ),
        severity="warn",
        labels={"sources": ",".join(sources)},
        calendars=general_calendar(settings),
        summary=Text(
            en="A caller has waited {{ $value | humanizeDuration }} in {{ $labels.queue }}",
            sv="En uppringare har väntat {{ $value | humanizeDuration }} i {{ $labels.queue }}",
        ),
        description=Text(
            en="The caller who entered the queue first is still in it.",
            sv="Den som ringde först står fortfarande i kön.",
        ),
        runbook="caller-waits",
        explain="calls",
        keep_firing_for_seconds=300,
    )
