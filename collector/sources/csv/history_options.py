"""The configuration of CSV files that hold the history of tickets."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator

from collector.io.files import ConfigPath
from collector.model.bilingual import Text
from collector.model.fields import Strict
from collector.model.records import Status, Unrecorded
from collector.sources.csv.options import (
    FACTS,
    VERDICTS,
    CsvOptions,
    FactColumns,
    TicketColumns,
)
from collector.sources.kit.mapping import ValueMap
from collector.sources.kit.raw import HISTORY, Act

OPENED = "opened"
IGNORE = "ignore"
ACTS: tuple[Act, ...] = ("reply", "note", "assignment")

ACTIVITIES = (OPENED, *ACTS, *Status, IGNORE)
"""What an activity may be: the opening, something that staff did, or a status from then on."""

CHANGED = (*HISTORY, "organization", "category", OPENED, *ACTS, IGNORE)
"""What the field of a change may be: one of ours, the opening, or something that staff did."""

_FIELDS = frozenset({"kind", "priority", "organization", "team", "category", "status"})


class EventColumns(FactColumns):
    """The columns of a file with one row an event; all but the first few are the ticket's own."""

    at: str = "at"
    activity: str | None = "activity"
    by: str | None = "by"
    sequence: str | None = "sequence"
    requestor: str | None = "requestor"
    opened_at: str | None = "opened_at"


class ChangeColumns(Strict):
    """The columns of a file with one row a change."""

    id: str = "id"
    at: str = "at"
    field: str = "field"
    old: str = "old"
    new: str = "new"
    by: str | None = "by"
    sequence: str | None = "sequence"


class RequestorColumns(TicketColumns):
    """The columns of the tickets beside their changes."""

    requestor: str | None = "requestor"


class HistoryOptions(CsvOptions):
    """The keys that sources of histories share.

    ``robots``: accounts in the column ``by`` whose doing is nobody's, such as ``system``.
    """

    implementation = "collector.sources.csv.histories:HistorySource"
    delivers = "tickets"
    UNRECORDED = frozenset({Unrecorded.REGISTRAR})
    settings_in_words: ClassVar = {"robots": Text(sv="Maskinkonton", en="Machine accounts")}

    robots: tuple[str, ...] = ()


class CsvEventsOptions(HistoryOptions):
    """The keys of a ``csv_events`` source."""

    title = Text(sv="CSV-filer med ärendens händelser", en="CSV files of events of tickets")
    REMEDIES: ClassVar = {
        **{fact: f"columns.{field}" for field, fact in FACTS.items()},
        **dict.fromkeys((Unrecorded.RESOLUTION, Unrecorded.CLOSING), "columns.status"),
        **dict.fromkeys((Unrecorded.HOLDS, Unrecorded.REOPENINGS), "columns.status"),
        Unrecorded.STATUS_CHANGE: "columns.status",
        Unrecorded.FIRST_RESPONSE: "map.activity",
        Unrecorded.NOTE: "map.activity",
        Unrecorded.ASSIGNMENT: "map.activity",
        Unrecorded.PRIORITIES: "columns.priority",
        Unrecorded.TEAMS: "columns.team",
    }
    type: Literal["csv_events"]
    MAPPED = VERDICTS | _FIELDS | {"activity"}
    columns: EventColumns = EventColumns()

    @field_validator("map")
    @classmethod
    def _known_activities(cls, maps: dict[str, ValueMap]) -> dict[str, ValueMap]:
        return _known(maps, "activity", ACTIVITIES)


class CsvChangesOptions(HistoryOptions):
    """The keys of a ``csv_changes`` source.

    ``tickets``: the files (a path or a glob) with a row for each ticket as it is now, whose columns
    are ``ticket_columns``; without them, rows in the files of changes that are mapped to ``opened``
    tell when a ticket was opened.
    """

    title = Text(sv="CSV-filer med ärendens ändringar", en="CSV files of changes of tickets")
    ACCESS = frozenset({"tickets"})
    REMEDIES: ClassVar = {
        **dict.fromkeys(FACTS.values(), "tickets"),
        **dict.fromkeys((Unrecorded.RESOLUTION, Unrecorded.CLOSING), "map.field"),
        **dict.fromkeys((Unrecorded.HOLDS, Unrecorded.REOPENINGS), "map.field"),
        **dict.fromkeys((Unrecorded.PRIORITIES, Unrecorded.TEAMS), "map.field"),
        **dict.fromkeys((Unrecorded.FIRST_RESPONSE, Unrecorded.NOTE), "map.field"),
        **dict.fromkeys((Unrecorded.STATUS_CHANGE, Unrecorded.ASSIGNMENT), "map.field"),
    }
    type: Literal["csv_changes"]
    MAPPED = VERDICTS | _FIELDS | {"field"}
    columns: ChangeColumns = ChangeColumns()
    tickets: ConfigPath | None = None
    ticket_columns: RequestorColumns = RequestorColumns()

    def known_fields(self) -> frozenset[str]:
        return super().known_fields() | frozenset(type(self.ticket_columns).model_fields)

    @field_validator("map")
    @classmethod
    def _known_changes(cls, maps: dict[str, ValueMap]) -> dict[str, ValueMap]:
        return _known(maps, "field", CHANGED)


def _known(maps: dict[str, ValueMap], name: str, words: tuple[str, ...]) -> dict[str, ValueMap]:
    for theirs, ours in maps.get(name, {}).items():
        if ours not in words:
            raise ValueError(f"{name}.{theirs}: {ours!r} is not one of {', '.join(words)}")
    return maps
