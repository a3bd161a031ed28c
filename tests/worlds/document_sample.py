"""Documents as a report makes them, for the tests of their forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collector.model.codes import State
from collector.report.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Drawing,
    Heading,
    Items,
    Notice,
    PageBreak,
    Paragraph,
    Run,
    Table,
)

LONG_WORD = "myndighetsövergripandesamverkansprojektledningsgrupp"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

STATES: tuple[tuple[State, str], ...] = (
    ("met", "✓ Når målet"),
    ("at_risk", "▲ Risk"),
    ("missed", "✗ Når inte målet"),
    ("no_data", "– Ej mätt"),
    ("too_few", "· För få ärenden"),
    ("stale", "◷ Inaktuell"),
)

COLUMNS = (
    Column("Kommunfullmäktiges mål", 2.2),
    Column("Nämndmål", 2),
    Column("Indikator", 3),
    Column("Nuvärde", 1, number=True),
    Column("Prognos", 1.2, number=True),
    Column("Målvärde", 1, number=True),
    Column("Bedömning", 1.6),
    Column("Trend", 1.2),
)


def line(width: int, height: int, texts: Sequence[str] = ()) -> str:
    """A drawing of a line over so many px, with words."""
    points = " ".join(
        f"{width * i / 12:.1f},{height * (0.8 - (i * 37 % 60) / 100):.1f}" for i in range(13)
    )
    words = "".join(
        f'<text x="{5 + 40 * i}" y="{height - 5}" font-family="system-ui, sans-serif" '
        f'font-size="12">{text}</text>'
        for i, text in enumerate(texts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><polyline points="{points}" fill="none" '
        f'stroke="#1F3A5F" stroke-width="1.5"/>{words}</svg>'
    )


SPARK = Drawing(line(90, 20), "stigande sedan april", 90, 20)

CHART = Drawing(
    line(640, 240, ["juli", "aug", "sep", "mål ≥ 90\u00a0%"]),
    "Linjediagram: 82\u00a0% i juli mot målet 90\u00a0%",
    640,
    240,
)


def text(words: str, **style: Any) -> Paragraph:
    """A paragraph of one run."""
    return Paragraph((Run(words, **style),))


def indicator_row(number: int, title: str) -> tuple[Cell, ...]:
    """A row of the goal table; goals stand in their first row only."""
    state, words = STATES[number % len(STATES)]
    goal = "Lekebergs kommun växer och utvecklas på ett hållbart sätt"
    return (
        Cell(goal if number % 8 == 0 else ""),
        Cell("Ge god service och IT-drift av hög kvalité" if number % 4 == 0 else ""),
        Cell(f"{title}, nr\u00a0{number}"),
        Cell("82\u00a0%", "av\u00a0143"),
        Cell("84\u00a0%", "79–88\u00a0%", strong=True),
        Cell("≥\u00a090\u00a0%"),
        Cell(words, "krävs resten av året: 104\u00a0%", state=state),
        Cell("", spark=SPARK),
    )


def goal_table(rows: int, title: str = "Akuta incidenter, återkoppling", **how: Any) -> Table:
    """The committee's table with so many indicators."""
    return Table(
        caption="Nämndens indikatorer",
        columns=COLUMNS,
        rows=tuple(indicator_row(number, title) for number in range(rows)),
        header_cells=3,
        notes=("Prognos: med 80-procentigt intervall.",),
        **how,
    )


ECONOMY = Table(
    caption="Ekonomi, tkr",
    columns=(Column("Post", 3), Column("Budget", number=True), Column("Avvikelse", number=True)),
    rows=(
        (Cell("Personal"), Cell("12\u00a0345"), Cell("−445")),
        (Cell("Summa"), Cell("12\u00a0345"), Cell("−445")),
    ),
    total=True,
)

MONTHS = Table(
    caption="Akuta incidenter per månad",
    columns=(Column("Månad"), Column("Andel", number=True)),
    rows=tuple((Cell(f"2020-{month:02d}"), Cell("82\u00a0%")) for month in range(1, 8)),
    compact=True,
)

EVERY_BLOCK: tuple[Block, ...] = (
    Paragraph((Run("Måluppfyllelsen är fortsatt god."),), kind="lead"),
    Notice("warning", "Varning: ofullständigt", (text("Telefonin är inte läst sedan 30 juli."),)),
    goal_table(11),
    Heading("Måluppfyllelse", 1, "mal"),
    Chart("Akuta incidenter, 13 månader", CHART, MONTHS),
    Heading("Ekonomi", 1),
    Heading("Utfall", 2),
    ECONOMY,
    Heading("Beslut", 3),
    Items(((text("Första"),), (text("Andra"), Items(((text("inre"),),), numbered=True)))),
    Paragraph(
        (
            Run("Se "),
            Run("kapitlet om mål", link="#mal"),
            Run(", "),
            Run("myndigheten", link="https://www.digg.se/", strong=True),
            Run(", "),
            Run("ingenstans", link="#saknas"),
            Run(", "),
            Run("farligt", link="javascript:alert(1)"),
            Run(" och "),
            Run("kod", code=True),
            Run(" i "),
            Run("kursiv", emphasis=True),
        )
    ),
    Paragraph((Run("Källa: ärendesystemet."),), kind="small"),
    PageBreak(),
    Notice("note", "Not", (text(f"Signatur {DIGEST} sist."),)),
)


def document(blocks: Sequence[Block] = EVERY_BLOCK, **changes: Any) -> Document:
    """A document with all that one may hold."""
    given: dict[str, Any] = {
        "title": "Delårsrapport 2 – Sydnärkes IT-nämnd",
        "subtitle": "1 januari–31 juli 2020",
        "language": "sv",
        "author": "Sydnärkes IT-förvaltning",
        "date": "2020-08-03T08:00:00+02:00",
        "facts": (("Period", "1 januari–31 juli 2020"), ("Signatur", DIGEST)),
        "footer": "Sydnärkes IT-nämnd",
        "keywords": ("nyckeltal", "servicedesk"),
    }
    return Document(blocks=tuple(blocks), **{**given, **changes})
