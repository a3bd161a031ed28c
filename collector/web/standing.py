"""How a figure stands, as pages show it: numbers for programs, texts for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from collector.measuring.figures.figure import Figure
from collector.measuring.figures.in_words import interval_text, required_text
from collector.model.bilingual import Language
from collector.model.codes import State
from collector.report.blocks import Drawing
from collector.report.charts.months import Point
from collector.report.charts.small import sparkline
from collector.report.content.trends import in_words
from collector.text.characters import DASH, NBSP
from collector.text.measures import Amounts, amount_text
from collector.text.numbers import number, percent
from collector.text.words import words_in
from collector.text.words.tables import word

_FEWEST = 2
"""A line of fewer months says nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure of one period: ``value`` in its ``unit`` (a share 0 to 1, seconds, a number), None
    without one, and ``text`` as people read it. ``n``: the records it is of, and ``pending`` those
    that may still join them; None for values given by hand."""

    period: str
    value: float | None
    text: str
    n: int | None
    pending: int | None
    state: State | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of the fiscal year. ``value``, ``low`` and ``high`` (80 %) in the unit of
    the figure; ``chance`` of reaching the target, 0 to 1. ``remark``: who set the forecast, or why
    there is none."""

    value: float | None
    low: float | None
    high: float | None
    chance: float | None
    text: str
    interval: str
    chance_text: str
    remark: str


@dataclass(frozen=True, slots=True)
class Rest:
    """What the rest of the fiscal year must give. ``misses_left``: how many more records may miss,
    negative if too many did; ``required``: the value needed of the rest, in the figure's unit, as
    the least or (not ``at_least``) the most.
    ``reach``: the target is reached already (safe), or can no longer be."""

    misses_left: int | None
    misses_text: str
    required: float | None
    required_text: str
    at_least: bool
    reach: Literal["safe", "unreachable"] | None


@dataclass(frozen=True, slots=True)
class MonthPoint:
    """A month (``2020-07``), its value and its target, in the figure's unit."""

    month: str
    value: float | None
    target: float | None


def standing(figure: Figure, language: Language) -> Standing:
    """How a figure stands."""
    measured = figure.is_measured
    return Standing(
        period=figure.period.name,
        value=figure.value,
        text=amount_text(figure.measure, figure.value, language),
        n=figure.eligible if measured else None,
        pending=figure.pending if measured else None,
        state=figure.state,  # type: ignore[arg-type]
    )


def expected(figure: Figure, language: Language) -> Expected:
    """The forecast for the year of a figure of the year to date."""
    outlook = figure.outlook
    if outlook is None or outlook.value is None:
        reason = outlook and outlook.reason
        remark = word(reason, language) if reason else ""
        return Expected(None, None, None, None, DASH, "", "", remark)
    interval = ""
    if outlook.low is not None and outlook.high is not None and not outlook.given:
        interval = interval_text(figure, outlook.low, outlook.high, language)
    remark = ""
    if outlook.given:
        who = word("set_by", language) if outlook.set_by else word("by_hand", language)
        remark = f"{who} {outlook.set_by}" if outlook.set_by else who
    chance = outlook.chance
    return Expected(
        outlook.value,
        outlook.low,
        outlook.high,
        chance,
        amount_text(figure.measure, outlook.value, language),
        interval,
        "" if chance is None else percent(chance, language, 0),
        remark,
    )


def rest(figure: Figure, language: Language) -> Rest:
    """What the rest of the year must give, of a figure of the year to date."""
    words, misses = words_in(language), figure.misses_left
    text = ""
    if misses is not None:
        end = "left" if misses >= 0 else "over"
        key = f"one_miss_{end}" if abs(misses) == 1 else f"misses_{end}"
        text = words(key, n=number(abs(misses), language))
    needed = required_text(figure, language)
    at_least = figure.target is None or figure.target.higher_is_better
    reaches: tuple[Literal["safe", "unreachable"], ...] = ("safe", "unreachable")
    for reach in reaches:
        if word(reach, language) in needed:
            return Rest(misses, text, figure.required, word(reach, language), at_least, reach)
    return Rest(misses, text, figure.required, needed, at_least, None)


def month_points(figures: list[Figure], present: str) -> list[MonthPoint]:
    """The months of an indicator. A count of the month ``present`` is not over yet: it would look
    like a fall, so its value is left out."""
    return [
        MonthPoint(
            each.period.name,
            None if each.is_count and each.period.name == present else each.value,
            each.threshold,
        )
        for each in figures
    ]


def spark(points: list[MonthPoint], figure: Figure, language: Language) -> Drawing | None:
    """The months as a small line over the target; None with fewer than two values."""
    if sum(each.value is not None for each in points) < _FEWEST:
        return None
    drawn = [Point(each.month, each.value, target=each.target) for each in points]
    words = words_in(language)
    return sparkline(drawn, in_words(drawn, words, Amounts(figure.measure, words)))


def parted(text: str) -> tuple[str, str]:
    """``2.6`` and ``business days``: a value and its unit, if that is a word."""
    for place, character in enumerate(text):
        if character == NBSP and text[place + 1 : place + 2].isalpha():
            return text[:place], text[place + 1 :]
    return text, ""
