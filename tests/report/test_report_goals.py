"""The committee's table, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from collector.model.bilingual import Text
from collector.report.blocks import Paragraph
from collector.report.content.document import DocumentChoices
from tests.worlds.report_world import (
    YEAR_SO_FAR,
    before,
    both,
    cells,
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

MET = indicator(
    "met",
    figure(
        117, 143, "met", forecast=expected(0.84, 0.81, 0.87), required=0.7, misses_left=4, pending=3
    ),
    figure(45, 50, "met", comparisons=[before("better", 0.7, 0.2)]),
    target=target(">= 80%", 0.8),
)
AT_RISK = indicator(
    "at_risk",
    figure(
        8996, 10000, "at_risk",
        forecast=expected(
            0.9, given=True, set_by="Förvaltningschef", since="2020-07-31", computed=0.884
        ),
        required=0.92, misses_left=1,
    ),
    figure(70, 100, "at_risk", comparisons=[before("chance", 0.71, -0.01)]),
)  # fmt: skip
MISSED = indicator(
    "missed",
    figure(
        80, 100, "missed", forecast=expected(0.79, 0.75, 0.82), required=1.0372, misses_left=-12
    ),
    figure(8, 10, "missed", comparisons=[before("worse", 0.95, -0.15)]),
)
NO_DATA = indicator(
    "no_data",
    figure(forecast=expected(None, reason="nothing eligible this year"), pending=2),
    months=months(*[None] * 13),
)
ZERO = indicator("zero", figure(0, 60, "missed", misses_left=0), figure(0, 9, "missed"))
TOO_FEW = indicator(
    "too_few",
    figure(3, 4, "too_few", forecast=expected(0.75, 0.5, 0.9), required=0.9, misses_left=1),
    months=months(*[None] * 12, (3, 4)),
)
STALE = indicator(
    "stale",
    figure(50, 60, "stale"),
    figure(5, 6, "stale", comparisons=[before("stale", None, None)]),
)
SLOW = indicator(
    "slow",
    figure(
        good=40 * 45_000, eligible=40, state="met", value=45_000.0, required=60_000.0,
        forecast=expected(44_000.0, 40_000.0, 48_000.0),
    ),
    kind="mean_duration", unit="seconds", shown_in=["business_days", 32_400],
    target=target("<= 10 business_days", 324_000.0, high=False),
)  # fmt: skip
BY_HAND = indicator(
    "by_hand",
    figure(value=6.06, state="missed", forecast=expected(4.0, given=True, since="2020-07-31")),
    kind="manual", unit="%", target=target("< baseline 5%", 5.0, high=False),
    months=[],
)  # fmt: skip
NO_TARGET = indicator("no_target", figure(7, 7, None) | {"state": None}, target=None)


def test_every_state_cell_by_cell() -> None:
    every = (MET, AT_RISK, MISSED, NO_DATA, ZERO, TOO_FEW, STALE, SLOW, BY_HAND, NO_TARGET)
    goals = tables(made(content(*every)))[0]
    assert [plain(column.title) for column in goals.columns] == [
        "Indikator", "Juli 2020", "Nuvärde", "Prognos (80 %-intervall)", "Målvärde", "Bedömning",
        "Trend",
    ]  # fmt: skip
    assert cells(goals) == [
        ["met", "90,0 % | av 50", "81,8 % | av 143, 3 väntar", "84,0 % | 81,0–87,0 %",
         "Minst 80 % | krävs resten av året: 70,0 %; 4 missar kvar", "✓ Når målet",
         "↗ bättre än i fjol | juli 2019: 70,0 %"],
        ["at_risk", "70,0 % | av 100", "89,96 % | av 10 000",
         "90,0 %¹ | beräknad 88,4 %",
         "Minst 90 % | krävs resten av året: 92,0 %; 1 miss kvar", "▲ Risk",
         "→ ingen säker förändring | juli 2019: 71,0 %"],
        ["missed", "80,0 % | av 10", "80,0 % | av 100", "79,0 % | 75,0–82,0 %",
         "Minst 90 % | krävs resten av året: 103,7 %, går inte att nå; 12 missar för många",
         "✗ Når inte målet", "↘ sämre än i fjol | juli 2019: 95,0 %"],
        ["no_data", "– Ej mätt | 2 väntar", "– Ej mätt | 2 väntar", "– | inget att räkna på",
         "Minst 90 %", "– Ej mätt", "–"],
        ["zero", "0,0 % | av 9", "0,0 % | av 60", "–", "Minst 90 % | 0 missar kvar",
         "✗ Når inte målet", ""],
        ["too_few", "· För få ärenden | färre än 5", "· För få ärenden | färre än 5", "–",
         "Minst 90 %", "· För få ärenden", "För få att jämföra"],
        ["stale", "83,3 % | av 6", "83,3 % | av 60", "–", "Minst 90 %", "◷ Inaktuell",
         "Ej färdigläst"],
        ["slow", "1,4 arbetsdagar | 40 ärenden", "1,4 arbetsdagar | 40 ärenden",
         "1,4 arbetsdagar | 1,2–1,5 arbetsdagar",
         "Högst 10 arbetsdagar | krävs resten av året: 1,9 arbetsdagar", "✓ Når målet",
         ""],
        ["by_hand", "6,06 %", "6,06 %", "4 %²", "Minska från 5 %",
         "✗ Når inte målet", "–"],
        ["no_target", "100,0 % | av 7", "100,0 % | av 7", "–", "Inget målvärde", "–",
         ""],
    ]  # fmt: skip


def test_what_cells_would_say_at_length_is_a_note_once() -> None:
    assert [plain(each) for each in tables(made(content(AT_RISK, BY_HAND, AT_RISK)))[0].notes] == [
        "¹ Angiven av Förvaltningschef 31 juli 2020.", "² Angiven för hand 31 juli 2020.",
    ]  # fmt: skip


def test_states_have_their_colour_and_not_that_of_others() -> None:
    goals = tables(made(content(MET, AT_RISK, MISSED, NO_DATA, TOO_FEW, STALE, NO_TARGET)))[0]
    states = [row[-2].state for row in goals.rows]
    assert states == ["met", "at_risk", "missed", "no_data", "too_few", "stale", None]


def test_what_is_not_measured_differs_from_zero() -> None:
    rows = cells(tables(made(content(NO_DATA, ZERO)))[0])
    assert rows[0][2].startswith("– Ej mätt")
    assert rows[1][2].startswith("0,0 %")


def test_the_months_are_drawn_where_there_are_two() -> None:
    goals = tables(made(content(MET, NO_DATA)))[0]
    spark = goals.rows[0][-1].spark
    assert spark is not None
    assert plain(spark.alt) == (
        "De senaste 13 månaderna var siffran 80,0 % från juli 2019 till juli 2020."
    )
    assert goals.rows[1][-1].spark is None


def test_the_drawing_is_told_as_a_sentence() -> None:
    each = months((7, 10), None, (9, 10), *[(8, 10)] * 8, (3, 4), (8, 10))
    sums = {"year": figure(51, 64, "missed"), "period": figure(8, 10, "missed")}
    goals = tables(made(content(indicator("x", months=each, **sums))))[0]
    spark = goals.rows[0][-1].spark
    assert spark is not None
    assert plain(spark.alt) == (
        "De senaste 13 månaderna gick siffran från 70,0 % i juli 2019 till 80,0 % i juli 2020. "
        "Den var lägst i juli 2019 med 70,0 % och högst i september 2019 med 90,0 %. "
        "3 månader är utan siffra."
    )


def test_the_period_has_no_column_where_it_is_the_year_so_far() -> None:
    goals = tables(made(content(MET, period=YEAR_SO_FAR)))[0]
    assert "Nuvärde" in [column.title for column in goals.columns]
    assert len(goals.columns) == 6


GOALS = [
    {"id": "live", "level": "council", "title": both("Bo här", "Live here"), "under": None},
    {"id": "grow", "level": "council", "title": both("Växa", "Grow"), "under": None},
    {"id": "serve", "level": "board", "title": both("God service"), "under": "grow"},
    {"id": "join", "level": "board", "title": both("Samverka"), "under": "grow"},
]


def test_goals_are_told_once_and_none_is_left_out() -> None:
    """As in the seed: a goal without indicators, two of one goal, one of the council's own."""
    said = content(
        MET | {"goal": "serve"}, MISSED | {"goal": "grow"}, ZERO | {"goal": "serve"}, STALE,
        goals=GOALS,
    )  # fmt: skip
    rows = [row[:3] for row in cells(tables(made(said))[0])]
    assert rows == [
        ["Växa", "God service", "met"],
        ["", "", "zero"],
        ["", "–", "missed"],
        ["Utan mål", "–", "stale"],
    ]
    assert tables(made(said))[0].notes == ("Mål utan indikator: Bo här; Samverka.",)


