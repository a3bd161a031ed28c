"""Numbers in the unit of an indicator, as the document writes them."""

from __future__ import annotations

from decimal import Decimal

from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.model.quantities import YES_NO_UNIT
from collector.report.content.frozen import Indicator
from collector.text import numbers
from collector.text.numbers import DASH, NBSP, decimal, telling
from collector.text.plain import plain
from collector.text.vocabulary import UNIT_WORDS, YES_NO
from collector.text.words import Words

_BARE = {"1", ""}
"""Units that are none."""
_RECORDS = {"tickets": ("n_ticket", "n_tickets"), "calls": ("n_call", "n_calls")}
_MOST_PLACES = 6


class Amounts:
    """Writes the numbers of one indicator."""

    def __init__(self, indicator: Indicator, words: Words) -> None:
        self._of = indicator
        self._words = words

    def text(self, amount: float | None) -> str:
        """A number with its unit; a dash where there is none.

        What is not quite its target never looks as if it were.
        """
        if amount is None:
            return DASH
        of, language = self._of, self._words.language
        if of.unit == "ratio":
            return numbers.percent(amount, language, target=of.threshold)
        if of.shown_in is not None:
            wanted = None if of.threshold is None else self._shown(of.threshold)
            exact = self._shown(amount)
            shown = numbers.number(exact, language, _places(exact), target=wanted)
            return _joined(shown, self._label())
        if of.unit == YES_NO_UNIT:
            return numbers.amount(amount, of.unit, language)
        if of.kind == "count":
            return self._counted(numbers.number(amount, language, target=of.threshold), amount)
        places = None if numbers.decimals(amount) <= 2 else 2
        return numbers.amount(amount, self._label(), language, places, target=of.threshold)

    def apart(self, text: str) -> tuple[str, str]:
        """What ``text`` wrote without its unit, and the unit that then stands elsewhere; per cent
        stay with their number."""
        label = "" if self._of.unit in {"ratio", "%", YES_NO_UNIT} else self._label()
        label = label.replace(" ", NBSP)
        return text.removesuffix(label).rstrip(NBSP), label

    def between(self, low: float, high: float) -> str:
        """``81–87 %``: two numbers of one unit, which is written once."""
        first, last = self.text(low), self.text(high)
        if self._of.unit == "ratio":
            first = first.removesuffix("%").rstrip(NBSP)
        elif (label := self._label().replace(" ", NBSP)) and first.endswith(label):
            first = first.removesuffix(label).rstrip(NBSP)
        return f"{first}{DASH}{last}"

    def target(self) -> str:
        """What the figure is held against: ``minst 90 %``; nothing without a target."""
        target = self._of.target
        if target is None:
            return ""
        if target.comparison == "is":
            return numbers.amount(float(target.number), YES_NO_UNIT, self._words.language)
        value = self._target_amount(target.number, target.unit)
        baseline = target.baseline
        match target.comparison:
            case ">=":
                key = "target_increase" if baseline else "target_least"
            case ">":
                key = "target_increase" if baseline else "target_over"
            case "<=":
                key = "target_decrease" if baseline else "target_most"
            case _:
                key = "target_decrease" if baseline else "target_under"
        return self._words(key, value=value)

    def axis(self, amount: float) -> str:
        """A number at an axis, without unit but per cent."""
        if self._of.unit == "ratio":
            return numbers.amount(Decimal(str(amount)) * 100, "%", self._words.language)
        return numbers.amount(self._shown(amount), "", self._words.language)

    @property
    def length(self) -> float:
        """How much of the value is one unit of what is shown: 3600 for hours."""
        return 1.0 if self._of.shown_in is None else float(self._of.shown_in[1])

    def _counted(self, shown: str, n: float | Decimal) -> str:
        """A number of records with what they are."""
        if self._of.unit_label is None and self._of.unit in _RECORDS:
            one, more = _RECORDS[self._of.unit]
            return self._words(one if n == 1 else more, n=shown).replace(" ", NBSP)
        return _joined(shown, self._label())

    def _shown(self, amount: float) -> Decimal:
        return Decimal(str(amount)) / Decimal(str(self.length))

    def _label(self) -> str:
        of, language = self._of, self._words.language
        if of.unit_label is not None:
            return of.unit_label[language]
        if of.shown_in is not None:
            return UNIT_WORDS[of.shown_in[0]][language]
        return "" if of.unit in _BARE else of.unit

    def _target_amount(self, number: Decimal, unit: str | None) -> str:
        language = self._words.language
        if unit in UNIT_WORDS and self._of.kind != "manual":
            same = self._of.shown_in is not None and self._of.shown_in[0] == unit
            label = self._label() if same else UNIT_WORDS[unit or ""][language]
            return numbers.amount(number, label, language)
        if unit is None and self._of.kind == "count":
            shown = numbers.number(number, language, numbers.decimals(number))
            return self._counted(shown, number)
        if unit is None:
            return numbers.amount(number, "", language)
        return numbers.amount(number, unit, language)


