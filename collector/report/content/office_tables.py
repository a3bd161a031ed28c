"""The office's material as tables and notices, with the headings of the seed's report.

A municipality may override our words: a mapping from the names in ``OFFICE_WORDS`` to text, in
which ``{date}`` is the last day that the outcome covers.
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
from collector.report.office import read_all_offices
from collector.report.office.model import (
    Climate,
    ClimateComparison,
    Decision,
    Ledger,
    LedgerAmounts,
    Office,
    OfficeWarning,
)
from collector.text.dates import day
from collector.text.numbers import amount, decimals, number
from collector.text.words.office import OFFICE_WORDS

Words = Mapping[str, str]
_NAMED = re.compile(r"\{(\w+)\}")

_LEFT_OUT = {
    "image": Text(sv="En bild är utelämnad: {text}.", en="An image was left out: {text}."),
    "html": Text(sv="HTML visas som text: {text}.", en="HTML is shown as text: {text}."),
    "link": Text(sv="En länk är utelämnad: {text}.", en="A link was left out: {text}."),
}
_REMEDIES = {
    "image": Text(sv="Beskriv den i ord.", en="Describe it in words."),
    "html": Text(sv="Skriv Markdown.", en="Write Markdown."),
    "link": Text(sv="Länka till https:// eller mailto:.", en="Link to https:// or mailto:."),
}
_SHOWN = 60
"""Characters of the left-out text that a warning quotes."""


def decisions_table(
    decisions: Sequence[Decision], language: Language, words: Words | None = None
) -> Table:
    """The table Beslut | Status | Kommentar."""
    wording = _Wording(language, words)
    columns = (
        Column(wording("decision"), 5),
        Column(wording("status"), 1.5),
        Column(wording("comment"), 4),
    )
    rows = tuple((Cell(d.decision), Cell(d.status or "–"), Cell(d.comment)) for d in decisions)
    return Table(wording("decisions"), columns, rows)


def economy_table(
    ledger: Ledger,
    last: date,
    language: Language,
    words: Words | None = None,
    locale: str | None = None,
) -> Table:
    """The table Budget | Utfall | Årsprognos | Avvikelse, in tkr, with a row of sums.

    ``last`` is the report's last day, used if the outcome has no date of its own.
    """
    return _ledger_table(
        ledger, last, _Wording(language, words, locale), "economy", "year_forecast"
    )


def investments_table(
    ledger: Ledger,
    last: date,
    language: Language,
    words: Words | None = None,
    locale: str | None = None,
) -> Table:
    """The table Budget | Utfall | Prognos | Avvikelse of each investment, in tkr, with sums.

    ``last`` as in ``economy_table``.
    """
    return _ledger_table(ledger, last, _Wording(language, words, locale), "investments", "forecast")


def _ledger_table(ledger: Ledger, last: date, words: _Wording, part: str, forecast: str) -> Table:
    names = ("budget", "outcome", forecast, "deviation")
    until = day(ledger.as_of or last, words.language, words.locale)
    titles = [words(name, date=until) for name in names]
    columns = (
        Column(words(f"{part}_row"), 3),
        *(Column(title, 1.4, number=True) for title in titles),
    )
    amounts = [row.amounts for row in ledger.rows] + [ledger.total]
    places = max(decimals(n) for each in amounts for n in _four(each))
    rows = [
        (Cell(name, strong=strong), *_numbers(each, words.language, places, strong))
        for name, each, strong in (
            *((row.name, row.amounts, False) for row in ledger.rows),
            (words("sum"), ledger.total, True),
        )
    ]
    return Table(words(part), columns, tuple(rows), total=True)


def _four(amounts: LedgerAmounts) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return amounts.budget, amounts.outcome, amounts.forecast, amounts.deviation


def _numbers(amounts: LedgerAmounts, language: Language, places: int, strong: bool) -> list[Cell]:
    return [Cell(number(n, language, places), strong=strong) for n in _four(amounts)]


def climate_paragraph(
    climate: Climate, language: Language, words: Words | None = None
) -> Paragraph:
    """A sentence on the tonnes of CO2-eq. saved and how, with the source."""
    wording = _Wording(language, words)
    tonnes = number(climate.tonnes, language, decimals(climate.tonnes))
    text = wording("saved", by=climate.by[language], tonnes=tonnes)
    source = f" {wording('source', source=climate.source[language])}." if climate.source else ""
    return Paragraph((Run(text + source),))


def climate_table(climate: Climate, language: Language, words: Words | None = None) -> Table | None:
    """What the saving is equivalent to, each row with its basis; None if there are no
    comparisons."""
    wording = _Wording(language, words)
    if not climate.comparisons:
        return None
    columns = (
        Column(wording("like"), 3),
        Column(wording("count"), 1, number=True),
        Column(wording("basis"), 3),
    )
    rows = tuple(
        (Cell(each.unit[language]), Cell(_value(each, language)), Cell(_basis(each, wording)))
        for each in climate.comparisons
    )
    return Table(wording("climate"), columns, rows)


def _value(each: ClimateComparison, language: Language) -> str:
    """A value as the office wrote it; a computed one with about three significant digits."""
    places = decimals(each.value)
    if each.computed:
        places = 0 if each.value >= 100 else 1 if each.value >= 10 else 2
    return number(each.value, language, places)


def _basis(each: ClimateComparison, words: _Wording) -> str:
    source = each.source[words.language] if each.source else ""
    if each.kg is not None:
        kg = number(each.kg, words.language, decimals(each.kg))
        return words("by_factor", kg=kg, source=source)
    parts = [source or words("as_given")]
    if each.grams_per_km is not None:
        parts.append(words("says", grams=number(each.grams_per_km, words.language, 1)))
    return "; ".join(parts)


def office_warnings(office: Office) -> tuple[OfficeWarning, ...]:
    """All warnings about the office's files, including what was left out of their texts."""
    warnings = list(office.warnings)
    for each in office.sections:
        warnings += _left_out(each.file, each.text, each.line)
    for comment in office.commentary:
        warnings += _left_out(comment.file, comment.text, 1)
    return tuple(warnings)


