"""Finds surpluses and deficits in texts that match no table. Pure.

Only an amount directly after one of those words is compared. It may match any amount in the tables
(a row's deviation is a surplus, too), rounded as the text rounds it. Sentences that name another
year are skipped. So most of its findings are real mistakes, but it misses many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from collector.model.bilingual import Text
from collector.report.office.model import Ledger, OfficeWarning, Section

_UNITS = {
    "kr": Decimal("0.001"), "kronor": Decimal("0.001"), "tkr": Decimal(1), "kkr": Decimal(1),
    "mkr": Decimal(1000), "mnkr": Decimal(1000), "miljoner kronor": Decimal(1000),
}  # fmt: skip
_AMOUNT = re.compile(
    r"(?:(?:över|under)skott\w*|surplus|deficit)\s+(?:(?:på|om|med|of|ca|cirka|drygt|knappt|about)\s+)*"
    r"(?P<number>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)\s*"
    rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_OTHER_YEAR = re.compile(r"\b(fjol|förra|föregående|previous|last year)", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?=\S)[^.!?]+)*")


def unknown_surpluses(
    sections: Iterable[Section], ledgers: Iterable[Ledger], year: int
) -> Iterator[OfficeWarning]:
    """Warnings of amounts called a surplus or deficit that are in no table; none without tables.

    ``year``: sentences that name another year are skipped.
    """
    numbers = {number for each in ledgers for number in each.numbers()}
    if not numbers:
        return
    for section in sections:
        for sentence in _SENTENCE.finditer(section.text):
            years = {int(found) for found in _YEAR.findall(sentence[0])}
            if _OTHER_YEAR.search(sentence[0]) or years - {year}:
                continue
            for found in _AMOUNT.finditer(sentence[0]):
                at = section.text.count("\n", 0, sentence.start() + found.start())
                yield from _check_amount(section, section.line + at, found, numbers)


def _check_amount(
    section: Section, line: int, found: re.Match[str], numbers: set[Decimal]
) -> Iterator[OfficeWarning]:
    digits = re.sub(r"\s", "", found["number"]).replace(",", ".")
    number, unit = Decimal(digits), _UNITS[found["unit"].lower()]
    if _in_tables(number, unit, numbers):
        return
    meant = _in_tables(number, Decimal(1), numbers)
    amount = " ".join(f"{found['number']} {found['unit']}".split())
    yield OfficeWarning(
        "figures",
        section.file,
        line,
        Text(sv="Texten anger {amount}, som inte finns i någon tabell.",
             en="The text mentions {amount}, which is in no table."),
        Text(sv="Menas tkr?" if meant else "Jämför texten med tabellerna.",
             en="Did you mean tkr?" if meant else "Compare the text with the tables."),
        {"amount": amount.replace(" ", "\u00a0")},
    )  # fmt: skip


def _in_tables(number: Decimal, unit: Decimal, numbers: set[Decimal]) -> bool:
    """Whether an amount in a text matches a number in the tables, within half of its last digit.

    Zero matches only zero: 420 kr does not match 0 tkr. ``unit``: the amount's unit in tkr.
    """
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    half = max(unit, Decimal(1)) * Decimal(1).scaleb(exponent) / 2  # tables have whole tkr
    return any(abs(number * unit - each) <= half and bool(each) == bool(number) for each in numbers)
