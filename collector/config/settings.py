"""The configuration as frozen models: every key with its type and its default."""

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
    model_validator,
)

from collector.config.alerts import (
    WARNING_TIMES,
    AlertSettings,
    GrafanaSettings,
)
from collector.config.delivery import DeliverySettings
from collector.config.indicator_base import AscendingVersions
from collector.config.indicators import Indicator, IndicatorSettings, in_force
from collector.config.languages import LanguageList, with_desk_defaults
from collector.config.office import CommitteeSettings
from collector.config.opening_hours import Hours, Windows
from collector.config.report import ReportSettings
from collector.config.retention import RetentionSettings
from collector.config.rules import Rules, RulesVersion, TicketFilter
from collector.config.server import ServerSettings
from collector.config.snapshot import SnapshotSettings
from collector.io.files import ConfigPath
from collector.io.secrets import Secret
from collector.model.bilingual import LANGUAGES, Language, Title
from collector.model.fields import Day, Strict, TimeZoneName
from collector.model.periods import FiscalYear
from collector.sources import SOURCES
from collector.sources.kit.contract import SourceOptions
from collector.text.locales import LocaleName, first_weekday

_ID = re.compile(r"[a-z][a-z0-9_-]*")

BEGINNING = date.min
"""The date from which the first version of everything applies."""


def _identifier(value: object) -> object:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(
            "an id may hold lowercase letters, digits, _ and -, and starts with a letter"
        )
    return value


Identifier = Annotated[str, BeforeValidator(_identifier)]


class HolidaySettings(Strict):
    """The days that are closed or have other hours.

    ``country``: ISO code of the country whose public holidays are closed. ``add`` and ``remove``:
    more closed dates, and holidays that are open. ``half_days``: date → its hours.
    ``half_days_before``: the holiday's name in the country's own language → the hours of the day
    before it, if that weekday is open at all. ``open``: date → its hours, even if it is a holiday
    or its weekday is closed.
    """

    country: str | None = None
    subdivision: str | None = None
    categories: list[str] = ["public"]
    add: list[Day] = []
    remove: list[Day] = []
    half_days: dict[Day, Windows] = {}
    half_days_before: dict[str, Windows] = {}
    open: dict[Day, Windows] = {}


class CalendarVersion(Strict):
    """The parts of a calendar that change from ``valid_from`` on; each is replaced as a whole."""

    valid_from: Day
    timezone: TimeZoneName | None = None
    hours: Hours | None = None
    holidays: HolidaySettings | None = None

    def changes(self) -> dict[str, Any]:
        """The parts that this version replaces, with their values."""
        written = {name: getattr(self, name) for name in self.model_fields_set - {"valid_from"}}
        return {name: value for name, value in written.items() if value is not None}


class CalendarSettings(Strict):
    """Business hours: weekly hours in a time zone, and the days that differ."""

    timezone: TimeZoneName
    hours: Hours
    holidays: HolidaySettings = HolidaySettings()
    versions: Annotated[list[CalendarVersion], AscendingVersions] = []

    def in_force(self, day: date) -> CalendarSettings:
        """The calendar that applies on ``day``; the result has no versions itself."""
        changes: dict[str, Any] = {"versions": []}
        for version in self.versions:
            if version.valid_from <= day:
                changes |= version.changes()
        return self.model_copy(update=changes)


class GeneralRules(Rules):
    """The rules that apply to all indicators, unless an indicator sets its own."""

    versions: Annotated[list[RulesVersion], AscendingVersions] = []


class Goal(Strict):
    """A goal that indicators serve: the council's, or a board's goal ``under`` one of the
    council's. The council's may be ``under`` an ``area``, such as a vision or a field of policy."""

    level: Literal["area", "council", "board"]
    title: Title
    under: str | None = None


