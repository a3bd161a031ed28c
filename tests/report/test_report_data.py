"""The figures as data: exact, with nothing hidden in them, the same bytes each time."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import date, timedelta
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET

import pytest

from collector.model.bilingual import Language
from collector.report.content.report import Report
from collector.report.content.rows import COLUMNS, MONTH_COLUMNS, figure_rows, month_rows
from collector.report.render.csv import csv_bytes, harmless
from collector.report.render.kolada import kolada_bytes
from collector.report.render.xlsx import xlsx_bytes
from tests.worlds.paths import ROOT
from tests.worlds.report_world import (
    Record,
    both,
    content,
    expected,
    figure,
    indicator,
    months,
    target,
)

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
GOALS = [
    {"id": "grow", "level": "council", "title": both("Växa"), "under": None},
    {"id": "serve", "level": "board", "title": both("God service"), "under": "grow"},
]
PARTS = [
    figure(1, 3, "too_few", "Askersund", forecast=expected(0.31, 0.1, 0.9), required=0.93),
    figure(40, 51, "missed", "Hallsberg"),
    figure(9, 10, "met", "Laxå"),
    figure(0, 0, "no_data", "Lekeberg"),
]


def _content() -> Record:
    first = indicator(
        "urgent",
        figure(50, 64, "missed", pending=2, forecast=expected(0.8, 0.7, 0.9), misses_left=-3),
        figure(2, 3, "too_few"),
        parts=PARTS, title=both("=1+1"), goal="serve", months=months((2, 3), (9, 11)),
    )  # fmt: skip
    slow = indicator(
        "slow", figure(good=7200, eligible=7, value=7200 / 7), kind="mean_duration",
        unit="seconds", shown_in=["hours", 3600], target=target("<= 2 hours", 7200.0, high=False),
    )  # fmt: skip
    return content(first, slow, goals=GOALS)


def _rows(language: Language) -> list[dict[str, str]]:
    text = csv_bytes(Report(_content(), language)).decode("utf-8-sig")
    separator = ";" if language == "sv" else ","
    return list(csv.DictReader(StringIO(text, newline=""), delimiter=separator))


def _row(rows: list[dict[str, str]], organization: str, span: str) -> dict[str, str]:
    wanted = ("urgent", organization, span)
    return next(r for r in rows if (r["indicator"], r["organization"], r["span"]) == wanted)


def test_csv_has_a_row_for_each_figure() -> None:
    rows = _rows("en")
    assert len(rows) == 2 * 5 + 2  # two spans of the desk and its four parts; one has no parts
    assert list(rows[0]) == list(COLUMNS)


def test_csv_numbers_are_not_rounded() -> None:
    whole = _row(_rows("en"), "", "year_to_date")
    assert float(whole["value"]) == 50 / 64
    assert (whole["good"], whole["eligible"], whole["pending"]) == ("50", "64", "2")
    assert (whole["council_goal"], whole["board_goal"]) == ("Växa", "God service")
    assert (whole["first"], whole["last"]) == ("2020-01-01", "2020-07-31")


def test_csv_is_what_a_spreadsheet_of_the_language_opens() -> None:
    raw = csv_bytes(Report(_content(), "sv"))
    assert raw.startswith(b"\xef\xbb\xbf")
    assert _row(_rows("sv"), "", "year_to_date")["value"] == "0,78125"
    assert _row(_rows("en"), "", "year_to_date")["value"] == "0.78125"


def test_csv_holds_nothing_that_is_hidden() -> None:
    rows = _rows("en")
    for organization, why in (("Askersund", "too_few"), ("Laxå", "protected")):
        hidden = _row(rows, organization, "year_to_date")
        assert hidden["hidden"] == why
        for name in ("good", "eligible", "pending", "value", "state", "forecast", "required"):
            assert hidden[name] == "", name
    assert _row(rows, "Hallsberg", "year_to_date")["hidden"] == ""
    assert _row(rows, "Lekeberg", "year_to_date")["state"] == "no_data"


WHY = [
    {"sv": "Perioden är inte slut.", "en": "The period is not over."},
    {"sv": "Källan desk lästes inte.", "en": "The source desk was not read."},
]


def test_every_row_says_what_is_incomplete() -> None:
    """Rows are copied into other files: a mark that stands elsewhere is lost."""
    whole = Report(_content(), "sv")
    lacking = Report(_content() | {"incomplete": WHY}, "sv")
    for made in (figure_rows, month_rows):
        assert {row.values["incomplete"] for row in made(whole)} == {None}
        said = {row.values["incomplete"] for row in made(lacking)}
        assert said == {"Perioden är inte slut. Källan desk lästes inte."}
    assert "Källan desk lästes inte." in csv_bytes(lacking).decode().splitlines()[-1]
    sheets = _sheets(xlsx_bytes(lacking, "t", ""))
    for name in ("Mål", "Kommuner", "Månader"):
        assert all("Ofullständigt" in row for row in sheets[name]), name


def test_csv_holds_no_formula() -> None:
    assert _rows("sv")[0]["title"] == "'=1+1"
    for text in ("=A1", "+1", "-1", "@x", "\tx"):
        assert harmless(text) == f"'{text}"
    assert harmless("a=b") == "a=b"


def _sheets(raw: bytes) -> dict[str, list[dict[str, object]]]:
    """Each sheet's rows: header → value, texts and numbers as what they are."""
    with zipfile.ZipFile(BytesIO(raw)) as book:
        shared = [
            "".join(t.text or "" for t in si.iter(f"{SPREADSHEET}t"))
            for si in ET.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        names = [
            s.get("name")
            for s in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SPREADSHEET}sheet")
        ]
        found: dict[str, list[dict[str, object]]] = {}
        for index, name in enumerate(names, 1):
            sheet = ET.fromstring(book.read(f"xl/worksheets/sheet{index}.xml"))
            assert not list(sheet.iter(f"{SPREADSHEET}f")), "a formula"
            pane = next(sheet.iter(f"{SPREADSHEET}pane"))
            assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
            rows: list[dict[str, object]] = []
            header: dict[str, str] = {}
            for row in sheet.iter(f"{SPREADSHEET}row"):
                cells: dict[str, object] = {}
                for cell in row:
                    value = cell.find(f"{SPREADSHEET}v")
                    if value is None or value.text is None:
                        continue
                    column = "".join(c for c in cell.get("r", "") if c.isalpha())
                    text = cell.get("t") == "s"
                    cells[column] = shared[int(value.text)] if text else float(value.text)
                if not header:
                    header = {column: str(text) for column, text in cells.items()}
                else:
                    rows.append({header[column]: value for column, value in cells.items()})
            found[str(name)] = rows
    return found


