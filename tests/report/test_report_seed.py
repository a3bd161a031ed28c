"""The seed's goal table out of the document, cell by cell, from records to frozen month."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from collector.config.loading.load import load_settings
from collector.config.settings import fiscal_year
from collector.model.periods import written_period
from collector.report.blocks import Chart, Document, Heading, Table
from collector.report.content.document import build_document
from collector.report.office import read_office
from collector.report.render.pdf import pdf
from collector.snapshot import first_freeze
from collector.store import Store
from tests.worlds.commands import run_here
from tests.worlds.document_tools import plain_text
from tests.worlds.report_world import cells, everything, plain, tables
from tests.worlds.seed_desk import NOW, PERIOD, write_desk

COUNCIL = [
    "Lekebergs kommun gör det enkelt för sina medborgare att bo i Lekeberg",
    "Lekebergs kommun växer och utvecklas på ett hållbart sätt",
    "Lekebergs kommun minskar sin klimatpåverkan",
]
BOARD = [
    "Ge god service och IT-drift av hög kvalité",
    "Ökad samverkan över kommungränserna",
    "Underlätta för digitala möten och att en hållbar teknik används",
]


@contextmanager
def _document(folder: Path) -> Iterator[Document]:
    file = write_desk(folder)
    assert run_here("poll", "-c", file).code == 0
    done = run_here("snapshot", "freeze", PERIOD, "--incomplete", "--now", NOW, "-c", file)
    assert done.code == 0, done.err
    settings = load_settings(file)
    period = written_period(PERIOD, fiscal_year(settings))
    with Store.open(settings.store) as store:
        yield build_document(
            first_freeze(store, period), "sv", office=read_office(settings, period)
        )


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Document]:
    with _document(tmp_path_factory.mktemp("seed")) as shown:
        yield shown


def test_the_seeds_table_cell_by_cell(seed: Document) -> None:
    """Nuvärde | Prognos | Målvärde as the report of 2020 prints them.

    What differs is meant: the orders that were not measured say so instead of 0 %, the calls of 20
    and 60 seconds have a row each, the mean time has its unit instead of "st" (pieces), and shares
    have the decimal that every surface gives them.
    """
    goals = next(t for t in tables(seed) if t.caption.startswith("Mål och indikatorer"))
    rows = cells(goals)
    names = [plain(column.title) for column in goals.columns]
    assert names[:5] == [
        "Kommunfullmäktiges mål", "Nämndmål", "Indikator", "Nuvärde", "Prognos (80 %-intervall)",
    ]  # fmt: skip
    told = [
        [row[0], row[1], *(text.split(" | ")[0].rstrip("¹") for text in row[2:7])] for row in rows
    ]
    risk, met, missed = "▲ Risk", "✓ Når målet", "✗ Når inte målet"
    unlikely = "▼ Når sannolikt inte"
    assert told == [
        [COUNCIL[1], BOARD[0], "Akuta incidenter med återkoppling inom 30 min",
         "80,0 %", "90,0 %", "Minst 90 %", missed],
        ["", "", "Högprioriterade incidenter med återkoppling inom 2 h",
         "80,0 %", "85,0 %", "Minst 85 %", risk],
        ["", "", "Normalprioriterade incidenter med återkoppling inom 8 h",
         "90,0 %", "90,0 %", "Minst 90 %", met],
        ["", "", "Ärenden som åtgärdas av Servicedesk (1st line)",
         "43,0 %", "43,0 %", "Minst 45 %", unlikely],
        ["", "", "Genomsnittlig ärendehanteringstid",
         "10,0 arbetsdagar", "10,0 arbetsdagar", "Högst 10 arbetsdagar", met],
        ["", "", "Beställningar av datorer och kringutrustning inom 2 dagar",
         "– Ej mätt", "–", "Minst 0 %", "– Ej mätt"],
        ["", "", "Besvarade samtal inom 20 s (servicenivå 1)",
         "65,0 %", "60,0 %", "Minst 70 %", unlikely],
        ["", "", "Besvarade samtal inom 60 s (servicenivå 2)",
         "65,0 %", "60,0 %", "Minst 70 %", unlikely],
        ["", "–", "Medarbetarundersökning, medarbetarengagemang (HME)",
         "59 %", "57 %", "Öka från 71,13", unlikely],
        ["", "", "Sjukfrånvaro", "6,06 %", "4 %", "Minska från 5 %", risk],
        ["", "", "Nämnderna och styrelsen håller sin budgetram",
         "1 579 tkr", "420 tkr", "Minst 0 tkr", met],
        [COUNCIL[2], "–", "Miljödiplomering av Lekebergs kommun", "ja", "ja", "Ja", met],
    ]  # fmt: skip
    assert [plain(each) for each in goals.notes] == [
        "¹ Angiven av Förvaltningschef 31 juli 2020.",
        "Trend: för 12 indikatorer finns ingen jämförelse med samma period i fjol.",
        f"Mål utan indikator: {COUNCIL[0]}; {BOARD[1]}; {BOARD[2]}.",
    ]


def test_the_whole_table_is_on_page_1_of_the_pdf(seed: Document, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf(seed))
    pages = plain_text(file, "-layout").split("\f")
    assert "Miljödiplomering av" in pages[0], "the last indicator"
    assert pages[1].strip().startswith("Innehåll"), "the document has ten pages and more"
    chapters = [line.partition(" .")[0] for line in pages[1].splitlines() if " . . " in line]
    assert chapters[0] == "1 Inledning"
    assert chapters[-1] == "Bilaga 7. Sigill och kontroll"


def test_what_the_seed_could_not_say(seed: Document) -> None:
    """80 % after seven months cannot become 90 %: the rest would have to give more than all."""
    goals = next(t for t in tables(seed) if t.caption.startswith("Mål och indikatorer"))
    urgent = cells(goals)[0]
    assert urgent[4] == "90,0 %¹ | beräknad 76,8 %"
    assert "krävs resten av året: 104,3 %, går inte att nå" in urgent[5]


def test_the_offices_parts_are_there(seed: Document) -> None:
    captions = [table.caption for table in tables(seed)]
    assert "Besluten och deras status" in captions
    assert "Ekonomiskt resultat (tkr)" in captions
    assert "Budget, utfall och prognos (tkr)" in captions
    assert "Uppgifter som inte stämmer" in everything(seed)  # 1 564 tkr and 420 kr, see the seed


def test_each_definition_is_one_sentence(seed: Document) -> None:
    text = plain(everything(seed))
    for said in (
        "andelen ärenden av typen incident med prioriteten akut som är besvarade inom 30 min "
        "arbetstid (kontorstid), efter nuvarande prioritet; målet är minst 90 % och uppgifterna "
        "kommer från CSV-filer med ärenden (tickets).",
        "andelen av de lösta ärendena vars nuvarande grupp är Servicedesk; målet är minst 45 %",
        "andelen besvarade inom 20 s av alla besvarade och obesvarade samtal; målet är minst 70 %",
        "anges för hand; gäller i 366 dagar; målet är att öka från 71,13.",
        "Ett ärende räknas i den period då det öppnades.",
        "Räkenskapsåret börjar i januari.",
        "Ärenden i kategorin Test räknas inte (undantag test).",
    ):
        assert said in text


def test_no_heading_is_repeated_by_the_caption_below_it(seed: Document) -> None:
    for heading, block in pairwise(seed.blocks):
        if isinstance(heading, Heading) and isinstance(block, Table | Chart):
            assert block.caption.casefold() not in heading.text.casefold()


def test_nothing_in_the_document_is_addressed_to_its_author(seed: Document) -> None:
    text = everything(seed)
    for advice in ("Rätta", "rätta", "Menas", "Skriv ", "Lägg till", "Jämför texten"):
        assert advice not in text
    assert seed.draft == ("UTKAST", "4 kommentarer saknas och 2 uppgifter stämmer inte")