def _left_out(file: str, text: str, line: int) -> list[OfficeWarning]:
    return [_left_out_warning(file, each) for each in read_markdown(text, line=line).left_out]


def _left_out_warning(file: str, each: LeftOut) -> OfficeWarning:
    text = each.text if len(each.text) <= _SHOWN else each.text[: _SHOWN - 1] + "…"
    values = {"text": " ".join(text.split())}
    return OfficeWarning(
        "left_out", file, each.line, _LEFT_OUT[each.kind], _REMEDIES[each.kind], values
    )


def warning_text(doubt: OfficeWarning, language: Language, *, remedy: bool = True) -> str:
    """The warning in one language, without the file's name; the ``remedy`` is for its author, and
    not for the readers of a document."""
    return doubt.text(language, lambda n, speech: amount(n, "", speech), remedy=remedy)


def check_office_material(settings: Settings) -> tuple[list[str], list[Fault]]:
    """Check the office's files of every period: (warnings as lines of English text, faults)."""
    offices, faults, warnings = read_all_offices(settings)
    for _, office in offices:
        warnings += [each for each in office_warnings(office) if each.kind == "left_out"]
    lines = [f"{each.where}: {warning_text(each, 'en')}" for each in warnings]
    return list(dict.fromkeys(lines)), faults


class _Wording:
    """The words of one language, overridden by the municipality's own."""

    def __init__(self, language: Language, words: Words | None, locale: str | None = None) -> None:
        self.language: Language = language
        self.locale = locale
        self._words = words or {}

    def __call__(self, name: str, **values: str) -> str:
        text = self._words.get(name, OFFICE_WORDS[name][self.language])
        return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)