def test_xlsx_has_a_sheet_each_with_real_numbers() -> None:
    sheets = _sheets(xlsx_bytes(Report(_content(), "sv"), "Måluppföljning", "Nämnden"))
    assert list(sheets) == ["Mål", "Kommuner", "Månader", "Definitioner", "Datakvalitet"]
    year = sheets["Mål"][1]
    assert year["Indikatorns id"] == "urgent"
    assert (year["Tidsrymd"], year["Värde"]) == ("året hittills", 0.78125)
    assert year["Indikator"] == "=1+1"
    assert year["Missar kvar"] == -3.0
    assert len(sheets["Kommuner"]) == 12
    assert sheets["Datakvalitet"][0]["Antal"] == 2.0


def test_xlsx_says_states_in_words_and_has_real_dates() -> None:
    sheets = _sheets(xlsx_bytes(Report(_content(), "sv"), "Måluppföljning", "Nämnden"))
    year = sheets["Mål"][1]
    assert year["Bedömning"] == "✗ Når inte målet"
    first = date(1899, 12, 30) + timedelta(days=int(str(year["Från"]).removesuffix(".0")))
    assert first == date(2020, 1, 1)
    assert {type(row["Månad"]) for row in sheets["Månader"]} == {float}
    for language in ("sv", "en"):
        sheets = _sheets(xlsx_bytes(Report(_content(), language), "t", ""))
        said = {str(each) for rows in sheets.values() for row in rows for each in row.values()}
        assert not said & {"met", "missed", "at_risk", "no_data", "too_few", "year_to_date"}


def test_xlsx_of_a_draft_says_so_and_why() -> None:
    draft = ("UTKAST", "1 kommentar saknas")
    made = xlsx_bytes(Report(_content(), "sv"), "Måluppföljning", "Nämnden", draft)
    assert "UTKAST: 1 kommentar saknas" in _sheets(made)["Datakvalitet"][0].values()
    with zipfile.ZipFile(BytesIO(made)) as parts:
        names = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert all(b"UTKAST" in parts.read(name) for name in names), "on each printed page"
        assert "UTKAST: Måluppföljning" in parts.read("docProps/core.xml").decode()


