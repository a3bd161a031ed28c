"""One row of a CSV file as a ticket or a call. Pure."""

from __future__ import annotations

import re

from collector.model.page import RejectedRow
from collector.model.records import (
    DONE,
    MARKS,
    Call,
    CallOutcome,
    Change,
    Status,
    Ticket,
    Unrecorded,
)
from collector.sources.csv.options import FACTS, CsvTicketsOptions
from collector.sources.csv.rows import CsvRow

_STILL_OPEN = frozenset({Status.NEW, Status.OPEN, Status.ON_HOLD})
_NOT_AT_FIRST = frozenset({Status.RESOLVED, Status.CLOSED, Status.ON_HOLD}) | MARKS
_ROUNDED_ID = re.compile(r"\d+([.,]\d+)?E\+\d+", re.IGNORECASE)


def ticket(source: str, row: CsvRow) -> Ticket:
    """Return the ticket of one row.

    A first response before the opening is accepted, since a ticket may be registered after the
    conversation. A row contains only today's values, which become the changes at the opening. For a
    status that a new ticket cannot have (resolved, on hold) the initial status is ``new``. Where
    the status says that the ticket is open, its end is an earlier one, which systems keep.

    Raises RejectedRow if the id or the opening cannot be used.
    """
    number = row_id(row)
    opened_at = row.start("opened_at")
    resolved_at = row.end("resolved_at", opened_at)
    closed_at = row.end("closed_at", opened_at)
    status = row.mapped("status", Status)
    first_resolved_at = resolved_at
    row.note_end(ended=(resolved_at or closed_at) is not None, still_open=status in _STILL_OPEN)
    if status in _STILL_OPEN:
        resolved_at = closed_at = None
    kind, priority, team = (row.mapped(name) for name in ("kind", "priority", "team"))
    first = Status.NEW if status in _NOT_AT_FIRST else status
    initial = {"status": first, "priority": priority, "team": team, "kind": kind}
    url = row.text("url")
    return Ticket(
        source=source,
        id=number,
        opened_at=opened_at,
        first_response_at=row.time("first_response_at", opened_at),
        first_resolved_at=first_resolved_at,
        resolved_at=resolved_at,
        closed_at=closed_at,
        kind=kind,
        priority=priority,
        team=team,
        organization=row.mapped("organization"),
        category=row.mapped("category"),
        status=status,
        mark=status if status in MARKS else None,
        # Web pages link to these; other schemes could run scripts in the reader's browser
        url=url if url and url.lower().startswith(("https://", "http://")) else None,
        first_note_at=row.time("first_note_at", opened_at),
        first_status_at=row.time("first_status_at", opened_at),
        first_assigned_at=row.time("first_assigned_at", opened_at),
        own_first_response_at=row.time("own_first_response_at", opened_at),
        own_response_due_at=row.time("own_response_due_at", opened_at),
        own_response_met=row.yes_or_no("own_response_met"),
        own_resolution_due_at=row.time("own_resolution_due_at", opened_at),
        own_resolution_met=row.yes_or_no("own_resolution_met"),
        changes=tuple(
            Change(opened_at, name, str(value)) for name, value in initial.items() if value
        ),
        unrecorded=_unrecorded(row, status, resolved_at, closed_at),
    )


def _unrecorded(
    row: CsvRow, status: str | None, resolved_at: int | None, closed_at: int | None
) -> frozenset[Unrecorded]:
    """What the row does not tell: a column that the file lacks, a value that cannot be used, and
    the end of a ticket that is finished by its status or its closing.

    Where the status says that the ticket is still open, it has no end, whatever its column says.
    """
    found = set(CsvTicketsOptions.UNRECORDED)
    for name, what in FACTS.items():
        not_yet = name in {"resolved_at", "closed_at"} and status in _STILL_OPEN
        if not row.tells(name) or (name in row.unknown and not not_yet):
            found.add(what)
    if resolved_at is None and (status in DONE or closed_at is not None):
        found.add(Unrecorded.RESOLUTION)
    if closed_at is None and status == Status.CLOSED:
        found.add(Unrecorded.CLOSING)
    return frozenset(found)


def call(source: str, row: CsvRow) -> Call:
    """Return the call of one row.

    If the wait is missing it is the difference of the instants, and unknown without them. Raises
    RejectedRow if the id, the queue, the entry or the outcome cannot be used.
    """
    number, entered_at = row_id(row), row.start("entered_at")
    queue = row.mapped("queue")
    if queue is None:
        raise RejectedRow("missing_queue", "queue is empty")
    answered_at = row.end("answered_at", entered_at)
    left_at = row.end("left_at", entered_at if answered_at is None else answered_at)
    talk = row.seconds("talk_seconds")
    outcome = _outcome(row, answered_at, talk)
    wait = row.seconds("wait_seconds")
    end = answered_at if outcome is CallOutcome.ANSWERED else left_at
    if wait is None and end is not None:
        wait = end - entered_at
    known = row.tells("wait_seconds") or row.tells("answered_at")
    if wait is None and outcome is CallOutcome.ANSWERED and known and not row.left_out:
        message = "answered, but neither wait_seconds nor answered_at has a value"
        row.leave_out("wait_seconds", RejectedRow("missing_wait", message))
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
        talk_seconds=talk,
        call_id=row.text("call_id"),
    )


def _outcome(row: CsvRow, answered_at: int | None, talk: int | None) -> CallOutcome:
    """The outcome by its word; else a call with an answer or a conversation is answered, also where
    the answer's time cannot be used, and one without, in a file that has such a column, abandoned.

    Raises RejectedRow if nothing tells.
    """
    word = row.text("outcome")
    value, _ = row.looked_up("outcome", CallOutcome)
    if isinstance(value, CallOutcome):
        return value
    shown = word or value
    if shown is None:
        problem = RejectedRow("missing_outcome", "outcome is empty")
    else:
        known = ", ".join(CallOutcome)
        message = f"outcome {shown!r} is not one of {known}: map it under map.outcome"
        problem = RejectedRow("unknown_outcome", message)
    if shown is not None and row.tells("outcome"):
        row.leave_out("outcome", problem)
    if answered_at is not None or talk or "answered_at" in row.unknown:
        return CallOutcome.ANSWERED
    if "talk_seconds" in row.unknown:
        return CallOutcome.UNKNOWN
    answers = row.tells("answered_at") or row.tells("talk_seconds")
    if answers and (shown is not None or not row.tells("outcome")):
        return CallOutcome.ABANDONED
    raise problem


def row_id(row: CsvRow) -> str:
    """The id. Raises RejectedRow if it is empty, or rounded by a spreadsheet."""
    number = row.required("id")
    if _ROUNDED_ID.fullmatch(number):
        raise RejectedRow(
            "rounded_id",
            f"id {number!r} was shortened by a spreadsheet, which makes one of several: format the "
            "column as text before the export, or export without the spreadsheet",
        )
    return number


def latest_instant(record: Ticket | Call) -> int:
    """Return the latest instant (epoch seconds) of an event in the record, deadlines aside."""
    if isinstance(record, Call):
        known = record.entered_at, record.answered_at, record.left_at
        return max(at for at in known if at is not None)
    ends = record.first_response_at, record.resolved_at, record.closed_at
    acts = record.first_note_at, record.first_status_at, record.first_assigned_at
    own = record.own_first_response_at
    return max(at for at in (record.opened_at, *ends, *acts, own) if at is not None)
