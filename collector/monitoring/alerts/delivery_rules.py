"""The alert rules about documents that did not arrive, may not have, or wait to be finished."""

from __future__ import annotations

from collections.abc import Iterator

from collector.config.settings import Settings
from collector.model.bilingual import Text
from collector.monitoring.alerts.model import Rule
from collector.monitoring.alerts.scope import general_calendar
from collector.monitoring.promql import aggregated, all_of, is_measured, is_open, label_in


def delivery_rules(settings: Settings) -> Iterator[Rule]:
    """A rule for all targets, and one for documents that are not final; none without targets."""
    if settings.delivery.targets and settings.delivery.automatic:
        yield _held_back(settings)
    if settings.watched_deliveries:
        yield _failed(settings)


def _held_back(settings: Settings) -> Rule:
    return Rule(
        name="ServicedeskDeliveryHeldBack",
        expr=all_of(
            f"{aggregated('deliveries_held_back', '')} > 0",
            is_open(general_calendar(settings)) or is_measured(),
        ),
        severity="warn",
        calendars=general_calendar(settings),
        summary=Text(
            en="Last month's report is not finished and not delivered ({{ $value }} languages)",
            sv="Förra månadens rapport är inte färdig och inte levererad ({{ $value }} språk)",
        ),
        description=Text(
            en="The month is frozen, but its document is still a draft, as while a missed target "
            "has no comment, or the month was frozen although data were missing. "
            "servicedesk-kpi check names what is missing. A finished document is delivered by "
            "itself within an hour; servicedesk-kpi report MONTH --deliver sends it as it is.",
            sv="Månaden är fryst, men dokumentet är ännu ett utkast, till exempel så länge ett "
            "mål som inte nåtts saknar kommentar, eller månaden frystes fast uppgifter fattades. "
            "servicedesk-kpi check säger vad som saknas. Ett färdigt dokument levereras av sig "
            "självt inom en timme; servicedesk-kpi report MONTH --deliver skickar det som det är.",
        ),
        runbook="delivery-held-back",
        explain="months",
        for_seconds=900,
        keep_firing_for_seconds=300,
    )


def _failed(settings: Settings) -> Rule:
    """It waits for longer than an attempt takes: a delivery in progress counts as unclear."""
    chosen = label_in("target", settings.watched_deliveries)
    unclear = aggregated("deliveries_unclear", "target", chosen)
    failing = aggregated("deliveries_failing", "target", chosen)
    return Rule(
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