def test_columns_are_chosen_and_ordered() -> None:
    chosen = DocumentChoices(columns=["indicator", "state", "now"])
    goals = tables(made(content(MET), choices=chosen))[0]
    assert [column.title for column in goals.columns] == ["Indikator", "Bedömning", "Nuvärde"]
    assert cells(goals) == [["met", "✓ Når målet", "81,8 % | av 143, 3 väntar"]]
    assert goals.header_cells == 1


def test_rows_have_no_header_cells_where_the_indicator_does_not_come_first() -> None:
    chosen = DocumentChoices(columns=["state", "indicator"])
    assert tables(made(content(MET), choices=chosen))[0].header_cells == 0


def test_words_are_replaced() -> None:
    own = {"column_now": Text(sv="Utfall", en="Outcome"), "of_n": Text(sv="({n} st)", en="({n})")}
    shown = made(content(MET), choices=DocumentChoices(words=own))
    goals = tables(shown)[0]
    assert plain(goals.columns[2].title) == "Utfall"
    assert cells(goals)[0][2] == "81,8 % | (143 st), 3 väntar"


def test_english() -> None:
    row = cells(tables(made(content(MET), "en"))[0])[0]
    assert row == [
        "met", "90.0% | of 50", "81.8% | of 143, 3 pending", "84.0% | 81.0–87.0%",
        "At least 80% | needed for the rest of the year: 70.0%; 4 misses left", "✓ On target",
        "↗ better than last year | July 2019: 70.0%",
    ]  # fmt: skip


