"""Whether texts speak of a surplus or deficit that no table knows. Pure.

Only an amount right behind one of those words is compared, and it may be any amount of the tables
(a row's deviation is a surplus, too), rounded as the text rounds it. Sentences that name another
year are left alone. So most of what it finds is a mistake, and it finds far from all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from collector.model.bilingual import Text
from collector.report.office.model import Doubt, Ledger, Section

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
) -> Iterator[Doubt]:
    """Amounts called a surplus or a deficit that stand in no table; nothing without tables."""
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
                yield from _unknown(section, section.line + at, found, numbers)


def _unknown(
    section: Section, line: int, found: re.Match[str], numbers: set[Decimal]
) -> Iterator[Doubt]:
    digits = re.sub(r"\s", "", found["number"]).replace(",", ".")
    number, unit = Decimal(digits), _UNITS[found["unit"].lower()]
    if _stands(number, unit, numbers):
        return
    meant = _stands(number, Decimal(1), numbers)
    amount = " ".join(f"{found['number']} {found['unit']}".split())
    yield Doubt(
        "figures",
        section.file,
        line,
        Text(sv="Texten talar om {amount}, som inte står i någon tabell.",
             en="The text speaks of {amount}, which stands in no table."),
        Text(sv="Menas tkr?" if meant else "Jämför texten med tabellerna.",
             en="Is tkr meant?" if meant else "Compare the text with the tables."),
        {"amount": amount.replace(" ", "\u00a0")},
    )  # fmt: skip


def _stands(number: Decimal, unit: Decimal, numbers: set[Decimal]) -> bool:
    """Whether an amount of a text is a number of the tables, within half of its last digit.

    Nothing is only nothing: 420 kr are no 0 tkr.
    """
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    half = max(unit, Decimal(1)) * Decimal(1).scaleb(exponent) / 2  # tables have whole tkr
    return any(abs(number * unit - each) <= half and bool(each) == bool(number) for each in numbers)
