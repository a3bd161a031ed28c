"""Drawings: their gaps and marks, and that they are well-formed whatever the texts hold."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from collector.report.blocks import Chart, Document
from collector.report.charts.months import Point
from collector.report.charts.small import sparkline
from collector.text.characters import NBSP
from tests.worlds.report_world import (
    content,
    everything,
    expected,
    figure,
    indicator,
    made,
    months,
    plain,
    tables,
    target,
)

SVG = "{http://www.w3.org/2000/svg}"


def _charts(shown: Document) -> list[Chart]:
    return [block for block in shown.blocks if isinstance(block, Chart)]


def _drawn(**more: object) -> ET.Element:
    year = figure(80, 100, "missed", forecast=expected(0.79, 0.75, 0.82))
    said = content(indicator("x", more.pop("year", year), **more))  # type: ignore[arg-type]
    chart = next(c for c in _charts(made(said)) if c.caption.startswith("Månad för månad"))
    return ET.fromstring(chart.drawing.svg)


def _texts(svg: ET.Element) -> list[str]:
    return [plain(each.text or "") for each in svg.iter(f"{SVG}text")]


def test_target_and_forecast_are_drawn_with_their_values() -> None:
    svg = _drawn()
    texts = _texts(svg)
    assert "Målvärde minst 90 %" in texts
    assert "Prognos helåret 79,0 % (75,0–82,0 %)" in texts
    bands = [r for r in svg.iter(f"{SVG}rect") if r.get("fill-opacity")]
    assert len(bands) == 1
    assert float(bands[0].get("height") or 0) > 2


def test_a_line_for_thirteen_months_and_the_months_to_come() -> None:
    svg = _drawn()
    assert len(list(svg.iter(f"{SVG}circle"))) == 13
    names = [text for text in _texts(svg) if len(text) == 3 and text.isalpha()]
    assert names[0] == "jul"
    assert names[-1] == "dec"
    assert len(names) == 18


def test_months_without_data_and_hidden_ones_are_gaps_with_their_marks() -> None:
    each = months(*[(80, 100)] * 9, None, (2, 3), (80, 100), (80, 100))
    svg = _drawn(months=each, year=figure(400, 503, "missed"), period=figure(80, 100, "missed"))
    texts = _texts(svg)
    assert texts.count("–") == 1
    assert texts.count("·") == 2  # the small one, and one that protects it
    assert "– ej mätt   · visas inte" in texts
    assert len(list(svg.iter(f"{SVG}circle"))) == 10
    joined = [line for line in svg.iter(f"{SVG}line") if line.get("stroke-width") == "2"]
    assert len(joined) < 10


def test_no_forecast_no_band_and_no_target_no_line() -> None:
    svg = _drawn(year=figure(80, 100, "missed"))
    assert not [r for r in svg.iter(f"{SVG}rect") if r.get("fill-opacity")]
    assert not [text for text in _texts(svg) if text.startswith("Prognos")]


def test_the_axis_of_shares_ends_at_the_whole() -> None:
    svg = _drawn(months=months(*[(99, 100)] * 13))
    shares = [text for text in _texts(svg) if text.endswith("%") and text[0].isdigit()]
    assert "100 %" in shares
    assert not [text for text in shares if int(text.split()[0].split(",")[0]) > 100]


@pytest.mark.parametrize(
    ("more", "label"),
    [
        ({"kind": "mean_duration", "unit": "seconds", "shown_in": ["hours", 3600],
          "target": target("<= 2 hours", 7200.0, high=False)}, "Målvärde högst 2 h arbetstid"),
        ({"kind": "manual", "unit": "tkr", "target": target(">= 0 tkr", 0.0)},
         "Målvärde minst 0 tkr"),
    ],
)  # fmt: skip
def test_other_units(more: dict[str, object], label: str) -> None:
    values = [None if n == 4 else 1000.0 + 700 * n for n in range(13)]
    each = [m | {"value": v} for m, v in zip(months(*[(8, 10)] * 13), values, strict=True)]
    year = figure(8, 10, "missed", value=9000.0, forecast=expected(9500.0, 9000.0, 9900.0))
    assert label in _texts(_drawn(year=year, months=each, **more))


def test_one_value_and_all_the_same() -> None:
    for each in (months(*[None] * 12, (8, 10)), months(*[(0, 10)] * 13)):
        svg = _drawn(months=each, target=None, year=figure(8, 10, "missed"))
        assert len(list(svg.iter(f"{SVG}circle"))) in {1, 13}


def test_what_a_title_holds_stays_text() -> None:
    title = '<script>alert("x")</script> & \x07co'
    said = content(indicator("x", title={"sv": title, "en": title}))
    drawing = _charts(made(said))[0].drawing
    svg = ET.fromstring(drawing.svg)
    assert not list(svg.iter("script"))
    assert '<script>alert("x")</script> &' in (svg.find(f"{SVG}title").text or "")  # type: ignore[union-attr]


def test_what_a_chart_shows_stands_in_a_table_too() -> None:
    each = months(*[(80, 100)] * 11, None, (80, 100))
    chart = _charts(made(content(indicator("x", figure(800, 1000, "missed"), months=each))))[0]
    assert chart.data is not None
    names = [column.title for column in chart.data.columns]
    assert (names[:2], names[12:]) == (["Månad", "Jul 2019"], ["Jun 2020", "Jul 2020"])
    rows = [[plain(cell.text) for cell in row] for row in chart.data.rows]
    assert rows == [
        ["Värde", *["80,0 %"] * 11, "–", "80,0 %"],
        ["Antal", *["100"] * 11, "0", "100"],
    ]
    assert chart.data.notes == ("– ej mätt",)


def test_the_table_of_a_chart_hides_what_the_chart_hides_and_names_its_unit_once() -> None:
    day = 32_400.0
    each = [
        month | {"value": month["value"] and 12 * day * month["value"]}
        for month in months((8, 8), (3, 3), *[(8, 8)] * 11)
    ]
    slow = indicator(
        "slow", figure(value=12 * day, eligible=99, state="missed"), months=each,
        kind="mean_duration", unit="seconds", shown_in=["business_days", day],
        target=target("<= 10 business_days", 10 * day, high=False),
    )  # fmt: skip
    (chart,) = _charts(made(content(slow)))
    assert chart.data is not None
    rows = [[plain(cell.text) for cell in row] for row in chart.data.rows]
    assert [row[:3] for row in rows] == [
        ["Värde (arbetsdagar)", "12,0", "·"],
        ["Antal", "8", "·"],
    ]
    assert chart.data.notes == ("· visas inte",)


def test_empty_ranges_between_others_come_as_one() -> None:
    histogram = [[60, 20], [1800, 70], [28800, 10]]
    known = {"seconds": 60, "low": 60, "high": 60}
    said = figure(80, 100, "met", histogram=histogram, median=known, p90=known)
    shown = made(content(indicator("x", said)))
    chart = next(b for b in shown.blocks if isinstance(b, Chart) and "tidsintervall" in b.caption)
    assert chart.data is not None
    names = [plain(column.title) for column in chart.data.columns]
    counts, shares = ([plain(cell.text) for cell in row] for row in chart.data.rows)
    assert counts == ["Antal", "20", "0", "70", "0", "10"], "each run of empty ones is one range"
    assert names[-1] == "7–8 h", "and the next one ends where it did"
    assert sum(int(n) for n in counts[1:]) == 100
    assert shares[0] == "Andel"


def test_sparklines_have_gaps_and_dots_for_what_stands_alone() -> None:
    points = [Point("2020-05", 0.5), Point("2020-06", None), Point("2020-07", 0.7)]
    svg = ET.fromstring(sparkline(points, f"två{NBSP}månader").svg)
    assert len(list(svg.iter(f"{SVG}circle"))) == 2
    assert not list(svg.iter(f"{SVG}polyline"))


def test_drawings_are_the_same_each_time() -> None:
    said = content(indicator("x"))
    assert _charts(made(said)) == _charts(made(said))


def test_only_what_misses_or_may_miss_has_a_chart() -> None:
    said = content(
        indicator("good", figure(99, 100, "met")),
        indicator("risky", figure(80, 100, "at_risk")),
        indicator("bad"),
    )
    told = [c.drawing.alt.removeprefix("Diagram över ").split(",")[0] for c in _charts(made(said))]
    assert told == ["bad", "risky"]


def test_where_every_month_is_hidden_there_is_no_chart_and_it_is_said() -> None:
    each = months(*[(2, 3)] * 13)
    said = indicator("x", figure(14, 21, "missed"), figure(2, 3, "too_few"), months=each)
    shown = made(content(said))
    assert not _charts(shown)
    assert "Inget diagram: ingen av månaderna har en siffra som kan visas." in everything(shown)


def _target_lines(svg: ET.Element) -> list[tuple[float, float, float, float]]:
    """Where the target's lines begin and end: x1, y1, x2, y2."""
    return [
        tuple(float(line.attrib[key]) for key in ("x1", "y1", "x2", "y2"))  # type: ignore[misc]
        for line in svg.iter(f"{SVG}line")
        if line.attrib["stroke"] == "#A33B00"
    ]