def _places(exact: Decimal) -> int:
    """One decimal, or as many as it takes for something not to look like nothing."""
    smallest = (n for n in range(1, _MOST_PLACES) if abs(exact) * 2 >= Decimal(1).scaleb(-n))
    return next(smallest, _MOST_PLACES) if exact else 1


def _joined(number: str, label: str) -> str:
    return f"{number}{NBSP}{label.replace(' ', NBSP)}" if label else number


def target_text(figure: Figure, language: Language) -> str:
    """What a figure is held against, as people read it."""
    if figure.target is None:
        return ""
    unit = figure.target.unit
    text = figure.target.text.replace(">=", "≥").replace("<=", "≤")
    if unit in UNIT_WORDS and unit.startswith("business_day"):
        text = text.replace(unit, UNIT_WORDS[unit][language])
    if text in {"no", "yes"}:
        return YES_NO[language][text == "yes"]
    return plain(text)


def value_text(figure: Figure, language: Language) -> str:
    """A figure's value with its unit, as people read it; a dash where there is none."""
    return amount_text(figure, figure.value, language)


def amount_text(figure: Figure, amount: float | None, language: Language, places: int = 1) -> str:
    """A number in the unit of a figure's value, as people read it; a dash where there is none."""
    if amount is None:
        return "–"
    return " ".join(amount_parts(figure, amount, language, places)).rstrip()


def amount_parts(
    figure: Figure, amount: float, language: Language, places: int = 1
) -> tuple[str, str]:
    """A number in the unit of a figure's value, and that unit.

    What is not quite its target is never shown as if it were the target: it gets as many places as
    that takes.
    """
    if figure.unit == "ratio":
        places = telling(100 * amount, figure.threshold, 100, places)
        return decimal(100 * amount, places, language), "%"
    if figure.shown_in is not None:
        unit, length = figure.shown_in
        label = figure.unit_label[language] if figure.unit_label else UNIT_WORDS[unit][language]
        places = telling(amount / length, figure.threshold, 1 / length, places)
        return decimal(amount / length, places, language), plain(label)
    if figure.unit == "yes/no":
        return YES_NO[language][bool(amount)], ""
    unit = plain(figure.unit_label[language] if figure.unit_label else figure.unit)
    if figure.kind == "count":  # a forecast of records, too, is whole
        return decimal(amount, telling(amount, figure.threshold, 1, 0), language), unit
    return _as_given(amount, language), unit


def _as_given(amount: float, language: Language) -> str:
    """A number with the decimals that it was given with, but no end of them."""
    text = f"{Decimal(str(amount)):z.{_MOST_PLACES}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "sv" else text


def count_text(figure: Figure) -> str:
    """What a figure rests on: its n, and how many are still pending."""
    if figure.kind == "manual":
        return ""
    return f"{figure.eligible}" + (f" (+{figure.pending})" if figure.pending else "")
