"""Alert rules about the ground under the figures: clocks, readiness and backups."""

from __future__ import annotations

from collections.abc import Iterator

from collector.config.settings import Settings
from collector.measuring.engine.freshness import FROZEN_AFTER
from collector.model.bilingual import Text
from collector.monitoring.alerts.model import Rule
from collector.monitoring.alerts.scope import general_calendar
from collector.monitoring.promql import aggregated, all_of, is_measured, is_open, series

BACKUP = "backup_timestamp_seconds"
_READY = "ready", "store_up"


def operation_rules(settings: Settings) -> Iterator[Rule]:
    """Rules about clocks and readiness; about backups only where an age is configured."""
    yield _clock_skew(settings)
    yield _not_ready()
    if settings.alerts.backup_older_than is not None:
        yield from _backup(settings, settings.alerts.backup_older_than)


def _clock_skew(settings: Settings) -> Rule:
    """The limit is the one beyond which no month is frozen. A single slow answer is no skew, so it
    waits for several polls. Of several collectors the one with the wrong clock counts. Whether a
    collector measures is not asked by the clock, which may be the one that is wrong."""
    limit = settings.snapshot.max_clock_skew
    wrong = "\nor ".join(
        f"{sign}{aggregated(metric, by, pick=pick)} > {limit}"
        for metric, by in (
            ("source_clock_skew_seconds", "source"),
            ("store_clock_skew_seconds", ""),
        )
        for sign, pick in (("", "max"), ("-", "min"))
    )
    measured = f"{series('measured_timestamp_seconds')}[{FROZEN_AFTER}s]"
    moves = f"max (max_over_time({measured}) - min_over_time({measured})) > 0"
    return Rule(
        name="ServicedeskClockSkew",
        expr=all_of(f"({wrong})", moves),
        severity="warn",
        summary=Text(
            en="The clocks of the collector and of {{ with $labels.source }}{{ . }}{{ else }}its "
            "database{{ end }} differ by {{ $value | humanizeDuration }}",
            sv="Klockorna i insamlaren och i {{ with $labels.source }}{{ . }}{{ else }}dess "
            "databas{{ end }} skiljer sig med {{ $value | humanizeDuration }}",
        ),
        description=Text(
            en="One of them is wrong. Ages, deadlines of open tickets and the current periods may "
            "be wrong with it, and no month is frozen or delivered until they agree. "
            "`timedatectl` on both machines says which is not synchronized.",
            sv="En av dem går fel. Åldrar, tidsgränser för öppna ärenden och pågående perioder kan "
            "vara fel av samma skäl, och ingen månad fryses eller levereras förrän de stämmer. "
            "`timedatectl` på båda maskinerna säger vilken som inte är synkroniserad.",
        ),
        runbook="clock-skew",
        explain="sources",
        for_seconds=600,
        keep_firing_for_seconds=300,
    )


def _not_ready() -> Rule:
    """Not during the first reading of a source, which may take an hour and has a rule of its own,
    unless the store is at fault. Of several collectors each must be ready: all of them are asked
    for figures."""
    unready, storeless = (f"1 - {aggregated(each, '', pick='min')} > 0" for each in _READY)
    never_read = (
        aggregated("source_poll_interval_seconds", "source")
        + " unless on (source) "
        + aggregated("source_last_success_timestamp_seconds", "source")
    )
    return Rule(
        name="ServicedeskNotReady",
        expr=f"({unready}\nunless on () ({never_read}))\nor {storeless}",
        severity="warn",
        summary=Text(
            en="The collector runs but is not ready",
            sv="Insamlaren körs men är inte redo",
        ),
        description=Text(
            en="What it serves cannot be relied on. Its `/readyz`, asked with curl on that "
            "machine, says why: the store cannot be read or written, or a source has not been "
            "read since the start.",
            sv="Det den visar går inte att lita på. Dess `/readyz`, med curl på maskinen, säger "
            "varför: lagret kan inte läsas eller skrivas, eller en källa har inte lästs sedan "
            "starten.",
        ),
        runbook="not-ready",
        explain="sources",
        for_seconds=600,
        keep_firing_for_seconds=300,
    )


def _backup(settings: Settings, limit: int) -> Iterator[Rule]:
    """Too old, or none at all in a service that has run for as long; in hours in which somebody can
    see to it."""
    hours = general_calendar(settings)
    when = is_open(hours) or is_measured()
    description = Text(
        en="If the disk is lost, so is what came since: snapshots with their seals, and what the "
        "systems have deleted meanwhile. See why the job that runs servicedesk-kpi backup failed; "
        "after one by PostgreSQL's own tools run servicedesk-kpi backup --record.",
        sv="Går disken sönder är det som kommit sedan dess borta: ögonblicksbilder med sina sigill "
        "och det som systemen hunnit radera. Se efter varför jobbet som kör servicedesk-kpi backup "
        "misslyckades; efter en kopia med PostgreSQL:s egna verktyg, kör servicedesk-kpi backup "
        "--record.",
    )
    cases = {
        "old": (
            f"time() - {aggregated(BACKUP, '')} > {limit}",
            Text(
                en="The last backup of the store is {{ $value | humanizeDuration }} old",
                sv="Den senaste säkerhetskopian av lagret är {{ $value | humanizeDuration }} "
                "gammal",
            ),
        ),
        "none": (
            f"absent({series(BACKUP)})\nand on () "
            f"max (max_over_time({series('measured_timestamp_seconds')}[1h] offset {limit}s))",
            Text(
                en="The store has never been backed up",
                sv="Lagret har aldrig säkerhetskopierats",
            ),
        ),
    }
    for case, (expr, summary) in cases.items():
        yield Rule(
            name="ServicedeskBackupOld",
            of=case,
            expr=all_of(expr, when),
            severity="warn",
            labels={"backup": case},
            calendars=hours,
            summary=summary,
            description=description,
            runbook="backup-old",
            explain="metrics",
            for_seconds=900,
            keep_firing_for_seconds=300,
        )
