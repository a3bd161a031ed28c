"""The instants at which something happened to a record, and those that cannot be true. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from collector.model.records import Call, Record, Ticket

CLOCKS_DIFFER = 900
"""Seconds by which a system's clock may be ahead of ours; a later instant is in the future."""


def instants_of(record: Record) -> Iterator[int]:
    """Yield the instants (epoch seconds) of the events in a record, deadlines aside."""
    known: tuple[int | None, ...]
    if isinstance(record, Call):
        known = record.entered_at, record.answered_at, record.left_at
    elif isinstance(record, Ticket):
        known = (
            *(record.opened_at, record.first_response_at, record.first_resolved_at),
            *(record.resolved_at, record.closed_at, record.own_first_response_at),
            *(record.first_note_at, record.first_status_at, record.first_assigned_at),
            *(change.at for change in record.changes),
        )
    else:
        known = (record.at,)
    return (at for at in known if at is not None)


def is_in_future(record: Record, now: int) -> bool:
    """Return whether an instant of the record is later than ``now`` (epoch seconds)."""
    return any(at > now + CLOCKS_DIFFER for at in instants_of(record))
