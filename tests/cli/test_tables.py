"""Tables on narrow terminals: folded, stacked, or with a note on what is left out."""

import re
from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from collector.cli.tables.board import print_board, print_figure_rules
from collector.cli.tables.comparisons import print_comparisons, print_distributions
from collector.cli.tables.forecasts import print_forecasts
from collector.cli.tables.layout import Column, Sheet, numbers, phrases, titles, words
from collector.cli.tables.snapshot import print_comparison
from collector.cli.tables.what_if import print_alternatives
from collector.measuring.engine.what_if import Alternative
from collector.measuring.figures.figure import FigureComparison, Part
from collector.measuring.figures.outlook import Outlook
from collector.model.codes import ChangeReason
from collector.snapshot.compare import FigureChange, RecordChange, SnapshotComparison
from tests.cli.test_terminal import by_someone, number_of_tickets

TITLE = (
    "Andel brådskande felanmälningar som besvarats inom överenskommen "
    "svarstid under telefontid per medlemskommun"
)
ORGANIZATION = "Sydnärkes kommunalförbund och räddningstjänst"
STATE = "✗ Når inte målet"
NOW, THEN, EXPECTED, YEAR = "12 345,5 timmar", "23 456,5 timmar", "34 567,5 timmar", "45 678,5"
WIDTHS = [40, 60, 80, 100, 120, 160]


def figure(organization=None):
    """A figure of which every cell is long."""
    before = [
        FigureComparison(name, "2019-07", value, 120, 12_345.5, None, -9_999.5, verdict="worse")
        for name, value in (("previous", 23_456.5), ("year_before", 56_789.5))
    ]
    to_date = FigureComparison("year_to_date", "2020-01..2020-07", 45_678.5, 900, None, None, None)
    return replace(
        by_someone(12_345.5, "timmar", target=">= 123456"),
        title={"sv": TITLE, "en": TITLE},
        organization=organization,
        outlook=Outlook(34_567.5, 31_234.5, 38_901.5, 0.42, 7),
        comparisons=(*before, to_date),
        misses_left=1234,
        required=67_890.5,
    )


def counted():
    """As :func:`figure`, of what is measured."""
    return replace(number_of_tickets(12_345, ">= 99999"), title={"sv": TITLE, "en": TITLE})


def printed(width, show, *arguments):
    out = Console(file=StringIO(), width=width, highlight=False)
    show(*arguments, "sv", out)
    text = out.file.getvalue().replace("\u00a0", " ")
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text
    return text


def letters(text):
    return re.sub(r"\s", "", text)