def test_what_comes_first_is_told_in_plain_words() -> None:
    shown = made(content(MET, AT_RISK, MISSED, NO_DATA, ZERO, TOO_FEW, STALE, NO_TARGET))
    lead = [
        plain("".join(run.text for run in block.runs))
        for block in shown.blocks
        if isinstance(block, Paragraph) and block.kind == "lead"
    ]
    assert lead == [
        "Av 8 indikatorer: 1 når målet, 1 är i riskzonen, 2 når inte målet, 1 saknar mätning, 1 "
        "visas inte, 1 har en inaktuell källa och 1 saknar målvärde. Når inte målet: missed; zero. "
        "I riskzonen: at_risk.",
    ]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            (figure(99, 100, "met", required=-0.2, misses_left=9)),
            "Minst 90 % | redan nått för året",
        ),
        ((figure(8, 10, "missed", misses_left=-1)), "Minst 90 % | 1 miss för mycket"),
    ],
)
def test_what_the_rest_must_bring(said: dict[str, object], shown: str) -> None:
    assert cells(tables(made(content(indicator("x", said))))[0])[0][4] == shown


OVER = {
    "period": {"name": "2020", "first": "2020-01-01", "last": "2020-12-31"},
    "year": {"first": "2020-01-01", "last": "2020-12-31", "to": "2020-12-31"},
    "known_at": "2021-01-20T09:00:00+01:00",
}


def test_a_closed_year_has_a_result_and_a_margin_and_no_forecast() -> None:
    forecast = expected(0.8, 0.7, 0.9)
    calls: dict[str, Any] = {"kind": "service_level", "definition": {"sources": ["phone"]}}
    low = target("<= 5%", 0.05, high=False)
    said = content(
        indicator("met", figure(103, 103, "met", forecast=forecast, misses_left=3)),
        indicator("missed", figure(89, 100, "missed", forecast=forecast, misses_left=-1), **calls),
        indicator("exact", figure(90, 100, "met", misses_left=0)),
        indicator("low", figure(7, 100, "missed"), target=low),
        SLOW,
        BY_HAND,
        **OVER,
    )
    goals = tables(made(said))[0]
    assert plain(goals.caption) == "Mål och indikatorer. Utfall: helåret 2020."
    assert [plain(column.title) for column in goals.columns] == [
        "Indikator", "Utfall", "Målvärde", "Bedömning", "Trend",
    ]  # fmt: skip
    assert [row[2:4] for row in cells(goals)] == [
        ["Minst 90 % | klarade målet med 10 ärenden", "✓ Nådde målet"],
        ["Minst 90 % | missade målet med 1 samtal", "✗ Nådde inte målet"],
        ["Minst 90 % | klarade målet precis", "✓ Nådde målet"],
        ["Högst 5 % | missade målet med 2 ärenden", "✗ Nådde inte målet"],
        ["Högst 10 arbetsdagar | klarade målet med 8,61 arbetsdagar", "✓ Nådde målet"],
        ["Minska från 5 % | missade målet med 1,06 procentenheter", "✗ Nådde inte målet"],
    ]
    text = everything(made(said))
    assert "missar kvar" not in text
    assert "Prognos" not in text.partition("Så räknas siffrorna")[0]
    assert "Nådde inte målet: missed; low; by_hand." in text


