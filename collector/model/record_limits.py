"""Limits of what the store can hold; a record beyond them is rejected and the rest goes on."""

from __future__ import annotations

from typing import Any

from collector.model.columns import ABSENT
from collector.model.records import Call, Record, Ticket

UNSTORABLE = "unstorable"
"""The reason code for such a record."""

LONGEST_ID = 500  # characters; both database engines can index that


def storage_problem(record: Record) -> str | None:
    """Return why the store cannot hold the record, or None if it can.

    Numbers must be 64-bit integers, texts valid Unicode without NUL, and ids 1 to LONGEST_ID
    characters long.
    """
    numbers, texts = _numbers_and_texts(record)
    for number in numbers:
        if number is not None and (type(number) is not int or not ABSENT < number < -ABSENT):
            return "an instant or duration is missing or not a 64-bit integer"
    try:
        joined = "".join([text for text in texts if text is not None])
        if not joined.isascii():
            joined.encode()
    except (TypeError, UnicodeEncodeError):
        return "a text is not valid Unicode"
    if "\0" in joined:
        return "a text contains a NUL character"
    if not 0 < len(record.id) <= LONGEST_ID:
        return f"the id is empty or longer than {LONGEST_ID} characters"
    return None


def _required(number: int | None) -> Any:
    return "missing" if number is None else number


def _numbers_and_texts(r: Record) -> tuple[list[Any], list[str | None]]:
    if isinstance(r, Ticket):
        numbers = [_required(r.opened_at), r.first_response_at, r.first_resolved_at]
        numbers += (r.resolved_at, r.closed_at, _required(r.reopened))
        numbers += (r.first_note_at, r.first_status_at, r.first_assigned_at)
        numbers += (r.own_first_response_at, r.own_response_due_at, r.own_resolution_due_at)
        texts = [r.source, r.id, r.kind, r.priority, r.organization, r.category]
        texts += (r.status, r.team, r.mark, r.url)
        for change in r.changes:
            numbers.append(_required(change.at))
            texts += (change.field, change.value)
        return numbers, texts
    if isinstance(r, Call):
        numbers = [_required(r.entered_at), r.answered_at, r.left_at, r.wait_seconds]
        numbers.append(r.talk_seconds)
        return numbers, [r.source, r.id, r.queue, r.outcome, r.organization]
    return [r.at], [r.source, r.id, r.mark]
