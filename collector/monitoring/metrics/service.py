"""Metrics about the service itself: its sources, snapshots, deliveries and boards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, Metric

from collector.config.settings import Settings
from collector.measuring.engine.live import LiveSnapshot
from collector.model.stored import FOUND
from collector.monitoring.health import Health
from collector.monitoring.metrics.figures import gauge_family
from collector.monitoring.names import PREFIX
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.webhook import HOOK_RESULTS
from collector.store import PollState, ProvisionState


def _is_up(state: PollState | None) -> bool:
    return state is not None and state.last_success is not None and not state.consecutive_failures


def sources_families(
    settings: Settings, snapshot: LiveSnapshot, health: Health
) -> Iterator[Metric]:
    """The metrics of each source: polls, ages, rejected records."""
    states = {name: snapshot.sources.get(name) for name in settings.sources}
    known = {(name,): state for name, state in states.items() if state is not None}
    yield gauge_family(
        "source_up",
        "1 if the last poll succeeded and the store can be used; else figures keep their values",
        ["source"],
        {
            (name,): float(health.store_answers and name not in health.failing and _is_up(state))
            for name, state in states.items()
        },
    )
    yield gauge_family(
        "source_last_success_timestamp_seconds",
        "When the source was last read to its end; absent if never",
        ["source"],
        {key: s.last_success for key, s in known.items() if s.last_success is not None},
    )
    yield gauge_family(
        "source_newest_record_timestamp_seconds",
        "The latest instant that a record of the source carries, by the source's own clock",
        ["source"],
        {key: s.newest_record_at for key, s in known.items() if s.newest_record_at is not None},
    )
    yield gauge_family(
        "source_quiet_seconds",
        "Open time of the calendar of alerts since the newest record of the source",
        ["source"],
        {(name,): seconds for name, seconds in snapshot.quiet.items()},
    )
    yield gauge_family(
        "source_poll_duration_seconds",
        "How long the last poll took",
        ["source"],
        {key: s.duration for key, s in known.items()},
    )
    yield gauge_family(
        "source_records",
        "Records that the last poll read",
        ["source"],
        {key: s.records for key, s in known.items()},
    )
    yield gauge_family(
        "source_clock_skew_seconds",
        "How far the source's clock is ahead of ours; absent where the source does not tell",
        ["source"],
        {key: s.clock_skew for key, s in known.items() if s.clock_skew is not None},
    )
    yield _by_reason(
        "source_rejected",
        "Records that could not be used, by reason",
        {name: state.rejected for (name,), state in known.items()},
    )
    yield _by_reason(
        "source_ignored",
        "Entries that gave no record, by reason",
        {name: state.ignored for (name,), state in known.items()},
    )


def hooks_family(settings: Settings, hooks: Mapping[tuple[str, str], int]) -> Metric:
    """The messages of systems since the start, by what became of them; of sources that take any."""
    family = CounterMetricFamily(
        PREFIX + "source_hooks",
        "Messages of the source's system that tickets have changed, by what became of them",
        labels=["source", "result"],
    )
    for name, options in settings.sources.items():
        if isinstance(options, TicketOptions) and options.webhook is not None:
            for result in HOOK_RESULTS:
                family.add_metric([name, result], hooks.get((name, result), 0))
    return family


def sweeps_families(settings: Settings, health: Health) -> Iterator[Metric]:
    """When each source was last reconciled with its system, and what was found."""
    states = {name: health.sweeps[name] for name in settings.sources if name in health.sweeps}
    yield gauge_family(
        "source_reconciled_timestamp_seconds",
        "When stored tickets were last looked for in the source to the end; absent if never",
        ["source"],
        {(name,): s.finished_at for name, s in states.items() if s.finished_at is not None},
    )
    yield gauge_family(
        "source_reconciliation_failed",
        "1 if the last attempt to reconcile the source failed; nothing was marked by it",
        ["source"],
        {(name,): float(s.failed_at is not None) for name, s in states.items()},
    )
    family = CounterMetricFamily(
        PREFIX + "source_reconciled",
        "Stored tickets that the source's feed had not told, by what became of them",
        labels=["source", "found"],
    )
    for name, state in states.items():
        for found in FOUND:
            family.add_metric([name, found], state.found.get(found, 0))
    yield family


def _by_reason(
    name: str, help_text: str, counts: Mapping[str, Mapping[str, int]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(PREFIX + name, help_text, labels=["source", "reason"])
    for source, reasons in counts.items():
        for reason, count in reasons.items():
            family.add_metric([source, reason], count)
    return family


def health_families(settings: Settings, health: Health) -> Iterator[Metric]:
    """The metrics of frozen months, deliveries and Grafana, as of the last refresh."""
    yield from sweeps_families(settings, health)
    yield from _frozen(health)
    yield from _store(health)
    if health.provision is not None:
        yield from _provision(health.provision)
    yield from _deliveries(settings, health)


def _frozen(health: Health) -> Iterator[Metric]:
    """Whether months are frozen when they should be."""
    at = health.last_month_frozen
    yield gauge_family(
        "snapshot_last_month_frozen",
        "1 if the month before this one is frozen complete; absent while it lies before the first "
        "record",
        [],
        {} if at is None else {(): float(at > 0)},
    )
    yield gauge_family(
        "snapshot_last_month_timestamp_seconds",
        "When the month before this one was frozen complete; absent if it is not",
        [],
        {(): at} if at else {},
    )
    yield gauge_family(
        "snapshot_months_missing",
        "Finished months that should have been frozen and are not, or last month incompletely",
        [],
        {} if health.months_missing is None else {(): health.months_missing},
    )


def _store(health: Health) -> Iterator[Metric]:
    """When the store was last backed up, and its own clock."""
    yield gauge_family(
        "backup_timestamp_seconds",
        "When the last backup of the store began; absent if there is none",
        [],
        {} if health.backed_up is None else {(): health.backed_up},
    )
    yield gauge_family(
        "store_clock_skew_seconds",
        "How far the clock of the store's database is ahead of ours; absent where it has none",
        [],
        {} if health.store_clock_skew is None else {(): health.store_clock_skew},
    )


def _provision(state: ProvisionState) -> Iterator[Metric]:
    """The result of the last run of provision."""
    yield gauge_family(
        "grafana_drift_objects",
        "Objects in Grafana that differed from the configuration when provision last ran",
        [],
        {(): state.drift},
    )
    if state.last_sync is not None:
        yield gauge_family(
            "grafana_last_sync_timestamp_seconds",
            "When everything in Grafana was last found or made as configured; absent if never",
            [],
            {(): state.last_sync},
        )
    failures = CounterMetricFamily(
        PREFIX + "grafana_sync_failures", "Runs of provision that failed"
    )
    failures.add_metric([], state.failures)
    yield failures


def _deliveries(settings: Settings, health: Health) -> Iterator[Metric]:
    """The metrics of deliveries to each target, of signing and of witnesses; none without any."""
    targets = settings.watched_deliveries
    known = {n: s for n, s in health.deliveries.items() if n in targets}
    if not targets:
        return
    yield gauge_family(
        "delivery_last_success_timestamp_seconds",
        "When a document was last delivered to the target; absent if never",
        ["target"],
        {(n,): s.last_success for n, s in known.items() if s.last_success is not None},
    )
    yield gauge_family(
        "deliveries_unclear",
        "Deliveries that began and are not known to have ended; they are not sent again",
        ["target"],
        {(n,): known[n].unclear if n in known else 0 for n in targets},
    )
    yield gauge_family(
        "deliveries_failing",
        "Deliveries whose last attempt failed",
        ["target"],
        {(n,): known[n].failing if n in known else 0 for n in targets},
    )
    yield gauge_family(
        "deliveries_held_back",
        "Documents of last month, by language, that are delivered once people have made them final",
        [],
        {(): health.held_back},
    )
    failed = CounterMetricFamily(
        PREFIX + "deliveries_failed",
        "Attempts to deliver a document that failed",
        labels=["target"],
    )
    for name in targets:
        failed.add_metric([name], known[name].failures if name in known else 0)
    yield failed
