"""One row of a CSV file as a ticket or a call. Pure: no files, no clock.

Every error in a row is a RejectedRow that names the field and the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from collector.model.page import RejectedRow
from collector.model.records import MARKS, Call, CallOutcome, Change, Status, Ticket
from collector.sources.csv.options import FACTS, CsvOptions, CsvTicketsOptions
from collector.sources.kit.mapping import DEFAULT, Mapper

LATEST = 7_258_118_400
"""Epoch seconds of the year 2200. Later values are probably milliseconds."""

_EPOCH = re.compile(r"\d{1,15}(\.\d+)?")
_SECONDS = re.compile(r"\d{1,9}")
_YES_NO = {
    **dict.fromkeys(("yes", "true", "1", "ja"), True),
    **dict.fromkeys(("no", "false", "0", "nej"), False),
}
_NOT_AT_FIRST = frozenset({Status.RESOLVED, Status.CLOSED, Status.ON_HOLD}) | MARKS


class CsvRow:
    """One row by our field names, with methods that read its fields.

    Unless a method says otherwise, it returns None if the field is empty.
    """

    def __init__(self, texts: Mapping[str, str], options: CsvOptions, mapper: Mapper) -> None:
        self._texts = texts
        self._options = options
        self._mapper = mapper

    def text(self, name: str) -> str | None:
        """Return the stripped text of a field."""
        return self._texts.get(name, "").strip() or None

    def lacks(self, name: str) -> bool:
        """Return whether neither a column nor the map's default can give a field."""
        return name not in self._texts and DEFAULT not in self._options.map.get(name, {})

    def required(self, name: str) -> str:
        """Return the text of a field. Raises RejectedRow if it is empty."""
        if value := self.text(name):
            return value
        raise RejectedRow(f"missing_{name}", f"{name} is empty")

    def mapped(self, name: str, ours: type[StrEnum] | None = None) -> str | None:
        """Return our value by the configured map.

        Members of the vocabulary ``ours`` are accepted as they are, in upper or lower case. Raises
        RejectedRow for a value that is not mapped.
        """
        value = self.text(name)
        if ours and value and value not in self._options.map.get(name, {}):
            with suppress(ValueError):
                return ours(value.lower())
        value = self._mapper(name, value)
        if ours and value:
            with suppress(ValueError):
                return ours(value.lower())
        return value

    def instant(self, name: str) -> int | None:
        """Return a time as epoch seconds.

        Raises RejectedRow if it is not a time of the configured format between 1970 and 2200, or
        if it contains no zone and none is configured.
        """
        value = self.text(name)
        if value is None:
            return None
        try:
            instant = self._instant(value)
        except (ValueError, OverflowError):
            raise RejectedRow(
                "bad_time", f"{name} {value!r} is not a time of format {self._options.time_format}"
            ) from None
        if not 0 < instant < LATEST:
            raise RejectedRow("bad_time", f"{name} {value!r} is not a time between 1970 and 2200")
        return instant

    def _instant(self, value: str) -> int:
        form = self._options.time_format
        if form == "epoch":
            if not _EPOCH.fullmatch(value):
                raise ValueError
            return int(value.partition(".")[0])
        if form == "iso":
            if ":" not in value and "T" not in value:  # a date alone is not an instant
                raise ValueError
            moment = datetime.fromisoformat(value)
        else:
            moment = datetime.strptime(value, form)  # noqa: DTZ007 the zone is added below
        if moment.tzinfo is None:
            if self._options.timezone is None:
                raise RejectedRow(
                    "no_timezone",
                    f"{value!r} contains no time zone: set timezone, for example Europe/Stockholm",
                )
            # fold=0: a time skipped in spring moves forward, a doubled one in autumn is the first
            moment = moment.replace(tzinfo=ZoneInfo(self._options.timezone), fold=0)
        return int(moment.timestamp() // 1)

    def seconds(self, name: str) -> int | None:
        """Return a duration in seconds. Raises RejectedRow if it is not a whole number ≥ 0."""
        value = self.text(name)
        if value is not None and not (value.isascii() and _SECONDS.fullmatch(value)):
            raise RejectedRow("bad_seconds", f"{name} {value!r} is not a whole number of seconds")
        return None if value is None else int(value)

    def yes_or_no(self, name: str) -> bool | None:
        """Return the truth value of a word for yes or no, by the configured map.

        The words of ``_YES_NO`` are accepted as they are, in upper or lower case. Raises
        RejectedRow for any other word that is not mapped to one of them.
        """
        value = self.text(name)
        if (
            value is None
            or value.lower() not in _YES_NO
            or value in self._options.map.get(name, {})
        ):
            value = self._mapper(name, value)
        if value is None:
            return None
        try:
            return _YES_NO[value.lower()]
        except KeyError:
            words = ", ".join(_YES_NO)
            raise RejectedRow(
                "bad_yes_no", f"{name} {value!r} is not one of {words}: map it under map.{name}"
            ) from None

    def start(self, name: str) -> int:
        """Return a time as :meth:`instant`. Raises RejectedRow also if it is empty."""
        self.required(name)
        return self.instant(name) or 0

    def not_before(self, start: int, name: str) -> int | None:
        """Return a time as :meth:`instant`. Raises RejectedRow also if it is before ``start``."""
        instant = self.instant(name)
        if instant is not None and instant < start:
            raise RejectedRow(
                "ends_before_start", f"{name} {self.text(name)!r} is before its start"
            )
        return instant


def ticket(source: str, row: CsvRow) -> Ticket:
    """Return the ticket of one row.

    A first response before the opening is accepted, since a ticket may be registered after the
    conversation. A row contains only today's values, which become the changes at the opening. For a
    status that a new ticket cannot have (resolved, on hold) the initial status is ``new``.

    Raises RejectedRow for a missing, malformed or unmapped value.
    """
    number = row.required("id")
    opened_at = row.start("opened_at")
    resolved_at = row.not_before(opened_at, "resolved_at")
    status = row.mapped("status", Status)
    kind, priority, team = (row.mapped(name) for name in ("kind", "priority", "team"))
    first = Status.NEW if status in _NOT_AT_FIRST else status
    initial = {"status": first, "priority": priority, "team": team, "kind": kind}
    url = row.text("url")
    return Ticket(
        source=source,
        id=number,
        opened_at=opened_at,
        first_response_at=row.instant("first_response_at"),
        first_resolved_at=resolved_at,
        resolved_at=resolved_at,
        closed_at=row.not_before(opened_at, "closed_at"),
        kind=kind,
        priority=priority,
        team=team,
        organization=row.mapped("organization"),
        category=row.mapped("category"),
        status=status,
        mark=status if status in MARKS else None,
        # Web pages link to these; other schemes could run scripts in the reader's browser
        url=url if url and url.lower().startswith(("https://", "http://")) else None,
        first_note_at=row.instant("first_note_at"),
        first_status_at=row.instant("first_status_at"),
        first_assigned_at=row.instant("first_assigned_at"),
        own_first_response_at=row.instant("own_first_response_at"),
        own_response_due_at=row.instant("own_response_due_at"),
        own_response_met=row.yes_or_no("own_response_met"),
        own_resolution_due_at=row.instant("own_resolution_due_at"),
        own_resolution_met=row.yes_or_no("own_resolution_met"),
        changes=tuple(
            Change(opened_at, name, str(value)) for name, value in initial.items() if value
        ),
        unrecorded=CsvTicketsOptions.UNRECORDED
        | {fact for field, fact in FACTS.items() if row.lacks(field)},
    )


def call(source: str, row: CsvRow) -> Call:
    """Return the call of one row.

    If the wait is missing it is the difference of the instants. Raises RejectedRow for a missing,
    malformed or unmapped value.
    """
    number, entered_at = row.required("id"), row.start("entered_at")
    queue, outcome = row.mapped("queue"), _outcome(row)
    if queue is None:
        raise RejectedRow("missing_queue", "queue is empty")
    answered_at = row.not_before(entered_at, "answered_at")
    left_at = row.not_before(entered_at if answered_at is None else answered_at, "left_at")
    wait = row.seconds("wait_seconds")
    end = answered_at if outcome is CallOutcome.ANSWERED else left_at
    if wait is None and end is not None:
        wait = end - entered_at
    if wait is None and outcome is CallOutcome.ANSWERED:
        raise RejectedRow(
            "missing_wait", "answered, but neither wait_seconds nor answered_at has a value"
        )
    return Call(
        source=source,
        id=number,
        queue=queue,
        entered_at=entered_at,
        outcome=outcome,
        organization=row.mapped("organization"),
        wait_seconds=wait,
        answered_at=answered_at,
        left_at=left_at,
        talk_seconds=row.seconds("talk_seconds"),
    )


def _outcome(row: CsvRow) -> CallOutcome:
    row_value = row.text("outcome")
    try:
        return CallOutcome(row.mapped("outcome", CallOutcome) or "")
    except (ValueError, RejectedRow):
        pass
    if row_value is None:
        raise RejectedRow("missing_outcome", "outcome is empty")
    raise RejectedRow(
        "unknown_outcome",
        f"outcome {row_value!r} is not one of {', '.join(CallOutcome)}: map it under map.outcome",
    )


def latest_instant(record: Ticket | Call) -> int:
    """Return the latest instant (epoch seconds) of an event in the record, deadlines aside."""
    if isinstance(record, Call):
        known = record.entered_at, record.answered_at, record.left_at
        return max(at for at in known if at is not None)
    ends = record.first_response_at, record.resolved_at, record.closed_at
    acts = record.first_note_at, record.first_status_at, record.first_assigned_at
    own = record.own_first_response_at
    return max(at for at in (record.opened_at, *ends, *acts, own) if at is not None)
