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
    upwards, is_share = figure.target.higher_is_better, figure.unit == "ratio"
    if is_share and upwards and figure.required > 1:
        return f"{percent(figure.required, language)} ({word('unreachable', language)})"
    if is_share and not upwards and figure.required >= 1:
        return word("safe", language)
    if figure.required < 0 or (is_share and upwards and figure.required == 0):
        return word("safe" if upwards else "unreachable", language)
    return amount_text(figure.measure, figure.required, language)
