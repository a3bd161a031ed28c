"""The alert rule about documents that did not arrive, or may not have."""

from __future__ import annotations

from collections.abc import Iterator

from collector.config.settings import Settings
from collector.model.bilingual import Text
from collector.monitoring.alerts.model import Rule
from collector.monitoring.alerts.scope import general_calendar
from collector.monitoring.promql import aggregated, all_of, is_measured, is_open, label_in


def delivery_rules(settings: Settings) -> Iterator[Rule]:
    """One rule for all targets; none without targets. It waits for longer than an attempt takes,
    because a delivery in progress counts as unclear."""
    if not settings.watched_deliveries:
        return
    chosen = label_in("target", settings.watched_deliveries)
    unclear = aggregated("deliveries_unclear", "target", chosen)
    failing = aggregated("deliveries_failing", "target", chosen)
    yield Rule(
        name="ServicedeskDeliveryFailed",
        expr=all_of(
            f"{unclear} + on (target) {failing} > 0",
            is_open(general_calendar(settings)) or is_measured(),
        ),
        severity="warn",
        calendars=general_calendar(settings),
        summary=Text(
            en="Deliveries to {{ $labels.target }} that failed or are unclear: {{ $value }}",
            sv="Leveranser till {{ $labels.target }} som misslyckats eller är oklara: {{ $value }}",
        ),
        description=Text(
            en="A delivery failed, or began and is not known to have ended; that one is not sent "
            "again by itself. The collector's log says why; servicedesk-kpi report MONTH "
            "--deliver tries what failed once more, and servicedesk-kpi snapshot sign MONTH a "
            "signature or a witness.",
            sv="En leverans misslyckades, eller började utan att någon vet om den slutade; en "
            "sådan skickas inte om av sig själv. Insamlarens logg säger varför; servicedesk-kpi "
            "report MONTH --deliver försöker igen med det som misslyckats, och servicedesk-kpi "
            "snapshot sign MONTH med en signatur eller ett vittne.",
        ),
        runbook="delivery-failed",
        explain="months",
        for_seconds=900,
        keep_firing_for_seconds=300,
    )
