"""One row of a CSV file as a ticket or a call. Pure: no files, no clock.

Every fault of a row is a RejectedRow that names the field and the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from collector.model.page import RejectedRow
from collector.model.records import MARKS, Call, Change, Outcome, Status, Ticket
from collector.sources.csv.options import CsvOptions
from collector.sources.kit.mapping import Mapper

LATEST = 7_258_118_400
"""The year 2200. Later instants are milliseconds taken for seconds."""

_EPOCH = re.compile(r"\d{1,15}(\.\d+)?")
_SECONDS = re.compile(r"\d{1,9}")
_SAID = {
    **dict.fromkeys(("yes", "true", "1", "ja"), True),
    **dict.fromkeys(("no", "false", "0", "nej"), False),
}
_NOT_AT_FIRST = frozenset({Status.RESOLVED, Status.CLOSED, Status.ON_HOLD}) | MARKS


class Row:
    """One row by our field names, and how to understand its texts. Raises RejectedRow."""

    def __init__(self, texts: Mapping[str, str], options: CsvOptions, mapper: Mapper) -> None:
        self._texts = texts
        self._options = options
        self._mapper = mapper

    def text(self, name: str) -> str | None:
        return self._texts.get(name, "").strip() or None

    def required(self, name: str) -> str:
        if value := self.text(name):
            return value
        raise RejectedRow(f"missing_{name}", f"{name} is empty")

    def mapped(self, name: str, ours: type[StrEnum] | None = None) -> str | None:
        """Our value; words of the vocabulary ``ours`` stand for themselves in any case."""
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
            raise RejectedRow("bad_time", f"{name} {value!r} is no time between 1970 and 2200")
        return instant

    def _instant(self, value: str) -> int:
        form = self._options.time_format
        if form == "epoch":
            if not _EPOCH.fullmatch(value):
                raise ValueError
            return int(value.partition(".")[0])
        if form == "iso":
            if ":" not in value and "T" not in value:  # a bare date is no instant
                raise ValueError
            moment = datetime.fromisoformat(value)
        else:
            moment = datetime.strptime(value, form)  # noqa: DTZ007 the zone follows
        if moment.tzinfo is None:
            if self._options.timezone is None:
                raise RejectedRow(
                    "no_timezone",
                    f"{value!r} carries no zone: set timezone, as in Europe/Stockholm",
                )
            # In the hour that spring skips the time moves forward; of autumn's two it is the first
            moment = moment.replace(tzinfo=ZoneInfo(self._options.timezone), fold=0)
        return int(moment.timestamp() // 1)

    def seconds(self, name: str) -> int | None:
        value = self.text(name)
        if value is not None and not (value.isascii() and _SECONDS.fullmatch(value)):
            raise RejectedRow("bad_seconds", f"{name} {value!r} is not whole seconds from 0 up")
        return None if value is None else int(value)

    def said(self, name: str) -> bool | None:
        """What a word for yes or no says; our own words stand for themselves in any case."""
        value = self.text(name)
        if value is None or value.lower() not in _SAID or value in self._options.map.get(name, {}):
            value = self._mapper(name, value)
        if value is None:
            return None
        try:
            return _SAID[value.lower()]
        except KeyError:
            words = ", ".join(_SAID)
            raise RejectedRow(
                "bad_yes_no", f"{name} {value!r} is none of {words}: map it under map.{name}"
            ) from None

    def start(self, name: str) -> int:
        self.required(name)
        return self.instant(name) or 0

    def not_before(self, start: int, name: str) -> int | None:
        instant = self.instant(name)
        if instant is not None and instant < start:
            raise RejectedRow(
                "ends_before_start", f"{name} {self.text(name)!r} is before its start"
            )
        return instant


def ticket(source: str, row: Row) -> Ticket:
    """The ticket of one row.

    A first response before the opening is let through (registered after the talk). A row tells
    only today's values: those of the changes at the opening. A status that a ticket cannot have
    been opened with (resolved, on hold) is not put there; its beginning is then ``new``.
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
        # The board makes links of these: other schemes could run in the reader's browser
        url=url if url and url.lower().startswith(("https://", "http://")) else None,
        first_note_at=row.instant("first_note_at"),
        first_status_at=row.instant("first_status_at"),
        first_assigned_at=row.instant("first_assigned_at"),
        own_first_response_at=row.instant("own_first_response_at"),
        own_response_due_at=row.instant("own_response_due_at"),
        own_response_met=row.said("own_response_met"),
        own_resolution_due_at=row.instant("own_resolution_due_at"),
        own_resolution_met=row.said("own_resolution_met"),
        changes=tuple(
            Change(opened_at, name, str(value)) for name, value in initial.items() if value
        ),
    )


def call(source: str, row: Row) -> Call:
    """The call of one row. Where the wait is not given it is the difference of the instants."""
    number, entered_at = row.required("id"), row.start("entered_at")
    queue, outcome = row.mapped("queue"), _outcome(row)
    if queue is None:
        raise RejectedRow("missing_queue", "queue is empty")
    answered_at = row.not_before(entered_at, "answered_at")
    left_at = row.not_before(entered_at if answered_at is None else answered_at, "left_at")
    wait = row.seconds("wait_seconds")
    end = answered_at if outcome is Outcome.ANSWERED else left_at
    if wait is None and end is not None:
        wait = end - entered_at
    if wait is None and outcome is Outcome.ANSWERED:
        raise RejectedRow("missing_wait", "answered, with neither wait_seconds nor answered_at")
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


def _outcome(row: Row) -> Outcome:
    row_value = row.text("outcome")
    try:
        return Outcome(row.mapped("outcome", Outcome) or "")
    except (ValueError, RejectedRow):
        pass
    if row_value is None:
        raise RejectedRow("missing_outcome", "outcome is empty")
    raise RejectedRow(
        "unknown_outcome",
        f"outcome {row_value!r} is none of {', '.join(Outcome)}: map it under map.outcome",
    )


def newest(record: Ticket | Call) -> int:
    """The latest instant that a record carries of what has happened; a deadline is none."""
    if isinstance(record, Call):
        known = record.entered_at, record.answered_at, record.left_at
        return max(at for at in known if at is not None)
    ends = record.first_response_at, record.resolved_at, record.closed_at
    acts = record.first_note_at, record.first_status_at, record.first_assigned_at
    own = record.own_first_response_at
    return max(at for at in (record.opened_at, *ends, *acts, own) if at is not None)
