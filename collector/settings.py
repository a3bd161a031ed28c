"""The configuration as frozen models: what may be written, and what stands where nothing is."""

from __future__ import annotations

import re
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FiniteFloat,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from collector.opening_hours import Hours, Windows
from collector.sources import SOURCES
from collector.sources.base import SourceOptions
from collector.targets import Target
from collector.values import Duration, Strict, TimeZoneName, parse_duration

_BUSINESS_DAYS = re.compile(r"\s*(\d+)\s*business_days?\s*")
_ID = re.compile(r"[a-z][a-z0-9_-]*")

MOST_BUSINESS_DAYS = 2600

Language = Literal["sv", "en"]


def _identifier(value: object) -> object:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("an id is small letters, digits, _ and -, beginning with a letter")
    return value


Identifier = Annotated[str, BeforeValidator(_identifier)]


class Text(Strict):
    """A text for people, in both languages."""

    sv: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.sv if language == "sv" else self.en


def _in_both(value: object) -> object:
    return {"sv": value, "en": value} if isinstance(value, str) else value


Title = Annotated[Text, BeforeValidator(_in_both, json_schema_input_type=str | dict[str, str])]
"""A text in both languages, or one text for both."""


class HolidaySettings(Strict):
    """Which days are closed or short.

    ``half_days_before``: the holiday's name in the country's own language → the hours of the
    day before it, where that day has hours at all.
    """

    country: str | None = None
    subdivision: str | None = None
    categories: list[str] = ["public"]
    add: list[date] = []
    remove: list[date] = []
    half_days: dict[date, Windows] = {}
    half_days_before: dict[str, Windows] = {}


class CalendarSettings(Strict):
    """Business hours: weekly hours in a time zone, and the days that differ."""

    timezone: TimeZoneName
    hours: Hours
    holidays: HolidaySettings = HolidaySettings()


class Within(Strict):
    """A limit: ``seconds`` of business time, or the end of the n-th business day after."""

    text: str
    seconds: int | None = None
    business_days: int | None = None


def _within(value: object) -> object:
    if isinstance(value, Within):
        return value
    if isinstance(value, str) and (match := _BUSINESS_DAYS.fullmatch(value)):
        days = int(match[1][:12])
        if not 1 <= days <= MOST_BUSINESS_DAYS:
            raise ValueError(f"{value!r}: write 1 to {MOST_BUSINESS_DAYS} business_days")
        return Within(text=value.strip(), business_days=days)
    try:
        return Within(text=str(value).strip(), seconds=parse_duration(value))
    except ValueError as error:
        raise ValueError(str(error).replace("30s or 2h", "30s, 2h or 2 business_days")) from None


Limit = Annotated[Within, BeforeValidator(_within), WithJsonSchema({"type": "string"})]


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


_VALUES_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

Values = Annotated[list[str], BeforeValidator(_as_list), WithJsonSchema(_VALUES_SCHEMA)]


class TicketFilter(Strict):
    """Which tickets: every given field has one of the given values."""

    source: Values | None = None
    kind: Values | None = None
    priority: Values | None = None
    organization: Values | None = None
    category: Values | None = None
    team: Values | None = None
    status: Values | None = None


class TicketPredicate(TicketFilter):
    """What a ticket must be; ``only_teams``: no team outside these ever held it."""

    only_teams: Values | None = None


class CallFilter(Strict):
    """Which calls: every given field has one of the given values."""

    source: Values | None = None
    queue: Values | None = None
    organization: Values | None = None
    outcome: Values | None = None


class RecordFilter(TicketFilter, CallFilter):
    """Tickets or calls: the fields of both."""


class Rules(Strict):
    """The rules that decide the numbers; an indicator may set its own."""

    counted_by: Literal["opened", "responded", "resolved"] = "opened"
    priority: Literal["at_open", "at_response", "strictest"] = "at_open"
    response_pauses: bool = False
    resolution_pauses: bool = True
    resolution: Literal["last", "first"] = "last"
    phone_solved_within: Duration = 30 * 60
    withdrawn: Literal["unanswered", "callback"] = "unanswered"
    min_n: Annotated[int, Field(ge=0)] = 5


class OwnRules(Strict):
    """The rules as an indicator may override them: what is absent is as for all."""

    counted_by: Literal["opened", "responded", "resolved"] | None = None
    priority: Literal["at_open", "at_response", "strictest"] | None = None
    response_pauses: bool | None = None
    resolution_pauses: bool | None = None
    resolution: Literal["last", "first"] | None = None
    phone_solved_within: Duration | None = None
    withdrawn: Literal["unanswered", "callback"] | None = None
    min_n: Annotated[int, Field(ge=0)] | None = None


class _Indicator(Strict):
    title: Title = Text(sv="", en="")  # filled in from the id, see Settings
    goal: str | None = None
    target: Target | None = None
    unit: str | None = None
    unit_label: Text | None = None
    rules: OwnRules = OwnRules()


