"""The configuration of CSV sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, field_validator, model_validator

from collector.io.files import ConfigPath
from collector.model.bilingual import Text
from collector.model.fields import Strict, TimeZoneName
from collector.model.records import MARKS, Unrecorded
from collector.sources.csv.durations import DecimalSign, Unit
from collector.sources.csv.formats import PLAIN, date_only, format_problem, two_digit_year
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.mapping import DEFAULT, ValueMap

VERDICTS = frozenset({"own_response_met", "own_resolution_met"})
TRUTHS = VERDICTS | {"by_staff", "registered_by_staff"}
"""Fields that hold yes or no."""
MAPPED_OF_TICKETS = VERDICTS | {"kind", "priority", "organization", "team", "category", "status"}
MAPPED_OF_CALLS = frozenset({"queue", "organization", "outcome"})
FACTS = {
    "first_response_at": Unrecorded.FIRST_RESPONSE,
    "first_note_at": Unrecorded.NOTE,
    "first_status_at": Unrecorded.STATUS_CHANGE,
    "first_assigned_at": Unrecorded.ASSIGNMENT,
    "resolved_at": Unrecorded.RESOLUTION,
    "closed_at": Unrecorded.CLOSING,
    "kind": Unrecorded.KIND,
    "priority": Unrecorded.PRIORITY,
    "team": Unrecorded.TEAM,
    "organization": Unrecorded.ORGANIZATION,
    "category": Unrecorded.CATEGORY,
    "status": Unrecorded.STATUS,
}
"""Fields of a ticket, and what a file without a column for one does not record."""


class FactColumns(Strict):
    """The name of the column that holds each of our fields; None: the files have none."""

    id: str = "id"
    kind: str | None = "kind"
    priority: str | None = "priority"
    organization: str | None = "organization"
    team: str | None = "team"
    category: str | None = "category"
    first_response_at: str | None = "first_response_at"
    resolved_at: str | None = "resolved_at"
    closed_at: str | None = "closed_at"
    status: str | None = "status"
    url: str | None = "url"
    first_note_at: str | None = "first_note_at"
    first_status_at: str | None = "first_status_at"
    first_assigned_at: str | None = "first_assigned_at"
    own_first_response_at: str | None = "own_first_response_at"
    own_response_due_at: str | None = "own_response_due_at"
    own_response_met: str | None = "own_response_met"
    own_resolution_due_at: str | None = "own_resolution_due_at"
    own_resolution_met: str | None = "own_resolution_met"


class TicketColumns(FactColumns):
    """The columns of a file with one row a ticket."""

    opened_at: str = "opened_at"


class CallColumns(Strict):
    """The name of the column that holds each of our fields; None: the files have none."""

    id: str = "id"
    queue: str = "queue"
    organization: str | None = "organization"
    entered_at: str = "entered_at"
    outcome: str | None = "outcome"
    wait_seconds: str | None = "wait_seconds"
    answered_at: str | None = "answered_at"
    left_at: str | None = "left_at"
    talk_seconds: str | None = "talk_seconds"
    call_id: str | None = "call_id"


def _one_character(text: str) -> str:
    if len(text) != 1 or text in '"\r\n':
        raise ValueError('must be one character, as in ";" or "\\t"')
    return text


def _usable_format(form: str) -> str:
    if form not in PLAIN and (problem := format_problem(form)):
        raise ValueError(problem)
    return form


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise ValueError(
            f"{name!r} is not a known encoding; write one such as utf-8 or cp1252"
        ) from None
    return name


def _known_language(name: str) -> str:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 only where one is configured

    try:
        Locale.parse(name)
    except (ValueError, UnknownLocaleError):
        raise ValueError(f"{name!r} is not a language; write its code, such as sv") from None
    return name


TimeFormat = Annotated[str, AfterValidator(_usable_format)]


class RowOptions(SourceOptions):
    """The keys that say how the values of a row are written, in files and in tables.

    ``time_format``: iso, epoch, epoch_ms or a strptime format such as ``%d/%m/%Y %H:%M``.
    ``timezone``: the zone of times that do not contain one. ``time_formats`` and ``timezones``: the
    same for single fields. ``language``: that of names of months and words for AM and PM, by
    default several.
    ``empty``: words that mean "none" or "not yet", besides the usual ones. ``units``: what a plain
    number of a field's duration counts. ``decimal``: the decimal sign of durations.
    """

    MAPPED: ClassVar[frozenset[str]] = frozenset()
    FIELDS: ClassVar[frozenset[str]] = frozenset()

    time_format: TimeFormat = "iso"
    time_formats: dict[str, TimeFormat] = {}
    timezone: TimeZoneName | None = None
    timezones: dict[str, TimeZoneName] = {}
    language: Annotated[str, AfterValidator(_known_language)] | None = None
    empty: tuple[str, ...] = ()
    units: dict[str, Unit] = {}
    decimal: DecimalSign | None = None

    def form_of(self, name: str) -> str:
        """Return the time format of a field."""
        return self.time_formats.get(name, self.time_format)

    def doubts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """See :meth:`SourceOptions.doubts`."""
        forms: dict[tuple[str, ...], str] = {("time_format",): self.time_format}
        forms |= {("time_formats", name): form for name, form in self.time_formats.items()}
        for place, form in forms.items():
            if two_digit_year(form):
                yield place, "reads years of two digits: 69 to 99 are taken for 1969 to 1999"
            if date_only(form):
                yield (
                    place,
                    "has no time of the day: only limits in business days are exact",
                )

    def known_fields(self) -> frozenset[str]:
        """Return our names of all fields that the rows may hold."""
        return self.FIELDS

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        """Refuse settings of fields that are none."""
        for key, suffix in (("time_formats", "at"), ("timezones", "at"), ("units", "_seconds")):
            known = sorted(name for name in self.known_fields() if name.endswith(suffix))
            if unknown := sorted(getattr(self, key).keys() - set(known)):
                listed = ", ".join(known) or "none here"
                raise ValueError(f"{key}.{unknown[0]} is not a field it applies to: {listed}")
        return self

    @field_validator("map")
    @classmethod
    def _known_maps(cls, maps: dict[str, ValueMap]) -> dict[str, ValueMap]:
        if unknown := sorted(maps.keys() - cls.MAPPED):
            raise ValueError(f"{unknown[0]} cannot be mapped: only {', '.join(sorted(cls.MAPPED))}")
        return maps

    @field_validator("map", mode="before")
    @classmethod
    def _yes_and_no(cls, maps: object) -> object:
        """Undo that YAML reads the ``yes`` in ``own_response_met: {"I tid": yes}`` as true."""
        if not isinstance(maps, dict):
            return maps
        return {name: _as_words(table) if name in TRUTHS else table for name, table in maps.items()}


class CsvOptions(RowOptions):
    """The keys that all CSV sources share.

    ``path``: a file or a glob. ``encoding``: by default UTF-8 or UTF-16 by its byte order mark,
    else Windows-1252. ``sheet``: that of a workbook, by default the first. ``duplicates``: which of
    several rows of one id counts; refuse: none, if there are many.
    """

    ACCESS = frozenset({"path", "delimiter", "encoding", "sheet"})
    LOCAL = True
    columns: Strict

    path: ConfigPath
    delimiter: Annotated[str, AfterValidator(_one_character)] = ","
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    sheet: str | None = None
    duplicates: Literal["refuse", "first", "last"] = "refuse"

    def known_fields(self) -> frozenset[str]:
        """See :meth:`RowOptions.known_fields`: those that may have a column."""
        return frozenset(type(self.columns).model_fields)


class CsvTicketsOptions(CsvOptions):
    """The keys of a ``csv_tickets`` source."""

    implementation = "collector.sources.csv.source:CsvTickets"
    delivers = "tickets"
    title = Text(sv="CSV-filer med ärenden", en="CSV files of tickets")
    # a row holds what is so now, and nothing of what was before
    UNRECORDED = frozenset(
        {
            Unrecorded.HOLDS,
            Unrecorded.REOPENINGS,
            Unrecorded.REGISTRAR,
            Unrecorded.PRIORITIES,
            Unrecorded.TEAMS,
        }
    )
    REMEDIES: ClassVar = {fact: f"columns.{field}" for field, fact in FACTS.items()}
    type: Literal["csv_tickets"]
    MAPPED = MAPPED_OF_TICKETS
    columns: TicketColumns = TicketColumns()
    registered_afterwards: bool = False

    @property
    def registers_later(self) -> bool:
        """See :class:`SourceOptions`: the key ``registered_afterwards``."""
        return self.registered_afterwards

    def doubts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """See :meth:`SourceOptions.doubts`."""
        yield from super().doubts()
        if (ours := self.map.get("status", {}).get(DEFAULT)) in MARKS:
            yield (
                ("map", "status", DEFAULT),
                f"takes tickets of every status that is not listed out of all figures, as {ours}",
            )


class CsvCallsOptions(CsvOptions):
    """The keys of a ``csv_calls`` source."""

    implementation = "collector.sources.csv.source:CsvCalls"
    delivers = "calls"
    title = Text(sv="CSV-filer med samtal", en="CSV files of calls")
    type: Literal["csv_calls"]
    REMEDIES: ClassVar = {
        Unrecorded.WAIT: "columns.wait_seconds",
        Unrecorded.OUTCOME: "columns.outcome",
    }
    MAPPED = MAPPED_OF_CALLS
    columns: CallColumns = CallColumns()

    @property
    def unrecorded(self) -> frozenset[Unrecorded]:
        """See :class:`SourceOptions`: waits, if no column tells them."""
        tells = self.columns.wait_seconds or self.columns.answered_at
        return frozenset() if tells else frozenset({Unrecorded.WAIT})


def _as_words(table: object) -> object:
    if not isinstance(table, dict):
        return table
    return {key: ("no", "yes")[v] if isinstance(v, bool) else v for key, v in table.items()}


def settings_hash(options: SourceOptions, organizations: Sequence[str]) -> str:
    """Return a short hash of all settings that affect what record a row becomes."""
    decides = options.model_dump(exclude={"path", "every"}), sorted(organizations)
    text = json.dumps(decides, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
