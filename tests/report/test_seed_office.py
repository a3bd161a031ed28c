"""The tables of the report of 2020 out of the office's files, cell by cell; its contradictions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from collector.config.loading.load import load_settings
from collector.config.settings import fiscal_year
from collector.model.periods import written_period
from collector.report.blocks import Table
from collector.report.content.office_tables import (
    climate_paragraph,
    climate_table,
    decisions_table,
    economy_table,
    investments_table,
    office_warnings,
    warning_text,
)
from collector.report.office import Office, read_office
from tests.worlds.commands import run_here
from tests.worlds.paths import shared
from tests.worlds.seed_desk import PERIOD, write_desk

ECONOMY = """
Intäkter | -34 559 | -20 222 | -34 620 | 61
Personalkostnader | 12 337 | 5 672 | 10 800 | 1 537
Datorer & basutrustning | 200 | 27 | 200 | 0
Datakommunikation | 2 380 | 810 | 2 380 | 0
Licenser & serviceavtal | 6 000 | 3 193 | 6 400 | -400
Övrigt tjänsteköp | 1 015 | 2 212 | 2 810 | -1 795
Resor & kurser | 230 | 109 | 230 | 0
Lokalhyror | 349 | 219 | 349 | 0
Övriga kostnader | 320 | 100 | 320 | 0
Kapitalkostnader | 11 728 | 6 301 | 10 711 | 1 017
Summa | 0 | -1 579 | -420 | 420
"""
INVESTMENTS = """
IT INVEST LEKEBERG | 1 478 | 621 | 1 478 | 0
IT INVEST LAXÅ | 1 336 | 198 | 1 336 | 0
IT INVEST ASKERSUND | 2 773 | 1 219 | 2 773 | 0
IT INVEST HALLSBERG | 2 182 | 660 | 2 182 | 0
IT-INVEST. GEMENSAMT | 3 000 | 2 529 | 3 000 | 0
Summa | 10 769 | 5 227 | 10 769 | 0
"""
DECISIONS = [
    (
        "Uppdrag till förvaltningschef att inleda en dialog med Lekebergs kommun om hur "
        "lokalfrågan ska lösas.(SYD-IT 19-49)",
        "Pågår",
        "Finns uppdrag hos LEBO/LEKO att se över kommunhuset.",
    ),
    (
        "Uppdrag till förvaltningschef í uppdrag att tillsammans med ekonomicheferna i "
        "Sydnärke kommunerna arbeta fram ett förslag till utvecklingsportfölj. (Syd-IT 19-57)",
        "Pågår",
        "Senarelagt efter framtagande av digitaliseringsstrategi.",
    ),
    (
        "Uppdrag till förvaltningchef för Sydnärkes IT-förvaltning att initiera och vid behov"
        " facilitera genomförandet av informationsklassificering i medlemskommunerna. (Syd-IT"
        " 19-61)",
        "Pågår",
        "Uppstartat i Hallsberg, ligger vilande pga resursbrist.",
    ),
    (
        "Uppdrag till förvaltningschefen att genomföra aktiviteter i linje med den "
        "kompetenstryggande strategin",
        "Pågår",
        "Samverkat med fackliga organisationer och upphandling går ut tredje kvartal.",
    ),
    (
        "Uppdrar till förvaltningschefen att ta frågan om digitaliseringsledare vidare till "
        "beredningsgruppen.",
        "Pågår",
        "",
    ),
    (
        "Uppdrar till förvaltningschefen att införa en punkt i den interna kontrollplanen "
        "gällande MSB:s prioriterade säkerhetsåtgärder vad gäller IT-säkerhet.",
        "Pågår",
        "Förslag kommer på septembersammanträdet som sedan införs i den interna "
        "kontrollplanen för 2021.",
    ),
]
"""Beslut, Status, Kommentar as they were printed, with their slips."""


def rows(text: str) -> list[tuple[str, ...]]:
    """Rows as they were typed, with the signs that documents use."""
    lines = [line.split(" | ") for line in text.strip().splitlines()]
    return [(line[0], *map(signed, line[1:])) for line in lines]


def signed(number: str) -> str:
    return number.replace("-", "\N{MINUS SIGN}").replace(" ", "\N{NO-BREAK SPACE}")


def printed_report() -> str:
    """The text of the report of 2020."""
    (file,) = shared("seeds").glob("000_*.txt")
    return file.read_text(encoding="utf-8")


def cells(table: Table) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row) for row in table.rows]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_desk(tmp_path_factory.mktemp("seed"))


@pytest.fixture(scope="module")
def period(config: Path):
    return written_period(PERIOD, fiscal_year(load_settings(config)))


@pytest.fixture(scope="module")
def office(config: Path, period) -> Office:
    return read_office(load_settings(config), period)


def test_the_economy(office, period):
    table = economy_table(office.economy, period.last, "sv")
    assert [column.title.replace("\u00a0", " ") for column in table.columns[1:]] == [
        "Budget", "Utfall 31 juli 2020", "Årsprognos", "Avvikelse",
    ]  # fmt: skip
    assert cells(table) == rows(ECONOMY)
    assert table.total
    assert [column.number for column in table.columns] == [False, True, True, True, True]


def test_the_investments(office, period):
    table = investments_table(office.investments, period.last, "sv")
    assert [column.title.replace("\u00a0", " ") for column in table.columns] == [
        "Investering", "Budget", "Utfall 31 juli 2020", "Prognos", "Avvikelse",
    ]  # fmt: skip
    assert cells(table) == rows(INVESTMENTS)
    assert table.total


def test_in_english_only_words_and_signs_differ(office, period):
    table = economy_table(office.economy, period.last, "en")
    assert table.columns[2].title == "Outcome 31\u00a0July\u00a02020"
    assert cells(table)[0] == ("Intäkter", "−34,559", "−20,222", "−34,620", "61")
    assert cells(table)[-1] == ("Sum", "0", "−1,579", "−420", "420")


def test_a_municipality_has_its_own_words(office, period):
    words = {"outcome": "Utfall t.o.m. {date}", "sum": "Totalt"}
    table = economy_table(office.economy, period.last, "sv", words)
    assert table.columns[2].title.replace("\u00a0", " ") == "Utfall t.o.m. 31 juli 2020"
    assert cells(table)[-1][0] == "Totalt"


def test_the_decisions(office):
    table = decisions_table(office.decisions, "sv")
    assert [column.title for column in table.columns] == ["Beslut", "Status", "Kommentar"]
    assert cells(table) == DECISIONS


def test_climate_savings_as_given_and_what_they_say(office):
    (run,) = climate_paragraph(office.climate, "sv").runs
    assert run.text == (
        "Returhantering av datorer och annan hårdvara: 1,7 ton CO2-ekv. Källa: Delårsbokslut 2020."
    )
    assert cells(climate_table(office.climate, "sv")) == [
        ("mils körning med en Volvo V40 D2", "45\u00a0639",
         "enligt förvaltningen, utan omräkningsfaktor; motsvarar 3,7 g CO2-ekv. per km"),
        ("varv runt jordklotet", "11,38",
         "enligt förvaltningen, utan omräkningsfaktor; motsvarar 3,7 g CO2-ekv. per km"),
    ]  # fmt: skip


def test_what_the_report_contradicts_itself_in(office):
    """Its tables add up; its text says 1 564 once where all else says 1 579, and kr for tkr."""
    said = [(Path(each.file).name, each.line, warning_text(each, "sv")) for each in office.warnings]
    assert said == [
        ("03-verksamhetsberattelse.md", 3,
         "Texten anger 1564\u00a0tkr, som inte finns i någon tabell. "
         "Jämför texten med tabellerna."),
        ("ekonomi.md", 3,
         "Texten anger 420\u00a0kr, som inte finns i någon tabell. Menas tkr?"),
    ]  # fmt: skip
    assert all(each.shown for each in office.warnings)
    assert office_warnings(office) == office.warnings


def test_the_texts_and_their_places(office):
    chapters = [(each.title, each.name) for each in office.chapters("sv")]
    assert chapters == [
        ("Inledning", "01-inledning"),
        ("Verksamhetsberättelse", "03-verksamhetsberattelse"),
    ]
    assert office.text_before("economy", "sv").title == "Ekonomisk rapport"
    assert office.text_before("investments", "sv") is None
    assert "långtidssjukskrivning" in office.commentary_on("sick_leave", "sv").text
    assert office.commentary_on("sick_leave", "sv").period == "2020-07"
    assert office.commentary_on("budget", "sv") is None


def test_check_tells_the_contradictions(config):
    done = run_here("check", "--offline", "--config", config)
    assert done.code == 0, done.err
    told = [line for line in done.err.splitlines() if "/committee/" in line]
    assert [line.rpartition(".md:")[2] for line in told] == [
        "3: The text mentions 1564\u00a0tkr, which is in no table. "
        "Compare the text with the tables.",
        "3: The text mentions 420\u00a0kr, which is in no table. Did you mean tkr?",
    ]


@pytest.mark.parametrize("table", [ECONOMY, INVESTMENTS], ids=["economy", "investments"])
def test_what_was_typed_is_the_report(table):
    report = re.sub(r"\s+", " ", printed_report())
    for line in table.strip().splitlines():
        row = line.replace(" | ", " ")
        if line.startswith("Summa | 10"):
            row = row.removeprefix("Summa ")  # the report's own sum has no name there
        assert row in report, row


def test_the_goal_table_is_the_reports():
    """Nuvärde, Prognos, Målvärde as typed in test_seed_table, in the report's order."""
    report = re.sub(r"\s+", " ", printed_report())
    typed = [
        "80% 90% 90%", "80% 85% 85%", "90% 90% 90%", "43% 43% 45%", "10 st 10 högst 10 st",
        "0% 0% 0%", "65% 60% 70%", "59% 57% Öka från 71,13", "6,06% 4% Minska från 5%",
        "1 579 tkr 420 tkr 0 tkr", "Ja Ja Ja",
    ]  # fmt: skip
    places = [report.index(each) for each in typed]
    assert places == sorted(places)


def test_the_decisions_are_those_of_the_report():
    printed = " ".join(printed_report().split())
    place = 0
    for decision, status, comment in DECISIONS:
        place = printed.index(f"{decision} {status} {comment}".strip(), place)