class _OnTickets(_Indicator):
    records: TicketFilter = TicketFilter()


class _Clocked(_OnTickets):
    start: Annotated[Literal["opened", "first_response"], Field(alias="from")] = "opened"
    end: Annotated[Literal["first_response", "resolved", "closed"], Field(alias="to")]
    calendar: str


class ShareWithin(_Clocked):
    """The share of tickets whose clock from one event to another stays within a limit."""

    kind: Literal["share_within"]
    within: Limit


class MeanDuration(_Clocked):
    """The mean time from one event to another, in business time."""

    kind: Literal["mean_duration"]


class ShareWhere(_OnTickets):
    """The share of tickets of which something is true once they are resolved."""

    kind: Literal["share_where"]
    where: TicketPredicate


class Count(_Indicator):
    """How many tickets there were, or calls."""

    kind: Literal["count"]
    of: Literal["tickets", "calls"] = "tickets"
    records: RecordFilter = RecordFilter()


class ServiceLevel(_Indicator):
    """The share of calls answered within a limit, by one of the published formulas."""

    kind: Literal["service_level"]
    records: CallFilter = CallFilter()
    within: Duration
    formula: Literal[
        "answered_of_offered", "answered_of_answered", "without_early_abandons", "abandons_met"
    ] = "answered_of_offered"
    short_abandon: Duration = 0


class ManualValue(Strict):
    """A figure that a person gives, and when it was true."""

    date: date
    value: FiniteFloat
    forecast: FiniteFloat | None = None
    organization: str | None = None
    comment: str | None = None
    set_by: str | None = None


class Manual(_Indicator):
    """A figure that no system knows: given by hand, valid for a year unless said otherwise."""

    kind: Literal["manual"]
    values: list[ManualValue] = []
    valid_days: Annotated[int, Field(gt=0, le=36600)] = 366


INDICATOR_KINDS = (
    "share_within",
    "share_where",
    "mean_duration",
    "service_level",
    "count",
    "manual",
)

IndicatorSettings = Annotated[
    ShareWithin | ShareWhere | MeanDuration | ServiceLevel | Count | Manual,
    Field(discriminator="kind"),
]
TicketIndicator = ShareWithin | ShareWhere | MeanDuration | Count
CallIndicator = ServiceLevel | Count
Indicator = ShareWithin | ShareWhere | MeanDuration | ServiceLevel | Count | Manual


class Goal(Strict):
    """A goal that indicators serve: the council's, or a board's under one of those."""

    level: Literal["council", "board"]
    title: Title
    under: str | None = None


class ServerSettings(Strict):
    """Where ``run`` serves /metrics and health; loopback unless told otherwise."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9109


def _beside_configuration(url: str, info: ValidationInfo) -> str:
    """A relative file of SQLite begins at the configuration file's folder."""
    scheme, slashes, path = url.partition(":///")
    if scheme != "sqlite" or not slashes or path in {"", ":memory:"}:
        return url
    whole = Path((info.context or {}).get("folder", "")) / path
    if "?" in str(whole):
        raise ValueError(f"no file with ? in its path, as in {whole}, can be a store; name another")
    return f"sqlite:///{whole}"


StoreUrl = Annotated[str, AfterValidator(_beside_configuration)]


def _source_options() -> Any:
    """The union of every source's own options, told apart by ``type``."""
    union: Any = reduce(or_, (source.Options for source in SOURCES.values()))
    return Annotated[union, Field(discriminator="type")]


if TYPE_CHECKING:
    SourceSettings = SourceOptions
else:
    SourceSettings = _source_options()


class Settings(Strict):
    """The whole configuration."""

    timezone: TimeZoneName
    organizations: list[Annotated[str, Field(min_length=1)]] = []
    store: Annotated[StoreUrl, Field(validate_default=True)] = "sqlite:///servicedesk.db"
    priorities: list[str] = ["urgent", "high", "normal", "low"]
    server: ServerSettings = ServerSettings()
    rules: Rules = Rules()
    exclude: dict[Identifier, TicketFilter] = {}
    calendars: dict[Identifier, CalendarSettings] = {}
    sources: dict[Identifier, SourceSettings] = {}
    goals: dict[Identifier, Goal] = {}
    indicators: dict[Identifier, IndicatorSettings]

    @field_validator("indicators", mode="before")
    @classmethod
    def _titled(cls, indicators: Any) -> Any:
        """An indicator without a title is called by its id."""
        if not isinstance(indicators, dict):
            return indicators
        return {
            name: {"title": name, **keys} if isinstance(keys, dict) else keys
            for name, keys in indicators.items()
        }

    def rules_of(self, indicator: str) -> Rules:
        """The rules in force for an indicator: its own over those for all."""
        own = self.indicators[indicator].rules.model_dump(exclude_none=True)
        return self.rules.model_copy(update=own)
