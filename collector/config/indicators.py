"""The kinds of indicators, as they are configured, and how each may change with time.

Every kind has its ``...Version``: the keys that may get other values from a date on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FiniteFloat,
    ValidationInfo,
    field_validator,
    model_validator,
)

from collector.config.rules import (
    CallFilter,
    Limit,
    OwnRules,
    RecordFilter,
    TicketFilter,
    TicketPredicate,
)
from collector.model.bilingual import Text, Title
from collector.model.fields import Day, Duration, Strict
from collector.model.quantities import LARGEST, YES_NO, YES_NO_UNIT, Amount, Target, two_readings

Formula = Literal[
    "answered_of_offered",
    "answered_of_answered",
    "without_early_abandons",
    "abandons_met",
    "short_abandons_met",
]


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


class _Given(Strict):
    """What a person says on a date, of one organization or the whole desk."""

    date: Day
    organization: str | None = None
    comment: str | None = None
    set_by: str | None = None


class GivenForecast(_Given):
    """A person's forecast for the fiscal year of ``date``, in the place of the computed one."""

    forecast: Amount


def _one_reading(number: object) -> object:
    """A number, or 1 and 0 for yes and no. Raises ValueError for what has two readings."""
    if _is_word(number):
        return YES_NO[str(number).strip().lower()]
    if isinstance(number, str) and (problem := two_readings(number.strip())):
        raise ValueError(problem)
    return number


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() in YES_NO


Number = Annotated[
    FiniteFloat,
    Field(gt=-LARGEST, lt=LARGEST),
    BeforeValidator(_one_reading, json_schema_input_type=float | bool | str),
]
"""A number given by hand, in the unit of its indicator."""


class ManualValue(_Given):
    """A figure that a person gives, and when it was true; with a forecast for its fiscal year.

    Yes is 1 and no is 0.
    """

    value: Number | None = None
    forecast: Number | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.value is None and self.forecast is None:
            raise ValueError("has neither a value nor a forecast")
        return self


class _Indicator(Strict):
    title: Title = Text(sv="", en="")  # filled in from the id, see Settings
    goal: str | None = None
    target: Target | None = None
    unit: str | None = None
    unit_label: Text | None = None
    rules: OwnRules = OwnRules()
    breaks: list[Day] = []


class _Measured(_Indicator):
    forecasts: list[GivenForecast] = []


class _OnTickets(_Measured):
    records: TicketFilter = TicketFilter()


class _OnTicketsVersion(Version):
    records: TicketFilter | None = None


class _Clocked(_OnTickets):
    start: Annotated[Literal["opened", "first_response"], Field(alias="from")] = "opened"
    end: Annotated[Literal["first_response", "resolved", "closed"], Field(alias="to")]
    calendar: str


class MeanDurationVersion(_OnTicketsVersion):
    """What may change of a mean_duration."""

    calendar: str | None = None


class ShareWithinVersion(MeanDurationVersion):
    """What may change of a share_within."""

    within: Limit | None = None


class ShareWithin(_Clocked):
    """The share of tickets whose clock from one event to another stays within a limit."""

    kind: Literal["share_within"]
    within: Limit
    versions: Annotated[list[ShareWithinVersion], InOrder] = []


class MeanDuration(_Clocked):
    """The mean time from one event to another, in business time."""

    kind: Literal["mean_duration"]
    versions: Annotated[list[MeanDurationVersion], InOrder] = []


class ShareWhereVersion(_OnTicketsVersion):
    """What may change of a share_where; the team list is in ``where``."""

    where: TicketPredicate | None = None


class ShareWhere(_OnTickets):
    """The share of tickets of which something is true once they are resolved."""

    kind: Literal["share_where"]
    where: TicketPredicate
    versions: Annotated[list[ShareWhereVersion], InOrder] = []


class CountVersion(Version):
    """What may change of a count."""

    records: RecordFilter | None = None


class Count(_Measured):
    """How many tickets there were, or calls."""

    kind: Literal["count"]
    of: Literal["tickets", "calls"] = "tickets"
    records: RecordFilter = RecordFilter()
    versions: Annotated[list[CountVersion], InOrder] = []


class ServiceLevelVersion(Version):
    """What may change of a service_level."""

    records: CallFilter | None = None
    within: Duration | None = None
    formula: Formula | None = None
    short_abandon: Duration | None = None


class ServiceLevel(_Measured):
    """The share of calls answered within a limit, by one of the published formulas."""

    kind: Literal["service_level"]
    records: CallFilter = CallFilter()
    within: Duration
    formula: Formula = "answered_of_offered"
    short_abandon: Duration = 0
    versions: Annotated[list[ServiceLevelVersion], InOrder] = []


class Manual(_Indicator):
    """A figure that no system knows: given by hand, valid for a year unless said otherwise."""

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
            if unit != YES_NO_UNIT and any(isinstance(v, bool) or _is_word(v) for v in given):
                raise ValueError(
                    f"entry {n} says yes or no, and its unit is {unit or 'none'}: write a number"
                )
        return values


KINDS: dict[str, type[_Indicator]] = {
    "share_within": ShareWithin,
    "share_where": ShareWhere,
    "mean_duration": MeanDuration,
    "service_level": ServiceLevel,
    "count": Count,
    "manual": Manual,
}

IndicatorSettings = Annotated[
    ShareWithin | ShareWhere | MeanDuration | ServiceLevel | Count | Manual,
    Field(discriminator="kind"),
]
TicketIndicator = ShareWithin | ShareWhere | MeanDuration | Count
CallIndicator = ServiceLevel | Count
Indicator = ShareWithin | ShareWhere | MeanDuration | ServiceLevel | Count | Manual


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


def delivery_of(indicator: Indicator) -> str | None:
    """``tickets`` or ``calls``: what an indicator is measured on; None when it is given by hand."""
    if isinstance(indicator, Manual):
        return None
    if isinstance(indicator, ServiceLevel):
        return "calls"
    return indicator.of if isinstance(indicator, Count) else "tickets"
