"""Amounts, times and names as they stand in the document: what might be misread."""

from __future__ import annotations

from typing import Any

import pytest

from collector.model.bilingual import Language
from collector.report.blocks import Chart
from collector.report.content.definition_words import source_setting_in_words, value_in_words
from collector.report.content.distributions import quantile_text
from collector.report.content.report import Report
from collector.text.durations import in_largest_unit
from collector.text.measures import Amounts
from collector.text.words.definitions import exclusion_reason
from tests.worlds.report_world import (
    cells,
    content,
    everything,
    figure,
    indicator,
    made,
    plain,
    tables,
    target,
)

HOURS: dict[str, Any] = {
    "kind": "mean_duration", "unit": "seconds", "shown_in": ["h", 3600],
    "target": target("<= 10 h", 36_000, high=False),
}  # fmt: skip
DAYS: dict[str, Any] = HOURS | {
    "shown_in": ["business_days", 32_400],
    "target": target("<= 10 business_days", 324_000, high=False),
}  # fmt: skip
COUNT: dict[str, Any] = {
    "kind": "count", "unit": "tickets", "target": target("<= 10", 10, high=False),
}  # fmt: skip


def _amounts(language: Language = "sv", **more: Any) -> Amounts:
    report = Report(content(indicator("x", **more)), language)
    return report.amounts(report.content.indicators[0])


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0,0 h arbetstid"), (59, "0,02 h arbetstid"), (1, "0,0003 h arbetstid"),
        (180, "0,1 h arbetstid"), (-59, "\u22120,02 h arbetstid"),
        (3600, "1,0 h arbetstid"),
    ],
)  # fmt: skip
def test_something_is_never_written_as_nothing(seconds: int, expected: str) -> None:
    assert plain(_amounts(**HOURS).text(seconds)) == expected


def test_a_unit_of_two_words_is_written_once_between_two_numbers() -> None:
    assert plain(_amounts(**HOURS).between(3600, 7200)) == "1,0–2,0 h arbetstid"


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("sv", ["0 ärenden", "1 ärende", "12 ärenden", "högst 10 ärenden"]),
        ("en", ["0 tickets", "1 ticket", "12 tickets", "at most 10 tickets"]),
    ],
)
def test_numbers_of_records_say_of_what(language: Language, texts: list[str]) -> None:
    amounts = _amounts(language, **COUNT)
    found = [*(amounts.text(n) for n in (0, 1, 12)), amounts.target()]
    assert [plain(each) for each in found] == texts


def test_one_call() -> None:
    assert plain(_amounts("en", **COUNT | {"unit": "calls"}).text(1)) == "1 call"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (75, "75 s"), (90, "1,5 min"), (150, "2,5 min"), (4500, "75 min"), (5400, "1,5 h"),
        (32_400, "9 h"), (45, "45 s"), (0, "0 s"),
    ],
)  # fmt: skip
def test_bounds_are_told_exactly(seconds: int, expected: str) -> None:
    assert plain(in_largest_unit(seconds, "sv")) == expected


def _quantile(seconds: float, low: int, high: int | None, **more: Any) -> str:
    report = Report(content(indicator("x", **more)), "sv")
    found = {"seconds": seconds, "low": low, "high": high}
    return plain(quantile_text(report, report.content.indicators[0], found))


def test_percentiles_stand_in_the_unit_of_the_mean() -> None:
    assert _quantile(70_493, 64_800, 72_000, **DAYS) == "≈ 2,2 arbetsdagar (2,0–2,2 arbetsdagar)"
    assert _quantile(650, 600, 720) == "≈ 10,8 min (10 min–12 min)"
    assert _quantile(7_200_000, 7_200_000, None, **DAYS) == "över 222,2 arbetsdagar"


def _timed(eligible: int = 100, **more: Any) -> tuple[str, Chart]:
    known = {"seconds": 60, "low": 60, "high": 60}
    histogram = [[60, 20], [1800, 45], [3600, 17]]
    year = figure(65, eligible, "missed", histogram=histogram, median=known, p90=known)
    shown = made(content(indicator("x", year, **more)))
    chart = next(b for b in shown.blocks if isinstance(b, Chart) and "tidsintervall" in b.caption)
    return everything(shown), chart


def _bars(chart: Chart) -> dict[str, tuple[str, str]]:
    """The ranges of a histogram with their number of records and share."""
    assert chart.data is not None
    names = [plain(column.title) for column in chart.data.columns[1:]]
    counts, shares = ([plain(cell.text) for cell in row[1:]] for row in chart.data.rows)
    return dict(zip(names, zip(counts, shares, strict=True), strict=True))


def test_distributions_are_ranges_of_all_that_count_with_the_limit_marked() -> None:
    """The share within the limit is that of page 1, though 18 of the 100 have no time."""
    _, chart = _timed()
    assert _bars(chart) == {
        "50 s–1,5 min": ("20", "20 %"),
        "1,5–25 min": ("0", "0 %"),
        "25–30 min": ("45", "45 %"),
        "30 min–1 h": ("17", "17 %"),
        "Utan tid": ("18", "18 %"),
    }
    within = "Inom gränsen 30 min: 65 av 100 (65,0 %)."
    assert plain(chart.drawing.alt).endswith(within)
    assert f">{within}<" in plain(chart.drawing.svg)


