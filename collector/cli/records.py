"""Figures and records as the command line prints them for programs: objects with fixed keys.

New keys may be added at any time. Snapshots do not use this: see ``snapshot.format``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from collector.config.definition_changes import changes_within
from collector.config.definitions import definition_content, definitions, parsed_value
from collector.config.settings import Settings
from collector.measuring.engine.what_if import Alternative
from collector.measuring.figures.backtest import BacktestRow
from collector.measuring.figures.distribution import BOUNDS, quantile
from collector.measuring.figures.figure import Figure, definition_date, known_span
from collector.measuring.figures.outlook import Outlook
from collector.measuring.figures.rules import rules_in_words
from collector.model.bilingual import Language
from collector.model.codes import NoForecast
from collector.model.periods import Period, month_start
from collector.text.characters import NBSP

_NO_FORECAST = {
    NoForecast.SHORT_HISTORY: "under three months of history",
    NoForecast.NOTHING_ELIGIBLE: "nothing eligible this year",
    NoForecast.NOT_READ: "sources not read up to now",
}


def figure_record(
    figure: Figure,
    start: str,
    end: str,
    languages: Sequence[Language],
    split: str | None = None,
) -> dict[str, Any]:
    """A figure for programs. ``start`` and ``end`` are its half-open span, in ISO 8601;
    ``languages``: those of its title.

    ``split``: the field by which figures are split besides organizations; a part then has its name
    under ``split`` and its value under that name, the whole desk null.
    """
    part: dict[str, Any] = {} if split is None else {"split": None, split: None}
    if figure.part is not None:
        part = {"split": split, figure.part.by: figure.part.value}
    return {
        "indicator": figure.indicator,
        "title": {each: figure.title[each] for each in languages},
        "kind": figure.kind,
        "period": figure.period.name,
        "from": start,
        "to": end,
        "organization": figure.organization,
        **part,
        "good": figure.good,
        "eligible": figure.eligible,
        "pending": figure.pending,
        "excluded": figure.excluded,
        "purged": None if figure.purged is None else figure.purged.isoformat(),
        "value": figure.value,
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
        "own_calculation": _checks(figure),
        "forecast": None if figure.outlook is None else _outlook(figure.outlook),
        "comparisons": [asdict(each) for each in figure.comparisons],
    }


def definition_record(
    settings: Settings, indicator: str, period: Period, turns: Sequence[date], today: date
) -> dict[str, Any]:
    """The definition of an indicator as path → value, how it changed within the period, and the
    rule as a sentence in the languages in use: that of the period's first day, and those that
    replace it on ``turns``.

    The definition is that of the period's last day, or of ``today`` if that is earlier.
    """
    changes = changes_within(definitions(settings, indicator), *known_span(period, today))
    said = definition_content(settings, indicator, definition_date(period, today))
    days = (period.first, *turns)
    return {
        "rule": {
            each: rules_in_words(settings, indicator, days, each).replace(NBSP, " ")
            for each in settings.languages
        },
        "definition": {path: parsed_value(text) for path, text in said.items()},
        "definition_changes": [
            {"from": c.since.isoformat(), "path": c.path, "before": c.before, "after": c.after}
            for c in changes
        ],
    }


def _quantile(figure: Figure, share: float) -> dict[str, Any] | None:
    found = quantile(figure.histogram, share)
    return None if found is None else found._asdict()


def _histogram(figure: Figure) -> list[list[int | None]]:
    """[upper bound in seconds, records] of each non-empty bucket; None: no upper bound."""
    bounds: list[int | None] = [*BOUNDS, None]
    return [[bound, n] for bound, n in zip(bounds, figure.histogram, strict=False) if n]


def _checks(figure: Figure) -> dict[str, Any] | None:
    """How the source's own calculation compares with ours; None without one."""
    checks = figure.checks
    return asdict(checks) if checks.checked or checks.compared else None


def _outlook(outlook: Outlook) -> dict[str, Any]:
    found = asdict(outlook)
    found["reason"] = "" if outlook.reason is None else _NO_FORECAST[outlook.reason]
    for key in ("since", "odd_month"):
        found[key] = None if found[key] is None else found[key].isoformat()
    return found


def alternative_record(
    each: Alternative, span: tuple[str, str], other: tuple[str, str]
) -> dict[str, Any]:
    """A figure in force and under another configuration, for programs.

    ``span`` and ``other`` are their half-open spans, in ISO 8601.
    """
    before, after = each.in_force, each.other
    moved = [{"from": was, "to": becomes, "records": n} for (was, becomes), n in each.moved.items()]
    return {
        "indicator": before.indicator,
        "period": before.period.name,
        "in_force": _compact(before, span),
        "what_if": _compact(after, other),
        "moved": moved,
    }


def _compact(figure: Figure, span: tuple[str, str]) -> dict[str, Any]:
    record = figure_record(figure, *span, languages=())
    kept = ("from", "to", "good", "eligible", "pending", "excluded", "value", "unit", "target")
    return {key: record[key] for key in (*kept, "state", "formula")}


def backtest_record(row: BacktestRow) -> dict[str, Any]:
    """A rebuilt forecast and the value that the year ended with, for programs."""
    return {
        "indicator": row.indicator,
        "year": month_start(row.year).isoformat(),
        "month": row.month,
        "forecast": row.forecast.value,
        "low": row.forecast.low,
        "high": row.forecast.high,
        "naive": row.naive,
        "actual": row.actual,
        "held": row.held,
    }
