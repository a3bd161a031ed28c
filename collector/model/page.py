"""What a source hands to the store at a time: records, and the cursor that stands behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.model.records import Record

Cursor = Mapping[str, Any]
"""Where a source continues; JSON-able, written by the source, understood by it alone."""


class RejectedRow(Exception):
    """One record that cannot be used. ``reason`` is a short word for counting."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected record for the poll log: ``where`` is a file and line or a ticket's id."""

    reason: str
    where: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Records that are stored together with the cursor that stands behind them.

    ``newest_at``: the latest instant the source's own records carry. ``clock_skew``: seconds that
    the source's clock is ahead of ours, where the source tells its clock. ``progress``: the share
    of the present drain that is done, 0 to 1, where it can be known. ``ignored``: counts of
    well-formed entries that mean nothing to us, by a short word (``unknown_event``). ``whole``:
    (rejected, all) rows of the whole drain, where the source reads all there is and not what is
    new; known before the first page, so the share of wrong rows can be judged at once.
    """

    records: Sequence[Record]
    cursor: Cursor
    rejected: Sequence[Rejected] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    newest_at: int | None = None
    clock_skew: float | None = None
    progress: float | None = None
    whole: tuple[int, int] | None = None
