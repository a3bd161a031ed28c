"""A page: the records that a source hands to the store together with the cursor after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.model.queues import QueueNow
from collector.model.records import Record

Cursor = Mapping[str, Any]
"""Where a source continues. A JSON object that only the source that wrote it interprets."""


class RejectedRow(Exception):
    """A record cannot be used. ``reason`` is a short code to count by (``bad_time``)."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected or doubtful entry or a field that was left out, for the log. ``where`` is a file
    and line, or a ticket's id."""

    reason: str
    where: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Records that are stored in one transaction with the cursor that follows them.

    ``left_out``: the fields that cannot be used of records that are kept without them.
    ``newest_at``: the latest instant (epoch seconds) in the source's own records, and
    ``newest_where`` it was found, if that is known. ``clock_skew``: seconds by which the source's
    clock is ahead of ours, None if the source does not report its time. ``progress``: the share
    (0–1) of the current drain that is done, None if unknown. ``ignored``: counts of well-formed
    entries that gave no record here, by a short code (``unknown_event``); ``doubtful``: of entries
    that were used although something about them is doubtful (``bad_number``). ``remarks``: lines
    for the log about either. ``entries``: how many entries of the source were read for the page,
    None if one a record. ``whole``: (rejected or incomplete, all) records of the whole drain, for
    sources that read everything rather than only what is new; it is known before the first page, so
    that the share of wrong records can be judged at once. ``more``: the source has more but may not
    be asked for it now, so the drain ends here and the next one goes on. ``queues``: the state of a
    telephone system's queues at this moment, which is not stored; None if the source tells none.
    """

    records: Sequence[Record]
    cursor: Cursor
    rejected: Sequence[Rejected] = ()
    left_out: Sequence[Rejected] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    doubtful: Mapping[str, int] = field(default_factory=dict)
    remarks: Sequence[Rejected] = ()
    entries: int | None = None
    newest_at: int | None = None
    newest_where: str = ""
    clock_skew: float | None = None
    progress: float | None = None
    whole: tuple[int, int] | None = None
    more: bool = False
    queues: Sequence[QueueNow] | None = None
