"""The words of the tables made from the office's files, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from collector.model.bilingual import Language

OFFICE_WORDS: Mapping[str, Mapping[Language, str]] = {
    "decisions": {"sv": "Besluten och deras status", "en": "The decisions and their status"},
    "decision": {"sv": "Beslut", "en": "Decision"},
    "status": {"sv": "Status", "en": "Status"},
    "comment": {"sv": "Kommentar", "en": "Comment"},
    "economy": {"sv": "Ekonomiskt resultat (tkr)", "en": "Financial result (SEK thousands)"},
    "economy_row": {"sv": "Post", "en": "Item"},
    "investments": {
        "sv": "Budget, utfall och prognos (tkr)",
        "en": "Budget, outcome and forecast (SEK thousands)",
    },
    "investments_row": {"sv": "Investering", "en": "Investment"},
    "budget": {"sv": "Budget", "en": "Budget"},
    "outcome": {"sv": "Utfall {date}", "en": "Outcome {date}"},
    "year_forecast": {"sv": "Årsprognos", "en": "Full-year forecast"},
    "forecast": {"sv": "Prognos", "en": "Forecast"},
    "deviation": {"sv": "Avvikelse", "en": "Deviation"},
    "sum": {"sv": "Summa", "en": "Sum"},
    "climate": {"sv": "Vad besparingen motsvarar", "en": "What the saving is equivalent to"},
    "saved": {"sv": "{by}: {tonnes} ton CO2-ekv.", "en": "{by}: {tonnes} tonnes CO2-eq."},
    "like": {"sv": "Jämförelse", "en": "Comparison"},
    "count": {"sv": "Antal", "en": "Number"},
    "basis": {"sv": "Underlag", "en": "Basis"},
    "by_factor": {
        "sv": "räknat med {kg} kg CO2-ekv. per enhet; {source}",
        "en": "computed with {kg} kg CO2-eq. per unit; {source}",
    },
    "as_given": {
        "sv": "enligt förvaltningen, utan omräkningsfaktor",
        "en": "as stated by the office, without a factor",
    },
    "says": {
        "sv": "motsvarar {grams} g CO2-ekv. per km",
        "en": "equals {grams} g CO2-eq. per km",
    },
    "source": {"sv": "Källa: {source}", "en": "Source: {source}"},
}
"""Words by key; ``{date}`` is the last day of the outcome."""