def in_column(text, wanted):
    """Whether a text is there, in one line or folded: its words stand below each other."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        for at in range(len(line)):
            rest = letters(wanted)
            for below in lines[start:]:
                piece = below[at:].split("  ")[0].replace(" ", "")
                if not piece or not rest.startswith(piece):
                    break
                rest = rest[len(piece) :]
                if not rest:
                    return True
    return False


TABLES = {
    "board": (print_board, [figure(), figure(ORGANIZATION)], [NOW, STATE]),
    "forecast": (print_forecasts, [figure()], [NOW, STATE, EXPECTED]),
    "compare": (print_comparisons, [figure()], [NOW, THEN]),
    "what-if": (
        print_alternatives,
        [Alternative(counted(), counted(), {("met", "missed"): 12, ("missed", "excluded"): 3})],
        ["12 345 ärenden", "▲ Risk"],
    ),
}
HEADINGS = {
    "board": ["Indikator", "Nuvärde", "n", "Målvärde", "Läge"],
    "forecast": ["Indikator", "Nuvärde", "n", "Prognos (80 %)", "Målvärde", "Läge",
                 "Krävs resten av året", "Missar kvar", "Chans"],
    "compare": ["Indikator", "Nuvärde", "Perioden före", "Ändring", "Ett år tidigare",
                "Hittills i år"],
    "what-if": ["Indikator", "Gällande", "n", "Läge", "Om i stället", "Ändring", "Poster"],
}  # fmt: skip
NEVER_LEFT_OUT = {"Indikator", "Nuvärde", "Läge", "Gällande", "Om i stället", "Prognos (80 %)"}


def show_table(name, width, rows=None):
    show, usual, _ = TABLES[name]
    return printed(width, show, rows or usual, *([""] if name == "board" else []))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", TABLES)
def test_no_table_is_cropped(name, width):
    text = show_table(name, width)
    shown, _, note = text.partition("Utelämnat, ryms inte: ")
    left_out = {each.strip() for each in " ".join(note.split()).split(",") if each}
    assert not left_out & NEVER_LEFT_OUT
    stacked = "Indikator" not in shown
    assert not (stacked and left_out)
    for cell in TABLES[name][2]:
        assert cell in shown, (cell, text)
    names = [TITLE, ORGANIZATION] if name == "board" else [TITLE]
    for each in names:
        whole = each in " ".join(shown.split()) if stacked else in_column(shown, each)
        assert whole, (each, text)
    for heading in HEADINGS[name]:
        known = heading in left_out or all(each in shown for each in heading.split())
        empty = stacked and heading in ("Indikator", "n", "Krävs resten av året")
        assert known or empty, (heading, text)


@pytest.mark.parametrize("name", ["board", "forecast", "compare"])
def test_at_80_columns_a_table_of_shares_is_still_a_table(name):
    share = replace(figure(), unit="ratio", value=0.9123)
    assert "Indikator" in show_table(name, 80, [share])


def test_a_row_of_a_split_that_is_stacked_is_called_what_it_is_about():
    rows = [figure(), replace(figure(), part=Part("priority", "urgent"))]
    rows.append(replace(figure(), part=Part("priority", None)))
    wide, narrow = show_table("board", 160, rows), show_table("board", 40, rows)
    assert "Prioritet" in wide.splitlines()[1]
    assert {"akut", "uppgift saknas"} < set(narrow.splitlines())
    assert "Prioritet" not in narrow


def test_the_other_tables_fit_too():
    change = FigureChange(
        "urgent_response_within_the_agreed_time", ORGANIZATION, "year_to_date",
        {"value": 0.912345, "eligible": 12345, "state": "met"},
        {"value": 0.812345, "eligible": 12340, "state": "missed"},
    )  # fmt: skip
    record = RecordChange(
        "urgent_response_within_the_agreed_time", "desk", "INC-2020-000123456789",
        {"verdict": "excluded", "reason": "unrecorded_first_response"},
        {"verdict": "missed", "reason": None}, ChangeReason.LATE_ANSWER,
    )  # fmt: skip
    found = SnapshotComparison((change,), (record,), (), {}, "2020-01-01")
    text = printed(80, print_comparison, found)
    for cell in (change.indicator, ORGANIZATION, "desk/INC-2020-000123456789",
                 "värde 0,912345 → 0,812345, räknade 12 345 → 12 340, läge Når målet → Når inte "
                 "målet",
                 "undantagen (första svaret registreras inte i källan) → missad"):  # fmt: skip
        assert in_column(text, cell), (cell, text)
    long, rule = (
        replace(figure(), indicator="urgent_response_within_the_agreed_time"),
        "a + b " * 40,
    )
    shown = printed(80, print_figure_rules, [long], {long.indicator: rule})
    assert letters(rule) in letters(shown).replace(long.indicator, "")
    lasting = replace(
        number_of_tickets(9), title={"sv": TITLE, "en": ""}, histogram=(0, 0, 4, 0, 5)
    )
    assert letters(TITLE) in letters(printed(80, print_distributions, [lasting]))


# The layout itself


def sheet(*rows):
    made = Sheet(titles("Name"), words("State"), numbers("Count", rank=1), phrases("Why", rank=2))
    for row in rows:
        made.add_row(*row)
    return made


def lines(made, width):
    out = Console(file=StringIO(), width=width, highlight=False)
    made.print(out, "en")
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


ROW = ("Urgent incidents answered in time", "off target", "12345", "answered too late")


def test_where_there_is_room_nothing_is_folded():
    assert lines(sheet(ROW), 80) == [
        "Name                               State       Count  Why",
        "Urgent incidents answered in time  off target  12345  answered too late",
    ]


def test_the_widest_column_is_folded_first():
    assert lines(sheet(ROW), 64) == [
        "Name                        State       Count  Why",
        "Urgent incidents answered   off target  12345  answered too late",
        "in time",
    ]


def test_what_is_left_out_is_named_the_highest_rank_first():
    assert lines(sheet(ROW), 42)[-1] == "Left out for want of room: Why"
    assert lines(sheet(ROW), 35) == [
        "Name                     State",
        "Urgent incidents         off target",
        "answered in time",
        "Left out for want of room: Count,",
        "Why",
    ]


def test_where_nothing_else_helps_each_row_is_stacked_and_whole():
    assert lines(sheet(ROW), 20) == [
        "Urgent incidents",
        "answered in time",
        "  State  off target",
        "  Count  12345",
        "  Why    answered",
        "         too late",
    ]


def test_a_long_heading_is_folded_over_short_cells():
    made = Sheet(titles("Name"), Column("Needed for the rest", right=True))
    made.add_row("A", "9")
    assert lines(made, 14) == [
        "        Needed",
        "       for the",
        "Name      rest",
        "A            9",
    ]