def _is_url(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:  # brackets that belong to no IPv6 address
        return False
    return True


def _beside_configuration(url: str, info: ValidationInfo) -> str:
    """Resolves a relative SQLite file against the folder of the configuration file."""
    if "\0" in url or not _is_url(url):
        raise ValueError(
            "is not a store address: write sqlite:///FILE or postgresql://user@host/database"
        )
    scheme, slashes, path = url.partition(":///")
    if scheme != "sqlite" or not slashes or path in {"", ":memory:"}:
        return url
    whole = Path((info.context or {}).get("folder", "")) / path
    if "?" in str(whole):
        raise ValueError(f"{whole}: a store's path cannot contain ?: choose another file")
    return f"sqlite:///{whole}"


StoreUrl = Annotated[str, AfterValidator(_beside_configuration)]


def _source_options() -> Any:
    """The union of the options of all types of sources, discriminated by ``type``."""
    union: Any = reduce(or_, SOURCES.values())
    return Annotated[union, Field(discriminator="type")]


if TYPE_CHECKING:
    SourceSettings = SourceOptions
else:
    SourceSettings = _source_options()


class Settings(Strict):
    """The whole configuration."""

    timezone: TimeZoneName
    languages: LanguageList = list(LANGUAGES)
    locale: LocaleName | None = None
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
    retention: RetentionSettings = RetentionSettings()
    snapshot: SnapshotSettings = SnapshotSettings()
    indicators: dict[Identifier, IndicatorSettings]

    @model_validator(mode="before")
    @classmethod
    def _as_the_desk_writes(cls, data: Any) -> Any:
        return with_desk_defaults(data)

    @field_validator("indicators", mode="before")
    @classmethod
    def _titled(cls, indicators: Any) -> Any:
        """Uses the id as the title of an indicator that has none."""
        if not isinstance(indicators, dict):
            return indicators
        return {
            name: {"title": name, **keys} if isinstance(keys, dict) else keys
            for name, keys in indicators.items()
        }

    @property
    def language(self) -> Language:
        """The language where nobody asks for another: the first of ``languages`` if they are set,
        otherwise English."""
        return self.languages[0] if "languages" in self.model_fields_set else "en"

    @property
    def watched_deliveries(self) -> tuple[str, ...]:
        """The names in the log of deliveries whose failures are shown and alerted: targets, the
        signing of snapshots, and witnesses."""
        return (*self.delivery.targets, *self.snapshot.watched)

    @property
    def snapshot_calendar(self) -> str | None:
        """The calendar whose open days decide when last month is frozen; None if no calendar is
        configured."""
        first = next(iter(self.calendars), None)
        return self.snapshot.calendar or self.alerts.calendar or first

    @property
    def paging(self) -> list[str]:
        """The priorities for which a missed first response pages somebody: the strictest one unless
        ``alerts.page`` names others."""
        return self.priorities[:1] if self.alerts.page is None else self.alerts.page

    @property
    def due_soon(self) -> dict[str, int]:
        """Priority → seconds before a deadline at which a warning is raised."""
        if self.alerts.due_soon is not None:
            return self.alerts.due_soon
        return dict(zip(self.priorities, WARNING_TIMES, strict=False))

    def general_rules(self, day: date = BEGINNING) -> Rules:
        """The general rules that apply on ``day``."""
        general = {name: getattr(self.rules, name) for name in Rules.model_fields}
        rules = Rules.model_construct(**general)
        for version in self.rules.versions:
            if version.valid_from <= day:
                rules = version.over(rules)
        return rules

    def rules_of(self, indicator: str, day: date = BEGINNING) -> Rules:
        """The rules of an indicator on ``day``: its own over the general ones.

        Raises KeyError for an unknown indicator.
        """
        return self.indicator(indicator, day).rules.over(self.general_rules(day))

    def indicator(self, name: str, day: date = BEGINNING) -> Indicator:
        """The indicator as it applies to records that count on ``day``.

        Raises KeyError for an unknown one.
        """
        return in_force(self.indicators[name], day)

    def sources_of(self, name: str, day: date = BEGINNING) -> list[str]:
        """The configured sources that an indicator uses for records that count on ``day``."""
        indicator = self.indicator(name, day)
        measured_on = indicator.measured_on
        chosen = getattr(getattr(indicator, "records", None), "source", None)
        return [
            source
            for source, options in self.sources.items()
            if SOURCES[options.type].delivers == measured_on
            and (chosen is None or source in chosen)
        ]

    def turns(self, name: str) -> list[date]:
        """The dates on which a new version begins for an indicator, ascending, BEGINNING first.

        These are the versions of the indicator itself, of the general rules, and of the calendars
        that it uses.
        """
        own = [version.valid_from for version in self.indicators[name].versions]
        own += [version.valid_from for version in self.rules.versions]
        used = {getattr(self.indicator(name, day), "calendar", None) for day in [BEGINNING, *own]}
        calendars = [self.calendars[each] for each in used if each in self.calendars]
        own += [version.valid_from for each in calendars for version in each.versions]
        return sorted({BEGINNING, *own})


def fiscal_year(settings: Settings) -> FiscalYear:
    """How the desk counts years and weeks, as configured."""
    return FiscalYear(
        settings.fiscal_year_start,
        settings.tertials == "cumulative",
        first_weekday(settings.locale),
    )


def sources_delivering(settings: Settings, delivery: str) -> list[str]:
    """The names of the configured sources that deliver ``tickets`` or ``calls``."""
    return [
        name
        for name, options in settings.sources.items()
        if SOURCES[options.type].delivers == delivery
    ]


def sources_of(settings: Settings, indicator: str) -> list[str]:
    """The names of the configured sources that an indicator uses in any of its versions."""
    used = {
        name for day in settings.turns(indicator) for name in settings.sources_of(indicator, day)
    }
    return [name for name in settings.sources if name in used]
