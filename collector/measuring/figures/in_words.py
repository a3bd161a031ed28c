"""What is expected of a figure, in words: its forecast, and what the rest of the year must give."""

from __future__ import annotations

from collector.measuring.figures.figure import Figure
from collector.measuring.figures.outlook import Outlook
from collector.model.bilingual import Language
from collector.text.characters import DASH
from collector.text.measures import Amounts, amount_text
from collector.text.numbers import percent
from collector.text.words import words_in
from collector.text.words.tables import word


def outlook_text(figure: Figure, outlook: Outlook | None, language: Language) -> str:
    """A forecast with its interval, or why there is none; a star marks one that a person set."""
    if outlook is None:
        return ""
    if outlook.value is None:
        return DASH if outlook.reason is None else f"{DASH} ({word(outlook.reason, language)})"
    text = amount_text(figure.measure, outlook.value, language)
    if outlook.given:
        return f"{text} *"
    if outlook.low is None or outlook.high is None:
        return text
    return f"{text} ({interval_text(figure, outlook.low, outlook.high, language)})"


def interval_text(figure: Figure, low: float, high: float, language: Language) -> str:
    """A range beside a value that names the unit already: only per cent are written again."""
    amounts = Amounts(figure.measure, words_in(language))
    if not amounts.unit:
        return amounts.between(low, high)
    return f"{amounts.number(low)}{DASH}{amounts.number(high)}"


def required_text(figure: Figure, language: Language) -> str:
    """What the rest of the period must achieve to meet the target; empty without a target."""
    if figure.required is None or figure.target is None:
        return ""
    if figure.unit == "ratio" and figure.target.higher_is_better:
        if figure.required > 1:
            share = percent(figure.required, language)
            return f"{share} ({word('unreachable', language)})"
        if figure.required <= 0:
            return word("safe", language)
    if figure.required < 0:
        unreachable = not figure.target.higher_is_better
        return word("unreachable" if unreachable else "safe", language)
    return amount_text(figure.measure, figure.required, language)