def test_a_target_that_changed_is_a_line_with_a_step() -> None:
    each = months(*[(85, 100)] * 13)
    for month in each[:10]:
        month["threshold"] = 0.8
    shown = made(content(indicator("x", figure(595, 700, "missed"), figure(85, 100), months=each)))
    (chart,) = _charts(shown)
    level, now, step = _target_lines(ET.fromstring(chart.drawing.svg))
    assert level[1] == level[3] > now[1] == now[3], "80 % lies below 90 %"
    assert level[2] == now[0] == step[0] == step[2], "where May begins"
    assert sorted((step[1], step[3])) == [now[1], level[1]]
    assert now[2] == 720 - 16, "through the months to come"
    assert "Målvärde minst 90 %. Före maj 2020 80 %." in plain(chart.drawing.alt)
    (spark,) = [row[-1].spark for row in tables(shown)[0].rows]
    assert spark is not None
    dashed = [
        line.attrib["y1"]
        for line in ET.fromstring(spark.svg).iter(f"{SVG}line")
        if "stroke-dasharray" in line.attrib
    ]
    assert len(set(dashed)) == 2


def test_the_latest_value_is_told_with_its_month() -> None:
    """July is small, June protects it: what is told last is of May, and the months are small."""
    each = months(*[(85, 100)] * 11, (8, 10), (1, 3))
    said = indicator("x", figure(434, 513, "missed"), figure(1, 3, "too_few"), months=each)
    (chart,) = _charts(made(content(said)))
    assert "juli 2019–juli 2020. Den senaste siffran är 85,0 %, i maj 2020." in plain(
        chart.drawing.alt
    )


def test_a_protected_period_is_not_called_too_few() -> None:
    """12 this year, 9 of them in July: July is not small itself."""
    said = indicator("x", figure(10, 12), figure(8, 9), months=months((2, 3), (8, 9)))
    goals = tables(made(content(said)))[0]
    texts = [plain(cell.text) for cell in goals.rows[0]]
    assert (texts[1], texts[-1]) == ("Visas inte¹", "Visas inte¹")
    assert plain(goals.notes[0]) == "¹ Skyddar en liten grupp."


def test_a_forecast_keeps_its_unit_within_a_sentence() -> None:
    said = figure(value=5.0, state="missed", forecast=expected(4.0, given=True, set_by="Anna"))
    shown = made(
        content(indicator("x", said, kind="manual", unit="MWh", target=target(">= 10 MWh", 10)))
    )
    assert "prognos helåret 4 MWh (angiven av Anna)" in everything(shown)
