"""Words with which lines of totals begin, in the languages that are read. Pure."""

from __future__ import annotations

import re

_WORDS = (
    *("total", "totals", "grand total", "subtotal", "sub total", "sum", "count", "average", "mean"),
    *("minimum", "maximum", "median", "avg", "min", "max"),
    *("summa", "totalt", "totalsumma", "delsumma", "antal", "medel", "medelvärde", "genomsnitt"),
    *("snitt", "sammanlagt", "i alt", "antall", "delsum", "totalsum", "samlet", "gjennomsnitt"),
    *("gennemsnit", "yhteensä", "lukumäärä", "keskiarvo", "summe", "gesamt", "gesamtsumme"),
    *("insgesamt", "zwischensumme", "gesamtergebnis", "anzahl", "durchschnitt", "mittelwert"),
    *("totaal", "eindtotaal", "subtotaal", "aantal", "gemiddelde", "somme", "sous-total", "nombre"),
    *("total général", "moyenne", "suma", "total general", "promedio", "recuento", "totale"),
    *("totale generale", "somma", "conteggio", "total geral", "soma", "média", "contagem"),
)
_LINE = re.compile(
    rf"({'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})(?P<more>[\s:=(].*)?",
    re.IGNORECASE | re.DOTALL,
)


def total_word(text: str) -> str | None:
    """Return what follows the word of totals with which a text begins, such as `` 30 tickets``;
    None if it begins otherwise. ``TOTAL-30`` does: it may be an id."""
    if text.isalnum() and not text.isalpha():
        return None  # most ids
    found = _LINE.fullmatch(text.strip().strip("*").strip())
    return None if found is None else (found["more"] or "").strip(" :=")
