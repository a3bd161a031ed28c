"""The sealed form of figures, changes and snapshot heads, written key by key. Pure.

Everything here is sealed and independent of other output: the command line's records and the fields
of dataclasses may change without changing a byte of a snapshot. Changing a key or its meaning
requires a new FORMAT.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collector.config.definition_changes import Difference
from collector.measuring.engine.forecasting import Calibration
from collector.measuring.figures.distribution import BOUNDS, quantile
from collector.measuring.figures.figure import Figure, FigureComparison
from collector.measuring.figures.forecast import HALF_WIDTH
from collector.measuring.figures.outlook import Outlook
from collector.measuring.verdicts.counts import Checks
from collector.model.bilingual import Language
from collector.model.quantities import Target
from collector.snapshot.canonical import round_floats
from collector.snapshot.completeness import Gap
from collector.snapshot.sentences import When, gap_sentence, no_forecast_sentence
from collector.store import SnapshotHead

FORMAT = 1
"""Version of the content's format; increase it when the meaning of a key changes."""


_ONE_REASON = {"unknown_wait": "unknown"}
"""Reasons told apart after FORMAT was set, and the one under which they are sealed."""


def sealed_reason(reason: str) -> str:
    """Return the reason for an exclusion as it is sealed."""
    return _ONE_REASON.get(reason, reason)


def figure_of(
    figure: Figure, start: str, end: str, languages: Sequence[Language]
) -> dict[str, Any]:
    """Return a figure of the period ``[start, end)`` (ISO 8601).

    ``value`` is a single division, which all machines compute alike, and ``threshold`` comes from
    the configuration. All other floats are rounded to the digits that are the same everywhere.
    """
    said = {
        "indicator": figure.indicator,
        "title": figure.title.in_languages(languages),
        "kind": figure.kind,
        "period": figure.period.name,
        "from": start,
        "to": end,
        "organization": figure.organization,
        "good": figure.good,
        "eligible": figure.eligible,
        "pending": figure.pending,
        "excluded": _excluded(figure),
        "unit": figure.unit,
        "target": None if figure.target is None else figure.target.text,
        "state": figure.state,
        "formula": figure.formula,
        "left": figure.left,
        "misses_left": figure.misses_left,
        "required": figure.required,
        "median": _quantile(figure, 0.5),
        "p90": _quantile(figure, 0.9),
        "histogram": _histogram(figure),
        "own_calculation": _own_calculation(figure.checks),
        "forecast": None if figure.outlook is None else _forecast(figure.outlook),
        "comparisons": [_comparison(each) for each in figure.comparisons],
        "comment": figure.comment,
        "given_on": None if figure.given_on is None else figure.given_on.isoformat(),
    }
    return {**round_floats(said), "value": figure.value, "threshold": figure.threshold}


def _excluded(figure: Figure) -> dict[str, int]:
    found: dict[str, int] = {}
    for reason, n in figure.excluded.items():
        found[sealed_reason(reason)] = found.get(sealed_reason(reason), 0) + n
    return found


def month_of(figure: Figure) -> dict[str, Any]:
    """Return a figure as one of the months that are shown side by side."""
    return {
        "month": figure.period.name,
        "organization": figure.organization,
        "good": figure.good,
        "eligible": figure.eligible,
        "pending": figure.pending,
        "value": figure.value,
        "state": figure.state,
        "threshold": figure.threshold,
    }


def _quantile(figure: Figure, share: float) -> dict[str, Any] | None:
    """A quantile (share 0–1) of the durations, in seconds; None without durations."""
    found = quantile(figure.histogram, share)
    if found is None:
        return None
    return {"seconds": found.seconds, "low": found.low, "high": found.high}


def _histogram(figure: Figure) -> list[list[int | None]]:
    """[upper bound in seconds, records] for each non-empty bucket; None: no upper bound."""
    bounds: list[int | None] = [*BOUNDS, None]
    return [[bound, n] for bound, n in zip(bounds, figure.histogram, strict=False) if n]


def _own_calculation(checks: Checks) -> dict[str, int] | None:
    """Counts of records by the source's own calculation; None if it has none."""
    if not checks.checked and not checks.compared:
        return None
    return {
        "checked": checks.checked,
        "good": checks.good,
        "own_good": checks.own_good,
        "disagree": checks.disagree,
        "compared": checks.compared,
        "differ": checks.differ,
    }


def _forecast(outlook: Outlook) -> dict[str, Any]:
    return {
        "value": outlook.value,
        "low": outlook.low,
        "high": outlook.high,
        "chance": outlook.chance,
        "months": outlook.months,
        "reason": no_forecast_sentence(outlook.reason),
        "given": outlook.given,
        "set_by": outlook.set_by,
        "since": None if outlook.since is None else outlook.since.isoformat(),
        "comment": outlook.comment,
        "computed": outlook.computed,
        "odd_month": None if outlook.odd_month is None else outlook.odd_month.isoformat(),
        "odd_by": outlook.odd_by,
    }


def _comparison(each: FigureComparison) -> dict[str, Any]:
    return {
        "name": each.name,
        "period": each.period,
        "value": each.value,
        "eligible": each.eligible,
        "own": each.own,
        "days": each.days,
        "change": each.change,
        "low": each.low,
        "high": each.high,
        "verdict": each.verdict,
    }


def target_of(target: Target | None, threshold: float | None) -> dict[str, Any] | None:
    """Return a target: ``threshold`` in the value's unit, ``number`` and ``unit`` as configured."""
    if target is None:
        return None
    return {
        "text": target.text,
        "comparison": target.comparison,
        "higher_is_better": target.higher_is_better,
        "baseline": target.baseline,
        "number": float(target.number),
        "unit": target.unit,
        "threshold": threshold,
    }


def calibration_of(calibration: Calibration) -> dict[str, Any]:
    """Return the half width of the 80 % intervals in scales, and how they stood the test."""
    return {
        "c": round_floats(HALF_WIDTH),
        "forecasts": calibration.forecasts,
        "years": calibration.years,
        "held": calibration.held,
    }


def definition_change_of(change: Difference) -> dict[str, Any]:
    """Return a change of a figure's definition at a date within its period."""
    return {
        "from": change.since.isoformat(),
        "path": change.path,
        "before": change.before,
        "after": change.after,
    }


def gap_of(gap: Gap, when: When, languages: Sequence[Language]) -> dict[str, Any]:
    """Return why a period is incomplete, as a code and as a sentence in the languages in use."""
    said = gap_sentence(gap, when).in_languages(languages)
    return {"source": gap.source, "why": gap.reason.value, **said}


def head_of(head: SnapshotHead) -> dict[str, Any]:
    """Return the fields that a seal is computed from."""
    return {
        "number": head.number,
        "kind": head.kind,
        "first": head.first,
        "last": head.last,
        "sha256": head.sha256,
        "records_sha256": head.records_sha256,
        "frozen_at": head.frozen_at,
        "previous": head.previous,
    }
