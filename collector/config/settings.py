"""The configuration as frozen models: what may be written, and what stands where nothing is."""

from __future__ import annotations

import re
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from collector.config.alerts import Address, AlertSettings, GrafanaSettings
from collector.config.delivery import DeliverySettings
from collector.config.indicator_base import InOrder
from collector.config.indicators import Indicator, IndicatorSettings, in_force
from collector.config.office import CommitteeSettings
from collector.config.opening_hours import Hours, Windows
from collector.config.report import ReportSettings
from collector.config.rules import Rules, RulesVersion, TicketFilter
from collector.config.snapshot import SnapshotSettings
from collector.io.files import ConfigPath
from collector.io.secrets import Secret
from collector.model.bilingual import Title
from collector.model.fields import Day, Strict, TimeZoneName
from collector.model.periods import FiscalYear
from collector.sources import SOURCES
from collector.sources.kit.contract import SourceOptions

_ID = re.compile(r"[a-z][a-z0-9_-]*")

BEGINNING = date.min
"""From this date on the first version of everything holds."""


def _identifier(value: object) -> object:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("an id is small letters, digits, _ and -, beginning with a letter")
    return value


Identifier = Annotated[str, BeforeValidator(_identifier)]


class HolidaySettings(Strict):
    """Which days are closed or short.

    ``half_days_before``: the holiday's name in the country's own language → the hours of the
    day before it, where that day has hours at all.
    """

    country: str | None = None
    subdivision: str | None = None
    categories: list[str] = ["public"]
    add: list[Day] = []
    remove: list[Day] = []
    half_days: dict[Day, Windows] = {}
    half_days_before: dict[str, Windows] = {}


class CalendarVersion(Strict):
    """The parts of a calendar that are others from ``valid_from`` on; each replaces its whole."""

    valid_from: Day
    timezone: TimeZoneName | None = None
    hours: Hours | None = None
    holidays: HolidaySettings | None = None

    def changes(self) -> dict[str, Any]:
        """The parts that it replaces."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"valid_from"}}
        return {name: value for name, value in given.items() if value is not None}


class CalendarSettings(Strict):
    """Business hours: weekly hours in a time zone, and the days that differ."""

    timezone: TimeZoneName
    hours: Hours
    holidays: HolidaySettings = HolidaySettings()
    versions: Annotated[list[CalendarVersion], InOrder] = []

    def in_force(self, day: date) -> CalendarSettings:
        """The calendar as it is for what counts on a date; without versions of its own."""
        changes: dict[str, Any] = {"versions": []}
        for version in self.versions:
            if version.valid_from <= day:
                changes |= version.changes()
        return self.model_copy(update=changes)


class GeneralRules(Rules):
    """The rules for all indicators."""

    versions: Annotated[list[RulesVersion], InOrder] = []


class Goal(Strict):
    """A goal that indicators serve: the council's, or a board's under one of those."""

    level: Literal["council", "board"]
    title: Title
    under: str | None = None


class ServerSettings(Strict):
    """Where ``run`` serves /metrics, health and pages; loopback unless told otherwise.

    ``url``: how people reach it, for links in boards and alerts.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9109
    url: Address | None = None

    @property
    def address(self) -> str:
        """Where people reach it; it ends in a slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.url or f"http://{host}:{self.port}/"


def _is_url(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:  # brackets that belong to no IPv6 address
        return False
    return True


def _beside_configuration(url: str, info: ValidationInfo) -> str:
    """A relative file of SQLite begins at the configuration file's folder."""
    if "\0" in url or not _is_url(url):
        raise ValueError("is no address; write sqlite:///FILE or postgresql://user@host/database")
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
    union: Any = reduce(or_, SOURCES.values())
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
    store_password: Secret | None = None
    priorities: list[str] = ["urgent", "high", "normal", "low"]
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    tertials: Literal["separate", "cumulative"] = "separate"
    server: ServerSettings = ServerSettings()
    rules: GeneralRules = GeneralRules()
    exclude: dict[Identifier, TicketFilter] = {}
    calendars: dict[Identifier, CalendarSettings] = {}
    sources: dict[Identifier, SourceSettings] = {}
    goals: dict[Identifier, Goal] = {}
    values_file: ConfigPath | None = None
    alerts: AlertSettings = AlertSettings()
    grafana: GrafanaSettings | None = None
    committee: CommitteeSettings = Field(default_factory=dict, validate_default=True)
    report: ReportSettings = Field(default_factory=dict, validate_default=True)
    delivery: DeliverySettings = DeliverySettings()
    snapshot: SnapshotSettings = SnapshotSettings()
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

    @property
    def snapshot_calendar(self) -> str | None:
        """The calendar by which last month is frozen; None where there is none at all."""
        first = next(iter(self.calendars), None)
        return self.snapshot.calendar or self.alerts.calendar or first

    def general_rules(self, day: date = BEGINNING) -> Rules:
        """The rules for all indicators on a date."""
        general = {name: getattr(self.rules, name) for name in Rules.model_fields}
        rules = Rules.model_construct(**general)
        for version in self.rules.versions:
            if version.valid_from <= day:
                rules = version.over(rules)
        return rules

    def rules_of(self, indicator: str, day: date = BEGINNING) -> Rules:
        """The rules in force for an indicator on a date: its own over those for all."""
        return self.indicator(indicator, day).rules.over(self.general_rules(day))

    def indicator(self, name: str, day: date = BEGINNING) -> Indicator:
        """An indicator as it is for what counts on a date."""
        return in_force(self.indicators[name], day)

    def sources_of(self, name: str, day: date = BEGINNING) -> list[str]:
        """The configured sources that an indicator draws on, for what counts on a date."""
        indicator = self.indicator(name, day)
        wanted = indicator.measured_on
        chosen = getattr(getattr(indicator, "records", None), "source", None)
        return [
            source
            for source, options in self.sources.items()
            if SOURCES[options.type].delivers == wanted and (chosen is None or source in chosen)
        ]

    def turns(self, name: str) -> list[date]:
        """The dates from which on an indicator is measured another way, and BEGINNING.

        Its own versions, those of the general rules, and those of the calendars it uses.
        """
        own = [version.valid_from for version in self.indicators[name].versions]
        own += [version.valid_from for version in self.rules.versions]
        used = {getattr(self.indicator(name, day), "calendar", None) for day in [BEGINNING, *own]}
        calendars = [self.calendars[each] for each in used if each in self.calendars]
        own += [version.valid_from for each in calendars for version in each.versions]
        return sorted({BEGINNING, *own})


def fiscal_year(settings: Settings) -> FiscalYear:
    """How the desk counts its years."""
    return FiscalYear(settings.fiscal_year_start, settings.tertials == "cumulative")


def sources_delivering(settings: Settings, delivery: str) -> list[str]:
    """The configured sources of ``tickets`` or of ``calls``."""
    return [
        name
        for name, options in settings.sources.items()
        if SOURCES[options.type].delivers == delivery
    ]


def sources_of(settings: Settings, indicator: str) -> list[str]:
    """The configured sources that an indicator draws on, in any of its versions."""
    drawn = {
        name for day in settings.turns(indicator) for name in settings.sources_of(indicator, day)
    }
    return [name for name in settings.sources if name in drawn]
