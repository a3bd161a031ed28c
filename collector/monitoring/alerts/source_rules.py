"""Alert rules about the sources and the collector: whether the other rules can be trusted.

Rules that inhibit others in Alertmanager have no ``keep_firing_for``: they would suppress alerts
that are valid again. A long ``for`` keeps them from flapping instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.config.settings import Settings, sources_delivering
from collector.measuring.engine.freshness import FROZEN_AFTER
from collector.model.bilingual import Text
from collector.monitoring.alerts.model import Rule, Severity
from collector.monitoring.alerts.scope import (
    calendars_of,
    deadlines,
    general_calendar,
)
from collector.monitoring.promql import (
    LOOKBACK,
    aggregated,
    all_of,
    is_measured,
    is_open,
    known_closed,
    label_in,
    quoted,
    series,
    source_age,
    stale_limit,
)
from collector.sources.kit.options import TicketOptions

SOURCE_STALE = "ServicedeskSourceStale"
COLLECTOR_ABSENT = "ServicedeskCollectorAbsent"


def source_rules(settings: Settings) -> Iterator[Rule]:
    """Rules about sources that are stale, never read, silent, or deliver unusable records."""
    for delivery in ("tickets", "calls"):
        if sources := sources_delivering(settings, delivery):
            yield _stale(delivery, sources, "warn")
            if hours := watched_hours(settings, delivery):
                yield _stale(delivery, sources, "page", hours)
    if sources := sources_delivering(settings, "queues"):
        yield _stale("queues", sources, "warn")
    if settings.sources:
        yield _never_read()
        watched = [name for name in settings.sources if name not in settings.alerts.quiet]
        if watched and settings.calendars:
            yield _silent(settings, watched)
        yield _rejecting()
    systems = (each for each in settings.sources.values() if isinstance(each, TicketOptions))
    if any(each.reconcile.at != "never" for each in systems):
        yield _not_reconciled()


def collector_rules(settings: Settings) -> Iterator[Rule]:
    """Rules about a collector that is gone or has stopped measuring."""
    hours = sorted({c for each in ("tickets", "calls") for c in watched_hours(settings, each)})
    yield _absent("warn")
    if hours:
        yield _absent("page", hours)


def rules_outdated_rule(digest: str) -> Rule:
    """The rule that fires when the deployed rules are not those of the running configuration: they
    may watch what does not exist, and never fire. ``digest`` is that of all other rules."""
    return Rule(
        name="ServicedeskRulesOutdated",
        expr=all_of(
            aggregated("alert_rules_info", "digest", f"digest!={quoted(digest)}"), is_measured()
        ),
        severity="warn",
        summary=Text(
            en="The alert rules are those of another configuration",
            sv="Larmreglerna hör till en annan konfiguration",
        ),
        description=Text(
            en="The collector runs with a configuration, or a release, whose rules are others than "
            "those in force. What they ask for may not exist, and then they never fire. Write "
            "them anew with servicedesk-kpi provision.",
            sv="Insamlaren kör med en konfiguration, eller en version, vars regler är andra än de "
            "som gäller. Det de frågar efter finns kanske inte, och då larmar de aldrig. Skriv dem "
            "på nytt med servicedesk-kpi provision.",
        ),
        runbook="rules-outdated",
        explain="metrics",
        for_seconds=900,
        keep_firing_for_seconds=300,
    )


def watched_hours(settings: Settings, delivery: str) -> list[str]:
    """The calendars within which rules about ``tickets`` or ``calls`` may fire. Without calendars
    opening hours are unknown, so no rule here pages."""
    if delivery == "calls":
        return general_calendar(settings)
    names = {name for each in deadlines(settings) for name in each.all}
    return calendars_of(settings, names) or general_calendar(settings)


def _stale(
    delivery: str, sources: list[str], severity: Severity, hours: Sequence[str] = ()
) -> Rule:
    """While the collector itself hangs every source looks stale, but that is another alert.

    It pages only within the hours in which the rules that it silences would.
    """
    return Rule(
        name=SOURCE_STALE,
        of=f"{delivery} {severity}",
        expr=all_of(
            f"{source_age(sources)} > on (source) {stale_limit()}",
            is_open(hours) or is_measured(),
        ),
        severity=severity,
        labels={"delivery": delivery},
        calendars=hours,
        summary=Text(
            en="{{ $labels.source }} has not been read for {{ $value | humanizeDuration }}",
            sv="{{ $labels.source }} har inte lästs på {{ $value | humanizeDuration }}",
        ),
        description=Text(
            en="The figures that rest on this source are old, and no other alert about them can "
            "fire until it is read again. The collector's log says why.",
            sv="Siffrorna som vilar på källan är gamla, och inga andra larm om dem kan gå förrän "
            "den läses igen. Insamlarens logg säger varför.",
        ),
        runbook="source-stale",
        explain="sources",
        for_seconds=300 if severity == "page" else 120,
    )


def _never_read() -> Rule:
    """Waits an hour, since a first read of several years takes long."""
    known = aggregated("source_poll_interval_seconds", "source")
    return Rule(
        name="ServicedeskSourceNeverRead",
        expr=all_of(
            f"{known}\nunless on (source) "
            + aggregated("source_last_success_timestamp_seconds", "source"),
            is_measured(),
        ),
        severity="warn",
        summary=Text(
            en="{{ $labels.source }} has never been read to its end",
            sv="{{ $labels.source }} har aldrig lästs klart",
        ),
        description=Text(
            en="What rests on this source is not measured, and alerts about it cannot fire. Run "
            "servicedesk-kpi check, which asks it once.",
            sv="Det som vilar på källan mäts inte, och larm om det kan inte gå. Kör "
            "servicedesk-kpi check, som frågar den en gång.",
        ),
        runbook="source-never-read",
        explain="sources",
        for_seconds=3600,
        keep_firing_for_seconds=300,
    )


def _silent(settings: Settings, sources: list[str]) -> Rule:
    """Reads succeed but find nothing new: a log that is now written elsewhere, an export job that
    no longer runs. Only open time counts, so nights and holidays are not silence."""
    hours = general_calendar(settings)
    quiet = aggregated("source_quiet_seconds", "source", label_in("source", sources))
    return Rule(
        name="ServicedeskSourceSilent",
        expr=all_of(
            f"{quiet} > {settings.alerts.silent_after}\n"
            f"and on (source) ({source_age(sources)} <= on (source) {stale_limit()})",
            is_open(hours),
        ),
        severity="warn",
        calendars=hours,
        summary=Text(
            en="Nothing new in {{ $labels.source }} for {{ $value | humanizeDuration }} of open "
            "time",
            sv="Inget nytt i {{ $labels.source }} på {{ $value | humanizeDuration }} öppettid",
        ),
        description=Text(
            en="The source is read, but its newest record is old. Perhaps nothing happened; or it "
            "is not written any more, and what is measured of it is not true.",
            sv="Källan läses, men dess nyaste post är gammal. Kanske har inget hänt; eller så "
            "skrivs den inte längre, och det som mäts av den stämmer inte.",
        ),
        runbook="source-silent",
        explain="sources",
        for_seconds=900,
        keep_firing_for_seconds=300,
    )


def _rejecting() -> Rule:
    """The counter is kept in the store, so a restart does not reset it; ``increase`` would neither
    see a reason's first record nor return whole numbers. The last earlier value counts however old
    it is, otherwise records caught up after an outage would raise no alert."""
    rejected = series("source_rejected_total")
    now = f"sum by (source) (max by (source, reason) ({rejected}))"
    earlier = f"last_over_time({rejected}[{LOOKBACK}] offset 1h)"
    before = f"sum by (source) (max by (source, reason) ({earlier}))"
    none_yet = f"0 * max by (source) ({series('source_up')})"
    return Rule(
        name="ServicedeskSourceRejecting",
        expr=f"{now}\n- ({before}\n  or {none_yet}) > 0",
        severity="warn",
        summary=Text(
            en="{{ $value }} records of {{ $labels.source }} could not be used in the last hour",
            sv="{{ $value }} poster från {{ $labels.source }} kunde inte användas senaste timmen",
        ),
        description=Text(
            en="They are in no figure. The collector's log names each one and what is wrong with "
            "it; often a value has no place in the map of its source. Where Prometheus is new they "
            "may be older than an hour.",
            sv="De ingår inte i någon siffra. Insamlarens logg nämner var och en och vad som är "
            "fel; ofta saknas ett värde i källans map. Är Prometheus nytt kan de vara äldre än en "
            "timme.",
        ),
        runbook="source-rejecting",
        explain="sources",
        keep_firing_for_seconds=600,
    )


def _not_reconciled() -> Rule:
    """A failure is tried again every hour, so one that lasts is no passing one."""
    return Rule(
        name="ServicedeskSourceNotReconciled",
        expr=f"{aggregated('source_reconciliation_failed', 'source')} == 1",
        severity="warn",
        summary=Text(
            en="{{ $labels.source }} cannot be reconciled",
            sv="{{ $labels.source }} kan inte stämmas av",
        ),
        description=Text(
            en="Tickets that were deleted or moved out of sight are not found, and count as they "
            "were last read. If very many are gone at once, a right was probably taken from the "
            "user of this source; none was marked. servicedesk-kpi check says what is wrong.",
            sv="Ärenden som raderats eller flyttats utom synhåll hittas inte, och räknas som de "
            "senast lästes. Om mycket många är borta på en gång har källans användare troligen "
            "mist en rättighet; inget har märkts. servicedesk-kpi check säger vad som är fel.",
        ),
        runbook="source-not-reconciled",
        explain="sources",
        for_seconds=4 * 3600,
        keep_firing_for_seconds=300,
    )


def _absent(severity: Severity, hours: Sequence[str] = ()) -> Rule:
    """Pages unless the last exported calendars say that the desk is closed now. Once those have run
    out the hours are unknown, and it pages."""
    name = "measured_timestamp_seconds"
    expr = f"abs(time() - {aggregated(name, '')}) > {FROZEN_AFTER}\nor absent({series(name)})"
    if hours:
        expr = f"({expr})\nunless on () ({known_closed(hours)})"
    return Rule(
        name=COLLECTOR_ABSENT,
        of=severity,
        expr=expr,
        severity=severity,
        calendars=hours,
        summary=Text(
            en="No new figures come from the collector",
            sv="Inga nya siffror kommer från insamlaren",
        ),
        description=Text(
            en="The collector does not answer Prometheus, or does not measure any more. Nothing is "
            "watched meanwhile. 1. Does it run? `docker compose ps collector`, or "
            "`systemctl status servicedesk-kpi`. 2. Why not? `docker compose logs --tail 50 "
            "collector`, or `journalctl -u servicedesk-kpi`. Then start it again: nothing is lost. "
            "3. It runs: what do its `/healthz` and `/readyz` say, asked with curl on that "
            "machine; is the disk full, or the database gone? The whole runbook: "
            "docs/runbooks/collector-absent.md.",
            sv="Insamlaren svarar inte Prometheus eller mäter inte längre. Inget bevakas under "
            "tiden. 1. Körs den? `docker compose ps collector`, eller `systemctl status "
            "servicedesk-kpi`. 2. Varför inte? `docker compose logs --tail 50 collector`, eller "
            "`journalctl -u servicedesk-kpi`. Starta den sedan igen: inget går förlorat. 3. Den "
            "körs: vad svarar dess `/healthz` och `/readyz` med curl på maskinen; är disken full "
            "eller databasen borta? Hela handboken: docs/runbooks/collector-absent.md.",
        ),
        runbook="collector-absent",
        explain="",
        for_seconds=600 if severity == "page" else 300,
        watches_collector=True,
    )
