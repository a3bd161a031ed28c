"""Converts the latest figures to Prometheus metric families at each scrape; measures nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from collector import __version__
from collector.config.indicators import Indicator
from collector.config.settings import Settings
from collector.measuring.engine.freshness import stale_after
from collector.measuring.engine.live import LiveSnapshot
from collector.measuring.kinds.table import kind_of
from collector.model.bilingual import Language, Text
from collector.monitoring.alerts.rules import rules_digest
from collector.monitoring.health import Health
from collector.monitoring.metrics.figures import (
    by_language,
    figure_families,
    gauge_family,
    target_families,
)
from collector.monitoring.metrics.queues import queue_families
from collector.monitoring.metrics.ranks import rank_families
from collector.monitoring.metrics.service import health_families, hooks_family, sources_families
from collector.monitoring.names import PREFIX
from collector.monitoring.queues import BySource


class Counters:
    """Counts the scheduler's events since the start: ``missed``, ``overlapped``, ``failed``; how
    often the clock was set ``back`` and ``forward``; and messages of systems, by source and
    result."""

    def __init__(self) -> None:
        self.events: dict[str, int] = {"missed": 0, "overlapped": 0, "failed": 0}
        self.clock_steps: dict[str, int] = {"back": 0, "forward": 0}
        self.hooks: Counter[tuple[str, str]] = Counter()
        self.configured_at: int | None = None
        self.configuration_followed = True

    def reloaded(self, at: int | None) -> None:
        """Note a reading of the configuration: when it came into force (epoch seconds); None if it
        did not."""
        self.configured_at = self.configured_at if at is None else at
        self.configuration_followed = at is not None

    def clock_was_set(self, *, forward: bool) -> None:
        """Count that the machine's clock was set."""
        self.clock_steps["forward" if forward else "back"] += 1

    def add(self, event: str) -> None:
        """Count one event. Raises KeyError for any other name."""
        self.events[event] += 1

    def add_hook(self, source: str, result: str) -> None:
        """Count a message to a source by what became of it."""
        self.hooks[source, result] += 1

    def copy(self) -> Mapping[str, object]:
        """Return what was counted until now."""
        return deepcopy(vars(self))


class DeskCollector(Collector):
    """Provides the latest figures to the Prometheus client."""

    def __init__(
        self,
        settings: Settings,
        snapshot: Callable[[], LiveSnapshot | None],
        counters: Counters,
        health: Callable[[], Health] = Health,
        queues: Callable[[], BySource] = dict,
    ) -> None:
        self._settings = settings
        self._snapshot = snapshot
        self._health = health
        self._counters = counters
        self._queues = queues
        self._rules = rules_digest(settings)

    def state(self) -> tuple[LiveSnapshot | None, object]:
        """Return all that the metrics are made of: the published figures, which are the same only
        if they are the same object, and the rest, which can be compared."""
        return self._snapshot(), (self._health(), self._counters.copy(), self._queues())

    def collect(self) -> Iterator[Metric]:
        """All metric families from the same snapshot, never mixed from two."""
        snapshot, health = self._snapshot(), self._health()
        indicators, languages = self._settings.indicators, self._settings.languages
        yield gauge_family("build_info", "The running release", ["version"], {(__version__,): 1})
        yield gauge_family(
            "leader",
            "1: this process is the one that moves the sources forward",
            [],
            {(): float(health.leads)},
        )
        yield gauge_family(
            "ready", "1: what is served can be relied on, as /readyz says", [], {(): health.ready}
        )
        yield gauge_family(
            "store_up", "1: the store can be read and written", [], {(): health.store_answers}
        )
        yield gauge_family(
            "alert_rules_info",
            "1: the alert rules of the configuration that is running, by their digest",
            ["digest"],
            {(self._rules,): 1},
        )
        events = CounterMetricFamily(
            PREFIX + "scheduler_events",
            "Polls that were late, overlapped or broke",
            labels=["event"],
        )
        for event, count in self._counters.events.items():
            events.add_metric([event], count)
        yield events
        steps = CounterMetricFamily(
            PREFIX + "clock_steps",
            "How often the machine's clock was set, or the machine slept, since the start",
            labels=["direction"],
        )
        for direction, count in self._counters.clock_steps.items():
            steps.add_metric([direction], count)
        yield steps
        yield hooks_family(self._settings, self._counters.hooks)
        yield gauge_family(
            "config_last_reload_successful",
            "1: the configuration is followed as it was when it was last read, at the start or on "
            "SIGHUP; 0: it could not be",
            [],
            {(): float(self._counters.configuration_followed)},
        )
        if self._counters.configured_at is not None:
            yield gauge_family(
                "config_last_reload_success_timestamp_seconds",
                "When the configuration that is followed came into force",
                [],
                {(): self._counters.configured_at},
            )
        yield gauge_family(
            "source_poll_interval_seconds",
            "How often the source is polled",
            ["source"],
            {(name,): options.every for name, options in self._settings.sources.items()},
        )
        yield gauge_family(
            "source_stale_after_seconds",
            "Age of the last complete read at which the source, and what depends on it, is stale",
            ["source"],
            {(name,): stale_after(self._settings, name) for name in self._settings.sources},
        )
        yield gauge_family(
            "indicator_info",
            "1 for each indicator: its titles, whole and short, its kind, the calendar that its "
            "clocks run by, and the unit of its value",
            [
                "indicator",
                *by_language("title", languages),
                *by_language("short", languages),
                "kind",
                "calendar",
                *by_language("unit", languages),
            ],
            {(name, *_described(i, languages)): 1 for name, i in indicators.items()},
        )
        waiting = snapshot.open_work.waiting if snapshot else ()
        yield from rank_families(self._settings, waiting)
        yield from queue_families(self._queues())
        if snapshot is None:
            return
        yield gauge_family(
            "measured_timestamp_seconds", "When the figures were measured", [], {(): snapshot.now}
        )
        yield gauge_family(
            "day_start_timestamp_seconds",
            "When the day began that counts as today, in the reporting time zone",
            [],
            {(): snapshot.day_start},
        )
        yield from figure_families("indicator_", snapshot.figures, whole=True)
        yield from figure_families("organization_", snapshot.figures, whole=False)
        yield from target_families(snapshot.figures, languages)
        yield gauge_family(
            "records_stale",
            "1 while a source of tickets, or of calls, is stale; absent until all were read once",
            ["records"],
            {(name,): float(stale) for name, stale in snapshot.stale.items()},
        )
        if "tickets" in snapshot.stale:
            yield from _tickets(snapshot)
        if "calls" in snapshot.stale:
            yield from _calls(snapshot)
        yield gauge_family(
            "indicator_misses_threshold",
            "Misses of today that a desk at its target reaches by chance on 1 of 100 days",
            ["indicator"],
            {(name,): n for name, n in snapshot.misses_threshold.items()},
        )
        yield gauge_family(
            "working_day",
            "How many days of this month the calendar has been open on, today included",
            ["calendar"],
            {(name,): n for name, n in snapshot.working_days.items()},
        )
        yield gauge_family(
            "calendar_open",
            "1 while the calendar is open",
            ["calendar"],
            {(name,): float(is_open) for name, is_open in snapshot.calendar_open.items()},
        )
        yield gauge_family(
            "calendar_next_change_timestamp_seconds",
            "When the calendar next opens, and when it next closes",
            ["calendar", "to"],
            dict(snapshot.next_change.items()),
        )
        yield from sources_families(self._settings, snapshot, health)
        yield from health_families(self._settings, health)


