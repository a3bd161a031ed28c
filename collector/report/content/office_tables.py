"""The office's parts as a document's tables and notices, with the headings of the seed's report.

A municipality's own words go over ours: a mapping from the names in ``WORDS`` to text, in which
``{date}`` is the last day of the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from collector.config.settings import Settings
from collector.io.yaml import Fault
from collector.model.bilingual import Language, Text
from collector.report.blocks import Cell, Column, Paragraph, Run, Table
from collector.report.content.markdown import LeftOut, read_markdown
from collector.report.office import examine_offices
from collector.report.office.model import (
    Amounts,
    Climate,
    Comparison,
    Decision,
    Doubt,
    Ledger,
    Office,
)
from collector.text.dates import day
from collector.text.numbers import amount, decimals, number
from collector.text.words.office import OFFICE_WORDS as WORDS

Words = Mapping[str, str]
_NAMED = re.compile(r"\{(\w+)\}")

_LEFT_OUT = {
    "image": Text(sv="En bild är utelämnad: {text}.", en="An image was left out: {text}."),
    "html": Text(sv="HTML visas som text: {text}.", en="HTML is shown as text: {text}."),
    "link": Text(sv="En länk är utelämnad: {text}.", en="A link was left out: {text}."),
}
_MEND = {
    "image": Text(sv="Beskriv den i ord.", en="Describe it in words."),
    "html": Text(sv="Skriv Markdown.", en="Write Markdown."),
    "link": Text(sv="Länka till https:// eller mailto:.", en="Link to https:// or mailto:."),
}
_SHOWN = 60
"""How much of what was left out is repeated."""


def decisions_table(
    decisions: Sequence[Decision], language: Language, words: Words | None = None
) -> Table:
    """Beslut | Status | Kommentar."""
    said = _Said(language, words)
    columns = (
        Column(said("decision"), 5),
        Column(said("status"), 1.5),
        Column(said("comment"), 4),
    )
    rows = tuple((Cell(d.decision), Cell(d.status or "–"), Cell(d.comment)) for d in decisions)
    return Table(said("decisions"), columns, rows)


def economy_table(
    ledger: Ledger, last: date, language: Language, words: Words | None = None
) -> Table:
    """Budget | Utfall | Årsprognos | Avvikelse, in tkr, and their sums.

    ``last``: the report's last day, for an outcome that bears no date of its own.
    """
    return _ledger_table(ledger, last, _Said(language, words), "economy", "year_forecast")


def investments_table(
    ledger: Ledger, last: date, language: Language, words: Words | None = None
) -> Table:
    """Budget | Utfall | Prognos | Avvikelse of each investment, in tkr, and their sums."""
    return _ledger_table(ledger, last, _Said(language, words), "investments", "forecast")


def _ledger_table(ledger: Ledger, last: date, said: _Said, part: str, forecast: str) -> Table:
    names = ("budget", "outcome", forecast, "deviation")
    until = day(ledger.as_of or last, said.language)
    titles = [said(name, date=until) for name in names]
    columns = (
        Column(said(f"{part}_row"), 3),
        *(Column(title, 1.4, number=True) for title in titles),
    )
    amounts = [row.amounts for row in ledger.rows] + [ledger.total]
    places = max(decimals(n) for each in amounts for n in _four(each))
    rows = [
        (Cell(name, strong=strong), *_numbers(each, said.language, places, strong))
        for name, each, strong in (
            *((row.name, row.amounts, False) for row in ledger.rows),
            (said("sum"), ledger.total, True),
        )
    ]
    return Table(said(part), columns, tuple(rows), total=True)


def _four(amounts: Amounts) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return amounts.budget, amounts.outcome, amounts.forecast, amounts.deviation


def _numbers(amounts: Amounts, language: Language, places: int, strong: bool) -> list[Cell]:
    return [Cell(number(n, language, places), strong=strong) for n in _four(amounts)]


def climate_paragraph(
    climate: Climate, language: Language, words: Words | None = None
) -> Paragraph:
    """How much was saved by what, and the source."""
    said = _Said(language, words)
    tonnes = number(climate.tonnes, language, decimals(climate.tonnes))
    text = said("saved", by=climate.by[language], tonnes=tonnes)
    source = f" {said('source', source=climate.source[language])}." if climate.source else ""
    return Paragraph((Run(text + source),))


def climate_table(climate: Climate, language: Language, words: Words | None = None) -> Table | None:
    """What the saving is like, each with what it rests on; None where nothing is compared."""
    said = _Said(language, words)
    if not climate.comparisons:
        return None
    columns = (
        Column(said("like"), 3),
        Column(said("count"), 1, number=True),
        Column(said("basis"), 3),
    )
    rows = tuple(
        (Cell(each.unit[language]), Cell(_value(each, language)), Cell(_basis(each, said)))
        for each in climate.comparisons
    )
    return Table(said("climate"), columns, rows)


def _value(each: Comparison, language: Language) -> str:
    """As many decimals as the office wrote; what was computed has three digits or is whole."""
    places = decimals(each.value)
    if each.computed:
        places = 0 if each.value >= 100 else 1 if each.value >= 10 else 2
    return number(each.value, language, places)


def _basis(each: Comparison, said: _Said) -> str:
    source = each.source[said.language] if each.source else ""
    if each.kg is not None:
        kg = number(each.kg, said.language, decimals(each.kg))
        return said("by_factor", kg=kg, source=source)
    parts = [source or said("as_given")]
    if each.grams_per_km is not None:
        parts.append(said("says", grams=number(each.grams_per_km, said.language, 1)))
    return "; ".join(parts)


def office_warnings(office: Office) -> tuple[Doubt, ...]:
    """All that is doubtful of the office's files, with what their texts hold and cannot show."""
    found = list(office.warnings)
    for each in office.sections:
        found += _left_out(each.file, each.text, each.line)
    for comment in office.commentary:
        found += _left_out(comment.file, comment.text, 1)
    return tuple(found)


def _left_out(file: str, text: str, line: int) -> list[Doubt]:
    return [_doubt(file, each) for each in read_markdown(text, line=line).left_out]


def _doubt(file: str, each: LeftOut) -> Doubt:
    text = each.text if len(each.text) <= _SHOWN else each.text[: _SHOWN - 1] + "…"
    values = {"text": " ".join(text.split())}
    return Doubt("left_out", file, each.line, _LEFT_OUT[each.kind], _MEND[each.kind], values)


def doubt_text(doubt: Doubt, language: Language) -> str:
    """What is doubtful and what to do, without the file."""
    return doubt.text(language, lambda n, speech: amount(n, "", speech))


def examined_offices(settings: Settings) -> tuple[list[str], list[Fault]]:
    """What is doubtful of all the office's files, a line each, and every fault."""
    offices, faults, doubts = examine_offices(settings)
    for _, office in offices:
        doubts += [each for each in office_warnings(office) if each.kind == "left_out"]
    lines = [f"{each.where}: {doubt_text(each, 'en')}" for each in doubts]
    return list(dict.fromkeys(lines)), faults


class _Said:
    """The words of a language, with a municipality's own over them."""

    def __init__(self, language: Language, words: Words | None) -> None:
        self.language: Language = language
        self._words = words or {}

    def __call__(self, name: str, **values: str) -> str:
        text = self._words.get(name, WORDS[name][self.language])
        return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)
