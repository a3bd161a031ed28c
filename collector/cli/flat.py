"""Records for programs as flat rows of CSV: one value a cell, and columns that depend on the
configuration and the options only, never on the data.

Objects become columns whose names are joined by ``_`` (``forecast_low``); what has no fixed number
of values (definitions, histograms, spans of time) is in JSON only, or summed up here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from collector.model.bilingual import Language
from collector.model.codes import REASONS

Record = Mapping[str, Any]
Row = dict[str, Any]

_QUANTILE = ("seconds", "low", "high")
_CHECKS = ("checked", "good", "own_good", "disagree", "compared", "differ")
_FORECAST = (
    "value", "low", "high", "chance", "months", "reason", "given", "set_by", "since", "comment",
    "computed", "odd_month", "odd_by",
)  # fmt: skip
_COMPARISON = (
    "period", "value", "eligible", "own", "days", "change", "low", "high", "verdict",
)  # fmt: skip
_COMPARED_WITH = ("previous", "year_before", "year_to_date")
_SIDE = (
    "from", "to", "good", "eligible", "pending", "excluded", "value", "unit", "target", "state",
    "formula",
)  # fmt: skip
_VERDICTS = ("met", "missed", "pending", "excluded", "not counted")


def figure_columns(excludes: Iterable[str], split: str | None) -> list[str]:
    """The columns of figures; ``excludes``: the names of the configured filters; ``split``: the
    field by which the figures are split, besides organizations."""
    return [
        *("indicator", "title", "kind", "period", "from", "to", "organization"),
        *(("split", split) if split else ()),
        *("good", "eligible", "pending", "excluded", "value", "unit", "target", "state", "rule"),
        *("formula", "left", "misses_left", "required", "purged"),
        *_named("median", _QUANTILE),
        *_named("p90", _QUANTILE),
        *_named("own_calculation", _CHECKS),
        *_named("forecast", _FORECAST),
        *(column for name in _COMPARED_WITH for column in _named(name, _COMPARISON)),
        *_named("excluded", _reasons(excludes)),
    ]


def flat_figure(record: Record, excludes: Iterable[str], language: Language) -> Row:
    """A figure as a row: title and rule in ``language``, excluded records in all and by reason."""
    row = dict(record)
    row |= {key: record[key][language] for key in ("title", "rule")}
    row["excluded"] = sum(record["excluded"].values())
    for reason in _reasons(excludes):
        row[f"excluded_{reason}"] = record["excluded"].get(reason, 0)
    for key, names in (
        ("median", _QUANTILE),
        ("p90", _QUANTILE),
        ("own_calculation", _CHECKS),
        ("forecast", _FORECAST),
    ):
        row |= _spread(key, names, record[key])
    compared = {each["name"]: each for each in record["comparisons"]}
    for name in _COMPARED_WITH:
        row |= _spread(name, _COMPARISON, compared.get(name))
    return row


ALTERNATIVE_COLUMNS = [
    "indicator",
    "period",
    *(f"{side}_{key}" for side in ("in_force", "what_if") for key in _SIDE),
    "moved",
    *(
        f"moved_{was}_{becomes}".replace(" ", "_")
        for was in _VERDICTS
        for becomes in _VERDICTS
        if was != becomes
    ),
]


def flat_alternative(record: Record) -> Row:
    """A figure in force and another as a row; how many records move from one verdict to another."""
    row: Row = {"indicator": record["indicator"], "period": record["period"]}
    for side in ("in_force", "what_if"):
        own = {**record[side], "excluded": sum(record[side]["excluded"].values())}
        row |= _spread(side, _SIDE, own)
    row |= dict.fromkeys(ALTERNATIVE_COLUMNS[ALTERNATIVE_COLUMNS.index("moved") :], 0)
    for each in record["moved"]:
        row["moved"] += each["records"]
        row[f"moved_{each['from']}_{each['to']}".replace(" ", "_")] = each["records"]
    return row


def _reasons(excludes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*REASONS[1:], *excludes)))


def _named(prefix: str, names: Iterable[str]) -> list[str]:
    return [f"{prefix}_{name}" for name in names]


def _spread(prefix: str, names: Iterable[str], record: Record | None) -> Row:
    return {f"{prefix}_{name}": None if record is None else record[name] for name in names}
