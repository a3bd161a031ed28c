"""The figures of the year so far in the format of Kolada's API responses (v2), as an extra.

Kolada (RKA) accepts no uploads and has no such indicators: the ids are the municipality's own. The
format lets programs that read Kolada read these figures. Included are figures whose organization
has a municipality code and whose indicator has an id, unless they are hidden. Until the year is
over, or if the data were incomplete, they are marked as preliminary.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from collector.report.content.definitions import definition_text
from collector.report.content.frozen import Indicator, Json
from collector.report.content.quality import incomplete_lines
from collector.report.content.report import Report
from collector.text.characters import NBSP

_LABEL = {
    "sv": "Kolada-liknande: samma form som Koladas svar, men inte från Kolada",
    "en": "Kolada-shaped: the form of Kolada's answers, but not from Kolada",
}
_PER_CENT = 100
_SHARES = {"ratio", "%"}
_PRELIMINARY = "Preliminary"


def kolada_bytes(report: Report, codes: Mapping[str, str], ids: Mapping[str, str]) -> bytes:
    """Render as JSON. ``codes``: organization → municipality code; ``ids``: indicator → id."""
    first, _, to = report.content.year
    values = list(_values(report, codes, ids))
    shaped = {
        "label": _LABEL[report.language],
        "span": {"first": first.isoformat(), "last": to.isoformat()},
        "incomplete": incomplete_lines(report),
        "kpi": [_kpi(report, each, ids[each.id]) for each in _chosen(report, ids)],
        "count": len(values),
        "next_page": None,
        "values": values,
    }
    return (json.dumps(shaped, ensure_ascii=False, indent=1) + "\n").encode()


def _chosen(report: Report, ids: Mapping[str, str]) -> list[Indicator]:
    return [each for each in report.content.indicators if each.id in ids]


def _kpi(report: Report, indicator: Indicator, name: str) -> Json:
    title = indicator.title[report.language]
    unit = "%" if indicator.unit in _SHARES else report.amounts(indicator).unit
    return {
        "id": name,
        "title": f"{title} ({unit.replace(NBSP, ' ')})" if unit else title,
        "description": definition_text(report, indicator).replace(NBSP, " "),
        "municipality_type": "K",
        "is_divided_by_gender": 0,
    }


def _values(
    report: Report, codes: Mapping[str, str], ids: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    first, last, to = report.content.year
    preliminary = to < last or bool(report.content.raw["incomplete"])
    for indicator in _chosen(report, ids):
        for figure in indicator.figures("year_to_date"):
            organization = figure["organization"]
            hidden = report.masks.figure(indicator, "year_to_date", organization)
            if organization not in codes or hidden or figure["value"] is None:
                continue
            value = figure["value"] * (_PER_CENT if indicator.unit == "ratio" else 1)
            value = round(value / report.amounts(indicator).length, 9)
            status = _PRELIMINARY if preliminary else ""
            yield {
                "kpi": ids[indicator.id],
                "municipality": codes[organization],
                "period": str(first.year),
                "values": [{"count": 1, "gender": "T", "status": status, "value": value}],
            }
