"""Numbers and tables as people read them in the terminal."""

from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from collector.cli.demo.first_screen import print_measured, ways_on
from collector.cli.tables.board import print_board
from collector.cli.tables.cells import amount_cell, value_cell
from collector.config.loading.load import load_settings
from collector.measuring.figures.figure import manual_figure, measured_figure
from collector.measuring.kinds.progress import Progress
from collector.measuring.verdicts.counts import Counts
from collector.model.periods import FiscalYear, parse_period
from tests.worlds.measured import timeline_of
from tests.worlds.paths import CONFIG

NBSP = "\u00a0"
TODAY = date(2020, 7, 14)
JULY = parse_period("2020-07", TODAY)


def number_of_tickets(number, target=">= 100"):
    timeline = timeline_of({"kind": "count", "target": target})
    tallied = Counts(good=number, eligible=number)
    return measured_figure(timeline, tallied, JULY, None, Progress(0.5, stale=False), TODAY)


def by_someone(value, unit="kr", **more):
    values = [{"date": "2020-07-01", "value": value}]
    manual = {"kind": "manual", "unit": unit, "values": values, **more}
    return manual_figure(timeline_of(manual), JULY, None, TODAY, FiscalYear())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12_345_678_901, "12_345_678_901 kr"),
        (999_999_999_999_999, "999_999_999_999_999 kr"),
        (1579, "1_579 kr"),
        (1500, "1_500 kr"),
        (0, "0 kr"),
        (-0.0, "0 kr"),
        (-1579.5, "−1_579,5 kr"),
        (6.06, "6,06 kr"),
        (1234567890.25, "1_234_567_890,25 kr"),
        (123456789012.45, "123_456_789_012,45 kr"),
        (0.1 + 0.2, "0,3 kr"),
        (0.000001, "0,000001 kr"),
        (2 / 3, "0,666667 kr"),
    ],
)
def test_what_is_given_by_hand_has_the_decimals_it_was_given_with(value, text):
    unbroken = text.replace(" ", NBSP)
    assert value_cell(by_someone(value), "sv") == unbroken.replace("_", NBSP)
    assert value_cell(by_someone(value), "en") == unbroken.replace(",", ".").replace("_", ",")


def test_numbers_of_records_are_whole_in_forecasts_too():
    assert value_cell(number_of_tickets(12_345_678_901), "en") == f"12,345,678,901{NBSP}tickets"
    figure = number_of_tickets(50)
    for amount, text in (
        (1468.445676, "1,468 tickets"),
        (1468.6, "1,469 tickets"),
        (100, "100 tickets"),
        (99.4, "99 tickets"),
        (99.6, "99.6 tickets"),  # else it would seem to reach its target of 100
        (99.96, "99.96 tickets"),
    ):
        assert amount_cell(figure, amount, "en") == text.replace(" ", NBSP)


def test_nothing_in_a_cell_is_markup_or_a_control_sequence():
    unit = "[red]kr\x1b[0m"
    assert value_cell(by_someone(5, unit), "en") == f"5{NBSP}\\[red]kr\ufffd[0m"


@pytest.mark.parametrize("width", [96, 100])
@pytest.mark.parametrize(
    ("language", "state"), [("sv", "✗ Når inte målet"), ("en", "✗ Off target")]
)
@pytest.mark.parametrize("organization", [None, "Sydnärkes kommunalförbund"])
def test_no_state_is_cut_off_where_titles_and_targets_are_long(
    width, language, state, organization
):
    figure = replace(
        by_someone(1500, "min arbetstid", target=">= 123456"),
        title={"sv": "Medarbetarengagemang mätt", "en": "Engagement of all the employees"},
        organization=organization,
    )
    out = Console(file=StringIO(), width=width, highlight=False)
    print_board([figure, number_of_tickets(5, "<= 1")], "", language, out)
    lines = out.file.getvalue().replace(NBSP, " ").splitlines()
    assert sum(state in line for line in lines) == 2
    assert max(map(len, lines)) <= width
    if organization is None:
        assert lines[2].startswith(("Medarbetarengagemang ", "Engagement of all "))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_first_screen_of_the_demo_holds_its_board(language):
    """24 lines of 80 columns, with the lines that follow; nothing is cut off."""
    indicators = load_settings(CONFIG).indicators.values()
    titles = [each.title.model_dump() for each in indicators if each.measured_on]
    tallied = Counts(good=5_000, eligible=7_400, pending=200)
    out = Console(file=StringIO(), width=80)
    figures = [
        measured_figure(
            timeline_of({"kind": "service_level", "within": "20s", "title": title}),
            tallied, JULY, None, Progress(0.5, stale=False), TODAY,
        )
        for title in titles
    ]  # fmt: skip
    print_measured(figures, language, out)
    lines = [*out.file.getvalue().splitlines(), *ways_on("http://127.0.0.1:9109", Path("/tmp/x"))]
    assert len(lines) + 2 <= 24
    assert "…" not in out.file.getvalue()
