"""The settings of each kind of indicator, and of its dated versions.

Every kind has a ``...Version`` class with the keys that can change from a date on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationInfo, field_validator

from collector.config.indicator_base import (
    AnyIndicator,
    AscendingVersions,
    MeasuredIndicator,
    NumberIndicator,
    Problem,
    Records,
    Version,
)
from collector.config.manual_entries import ManualForecast, ManualValue, is_yes_or_no
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
_YES_OR_NO = "must be yes or no, or 1 or 0, since its unit is yes/no"

CountedCalls = Literal["stays", "callers"]
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
    """An indicator that measures the business time of a ticket from one event to another."""

    start: Annotated[Literal["opened", "first_response"], Field(alias="from")] = "opened"
    end: Annotated[Literal["first_response", "resolved", "closed"], Field(alias="to")]
    calendar: str

    def own_problems(self) -> Iterator[Problem]:
        """See :meth:`AnyIndicator.own_problems`: the clock must not end where it starts."""
        if self.start == self.end:
            yield ("to",), f"is the same event as from, {self.end}: choose a later one"


class MeanDurationVersion(_OnTicketsVersion):
    """The keys of a mean_duration that can change from a date on."""

    calendar: str | None = None


class ShareWithinVersion(MeanDurationVersion):
    """The keys of a share_within that can change from a date on."""

    within: Limit | None = None


class ShareWithin(Clocked):
    """The share of tickets that get from one event to another within a limit of business time."""

    kind: Literal["share_within"]
    within: Limit
    versions: Annotated[list[ShareWithinVersion], AscendingVersions] = []

    @property
    def deadline_event(self) -> str:
        """See :attr:`AnyIndicator.deadline_event`: the event at which the clock ends."""
        return self.end

    @property
    def deadline_seconds(self) -> int | None:
        """See :attr:`AnyIndicator.deadline_seconds`: the limit ``within``."""
        return self.within.seconds


class MeanDuration(NumberIndicator, Clocked):
    """The mean business time of tickets from one event to another."""

    kind: Literal["mean_duration"]
    versions: Annotated[list[MeanDurationVersion], AscendingVersions] = []

    def own_problems(self) -> Iterator[Problem]:
        """See :meth:`AnyIndicator.own_problems`: the unit must be a unit of time."""
        yield from super().own_problems()
        if self.unit is not None and self._unit_problem(self.unit):
            yield ("unit",), f"must be a unit of time: {_TIMES}; use unit_label for other words"

    def _unit_problem(self, unit: str | None) -> str | None:
        return None if unit in {*TIME_UNITS, *BUSINESS_DAYS} else f"needs a unit of time: {_TIMES}"


class ShareWhereVersion(_OnTicketsVersion):
    """The keys of a share_where that can change from a date on; a list of teams is in ``where``."""

    where: TicketPredicate | None = None


class ShareWhere(_OnTickets):
    """The share of resolved tickets that meet a condition."""

    kind: Literal["share_where"]
    where: TicketPredicate
    versions: Annotated[list[ShareWhereVersion], AscendingVersions] = []

    def own_problems(self) -> Iterator[Problem]:
        """See :meth:`AnyIndicator.own_problems`: the condition must not be empty."""
        if not self.where.model_dump(exclude_none=True):
            yield ("where",), "is empty: every ticket would meet it"


class CountVersion(Version):
    """The keys of a count that can change from a date on."""

    records: RecordFilter | None = None


class Count(NumberIndicator):
    """The number of tickets or calls."""

    RECORDS = ("tickets", "calls")

    kind: Literal["count"]
    of: Literal["tickets", "calls"] = "tickets"
    records: RecordFilter = RecordFilter()
    versions: Annotated[list[CountVersion], AscendingVersions] = []

    @property
    def measured_on(self) -> Records:
        """The records that it counts."""
        return self.of

    def own_problems(self) -> Iterator[Problem]:
        """See :meth:`AnyIndicator.own_problems`: only fields of what it counts can be filtered."""
        own = CallFilter if self.of == "calls" else TicketFilter
        foreign = RecordFilter.model_fields.keys() - own.model_fields.keys()
        for key in sorted(foreign & self.records.model_dump(exclude_none=True).keys()):
            yield ("records", key), f"is not a field of {self.of}"

    def _unit_problem(self, unit: str | None) -> str | None:
        return None if unit is None else "is a number of records: write it without a unit"


class ServiceLevelVersion(Version):
    """The keys of a service_level that can change from a date on."""

    records: CallFilter | None = None
    within: Duration | None = None
    formula: Formula | None = None
    short_abandon: Duration | None = None
    of: CountedCalls | None = None
    rejoin_within: Duration | None = None


class ServiceLevel(MeasuredIndicator):
    """The share of calls answered within a limit, by one of the formulas in docs/indicators.md.

    ``within``, ``short_abandon`` and ``rejoin_within`` are seconds once they are loaded. ``of``:
    each stay in a queue counts, or each caller: one who is back in a queue within ``rejoin_within``
    is the same.
    """

    RECORDS = ("calls",)

    kind: Literal["service_level"]
    records: CallFilter = CallFilter()
    within: Duration
    formula: Formula = "answered_of_offered"
    short_abandon: Duration = 0
    of: CountedCalls = "stays"
    rejoin_within: Duration = 60
    versions: Annotated[list[ServiceLevelVersion], AscendingVersions] = []

    def own_problems(self) -> Iterator[Problem]:
        """See :meth:`AnyIndicator.own_problems`: a formula must have the limits that it uses."""
        if self.formula == "short_abandons_met" and not self.short_abandon:
            yield ("formula",), "needs short_abandon: how soon a caller hangs up to count as met"


class Manual(AnyIndicator):
    """A figure that no system has, entered by hand; valid for ``valid_days`` days, 366 by
    default."""

    RECORDS = ()
    GIVEN = "values"
    GIVEN_ENTRY = ManualValue

    kind: Literal["manual"]
    values: list[ManualValue] = []
    valid_days: Annotated[int, Field(gt=0, le=36600)] = 366
    versions: Annotated[list[Version], AscendingVersions] = []

    @field_validator("values", mode="before")
    @classmethod
    def _words(cls, values: object, info: ValidationInfo) -> object:
        """Accepts yes and no as numbers only if the unit is yes/no."""
        unit = info.data.get("unit")
        for n, each in enumerate(values if isinstance(values, list) else []):
            entry = each if isinstance(each, dict) else {}
            numbers = [entry.get(key) for key in ("value", "forecast")]
            if unit != YES_NO_UNIT and any(isinstance(v, bool) or is_yes_or_no(v) for v in numbers):
                raise ValueError(
                    f"entry {n} is yes or no, but the unit is {unit or 'none'}: write a number"
                )
        return values

    def entry(self, keys: Mapping[str, Any], amounts: Mapping[str, Amount | None]) -> ManualValue:
        """See :meth:`AnyIndicator.entry`: both amounts become plain numbers in its unit."""
        numbers = {key: None if a is None else float(a.number) for key, a in amounts.items()}
        return ManualValue.model_validate({**keys, **numbers})

    def entry_problems(self, entry: ManualForecast | ManualValue) -> Iterator[Problem]:
        """See :meth:`AnyIndicator.entry_problems`: with the unit yes/no, 1 and 0 alone fit."""
        for what in ("value", "forecast"):
            if self.unit == YES_NO_UNIT and getattr(entry, what) not in {None, 0, 1}:
                yield (what,), _YES_OR_NO

    def fits(self, entry: ManualForecast | ManualValue) -> bool:
        """Always true: an entry stays valid even if the unit is renamed later."""
        return True

    def target_problem(self, target: Target) -> str | None:
        """See :meth:`AnyIndicator.target_problem`: the target must be in its own unit."""
        yes_no = target.comparison == "is"
        if self.unit == YES_NO_UNIT:
            return None if yes_no else 'the unit is yes/no: write "yes" or "no"'
        if yes_no:
            return f"the unit is {self.unit or 'none'}; yes or no needs the unit {YES_NO_UNIT}"
        if target.unit in {None, self.unit}:
            return None
        return self._wrong_unit(target.text)

    def amount_problem(self, what: str, amount: Amount) -> str | None:
        """See :meth:`AnyIndicator.amount_problem`: the amount must be in its own unit."""
        if self.unit == YES_NO_UNIT:
            return None if amount.unit is None and amount.number in {0, 1} else _YES_OR_NO
        if amount.text.lower() in YES_NO:
            return f"{amount.text!r} is not a number; the unit is {self.unit or 'none'}"
        if amount.unit is None or amount.unit == self.unit:
            return None
        return self._wrong_unit(amount.text)

    def _wrong_unit(self, text: str) -> str:
        return f"{text!r} is not in the indicator's unit ({self.unit or 'none'})"


Indicator = ShareWithin | ShareWhere | MeanDuration | ServiceLevel | Count | Manual
"""The settings of every kind; ``measuring.kinds.table`` says how each kind is measured."""

IndicatorSettings = Annotated[Indicator, Field(discriminator="kind")]


def kind_name(model: type[AnyIndicator]) -> str:
    """The value of ``kind:`` in the configuration for this class of settings."""
    name: str = get_args(model.model_fields["kind"].annotation)[0]
    return name


KINDS: dict[str, type[AnyIndicator]] = {kind_name(model): model for model in get_args(Indicator)}


def in_force(indicator: Indicator, day: date) -> Indicator:
    """The indicator as its versions define it on ``day``; the result has no versions itself."""
    changes: dict[str, Any] = {"versions": []}
    rules = indicator.rules
    for version in indicator.versions:
        if version.valid_from <= day:
            changes |= version.changes()
            if version.rules is not None:
                rules = version.rules.over(rules)
    return indicator.model_copy(update={**changes, "rules": rules})