@pytest.mark.parametrize(
    ("within", "histogram", "good", "expected"),
    [
        ("45s", [[30, 10], [50, 40], [60, 50]], 30, {"45–50 s": "20"}),
        ("30s", [[30, 50], [60, 48]], 50, {"Över 30 s eller utan tid": "50"}),
        ("30s", [[30, 97], [40, 3]], 97, {"30–40 s": "3"}),
    ],
)
def test_ranges_end_at_the_limit_whatever_it_is(
    within: str, histogram: list[list[int]], good: int, expected: dict[str, str]
) -> None:
    """A limit within a bucket divides it by what met it; few without a time join those that are
    late; and what page 1 says anyway is shown."""
    known = {"seconds": 30, "low": 30, "high": 30}
    year = figure(good, 100, "met", histogram=histogram, median=known, p90=known)
    shown = made(content(indicator("x", year, definition={"indicators.x.within": within})))
    chart = next(b for b in shown.blocks if isinstance(b, Chart) and "tidsintervall" in b.caption)
    found = _bars(chart)
    assert sum(int(n) for n, _ in found.values()) == 100
    assert expected.items() <= {name: n for name, (n, _) in found.items()}.items()
    assert f"Inom gränsen {within[:2]} s: {good} av 100" in plain(chart.drawing.alt)


@pytest.mark.parametrize(
    "more",
    [
        {"definition": {"indicators.x.within": "2 business_days"}},
        {"definition_changes": [
            {"from": "2020-04-01", "path": "indicators.x.within", "before": "1h", "after": "30min"}
        ]},
        {"definition": {}},
    ],
)  # fmt: skip
def test_without_one_limit_in_time_none_is_marked(more: dict[str, Any]) -> None:
    _, chart = _timed(**more)
    assert "Gräns" not in chart.drawing.alt
    assert sum(int(n) for n, _ in _bars(chart).values()) == 100


def test_business_time_is_called_so() -> None:
    text, chart = _timed()
    assert "Tiderna är arbetstid." in text
    assert chart.data is not None
    assert chart.data.columns[0].title == "Arbetstid"
    text, _ = _timed(**DAYS)
    assert "Tiderna är arbetstid; en arbetsdag är 9 h." in text
    text, chart = _timed(calendar=None)
    assert "arbetstid" not in text.partition("Så räknas")[0]
    assert chart.data is not None
    assert chart.data.columns[0].title == "Tid"


def test_each_least_number_is_told() -> None:
    parts = [figure(20, 30, "met", "Laxå")]
    one, other = indicator("a", parts=parts), indicator("b", parts=parts, min_n=10)
    (table,) = [t for t in tables(made(content(one, other))) if "per kommun" in t.caption][:1]
    assert "visas inte; gränsen är 5–10, beroende på indikator." in table.notes[1]
    (table,) = [t for t in tables(made(content(one))) if "per kommun" in t.caption][:1]
    assert table.notes[1].startswith("Siffror som bygger på färre än 5 ärenden visas inte.")


def test_what_is_hidden_has_no_pending_or_excluded_records_either() -> None:
    year = figure(1, 3, "too_few", pending=2, excluded={"merged": 1})
    shown = tables(made(content(indicator("x", year))))
    rests = next(t for t in shown if t.caption.startswith("Underlaget för varje siffra"))
    assert cells(rests)[0][1:4] == ["färre än 5", "–", "–"]


def test_one_record_left_out_agrees_in_number() -> None:
    assert [exclusion_reason("deleted", "sv", n) for n in (1, 2)] == ["raderat", "raderade"]
    assert exclusion_reason("spam", "sv", 1) == "skräppost"
    year = figure(80, 100, excluded={"deleted": 1})
    assert "1 raderat" in everything(made(content(indicator("x", year))))


def test_definitions_are_in_the_language_of_the_document() -> None:
    assert value_in_words("unit", "yes/no", "sv") == "ja/nej"
    assert value_in_words("calendar", "office", "sv") == "kontorstid"
    assert value_in_words("calendar", "skiftgång", "sv") == "skiftgång"
    assert source_setting_in_words("type", "csv_tickets", "sv") == "CSV-filer med ärenden"
    assert source_setting_in_words("type", "request_tracker", "en") == "Request Tracker"
    assert source_setting_in_words("map.priority.100", "urgent", "sv") == "Prioritet 100 = akut"
    assert (
        source_setting_in_words("map.kind.default", "other", "en")
        == "Kind of ticket (all others) = other"
    )
    assert (
        source_setting_in_words("fields.category", "CF.Category", "sv") == "Kategori: CF.Category"
    )
    assert source_setting_in_words("time_format", "%Y-%m-%d", "sv") == ""


def test_how_files_are_read_is_no_definition() -> None:
    definition = {"sources.desk.type": "csv_tickets", "sources.desk.time_format": "%d.%m.%Y"}
    text = everything(made(content(indicator("x", definition=definition))))
    assert "%d" not in text
    assert "Arbetstid: kontorstid" in text


def test_incompleteness_in_words() -> None:
    why = {"sv": "Källan desk har aldrig lästs till slut.", "en": "The source desk was never read."}
    said_ = content(indicator("x"), incomplete=[why])
    assert (
        "Underlaget var ofullständigt när siffrorna frystes, så siffrorna kan komma att ändras:"
        in everything(made(said_))
    )
    assert "The data were incomplete when the figures were frozen, so figures may change:" in (
        everything(made(said_, "en"))
    )
