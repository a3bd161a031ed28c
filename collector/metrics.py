"""A snapshot as Prometheus metric families. Fresh objects at each scrape; nothing is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from collector import __version__
from collector.indicators.distribution import quantile
from collector.indicators.figures import Figure
from collector.indicators.outlook import Outlook
from collector.indicators.states import STATES
from collector.live import Snapshot
from collector.settings import Settings
from collector.store import PollState

PREFIX = "servicedesk_"


def _by_hand(figure: Figure) -> float | None:
    outlook = figure.outlook if figure.period.name == "year_to_date" else None
    return None if outlook is None or outlook.value is None else float(outlook.given)


def _of(part: int, whole: int) -> float | None:
    return part / whole if whole else None


_FIGURES: dict[str, tuple[str, Callable[[Figure], float | None]]] = {
    "ratio": (
        "Share of records that meet the indicator, 0-1; absent without data, never 0 for it",
        lambda f: f.value if f.unit == "ratio" else None,
    ),
    "seconds": (
        "Mean duration in business seconds of the indicator's calendar; absent without data",
        lambda f: f.value if f.unit == "seconds" else None,
    ),
    "value": (
        "A number of records, or a figure given by hand, in the indicator's own unit",
        lambda f: f.value if f.unit not in {"ratio", "seconds"} else None,
    ),
    "good": (
        "Numerator: records that meet the indicator; for a mean duration the sum of seconds",
        lambda f: None if f.kind == "manual" else f.good,
    ),
    "eligible": (
        "Denominator: records that count, met or missed",
        lambda f: None if f.kind == "manual" else f.eligible,
    ),
    "pending": (
        "Records that are open and not yet due; outside the denominator",
        lambda f: None if f.kind == "manual" else f.pending,
    ),
    "misses_left": (
        "Misses that the target still allows in the period or the year; below 0: too many",
        lambda f: f.misses_left,
    ),
    "required_ratio": (
        "Share that the rest of the period, or year, must give to reach the target; over 1: cannot",
        lambda f: f.required if f.unit == "ratio" else None,
    ),
    "required_seconds": (
        "Mean that the rest of the period, or year, must give to reach the target; below 0: cannot",
        lambda f: f.required if f.unit == "seconds" else None,
    ),
    "forecast_by_hand": (
        "1 where a person set the forecast of the year, 0 where it is computed",
        _by_hand,
    ),
}

_WHOLE_DESK: dict[str, tuple[str, Callable[[Figure], float | None]]] = {
    "source_ratio": (
        "Share met by the source's own verdicts, of the records that both have judged",
        lambda f: _of(f.checks.own_good, f.checks.checked),
    ),
    "disagreement_ratio": (
        "Share of the records judged by both on which the source's own verdict is another one",
        lambda f: _of(f.checks.disagree, f.checks.checked),
    ),
    "response_disagreement_ratio": (
        "Share of records whose first response the source puts over a minute elsewhere than we",
        lambda f: _of(f.checks.differ, f.checks.compared),
    ),
}
"""Figures that are told of the whole desk alone: by organization they would be many series."""

_QUANTILES = {
    "median_seconds": ("Median of the durations behind the figure", 0.5),
    "p90_seconds": ("90th percentile of the durations behind the figure", 0.9),
}
"""Each is told as ``about``, and by ``low`` and ``high`` of its bucket, between which it lies."""

_BOUNDS: dict[str, Callable[[Outlook], float | None]] = {
    "expected": lambda outlook: outlook.value,
    "low": lambda outlook: outlook.low,
    "high": lambda outlook: outlook.high,
}


class Counters:
    """What the scheduler met since the start, by event."""

    def __init__(self) -> None:
        self.events: dict[str, int] = {"missed": 0, "overlapped": 0, "failed": 0}

    def add(self, event: str) -> None:
        """Count one event."""
        self.events[event] += 1


class DeskCollector(Collector):
    """Hands the present snapshot to the Prometheus client."""

    def __init__(
        self, settings: Settings, snapshot: Callable[[], Snapshot | None], counters: Counters
    ) -> None:
        self._settings = settings
        self._snapshot = snapshot
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        """The metric families of DESIGN §7, from one snapshot: wholly old or wholly new."""
        snapshot = self._snapshot()
        yield _gauge("build_info", "The running release", ["version"], {(__version__,): 1})
        yield _gauge("leader", "1: this process polls the sources", [], {(): 1})
        events = CounterMetricFamily(
            PREFIX + "scheduler_events",
            "Polls that were late, overlapped or broke",
            labels=["event"],
        )
        for event, count in self._counters.events.items():
            events.add_metric([event], count)
        yield events
        yield _gauge(
            "source_poll_interval_seconds",
            "How often the source is polled",
            ["source"],
            {(name,): options.every for name, options in self._settings.sources.items()},
        )
        if snapshot is None:
            return
        yield _gauge(
            "measured_timestamp_seconds", "When the figures were measured", [], {(): snapshot.now}
        )
        yield from _figures("indicator_", snapshot.figures, whole=True)
        yield from _figures("organization_", snapshot.figures, whole=False)
        yield from _targets(snapshot.figures)
        yield from _tickets(snapshot)
        yield _gauge(
            "business_hours",
            "1 while the calendar is open",
            ["calendar"],
            {(name,): float(is_open) for name, is_open in snapshot.business_hours.items()},
        )
        yield from _sources(self._settings, snapshot)


def registry(
    settings: Settings, snapshot: Callable[[], Snapshot | None], counters: Counters
) -> CollectorRegistry:
    """A registry of our metrics and of the process itself."""
    result = CollectorRegistry()
    result.register(DeskCollector(settings, snapshot, counters))
    ProcessCollector(registry=result)
    PlatformCollector(registry=result)
    return result


def _gauge(
    name: str, text: str, labels: list[str], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


def _figures(prefix: str, figures: Iterable[Figure], *, whole: bool) -> Iterator[Metric]:
    chosen = [f for f in figures if (f.organization is None) is whole and not _nobodys(f)]
    labels = ["indicator", "period"] if whole else ["indicator", "period", "organization"]

    def key(figure: Figure) -> tuple[str, ...]:
        own = () if figure.organization is None else (figure.organization,)
        return figure.indicator, figure.period.name, *own

    families = _FIGURES | _WHOLE_DESK if whole else _FIGURES
    for name, (text, value_of) in families.items():
        known = {key(f): v for f in chosen if (v := value_of(f)) is not None}
        yield _gauge(prefix + name, text, labels, known)
    if whole:
        yield from _quantiles(prefix, chosen, labels, key)
    for unit in ("ratio", "seconds", "value"):
        text = f"The {unit} expected of the whole fiscal year, and the bounds of its 80 % interval"
        bounds = {
            (*key(f), bound): v
            for f in chosen
            if f.outlook is not None and f.period.name == "year_to_date" and _unit(f) == unit
            for bound, value_of_bound in _BOUNDS.items()
            if (v := value_of_bound(f.outlook)) is not None
        }
        yield _gauge(f"{prefix}forecast_{unit}", text, [*labels, "bound"], bounds)
    states = {
        (*key(f), state): float(f.state == state)
        for f in chosen
        if f.state is not None
        for state in STATES
    }
    text = "1 for the state the indicator is in, 0 for the others"
    yield _gauge(prefix + "state", text, [*labels, "state"], states)


def _quantiles(
    prefix: str,
    figures: Iterable[Figure],
    labels: list[str],
    key: Callable[[Figure], tuple[str, ...]],
) -> Iterator[Metric]:
    for name, (text, share) in _QUANTILES.items():
        known: dict[tuple[str, ...], float] = {}
        for figure in figures:
            if (found := quantile(figure.histogram, share)) is None:
                continue
            bounds = {"about": found.seconds, "low": found.low, "high": found.high}
            known |= {(*key(figure), b): v for b, v in bounds.items() if v is not None}
        whole = f"{text}, from fixed buckets: about so much, above low and not over high"
        yield _gauge(prefix + name, whole, [*labels, "bound"], known)


def _unit(figure: Figure) -> str:
    return figure.unit if figure.unit in {"ratio", "seconds"} else "value"


def _nobodys(figure: Figure) -> bool:
    """A figure given by hand for the whole desk has no parts that could be told."""
    return figure.kind == "manual" and figure.organization is not None and figure.value is None


def _targets(figures: Iterable[Figure]) -> Iterator[Metric]:
    known = {f.indicator: f for f in figures if f.threshold is not None}
    for unit, text in (
        ("ratio", "The target of a share, 0-1"),
        ("seconds", "The target of a mean duration in business seconds"),
        ("value", "The target of a number or of a figure given by hand, in its own unit"),
    ):
        values: dict[tuple[str, ...], float] = {
            (name,): f.threshold
            for name, f in known.items()
            if f.threshold is not None and _unit(f) == unit
        }
        yield _gauge(f"indicator_target_{unit}", text, ["indicator"], values)


def _tickets(snapshot: Snapshot) -> Iterator[Metric]:
    labels = ["priority", "organization"]
    groups = snapshot.open_tickets
    yield _gauge(
        "tickets_open",
        "Tickets neither resolved nor closed",
        labels,
        {key: each.open for key, each in groups.items()},
    )
    yield _gauge(
        "tickets_overdue",
        "Open tickets with a running clock past its limit",
        labels,
        {key: each.overdue for key, each in groups.items()},
    )
    yield _gauge(
        "ticket_next_deadline_timestamp_seconds",
        "The earliest deadline ahead among open tickets; absent where no clock runs",
        labels,
        {k: e.next_deadline for k, e in groups.items() if e.next_deadline is not None},
    )


def _is_up(state: PollState | None) -> bool:
    return state is not None and state.last_success is not None and not state.consecutive_failures


def _sources(settings: Settings, snapshot: Snapshot) -> Iterator[Metric]:
    states = {name: snapshot.sources.get(name) for name in settings.sources}
    known = {(name,): state for name, state in states.items() if state is not None}
    yield _gauge(
        "source_up",
        "1 if the last poll succeeded; the figures keep their last values if not",
        ["source"],
        {(name,): float(_is_up(state)) for name, state in states.items()},
    )
    yield _gauge(
        "source_last_success_timestamp_seconds",
        "When the source was last read to its end; absent if never",
        ["source"],
        {key: s.last_success for key, s in known.items() if s.last_success is not None},
    )
    yield _gauge(
        "source_newest_record_timestamp_seconds",
        "The latest instant that a record of the source carries, by the source's own clock",
        ["source"],
        {key: s.newest_record_at for key, s in known.items() if s.newest_record_at is not None},
    )
    yield _gauge(
        "source_poll_duration_seconds",
        "How long the last poll took",
        ["source"],
        {key: s.duration for key, s in known.items()},
    )
    yield _gauge(
        "source_records",
        "Records that the last poll read",
        ["source"],
        {key: s.records for key, s in known.items()},
    )
    yield _gauge(
        "source_clock_skew_seconds",
        "How far the source's clock is ahead of ours; absent where the source does not tell",
        ["source"],
        {key: s.clock_skew for key, s in known.items() if s.clock_skew is not None},
    )
    rejected = CounterMetricFamily(
        PREFIX + "source_rejected",
        "Records that could not be used, by reason",
        labels=["source", "reason"],
    )
    for (name,), state in known.items():
        for reason, count in state.rejected.items():
            rejected.add_metric([name, reason], count)
    yield rejected
