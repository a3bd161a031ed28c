"""A page under construction: the results of the entries that a source has read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from collector.model.page import Cursor, Page, Rejected, RejectedRow
from collector.model.records import Record


@dataclass(slots=True)
class Batch:
    """Collects records, rejections and counts of ignored entries for a :class:`Page`.

    ``newest_at``: the latest instant seen (epoch seconds), and where. ``entries``: how many entries
    were read, where they are not one a record.
    """

    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    newest_at: int | None = None
    newest_where: str = ""
    doubtful: Counter[str] = field(default_factory=Counter)
    remarks: dict[tuple[str, str], Rejected] = field(default_factory=dict)
    entries: int = 0

    def reject(self, where: str, error: RejectedRow) -> None:
        """Add an entry that cannot be used; ``where`` is a file and line, or a ticket's id."""
        self.rejected.append(Rejected(error.reason, where, str(error)))

    def remark(self, reason: str, where: str, message: str) -> None:
        """Add a line for the log, once for each message."""
        self.remarks.setdefault((reason, message), Rejected(reason, where, message))

    def doubt(self, reason: str, where: str, message: str) -> None:
        """Count an entry that is used although it is doubtful, with a line for the log."""
        self.doubtful[reason] += 1
        self.remark(reason, where, message)

    def saw(self, at: int | None, where: str = "") -> None:
        """Take into account an instant (epoch seconds) found in the source's own entries."""
        if at is not None and (self.newest_at is None or at > self.newest_at):
            self.newest_at, self.newest_where = at, where

    def page(
        self, cursor: Cursor, *, progress: float | None = None, clock_skew: float | None = None
    ) -> Page:
        """Return the page.

        ``progress`` is the share done (clipped to 0–1); ``clock_skew`` the seconds by which the
        source's clock is ahead of ours.
        """
        return Page(
            records=tuple(self.records),
            cursor=cursor,
            rejected=tuple(self.rejected),
            ignored=dict(self.ignored),
            doubtful=dict(self.doubtful),
            remarks=tuple(self.remarks.values()),
            entries=self.entries or None,
            newest_at=self.newest_at,
            newest_where=self.newest_where,
            clock_skew=clock_skew,
            progress=None if progress is None else min(1.0, max(0.0, progress)),
        )
