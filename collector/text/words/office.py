"""The words of the tables made from the office's files, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from collector.model.bilingual import Language

OFFICE_WORDS: Mapping[str, Mapping[Language, str]] = {
    "decisions": {"sv": "Politiskt fattade beslut", "en": "Political decisions"},
    "decision": {"sv": "Beslut", "en": "Decision"},
    "status": {"sv": "Status", "en": "Status"},
    "comment": {"sv": "Kommentar", "en": "Comment"},
    "economy": {"sv": "Ekonomiskt resultat (tkr)", "en": "Economic result (SEK thousands)"},
    "economy_row": {"sv": "Post", "en": "Item"},
    "investments": {"sv": "Investeringar (tkr)", "en": "Investments (SEK thousands)"},
    "investments_row": {"sv": "Investeringar", "en": "Investments"},
    "budget": {"sv": "Budget", "en": "Budget"},
    "outcome": {"sv": "Utfall {date}", "en": "Outcome {date}"},
    "year_forecast": {"sv": "Årsprognos", "en": "Forecast of the year"},
    "forecast": {"sv": "Prognos", "en": "Forecast"},
    "deviation": {"sv": "Avvikelse", "en": "Deviation"},
    "sum": {"sv": "Summa", "en": "Sum"},
    "climate": {"sv": "Klimatbesparing", "en": "Climate savings"},
    "saved": {"sv": "{by}: {tonnes} ton CO2-ekv.", "en": "{by}: {tonnes} tonnes CO2-eq."},
    "like": {"sv": "Motsvarar", "en": "As much as"},
    "count": {"sv": "Antal", "en": "Number"},
    "basis": {"sv": "Underlag", "en": "Basis"},
    "by_factor": {
        "sv": "räknat med {kg} kg CO2-ekv. per enhet; {source}",
        "en": "computed with {kg} kg CO2-eq. of one; {source}",
    },
    "as_given": {"sv": "enligt förvaltningen, utan faktor", "en": "as the office gave it"},
    "says": {
        "sv": "det betyder {grams} g CO2-ekv. per km",
        "en": "which means {grams} g CO2-eq. per km",
    },
    "source": {"sv": "Källa: {source}", "en": "Source: {source}"},
}
"""Words by key; ``{date}`` is the last day of the outcome."""
