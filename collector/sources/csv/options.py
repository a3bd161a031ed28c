"""The configuration of CSV sources."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, field_validator

from collector.io.files import ConfigPath
from collector.model.bilingual import Text
from collector.model.fields import Strict, TimeZoneName
from collector.model.records import Unrecorded
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.mapping import ValueMap

_VERDICTS = frozenset({"own_response_met", "own_resolution_met"})
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


class TicketColumns(Strict):
    """The name of the column that holds each of our fields."""

    id: str = "id"
    kind: str = "kind"
    priority: str = "priority"
    organization: str = "organization"
    team: str = "team"
    category: str = "category"
    opened_at: str = "opened_at"
    first_response_at: str = "first_response_at"
    resolved_at: str = "resolved_at"
    closed_at: str = "closed_at"
    status: str = "status"
    url: str = "url"
    first_note_at: str = "first_note_at"
    first_status_at: str = "first_status_at"
    first_assigned_at: str = "first_assigned_at"
    own_first_response_at: str = "own_first_response_at"
    own_response_due_at: str = "own_response_due_at"
    own_response_met: str = "own_response_met"
    own_resolution_due_at: str = "own_resolution_due_at"
    own_resolution_met: str = "own_resolution_met"


class CallColumns(Strict):
    """The name of the column that holds each of our fields."""

    id: str = "id"
    queue: str = "queue"
    organization: str = "organization"
    entered_at: str = "entered_at"
    outcome: str = "outcome"
    wait_seconds: str = "wait_seconds"
    answered_at: str = "answered_at"
    left_at: str = "left_at"
    talk_seconds: str = "talk_seconds"


def _one_character(text: str) -> str:
    if len(text) != 1 or text in '"\r\n':
        raise ValueError('must be one character, as in ";" or "\\t"')
    return text


class CsvOptions(SourceOptions):
    """The keys that both CSV sources share.

    ``path``: a file or a glob. ``time_format``: iso, epoch or a strptime format such as
    ``%d/%m/%Y %H:%M``. ``timezone``: the zone of times that do not contain one.
    """

    ACCESS = SourceOptions.ACCESS | {"path", "delimiter", "encoding"}
    MAPPED: ClassVar[frozenset[str]] = frozenset()

    path: ConfigPath
    time_format: str = "iso"
    timezone: TimeZoneName | None = None
    delimiter: Annotated[str, AfterValidator(_one_character)] = ","
    encoding: str = "utf-8-sig"

    @field_validator("time_format")
    @classmethod
    def _usable_format(cls, text: str) -> str:
        if text in {"iso", "epoch"}:
            return text
        sample = datetime(2020, 7, 31, 13, 45, 59, tzinfo=UTC)
        try:
            if "%" in text and datetime.strptime(sample.strftime(text), text).year == 2020:  # noqa: DTZ007
                return text
        except (ValueError, re.error):  # re.error: a directive that occurs twice
            pass
        raise ValueError("write iso, epoch, or a format with a full date as in '%d/%m/%Y %H:%M'")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            "".encode(name)
        except (LookupError, ValueError):
            raise ValueError(
                f"{name!r} is not a known encoding; write one such as utf-8 or cp1252"
            ) from None
        return name

    @field_validator("map")
    @classmethod
    def _known_maps(cls, maps: dict[str, ValueMap]) -> dict[str, ValueMap]:
        if unknown := sorted(maps.keys() - cls.MAPPED):
            raise ValueError(f"{unknown[0]} cannot be mapped: only {', '.join(sorted(cls.MAPPED))}")
        return maps


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
    MAPPED = _VERDICTS | {"kind", "priority", "organization", "team", "category", "status"}
    columns: TicketColumns = TicketColumns()
    registered_afterwards: bool = False

    @property
    def registers_later(self) -> bool:
        """See :class:`SourceOptions`: the key ``registered_afterwards``."""
        return self.registered_afterwards

    @field_validator("map", mode="before")
    @classmethod
    def _yes_and_no(cls, maps: object) -> object:
        """Undo that YAML reads the ``yes`` in ``own_response_met: {"I tid": yes}`` as true."""
        if not isinstance(maps, dict):
            return maps
        return {
            name: _as_words(table) if name in _VERDICTS else table for name, table in maps.items()
        }


class CsvCallsOptions(CsvOptions):
    """The keys of a ``csv_calls`` source."""

    implementation = "collector.sources.csv.source:CsvCalls"
    delivers = "calls"
    title = Text(sv="CSV-filer med samtal", en="CSV files of calls")
    type: Literal["csv_calls"]
    MAPPED = frozenset({"queue", "organization", "outcome"})
    columns: CallColumns = CallColumns()


def _as_words(table: object) -> object:
    if not isinstance(table, dict):
        return table
    return {key: ("no", "yes")[v] if isinstance(v, bool) else v for key, v in table.items()}


def settings_hash(options: CsvOptions, organizations: Sequence[str]) -> str:
    """Return a short hash of all settings that affect what record a row becomes."""
    decides = options.model_dump(exclude={"path", "every"}), sorted(organizations)
    text = json.dumps(decides, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
