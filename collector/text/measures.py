"""Format the numbers and the target of an indicator, the same way everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from collector.model.bilingual import Language, Text
from collector.model.quantities import YES_NO_UNIT, Target
from collector.text import numbers
from collector.text.characters import DASH
from collector.text.numbers import MOST_PLACES, in_percent, unbroken, with_unit
from collector.text.vocabulary import is_time_unit, time_unit
from collector.text.words import Words, words_in

_NO_UNIT = frozenset({"1", ""})
_RECORDS = {"tickets": ("n_ticket", "n_tickets"), "calls": ("n_call", "n_calls")}


@dataclass(frozen=True, slots=True)
class Measure:
    """The unit and target of an indicator's numbers.

    ``unit``: ``ratio`` (a share 0–1), ``seconds``, ``tickets``, ``calls``, ``yes/no``, ``1`` for
    none, or a configured word; ``unit_label`` is shown instead. ``shown_in``: name and length in
    seconds of the unit that durations are shown in. ``whole``: a number of records, shown without
    decimals even in a forecast. ``threshold``: the target in ``unit``.
    """

    unit: str
    unit_label: Text | None = None
    shown_in: tuple[str, int] | None = None
    whole: bool = False
    target: Target | None = None
    threshold: float | None = None


def amount_text(measure: Measure, amount: float | None, language: Language) -> str:
    """``87,3 %``, ``6,4 h arbetstid``: a number with its unit; a dash for None.

    Raises ValueError for NaN and infinity.
    """
    return Amounts(measure, words_in(language)).text(amount)


def target_text(measure: Measure, language: Language) -> str:
    """``minst 90 %``: the target; empty if there is none."""
    return Amounts(measure, words_in(language)).target()


class Amounts:
    """Formats the numbers of one indicator."""

    def __init__(self, measure: Measure, words: Words) -> None:
        self._of = measure
        self._words = words
        self._language = words.language

    def text(self, amount: float | None) -> str:
        """A number with its unit; a dash for None.

        A number that misses the target is never rounded to it. Raises ValueError for NaN and
        infinity.
        """
        return DASH if amount is None else with_unit(*self._parts(amount), self._language)

    def number(self, amount: float | None) -> str:
        """A number without its unit, which is shown elsewhere; a per cent sign stays."""
        return self._parts(amount)[0] if amount is not None and self.unit else self.text(amount)

    @property
    def unit(self) -> str:
        """The unit to show elsewhere; empty for per cent, for yes/no and for no unit."""
        of = self._of
        return "" if of.unit in {"ratio", "%", YES_NO_UNIT} else unbroken(self._label(""))

    def between(self, low: float, high: float) -> str:
        """``81,0–87,5 %``: a range, with its unit written once."""
        (first, _), (last, unit) = self._parts(low), self._parts(high)
        return with_unit(f"{first}{DASH}{last}", unit, self._language)

    def target(self) -> str:
        """``minst 90 %``: the target; empty if there is none."""
        target = self._of.target
        if target is None:
            return ""
        if target.comparison == "is":
            return numbers.yes_or_no(target.number, self._language)
        increase, decrease = ("target_increase", "target_decrease") if target.baseline else ("", "")
        key = {
            ">=": increase or "target_least",
            ">": increase or "target_over",
            "<=": decrease or "target_most",
            "<": decrease or "target_under",
        }[target.comparison]
        return self._words(key, value=self._target_amount(target.number, target.unit))

    def threshold(self, amount: float) -> str:
        """``80 %``: the number of a target, given in the unit of the value.

        A duration has two decimals at most: days of one calendar rarely are whole days of another.
        """
        if self._of.unit in {"ratio", YES_NO_UNIT}:
            return self.axis(amount)
        shown = self._shown(amount)
        places = min(numbers.decimals(shown), 2 if self._of.shown_in else MOST_PLACES)
        text = numbers.number(shown, self._language, places)
        return with_unit(text, self._label(text), self._language)

    def axis(self, amount: float) -> str:
        """A number on an axis: without its unit, except per cent."""
        if self._of.unit == "ratio":
            return numbers.amount(in_percent(amount), "%", self._language)
        if self._of.unit == YES_NO_UNIT:
            return numbers.yes_or_no(amount, self._language)
        return numbers.amount(self._shown(amount), "", self._language)

    @property
    def length(self) -> float:
        """How much of the value makes one unit as shown: 3600 for hours."""
        return 1.0 if self._of.shown_in is None else float(self._of.shown_in[1])

    def _parts(self, amount: float) -> tuple[str, str]:
        """A number and its unit."""
        of, language, target = self._of, self._language, self._of.threshold
        if of.unit == YES_NO_UNIT:
            return numbers.yes_or_no(amount, language), ""
        if of.unit == "ratio":
            threshold = None if target is None else in_percent(target)
            return numbers.number(in_percent(amount), language, 1, target=threshold), "%"
        if of.shown_in is not None:
            shown = self._shown(amount)
            threshold = None if target is None else self._shown(target)
            return numbers.number(shown, language, _places(shown), target=threshold), self._label(
                ""
            )
        places = 0 if of.whole else numbers.decimals(amount)
        text = numbers.number(amount, language, places, target=target)
        return text, self._label(text)

    def _label(self, number: str) -> str:
        """The unit in words, as it follows a formatted number (which decides the singular)."""
        of, language = self._of, self._language
        if of.unit_label is not None:
            return of.unit_label[language]
        if of.shown_in is not None:
            return time_unit(of.shown_in[0], language)
        if of.unit in _RECORDS:
            one, many = _RECORDS[of.unit]
            return self._words(one if number == "1" else many, n="").strip()
        return "" if of.unit in _NO_UNIT else of.unit

    def _target_amount(self, number: Decimal, unit: str | None) -> str:
        of, language = self._of, self._language
        text = numbers.number(number, language, numbers.decimals(number))
        if of.shown_in is not None and unit == of.shown_in[0] and of.unit_label is not None:
            return with_unit(text, of.unit_label[language], language)
        if of.shown_in is not None and unit is not None and is_time_unit(unit):
            return with_unit(text, time_unit(unit, language, one=number == 1), language)
        if unit is None and of.whole:
            return with_unit(text, self._label(text), language)
        return with_unit(text, unit or "", language)

    def _shown(self, amount: float) -> Decimal:
        return Decimal(str(amount)) / Decimal(str(self.length))


def _places(exact: Decimal) -> int:
    """One decimal, or as many as it takes for a small number not to be shown as 0."""
    smallest = (n for n in range(1, MOST_PLACES) if abs(exact) * 2 >= Decimal(1).scaleb(-n))
    return next(smallest, MOST_PLACES) if exact else 1
