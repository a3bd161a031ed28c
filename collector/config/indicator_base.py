"""What the settings of all kinds of indicators have in common, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator

from collector.config.manual_entries import GivenForecast, ManualValue
from collector.config.rules import OwnRules
from collector.model.bilingual import Text, Title
from collector.model.fields import Day, Strict
from collector.model.quantities import YES_NO, Amount, Target

Records = Literal["tickets", "calls"]
Problem = tuple[tuple[str | int, ...], str]
"""Where something is wrong, below the indicator, and what."""


class Version(Strict):
    """What holds from ``valid_from`` on; what is absent stays as it was before.

    ``target: null`` takes the target away.
    """

    valid_from: Day
    title: Title | None = None
    target: Target | None = None
    rules: OwnRules | None = None

    def changes(self) -> dict[str, Any]:
        """The keys that it gives other values, ``rules`` apart."""
        given = self.model_fields_set - {"valid_from", "rules"}
        return {
            name: value
            for name in type(self).model_fields
            if name in given and ((value := getattr(self, name)) is not None or name == "target")
        }


V = TypeVar("V", bound=Any)


def ascending(versions: Sequence[V]) -> Sequence[V]:
    """Refuses versions that are not in the order of their dates. Raises ValueError."""
    for before, after in pairwise(versions):
        if after.valid_from <= before.valid_from:
            raise ValueError(
                f"{after.valid_from} does not come after {before.valid_from}: put the versions "
                "in the order of valid_from, one a date"
            )
    return versions


InOrder = AfterValidator(ascending)


class AnyIndicator(Strict):
    """What all kinds have, and what the rest of the program asks of a kind's settings."""

    RECORDS: ClassVar[tuple[Records, ...]] = ("tickets",)
    """What it can be measured on, the default first; nothing where it is given by hand."""
    GIVEN: ClassVar[str] = "forecasts"
    """The key under which people give figures or forecasts."""
    GIVEN_ENTRY: ClassVar[type[GivenForecast | ManualValue]] = GivenForecast

    title: Title = Text(sv="", en="")  # filled in from the id, see Settings
    goal: str | None = None
    target: Target | None = None
    unit: str | None = None
    unit_label: Text | None = None
    rules: OwnRules = OwnRules()
    breaks: list[Day] = []

    @property
    def measured_on(self) -> Records | None:
        """What it is measured on; None when it is given by hand."""
        return next(iter(self.RECORDS), None)

    @property
    def deadline_event(self) -> str | None:
        """The event for which it sets its tickets a deadline; None where it sets none."""
        return None

    @property
    def deadline_seconds(self) -> int | None:
        """After how many seconds of business time that event is due; None in day mode, too."""
        return None

    @property
    def priorities(self) -> list[str] | None:
        """The priorities that its records are chosen by; None: whatever they are."""
        chosen: list[str] | None = getattr(getattr(self, "records", None), "priority", None)
        return chosen

    @property
    def given(self) -> Sequence[GivenForecast | ManualValue]:
        """What people gave."""
        entries: list[GivenForecast | ManualValue] = getattr(self, self.GIVEN)
        return entries

    def with_given(self, entries: Iterable[GivenForecast | ManualValue]) -> Self:
        """The indicator with these in the place of what people gave."""
        return self.model_copy(update={self.GIVEN: list(entries)})

    def entry(
        self, said: Mapping[str, Any], amounts: Mapping[str, Amount | None]
    ) -> GivenForecast | ManualValue:
        """What a person gave: ``amounts`` of which ``amount_problem`` found nothing, and the other
        keys. Raises ValidationError."""
        return GivenForecast.model_validate({**said, "forecast": amounts["forecast"]})

    def fits(self, entry: GivenForecast | ManualValue) -> bool:
        """Whether a forecast given earlier is still one for this indicator."""
        return not any(self.entry_problems(entry))

    def entry_problems(self, entry: GivenForecast | ManualValue) -> Iterator[Problem]:
        """What is wrong with what a person gave."""
        if isinstance(entry, GivenForecast) and (
            problem := self.amount_problem("forecast", entry.forecast)
        ):
            yield ("forecast",), problem

    def own_problems(self) -> Iterator[Problem]:
        """What is wrong with its settings, whatever else is configured."""
        yield from ()

    def target_problem(self, target: Target) -> str | None:
        """Why it cannot be held against a target; None if it can."""
        if target.unit != "%":
            return 'a share is held against per cent, as in ">= 90%"'
        return None if 0 <= target.number <= 100 else "a share lies between 0% and 100%"

    def amount_problem(self, what: str, amount: Amount) -> str | None:
        """Why an amount cannot be its ``value`` or its ``forecast``; None if it can."""
        if what == "value":
            return "it is measured: only a forecast can be given by hand"
        return self._forecast_problem(amount)

    def _forecast_problem(self, amount: Amount) -> str | None:
        if amount.unit != "%":
            return "a share is given in per cent, as in 85 %"
        return None if 0 <= amount.number <= 100 else "a share lies between 0 % and 100 %"


class MeasuredIndicator(AnyIndicator):
    forecasts: list[GivenForecast] = []


class NumberIndicator(MeasuredIndicator):
    """What is no share: a number of records, or a mean."""

    def target_problem(self, target: Target) -> str | None:
        if target.comparison == "is":
            return 'is held against a number, as in ">= 100" or "<= 4h"'
        return self._number_problem(target)

    def _forecast_problem(self, amount: Amount) -> str | None:
        words = amount.text.lower() in YES_NO
        return "is a number, not yes or no" if words else self._number_problem(amount)

    def _number_problem(self, number: Amount | Target) -> str | None:
        return self._unit_problem(number.unit) or (
            "cannot be below 0" if number.number < 0 else None
        )

    def _unit_problem(self, unit: str | None) -> str | None:
        raise NotImplementedError
