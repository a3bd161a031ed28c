"""What a snapshot writes of a figure, of what differs, and of its own head: key by key. Pure.

What stands here is sealed, and owned by nobody else: the command line's records, and fields that
dataclasses get, may change without changing one byte of a snapshot. Whoever changes a key, or what
it means, gives the content another FORMAT.
"""

from __future__ import annotations

from typing import Any

from collector.config.definition_changes import Difference
from collector.measuring.engine.forecasting import Calibration
from collector.measuring.figures.distribution import BOUNDS, quantile
from collector.measuring.figures.figure import Comparison, Figure
from collector.measuring.figures.outlook import Outlook
from collector.measuring.verdicts.counts import Checks
from collector.model.bilingual import Text
from collector.model.quantities import Target
from collector.snapshot.canonical import steady
from collector.snapshot.completeness import Gap
from collector.snapshot.sentences import When, gap_sentence, no_forecast_sentence
from collector.store import SnapshotHead

FORMAT = 1
"""Of the content; a program that changes what a key means gives it another number."""


def figure_of(figure: Figure, start: str, end: str) -> dict[str, Any]:
    """A figure of the period ``[start, end)`` (ISO 8601). ``value`` is a division, which every
    machine does alike, and ``threshold`` a number of the configuration; of all else the digits are
    cut to those that are the same everywhere."""
    said = {
        "indicator": figure.indicator,
        "title": text(figure.title),
        "kind": figure.kind,
        "period": figure.period.name,
        "from": start,
        "to": end,
        "organization": figure.organization,
        "good": figure.good,
        "eligible": figure.eligible,
        "pending": figure.pending,
        "excluded": dict(figure.excluded),
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
    return {**steady(said), "value": figure.value, "threshold": figure.threshold}


def month_of(figure: Figure) -> dict[str, Any]:
    """A figure as one of the months that are shown side by side."""
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
    """A percentile of the durations, in seconds; None without any."""
    found = quantile(figure.histogram, share)
    if found is None:
        return None
    return {"seconds": found.seconds, "low": found.low, "high": found.high}


def _histogram(figure: Figure) -> list[list[int | None]]:
    """[up to so many seconds, records] of each bucket that holds any; None: no upper bound."""
    bounds: list[int | None] = [*BOUNDS, None]
    return [[bound, n] for bound, n in zip(bounds, figure.histogram, strict=False) if n]


def _own_calculation(checks: Checks) -> dict[str, int] | None:
    """What the source's own calculation gave, in records; None where it gave nothing."""
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


def _comparison(each: Comparison) -> dict[str, Any]:
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
    """``threshold`` in the unit of the value, ``number`` and ``unit`` as it is written."""
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
    """How wide the 80 % intervals are, and what that rests on."""
    return {
        "c": steady(calibration.c),
        "forecasts": calibration.forecasts,
        "years": calibration.years,
        "held": calibration.held,
    }


def definition_change_of(change: Difference) -> dict[str, Any]:
    """What defines a figure otherwise from a date within its period on."""
    return {
        "from": change.since.isoformat(),
        "path": change.path,
        "before": change.before,
        "after": change.after,
    }


def gap_of(gap: Gap, when: When) -> dict[str, Any]:
    """Why a period is not complete, as a code and in words."""
    said = gap_sentence(gap, when)
    return {"source": gap.source, "why": gap.reason.value, "sv": said.sv, "en": said.en}


def text(both: Text) -> dict[str, str]:
    """A text in both languages."""
    return {"sv": both.sv, "en": both.en}


def head_of(head: SnapshotHead) -> dict[str, Any]:
    """All that a seal is made of."""
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