def test_xlsx_says_what_is_incomplete() -> None:
    why = [{"sv": "Källan desk lästes inte.", "en": "The source desk was not read."}]
    sheets = _sheets(xlsx_bytes(Report(_content() | {"incomplete": why}, "sv"), "t", ""))
    assert [row["Skäl"] for row in sheets["Datakvalitet"][:2]][1] == "Källan desk lästes inte."


def test_xlsx_holds_nothing_that_is_hidden() -> None:
    sheets = _sheets(xlsx_bytes(Report(_content(), "en"), "t", ""))
    hidden = [row for row in sheets["Organizations"] if "Not shown" in row]
    assert {row["Not shown"] for row in hidden} == {"too few", "protects a small group"}
    figures = {"Numerator", "Denominator", "Value", "Forecast of the year"}
    assert not [row for row in hidden if figures & set(row)]
    of_june = (date(2020, 6, 1) - date(1899, 12, 30)).days
    june = next(row for row in sheets["Months"] if row["Month"] == of_june)
    assert june["Not shown"] == "too few"
    assert "Value" not in june


@pytest.mark.parametrize("language", ["sv", "en"])
def test_data_are_the_same_bytes_each_time(language: Language) -> None:
    one, other = Report(_content(), language), Report(_content(), language)
    assert csv_bytes(one) == csv_bytes(other)
    assert xlsx_bytes(one, "t", "a") == xlsx_bytes(other, "t", "a")
    assert kolada_bytes(one, {}, {}) == kolada_bytes(other, {}, {})


def test_kolada_is_shaped_as_its_answers_and_labelled_as_none() -> None:
    codes = {"Laxå": "1860", "Hallsberg": "1861"}
    shaped = json.loads(kolada_bytes(Report(_content(), "sv"), codes, {"urgent": "SD01"}))
    assert shaped["label"].startswith("Kolada-liknande")
    assert (shaped["count"], shaped["next_page"]) == (1, None)
    assert shaped["kpi"][0]["id"] == "SD01"
    assert shaped["values"] == [
        {
            "kpi": "SD01", "municipality": "1861", "period": "2020",
            "values": [
                {"count": 1, "gender": "T", "status": "Preliminary", "value": 78.431372549}
            ],
        }
    ]  # fmt: skip  # Laxå is hidden


def test_kolada_says_how_far_its_figures_go() -> None:
    codes, ids = {"Hallsberg": "1861"}, {"urgent": "SD01", "slow": "SD02"}
    said = _content() | {"incomplete": WHY}
    for span in ("period", "year_to_date"):
        said["indicators"][1][span].append(figure(37800, 7, organization="Hallsberg"))
    shaped = json.loads(kolada_bytes(Report(said, "sv"), codes, ids))
    assert shaped["incomplete"][1:] == [each["sv"] for each in WHY]
    assert [kpi["title"] for kpi in shaped["kpi"]] == ["=1+1 (%)", "slow (h arbetstid)"]
    assert shaped["kpi"][0]["description"] == "Gräns: 30 min; Målvärde: minst 90 %"
    assert [each["values"][0]["value"] for each in shaped["values"]] == [78.431372549, 1.5]
    over = _content() | {"year": {"first": "2020-01-01", "last": "2020-07-31", "to": "2020-07-31"}}
    status = [
        each["values"][0]["status"]
        for content in (over, over | {"incomplete": WHY})
        for each in json.loads(kolada_bytes(Report(content, "sv"), codes, ids))["values"]
    ]
    assert status == ["", "Preliminary"]


def test_every_column_is_explained() -> None:
    text = (ROOT / "docs/report.md").read_text(encoding="utf-8")
    table = text.partition("| column |")[2].partition("\n\n")[0]
    explained = {name for line in table.splitlines() for name in line.split("|")[1:2]}
    named = {word.strip(" `") for cell in explained for word in cell.split(",")} - {"---", ""}
    assert named == {*COLUMNS, *MONTH_COLUMNS}


def test_a_year_that_is_over_has_no_forecast() -> None:
    said = _content() | {
        "period": {"name": "2020", "first": "2020-01-01", "last": "2020-12-31"},
        "year": {"first": "2020-01-01", "last": "2020-12-31", "to": "2020-12-31"},
        "known_at": "2021-01-20T09:00:00+01:00",
    }
    whole = next(figure_rows(Report(said, "sv"))).values
    assert (whole["good"], whole["eligible"]) == (50, 64)
    ahead = ("forecast", "forecast_low", "forecast_high", "forecast_set_by")
    assert {whole[name] for name in (*ahead, "required", "misses_left")} == {None}
