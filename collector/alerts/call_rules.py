"""Rules about callers."""

from __future__ import annotations

from collections.abc import Iterator

from collector.alerts.model import Rule
from collector.alerts.promql import is_fresh, is_open, joined, latest
from collector.alerts.ticket_rules import known_by_then
from collector.alerts.watched import first_of_calls, general_calendar
from collector.freshness import sources_delivering
from collector.settings import Settings
from collector.values import Text


def call_rules(settings: Settings) -> Iterator[Rule]:
    """A caller who waits too long, by queue. None without telephone systems."""
    sources, waits = sources_delivering(settings, "calls"), settings.alerts.caller_waits
    if not sources:
        return
    since = latest("calls_waiting_since_timestamp_seconds", "queue", pick="min")
    indicator = first_of_calls(settings)
    yield Rule(
        name="ServicedeskCallerWaits",
        expr=joined(
            f"time() - {since} > {waits} < {settings.alerts.caller_lost}",
            is_open(general_calendar(settings)),
            is_fresh(sources),
        ),
        severity="warn",
        labels={"sources": ",".join(sources)},
        summary=Text(
            en="A caller has waited {{ $value | humanizeDuration }} in {{ $labels.queue }}",
            sv="En uppringare har väntat {{ $value | humanizeDuration }} i {{ $labels.queue }}",
        ),
        description=Text(
            en="The caller who entered the queue first is still in it.",
            sv="Den som ringde först står fortfarande i kön.",
        ),
        runbook="caller-waits",
        explain=f"indicator/{indicator}?period=today" if indicator else "",
        for_seconds=known_by_then(settings, sources),
        keep_firing_for_seconds=300,
    )
