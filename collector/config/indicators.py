"""The kinds of indicators, as they are configured, and how each may change with time.

Every kind has its ``...Version``: the keys that may get other values from a date on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationInfo, field_validator

from collector.config.indicator_base import (
    AnyIndicator,
    InOrder,
    MeasuredIndicator,
    NumberIndicator,
    Problem,
    Records,
    Version,
)
from collector.config.manual_entries import GivenForecast, ManualValue, is_word
from collector.config.rules import (
    CallFilter,
    Limit,
    RecordFilter,
    TicketFilter,
    TicketPredicate,
)
from collector.model.fields import Duration
from collector.model.quantities import (
    BUSINESS_DAYS,
    TIME_UNITS,
    YES_NO,
    YES_NO_UNIT,
    Amount,
    Target,
)

_TIMES = ", ".join(sorted({*TIME_UNITS, *BUSINESS_DAYS}))
_YES_OR_NO = "is yes or no, or 1 or 0: that is its unit"

Formula = Literal[
    "answered_of_offered",
    "answered_of_answered",
    "without_early_abandons",
    "abandons_met",
    "short_abandons_met",
]


class _OnTickets(MeasuredIndicator):
    records: TicketFilter = TicketFilter()


class _OnTicketsVersion(Version):
    records: TicketFilter | None = None


class Clocked(_OnTickets):
    """What is measured by the clock of a ticket, from one event to another."""

    start: Annotated[Literal["opened", "first_response"], Field(alias="from")] = "opened"
    end: Annotated[Literal["first_response", "resolved", "closed"], Field(alias="to")]
    calendar: str

    def own_problems(self) -> Iterator[Problem]:
        if self.start == self.end:
            yield ("to",), f"begins and ends with {self.end}"


class MeanDurationVersion(_OnTicketsVersion):
    """What may change of a mean_duration."""

    calendar: str | None = None


class ShareWithinVersion(MeanDurationVersion):
    """What may change of a share_within."""

    within: Limit | None = None


class ShareWithin(Clocked):
    """The share of tickets whose clock from one event to another stays within a limit."""

    kind: Literal["share_within"]
    within: Limit
    versions: Annotated[list[ShareWithinVersion], InOrder] = []

    @property
    def deadline_event(self) -> str:
        return self.end

    @property
    def deadline_seconds(self) -> int | None:
        return self.within.seconds


class MeanDuration(NumberIndicator, Clocked):
    """The mean time from one event to another, in business time."""

    kind: Literal["mean_duration"]
    versions: Annotated[list[MeanDurationVersion], InOrder] = []

    def own_problems(self) -> Iterator[Problem]:
        yield from super().own_problems()
        if self.unit is not None and self._unit_problem(self.unit):
            yield ("unit",), f"is a unit of time: {_TIMES}; other words go into unit_label"

    def _unit_problem(self, unit: str | None) -> str | None:
        return None if unit in {*TIME_UNITS, *BUSINESS_DAYS} else f"needs a unit of time: {_TIMES}"


class ShareWhereVersion(_OnTicketsVersion):
    """What may change of a share_where; the team list is in ``where``."""

    where: TicketPredicate | None = None


class ShareWhere(_OnTickets):
    """The share of tickets of which something is true once they are resolved."""

    kind: Literal["share_where"]
    where: TicketPredicate
    versions: Annotated[list[ShareWhereVersion], InOrder] = []

    def own_problems(self) -> Iterator[Problem]:
        if not self.where.model_dump(exclude_none=True):
            yield ("where",), "is empty: every ticket would meet it"


class CountVersion(Version):
    """What may change of a count."""

    records: RecordFilter | None = None


class Count(NumberIndicator):
    """How many tickets there were, or calls."""

    RECORDS = ("tickets", "calls")

    kind: Literal["count"]
    of: Literal["tickets", "calls"] = "tickets"
    records: RecordFilter = RecordFilter()
    versions: Annotated[list[CountVersion], InOrder] = []

    @property
    def measured_on(self) -> Records:
        return self.of

    def own_problems(self) -> Iterator[Problem]:
        own = CallFilter if self.of == "calls" else TicketFilter
        foreign = RecordFilter.model_fields.keys() - own.model_fields.keys()
        for key in sorted(foreign & self.records.model_dump(exclude_none=True).keys()):
            yield ("records", key), f"is not a field of {self.of}"

    def _unit_problem(self, unit: str | None) -> str | None:
        return None if unit is None else "is a number of records, without a unit"


class ServiceLevelVersion(Version):
    """What may change of a service_level."""

    records: CallFilter | None = None
    within: Duration | None = None
    formula: Formula | None = None
    short_abandon: Duration | None = None


class ServiceLevel(MeasuredIndicator):
    """The share of calls answered within a limit, by one of the published formulas."""

    RECORDS = ("calls",)

    kind: Literal["service_level"]
    records: CallFilter = CallFilter()
    within: Duration
    formula: Formula = "answered_of_offered"
    short_abandon: Duration = 0
    versions: Annotated[list[ServiceLevelVersion], InOrder] = []

    def own_problems(self) -> Iterator[Problem]:
        if self.formula == "short_abandons_met" and not self.short_abandon:
            yield ("formula",), "needs short_abandon: how soon a hang-up counts as met"


class Manual(AnyIndicator):
    """A figure that no system knows: given by hand, valid for a year unless said otherwise."""

    RECORDS = ()
    GIVEN = "values"
    GIVEN_ENTRY = ManualValue

    kind: Literal["manual"]
    values: list[ManualValue] = []
    valid_days: Annotated[int, Field(gt=0, le=36600)] = 366
    versions: Annotated[list[Version], InOrder] = []

    @field_validator("values", mode="before")
    @classmethod
    def _words(cls, values: object, info: ValidationInfo) -> object:
        """Yes and no are numbers only where the unit says so."""
        unit = info.data.get("unit")
        for n, each in enumerate(values if isinstance(values, list) else []):
            said = each if isinstance(each, dict) else {}
            given = [said.get(key) for key in ("value", "forecast")]
            if unit != YES_NO_UNIT and any(isinstance(v, bool) or is_word(v) for v in given):
                raise ValueError(
                    f"entry {n} says yes or no, and its unit is {unit or 'none'}: write a number"
                )
        return values

    def entry(self, said: Mapping[str, Any], amounts: Mapping[str, Amount | None]) -> ManualValue:
        numbers = {key: None if a is None else float(a.number) for key, a in amounts.items()}
        return ManualValue.model_validate({**said, **numbers})

    def entry_problems(self, entry: GivenForecast | ManualValue) -> Iterator[Problem]:
        for what in ("value", "forecast"):
            if self.unit == YES_NO_UNIT and getattr(entry, what) not in {None, 0, 1}:
                yield (what,), _YES_OR_NO

    def fits(self, entry: GivenForecast | ManualValue) -> bool:
        return True  # it stays what it was, whatever its unit is called now

    def target_problem(self, target: Target) -> str | None:
        yes_no = target.comparison == "is"
        if self.unit == YES_NO_UNIT:
            return None if yes_no else 'its unit is yes/no: write "yes" or "no"'
        if yes_no:
            return f"its unit is {self.unit or 'none'}; yes or no needs the unit {YES_NO_UNIT}"
        if target.unit in {None, self.unit}:
            return None
        return f"{target.text!r} is not in its unit, {self.unit or 'none'}"

    def amount_problem(self, what: str, amount: Amount) -> str | None:
        if self.unit == YES_NO_UNIT:
            return None if amount.unit is None and amount.number in {0, 1} else _YES_OR_NO
        if amount.text.lower() in YES_NO:
            return f"{amount.text!r} is not a number; its unit is {self.unit or 'none'}"
        if amount.unit is None or amount.unit == self.unit:
            return None
        return f"{amount.text!r} is not in its unit, {self.unit or 'none'}"


Indicator = ShareWithin | ShareWhere | MeanDuration | ServiceLevel | Count | Manual
"""The settings of every kind; ``measuring.kinds.table`` has what is made of them."""

IndicatorSettings = Annotated[Indicator, Field(discriminator="kind")]


def kind_name(model: type[AnyIndicator]) -> str:
    """What ``kind:`` says in the configuration of an indicator with these settings."""
    name: str = get_args(model.model_fields["kind"].annotation)[0]
    return name


KINDS: dict[str, type[AnyIndicator]] = {kind_name(model): model for model in get_args(Indicator)}


def in_force(indicator: Indicator, day: date) -> Indicator:
    """The indicator as its versions say that it is on a date; without versions of its own."""
    changes: dict[str, Any] = {"versions": []}
    rules = indicator.rules
    for version in indicator.versions:
        if version.valid_from <= day:
            changes |= version.changes()
            if version.rules is not None:
                rules = version.rules.over(rules)
    return indicator.model_copy(update={**changes, "rules": rules})
