"""The words of the workbook: titles of columns, spans, and why a figure is hidden."""

from __future__ import annotations

from collector.model.bilingual import Text

COLUMN_TITLES: dict[str, Text] = {
    name: Text(sv=sv, en=en)
    for name, (sv, en) in {
        "indicator": ("Indikatorns id", "Indicator's id"),
        "title": ("Indikator", "Indicator"),
        "council_goal": ("Kommunfullmäktiges mål", "Council goal"),
        "board_goal": ("Nämndmål", "Board goal"),
        "organization": ("Kommun", "Organization"),
        "span": ("Tidsrymd", "Span"),
        "first": ("Från", "From"),
        "last": ("Till", "To"),
        "month": ("Månad", "Month"),
        "good": ("Täljare", "Numerator"),
        "eligible": ("Nämnare", "Denominator"),
        "pending": ("Väntar", "Pending"),
        "value": ("Värde", "Value"),
        "unit": ("Enhet", "Unit"),
        "target": ("Målvärde", "Target"),
        "threshold": ("Gräns i värdets enhet", "Limit in the value's unit"),
        "state": ("Bedömning", "Assessment"),
        "hidden": ("Visas inte", "Not shown"),
        "forecast": ("Prognos helåret", "Forecast of the year"),
        "forecast_low": ("Prognos, lägst (80 %)", "Forecast, low (80%)"),
        "forecast_high": ("Prognos, högst (80 %)", "Forecast, high (80%)"),
        "forecast_set_by": ("Prognos satt av", "Forecast set by"),
        "required": ("Krävs resten av året", "Required for the rest of the year"),
        "misses_left": ("Missar kvar", "Misses left"),
        "incomplete": ("Ofullständigt", "Incomplete"),
        "path": ("Vad", "What"),
        "says": ("Gäller", "In force"),
        "reason": ("Skäl", "Reason"),
        "records": ("Antal", "Records"),
    }.items()
}

CODES: dict[tuple[str, str], Text] = {
    ("span", "period"): Text(sv="perioden", en="period"),
    ("span", "year_to_date"): Text(sv="året hittills", en="year to date"),
    ("hidden", "too_few"): Text(sv="för få", en="too few"),
    ("hidden", "protected"): Text(sv="skyddar en liten grupp", en="protects a small group"),
    ("unit", "ratio"): Text(sv="andel", en="share"),
    ("unit", "seconds"): Text(sv="sekunder", en="seconds"),
    ("unit", "count"): Text(sv="antal", en="number"),
}
"""(column, code) → what the workbook says; a code without words stands as it is."""
