"""How a figure compares with another period, and how its times are spread, in words."""

from __future__ import annotations

from collector.measuring.figures.comparison import DIRECTIONS
from collector.measuring.figures.distribution import Quantile
from collector.measuring.figures.figure import Figure, FigureComparison
from collector.model.bilingual import Language
from collector.text.characters import DASH, MINUS, NBSP
from collector.text.durations import in_largest_unit
from collector.text.measures import amount_text
from collector.text.numbers import points
from collector.text.words.tables import word

_VERDICTS = {"chance": "may_be_chance", "pending": "too_early"}
"""Verdicts whose own word means something else in ``text.words.tables``: their key there."""


def change_text(figure: Figure, change: float, language: Language) -> str:
    """A change with its sign, in the figure's unit; shares (0-1) in percentage points."""
    sign = "+" if change > 0 else "±" if change == 0 else MINUS
    if figure.unit == "ratio":
        return f"{sign}{points(change, language)}"
    return f"{sign}{amount_text(figure.measure, abs(change), language)}"


def change_in_words(figure: Figure, each: FigureComparison | None, language: Language) -> str:
    """The change, and whether it is more than chance; or why nothing can be said. Empty without a
    comparison."""
    if each is None:
        return ""
    if each.change is None:
        return "" if each.verdict is None else word(each.verdict, language)
    if figure.unit == "yes/no":
        return ""  # the two values say it
    text = change_text(figure, each.change, language)
    if each.verdict is None:
        return text
    text += f", {word(_VERDICTS.get(each.verdict, each.verdict), language)}"
    if figure.is_count and each.verdict in DIRECTIONS:
        # months differ in length: February's smaller count may be more per day
        text += f" {word('by_the_day', language)}"
    return text


def quantile_text(found: Quantile, language: Language) -> str:
    """A percentile of durations: approximately, with the bounds of its bucket."""
    low = in_largest_unit(found.low, language)
    if found.high is None:
        return f"{word('over', language)} {low}"
    if found.low == found.high:
        return low
    about = in_largest_unit(found.seconds, language, exact=False)
    return f"≈{NBSP}{about} ({low}{DASH}{in_largest_unit(found.high, language)})"
