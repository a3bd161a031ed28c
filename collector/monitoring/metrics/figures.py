"""Converts figures to Prometheus metric families. Pure; measures nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric

from collector.measuring.figures.distribution import quantile
from collector.measuring.figures.figure import Figure
from collector.measuring.figures.outlook import Outlook
from collector.model.bilingual import LANGUAGES, Language
from collector.model.codes import STATES
from collector.monitoring.names import PREFIX
from collector.text.measures import target_text


def _by_hand(figure: Figure) -> float | None:
    outlook = figure.outlook if figure.period.name == "year_to_date" else None
    return None if outlook is None or outlook.value is None else float(outlook.given)


def _of(part: int, whole: int) -> float | None:
    return part / whole if whole else None


_FIGURES: dict[str, tuple[str, Callable[[Figure], float | None]]] = {
    "ratio": (
        "Share of records that meet the indicator, 0-1; absent without data, never 0 for it",
        lambda f: f.value if f.family == "ratio" else None,
    ),
    "seconds": (
        "Mean duration in business seconds of the indicator's calendar; absent without data",
        lambda f: f.value if f.family == "seconds" else None,
    ),
    "value": (
        "A number of records, or a figure given by hand, in the indicator's own unit",
        lambda f: f.value if f.family == "value" else None,
    ),
    "good": (
        "Numerator: records that meet the indicator; for a mean duration the sum of seconds",
        lambda f: f.good if f.is_measured else None,
    ),
    "eligible": (
        "Denominator: records that count, met or missed",
        lambda f: f.eligible if f.is_measured else None,
    ),
    "pending": (
        "Records that are open and not yet due; outside the denominator",
        lambda f: f.pending if f.is_measured else None,
    ),
    "misses_left": (
        "Misses that the target still allows in the period or the year; below 0: too many",
        lambda f: f.misses_left,
    ),
    "required_ratio": (
        "Share that the rest of the period, or year, must give to reach the target; over 1: cannot",
        lambda f: f.required if f.family == "ratio" else None,
    ),
    "required_seconds": (
        "Mean that the rest of the period, or year, must give to reach the target; below 0: cannot",
        lambda f: f.required if f.family == "seconds" else None,
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
    "checked": (
        "Records that both we and the source have judged",
        lambda f: f.checks.checked or None,
    ),
    "response_disagreement_ratio": (
        "Share of records whose first response the source puts over a minute elsewhere than we",
        lambda f: _of(f.checks.differ, f.checks.compared),
    ),
    "compared": (
        "Records whose first response both we and the source know",
        lambda f: f.checks.compared or None,
    ),
}
"""Metrics exported only for the whole desk: by organization there would be too many series."""

_QUANTILES = {
    "median_seconds": ("Median of the durations behind the figure", 0.5),
    "p90_seconds": ("90th percentile of the durations behind the figure", 0.9),
}
"""Each is exported as an estimate ``about`` and the bounds of its bucket, ``low`` and ``high``."""

_BOUNDS: dict[str, Callable[[Outlook], float | None]] = {
    "expected": lambda outlook: outlook.value,
    "low": lambda outlook: outlook.low,
    "high": lambda outlook: outlook.high,
}


def gauge_family(
    name: str, text: str, labels: list[str], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    """A family of gauges. ``name`` is without the prefix; ``values``: label values → value."""
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


def figure_families(prefix: str, figures: Iterable[Figure], *, whole: bool) -> Iterator[Metric]:
    """The metrics of figures: of the whole desk if ``whole``, otherwise of each organization."""
    chosen = [f for f in figures if (f.organization is None) is whole and not _absent_by_hand(f)]
    labels = ["indicator", "period"] if whole else ["indicator", "period", "organization"]

    def key(figure: Figure) -> tuple[str, ...]:
        own = () if figure.organization is None else (figure.organization,)
        return figure.indicator, figure.period.name, *own

    families = _FIGURES | _WHOLE_DESK if whole else _FIGURES
    for name, (text, value_of) in families.items():
        known = {key(f): v for f in chosen if (v := value_of(f)) is not None}
        yield gauge_family(prefix + name, text, labels, known)
    if whole:
        yield from _quantiles(prefix, chosen, labels, key)
    for unit in ("ratio", "seconds", "value"):
        text = f"The {unit} expected of the whole fiscal year, and the bounds of its 80 % interval"
        bounds = {
            (*key(f), bound): v
            for f in chosen
            if f.outlook is not None and f.period.name == "year_to_date" and f.family == unit
            for bound, value_of_bound in _BOUNDS.items()
            if (v := value_of_bound(f.outlook)) is not None
        }
        yield gauge_family(f"{prefix}forecast_{unit}", text, [*labels, "bound"], bounds)
    states = {
        (*key(f), state): float(f.state == state)
        for f in chosen
        if f.state is not None
        for state in STATES
    }
    text = "1 for the state the indicator is in, 0 for the others"
    yield gauge_family(prefix + "state", text, [*labels, "state"], states)


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
        whole = f"{text}, from fixed buckets: an estimate, above low and not over high"
        yield gauge_family(prefix + name, whole, [*labels, "bound"], known)


def _absent_by_hand(figure: Figure) -> bool:
    """Whether a figure by hand was not given for this organization."""
    return not figure.is_measured and figure.organization is not None and figure.value is None


def by_language(label: str, languages: Sequence[Language]) -> list[str]:
    """The names of a label that holds a text, as in ``title_sv``, in the languages in use."""
    return [f"{label}_{each}" for each in LANGUAGES if each in languages]


def target_families(figures: Iterable[Figure], languages: Sequence[Language]) -> Iterator[Metric]:
    """The targets of figures: shares 0-1, business seconds, or the indicator's own unit."""
    known = {f.indicator: f for f in figures if f.threshold is not None}
    for unit, text in (
        ("ratio", "The target of a share, 0-1"),
        ("seconds", "The target of a mean duration in business seconds"),
        ("value", "The target of a number or of a figure given by hand, in its own unit"),
    ):
        values: dict[tuple[str, ...], float] = {
            (name,): f.threshold
            for name, f in known.items()
            if f.threshold is not None and f.family == unit
        }
        yield gauge_family(f"indicator_target_{unit}", text, ["indicator"], values)
    yield gauge_family(
        "indicator_target_info",
        "1 for each indicator with a target: the target in words",
        ["indicator", *by_language("target", languages)],
        {
            (name, *(target_text(f.measure, each) for each in LANGUAGES if each in languages)): 1
            for name, f in known.items()
        },
    )
