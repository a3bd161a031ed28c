"""The base classes of indicator settings, and the interface that the rest of the program uses."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator

from collector.config.manual_entries import ManualForecast, ManualValue
from collector.config.rules import OwnRules
from collector.model.bilingual import Text, Title
from collector.model.fields import Day, Strict
from collector.model.quantities import YES_NO, Amount, Target

Records = Literal["tickets", "calls"]
Problem = tuple[tuple[str | int, ...], str]
"""A fault of an indicator: the path below the indicator, and the message."""


class Version(Strict):
    """What applies from ``valid_from`` on; absent keys stay as they were before.

    ``target: null`` removes the target.
    """

    valid_from: Day
    title: Title | None = None
    target: Target | None = None
    rules: OwnRules | None = None

    def changes(self) -> dict[str, Any]:
        """The keys that this version sets, with their values; ``rules`` is left out."""
        written = self.model_fields_set - {"valid_from", "rules"}
        return {
            name: value
            for name in type(self).model_fields
            if name in written and ((value := getattr(self, name)) is not None or name == "target")
        }


V = TypeVar("V", bound=Any)


def in_ascending_order(versions: Sequence[V]) -> Sequence[V]:
    """Returns the versions unchanged.

    Raises ValueError unless their ``valid_from`` dates are strictly ascending.
    """
    for before, after in pairwise(versions):
        if after.valid_from <= before.valid_from:
            raise ValueError(
                f"{after.valid_from} does not come after {before.valid_from}: list the versions "
                "in ascending order of valid_from, at most one for each date"
            )
    return versions


AscendingVersions = AfterValidator(in_ascending_order)


class AnyIndicator(Strict):
    """The settings that all kinds share, and what the rest of the program asks of any kind.

    ``short``: a title of a few words for where the whole one would be cut, as on a card.
    """

    RECORDS: ClassVar[tuple[Records, ...]] = ("tickets",)
    """The records that it can be measured on, the default first; empty where it is entered by
    hand."""
    GIVEN: ClassVar[str] = "forecasts"
    """The key under which people enter figures or forecasts."""
    GIVEN_ENTRY: ClassVar[type[ManualForecast | ManualValue]] = ManualForecast

    title: Title = Text(sv="", en="")  # defaults to the id, see Settings
    short: Title | None = None
    goal: str | None = None
    target: Target | None = None
    unit: str | None = None
    unit_label: Title | None = None
    rules: OwnRules = OwnRules()
    breaks: list[Day] = []

    @property
    def measured_on(self) -> Records | None:
        """The records that it is measured on; None if it is entered by hand."""
        return next(iter(self.RECORDS), None)

    @property
    def deadline_event(self) -> str | None:
        """The event for which it gives its tickets a deadline; None without one."""
        return None

    @property
    def deadline_seconds(self) -> int | None:
        """The seconds of business time after which that event is due; None without a deadline,
        and where the limit is in business days."""
        return None

    @property
    def priorities(self) -> list[str] | None:
        """The priorities that its records are filtered by; None means any priority."""
        chosen: list[str] | None = getattr(getattr(self, "records", None), "priority", None)
        return chosen

    @property
    def given(self) -> Sequence[ManualForecast | ManualValue]:
        """The figures or forecasts that people entered."""
        entries: list[ManualForecast | ManualValue] = getattr(self, self.GIVEN)
        return entries

    def with_given(self, entries: Iterable[ManualForecast | ManualValue]) -> Self:
        """A copy in which ``entries`` replace the figures or forecasts that people entered."""
        return self.model_copy(update={self.GIVEN: list(entries)})

    def entry(
        self, keys: Mapping[str, Any], amounts: Mapping[str, Amount | None]
    ) -> ManualForecast | ManualValue:
        """Makes an entry from a row of the values file.

        ``amounts``: ``value`` and ``forecast``, for which :meth:`amount_problem` returned None.
        ``keys``: date, organization and the other keys. Raises ValidationError if they do not fit.
        """
        return ManualForecast.model_validate({**keys, "forecast": amounts["forecast"]})

    def fits(self, entry: ManualForecast | ManualValue) -> bool:
        """Whether an entry made earlier is still valid for this indicator as it is now."""
        return not any(self.entry_problems(entry))

    def entry_problems(self, entry: ManualForecast | ManualValue) -> Iterator[Problem]:
        """The faults of an entry that a person made."""
        if isinstance(entry, ManualForecast) and (
            problem := self.amount_problem("forecast", entry.forecast)
        ):
            yield ("forecast",), problem

    def own_problems(self) -> Iterator[Problem]:
        """The faults of its own settings, regardless of the rest of the configuration."""
        yield from ()

    def target_problem(self, target: Target) -> str | None:
        """Why the target does not fit this indicator; None if it does."""
        if target.unit != "%":
            return 'the target of a share must be in per cent, as in ">= 90%"'
        within = 0 <= target.number <= 100
        return None if within else "the target of a share must be between 0% and 100%"

    def amount_problem(self, what: str, amount: Amount) -> str | None:
        """Why an amount cannot be its ``value`` or ``forecast`` (named by ``what``); None if it
        can."""
        if what == "value":
            return "the indicator is measured: only a forecast can be entered by hand"
        return self._forecast_problem(amount)

    def _forecast_problem(self, amount: Amount) -> str | None:
        if amount.unit != "%":
            return "the forecast of a share must be in per cent, as in 85 %"
        within = 0 <= amount.number <= 100
        return None if within else "the forecast of a share must be between 0 % and 100 %"


class MeasuredIndicator(AnyIndicator):
    """An indicator that is measured on records; only its forecast can be entered by hand."""

    forecasts: list[ManualForecast] = []


class NumberIndicator(MeasuredIndicator):
    """A measured indicator that is not a share: a number of records, or a mean."""

    def target_problem(self, target: Target) -> str | None:
        """See :meth:`AnyIndicator.target_problem`: any number that is not negative, in its unit."""
        if target.comparison == "is":
            return 'must be a number, as in ">= 100" or "<= 4h"'
        return self._number_problem(target)

    def _forecast_problem(self, amount: Amount) -> str | None:
        yes_or_no = amount.text.lower() in YES_NO
        return "must be a number, not yes or no" if yes_or_no else self._number_problem(amount)

    def _number_problem(self, number: Amount | Target) -> str | None:
        return self._unit_problem(number.unit) or (
            "must not be negative" if number.number < 0 else None
        )

    @abstractmethod
    def _unit_problem(self, unit: str | None) -> str | None:
        """Why a target's or forecast's unit does not fit this indicator; None if it does."""