def _described(indicator: Indicator, languages: Sequence[Language]) -> tuple[str, ...]:
    """Titles, short titles, kind, calendar, and the words for the unit if the indicator has its
    own."""
    unit = indicator.unit or str(getattr(indicator, "of", ""))
    own = indicator.unit_label or Text(sv=unit, en=unit)
    words = own if kind_of(indicator).family == "value" else Text(sv="", en="")
    calendar = getattr(indicator, "calendar", "")
    titles, short, units = (
        text.in_languages(languages).values()
        for text in (indicator.title, indicator.short or indicator.title, words)
    )
    return *titles, *short, indicator.kind, calendar, *units


def _tickets(snapshot: LiveSnapshot) -> Iterator[Metric]:
    labels = ["priority", "organization"]
    groups = snapshot.open_work.tickets
    yield gauge_family(
        "tickets_open",
        "Tickets neither resolved nor closed",
        labels,
        {key: each.open for key, each in groups.items()},
    )
    yield gauge_family(
        "tickets_overdue",
        "Open tickets with a running clock past its limit",
        labels,
        {key: each.overdue for key, each in groups.items()},
    )
    yield gauge_family(
        "ticket_next_deadline_timestamp_seconds",
        "The earliest deadline ahead among open tickets; absent where no clock runs",
        labels,
        {k: e.next_deadline for k, e in groups.items() if e.next_deadline is not None},
    )
    yield gauge_family(
        "tickets_unanswered_overdue",
        "Open tickets without the first response that was due",
        labels,
        {key: each.unanswered for key, each in groups.items()},
    )
    yield gauge_family(
        "tickets_overdue_when_read",
        "Overdue tickets that already were when their source was last read to its end",
        labels,
        {key: each.overdue_when_read for key, each in groups.items()},
    )
    yield gauge_family(
        "tickets_unanswered_overdue_when_read",
        "Of these the ones without the first response that was due",
        labels,
        {key: each.unanswered_when_read for key, each in groups.items()},
    )
    yield gauge_family(
        "ticket_next_response_deadline_timestamp_seconds",
        "The earliest deadline of a first response ahead; absent where no such clock runs",
        labels,
        {k: e.next_response for k, e in groups.items() if e.next_response is not None},
    )


def _calls(snapshot: LiveSnapshot) -> Iterator[Metric]:
    waiting = snapshot.open_work.waiting
    yield gauge_family(
        "calls_waiting",
        "Callers in the queue",
        ["queue"],
        {(queue,): each.callers for queue, each in waiting.items()},
    )
    yield gauge_family(
        "calls_waiting_since_timestamp_seconds",
        "When the caller who waits longest entered the queue; absent where nobody waits",
        ["queue"],
        {(queue,): each.since for queue, each in waiting.items() if each.since is not None},
    )
    yield gauge_family(
        "calls_waiting_when_read_seconds",
        "The longest wait in the queue when its source was last read to its end; absent where "
        "nobody waited",
        ["queue"],
        {(queue,): each.when_read for queue, each in waiting.items() if each.when_read is not None},
    )
    yield gauge_family(
        "calls_today",
        "Calls that entered the queue today, by how they ended; open: not yet",
        ["queue", "outcome"],
        dict(snapshot.open_work.calls.items()),
    )
    yield gauge_family(
        "calls_refused_today",
        "Callers whom the queue did not let in today; absent where none were recorded",
        ["queue"],
        {(queue,): n for queue, n in snapshot.open_work.refused.items()},
    )