def test_a_closed_year_names_no_forecast_that_was_given_either() -> None:
    given = expected(4.0, given=True, set_by="Förvaltningschef", since="2020-07-31")
    year = figure(value=6.06, state="missed", given_on="2020-12-31", forecast=given)
    sick = indicator("sick_leave", year, kind="manual", unit="%", months=[])
    document = made(content(sick, **OVER))
    annex = next(each for each in tables(document) if each.caption == "Värden")
    assert [row[1] for row in cells(annex)] == ["Värde 6,06 %"]
    assert "rognos" not in everything(document)


@pytest.mark.parametrize(
    ("given_on", "now"),
    [
        ("2020-12-31", "6,06 %"),
        ("2020-12-01", "6,06 %"),
        ("2020-07-31", "6,06 % | per 31 juli 2020"),
        ("2019-12-31", "6,06 % | per 31 december 2019"),
    ],
)
def test_a_value_by_hand_from_before_the_last_month_has_its_date(given_on: str, now: str) -> None:
    """A budget's outcome as of July is not the outcome of the year."""
    year = figure(value=6.06, state="missed", given_on=given_on)
    sick = indicator("sick_leave", year, kind="manual", unit="%", months=[])
    assert cells(tables(made(content(sick, **OVER)))[0])[0][1] == now


def test_a_year_that_was_not_over_when_it_was_frozen_has_a_forecast() -> None:
    said = content(MET, **OVER | {"known_at": "2020-12-31T09:00:00+01:00"})
    titles = [plain(each.title) for each in tables(made(said))[0].columns]
    assert "Prognos (80 %-intervall)" in titles


def test_records_that_begin_within_the_year_are_told_beside_the_figure() -> None:
    said = content(MET | {"definition": {"sources": ["desk"]}})
    for begins, told in (
        ("2020-03-10T08:00:00+01:00", ", från 10 mars 2020"),
        ("2020-01-13T08:00:00+01:00", ""),
        (None, ""),
    ):
        said["sources"][0]["records_since"] = begins
        row = cells(tables(made(said))[0])[0]
        assert row[1:3] == ["90,0 % | av 50", f"81,8 % | av 143, 3 väntar{told}"]


RISK, UNLIKELY = "▲ Risk", "▼ Når sannolikt inte"
SHARE = target(">= 70%", 0.7)
WELL = target("> baseline 71.13", 71.13)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (indicator("x", figure(6, 10, "at_risk", forecast=expected(0.6, chance=4e-9))), UNLIKELY),
        (indicator("x", figure(6, 10, "at_risk", forecast=expected(0.6, chance=0.1))), RISK),
        (indicator("x", figure(6, 10, "at_risk")), RISK),
        (
            indicator("x", figure(6, 10, "at_risk", forecast=expected(0.6, given=True)),
                      target=SHARE),
            UNLIKELY,
        ),
        (
            indicator("x", figure(6, 10, "at_risk", forecast=expected(0.7, given=True)),
                      target=SHARE),
            RISK,
        ),
        (
            indicator("x", figure(value=55.0, state="missed", forecast=expected(57.0, given=True)),
                      kind="manual", unit="%", target=WELL, months=[]),
            UNLIKELY,
        ),
        (
            indicator("x", figure(value=55.0, state="at_risk", forecast=expected(72.0, given=True)),
                      kind="manual", unit="%", target=WELL, months=[]),
            RISK,
        ),
        (
            indicator("x", figure(6, 10, "missed", forecast=expected(0.6, given=True))),
            "✗ Når inte målet",
        ),
        (
            indicator("x", figure(95, 100, "met", forecast=expected(0.8, chance=0.02))),
            "✓ Når målet | men sannolikt inte för hela året",
        ),
    ],
)  # fmt: skip
def test_computed_and_given_forecasts_speak_by_one_rule(said: dict[str, Any], state: str) -> None:
    """60 against 70 and 57 against 71,13 read alike, and a chance of 4·10⁻⁹ is no mere risk."""
    shown = made(content(said))
    assert cells(tables(shown)[0])[0][5] == state
    unlikely = state == UNLIKELY
    assert ("1 når sannolikt inte målet" in everything(shown)) is unlikely
    assert ("Når sannolikt inte målet: x." in everything(shown)) is unlikely


def test_no_misses_left_is_not_told_beside_a_target_that_is_reached() -> None:
    said = content(indicator("x", figure(90, 100, "met", required=0.9, misses_left=0)))
    assert cells(tables(made(said))[0])[0][4].endswith("90,0 %; tål ingen miss till")


def test_a_hidden_figure_is_nowhere_in_the_document() -> None:
    """3 of 4 is 75 %; the forecast and what is required would tell it, too."""
    text = everything(made(content(TOO_FEW)))
    assert "75" not in text
    assert "för få" in text.lower()
