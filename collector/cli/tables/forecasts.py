"""The table of forecasts, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from collector.cli.tables.cells import (
    amount_cell,
    count_cell,
    figure_title,
    row_name,
    state_cell,
    target_cell,
    value_cell,
)
from collector.cli.tables.layout import Sheet, numbers, phrases, titles, words
from collector.cli.tables.markup import escaped
from collector.measuring.engine.forecasting import Calibration
from collector.measuring.figures.figure import Figure
from collector.measuring.figures.forecast import ENOUGH_YEARS
from collector.measuring.figures.in_words import outlook_text, required_text
from collector.model.bilingual import Language
from collector.text.dates import month
from collector.text.numbers import number, percent
from collector.text.words.tables import word


def print_forecasts(figures: Iterable[Figure], language: Language, out: Console) -> None:
    """Print the year to date, how it is expected to end, and what the rest of the year must achieve
    to meet the target."""
    shown = Sheet(
        titles(word("indicator", language)),
        numbers(word("now", language)),
        numbers("n", rank=1),
        phrases(word("forecast", language)),
        phrases(word("target", language)),
        words(word("state", language)),
        numbers(word("required", language), rank=2),
        numbers(word("misses", language), rank=3),
        numbers(word("chance", language), rank=4),
    )
    notes: list[str | None] = []
    for figure in figures:
        chance = None if figure.outlook is None else figure.outlook.chance
        shown.add_row(
            row_name(figure, language),
            value_cell(figure, language),
            count_cell(figure, language),
            escaped(outlook_text(figure, figure.outlook, language)),
            target_cell(figure, language),
            state_cell(figure.state, language),
            escaped(required_text(figure, language)),
            "" if figure.misses_left is None else number(figure.misses_left, language),
            "" if chance is None else percent(chance, language, 0),
        )
        notes += [_by_hand(figure, language), _odd(figure, language)]
    shown.print(out, language)
    for note in filter(None, notes):
        out.print(f"[dim]{note}[/]")


def _by_hand(figure: Figure, language: Language) -> str | None:
    """Who set a forecast and when, and what was computed; None for a computed forecast."""
    outlook = figure.outlook
    if outlook is None or not outlook.given:
        return None
    who = escaped(outlook.set_by or "")
    text = f"{word('set_by', language)} {who}" if who else word("by_hand", language)
    text = f"* {figure_title(figure, language)}: {text} {outlook.since}"
    if outlook.computed is not None:
        computed = amount_cell(figure, outlook.computed, language)
        text += f"; {word('computed', language)} {computed}"
    return f"{text}; {escaped(outlook.comment)}" if outlook.comment else text


def _odd(figure: Figure, language: Language) -> str | None:
    """A note on an unusual month that somebody should look at; None without one."""
    outlook = figure.outlook
    if outlook is None or outlook.odd_month is None or outlook.odd_by is None:
        return None
    by, when = number(outlook.odd_by, language, 1), month(outlook.odd_month, language)
    return f"! {figure_title(figure, language)}: {when} {word('odd', language)} (z {by})"


def print_calibration(calibration: Calibration, language: Language, out: Console) -> None:
    """Print how often the 80 % intervals held in the back-test, and of how many years."""
    sentence = word("calibrated" if calibration.years >= ENOUGH_YEARS else "untested", language)
    share = percent(calibration.held / max(calibration.forecasts, 1), language, 0)
    text = sentence.format(calibration.held, calibration.forecasts, calibration.years, share)
    out.print(f"[dim]{text}[/]")
