"""The state of reading a queue log: the content of the cursor, and the page under construction."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from collector.model.page import Cursor, RejectedRow
from collector.sources.asterisk_queue_log.calls import CallTracker
from collector.sources.asterisk_queue_log.files import Log, LogPlace
from collector.sources.asterisk_queue_log.interpretation import CallBatch
from collector.sources.asterisk_queue_log.lines import RecentLines

WARM_UP = 2 * 86_400
"""Seconds read before ``since``, so that calls already in progress then are complete."""
LATE = 3 * 3600
"""Seconds. A new log that begins this much before the log being followed is an old one that was
copied there, or one whose text was changed. A clock that is set back goes back by less."""
_OVERLAP = 300


@dataclass(slots=True)
class ReadingState:
    """The content of the cursor, and the page under construction. Instants are epoch seconds.

    ``places``: one per log; the log being followed comes last. ``seen``: the latest instant that
    two successive events reached, so that a single line from the future does not count. ``lost``:
    the log read up to this instant is gone, and nothing newer was found yet. ``skip``: that of the
    current place. ``emit_from``: events before it produce no calls and only prepare for later ones.
    ``lines``: those read lately.
    """

    calls: CallTracker
    places: list[LogPlace] = field(default_factory=list)
    seen: int = 0
    lost: int | None = None
    emit_from: int | None = None
    skip: int | None = None
    lines: RecentLines = field(default_factory=RecentLines)
    batch: CallBatch = field(default_factory=CallBatch)

    @classmethod
    def of(cls, source: str, cursor: Cursor | None) -> Self:
        if not cursor or "places" not in cursor:
            return cls(CallTracker(source))
        places = [LogPlace(*values) for values in cursor["places"]]
        tracker = CallTracker(source, cursor["calls"])
        lines = RecentLines(cursor.get("lines"))
        where = cursor["seen"], cursor["lost"], cursor["emit_from"]
        return cls(tracker, places, *where, lines=lines)

    def cursor(self) -> dict[str, Any]:
        return {
            "places": [list(astuple(place)) for place in self.places],
            "seen": self.seen,
            "lost": self.lost,
            "emit_from": self.emit_from,
            "calls": self.calls.state(),
            "lines": self.lines.state(),
        }

    def reject(self, reason: str, where: str, message: str) -> None:
        self.batch.reject(where, RejectedRow(reason, message))

    def lose(self, where: str, written_at: int) -> None:
        """Note that the log being followed is gone; what is new is now determined by time.

        ``written_at``: when the remaining logs were last written (epoch seconds); events that were
        dated later came from a clock that was wrong, and must not hide the newer ones.
        """
        self.seen = min(self.seen, written_at)
        self.reject(
            "lost_log",
            where,
            f"the log that was read up to {iso(self.seen)} is gone (deleted, truncated or moved "
            "out of path): calls after that may be missing; continuing with newer entries",
        )
        self.lost = self.seen

    def begin(self, log: Log) -> LogPlace:
        """Return where to begin in a log that is new here."""
        first_at = self.seen if log.first_at is None else log.first_at
        skip = self.lost
        if skip is None and self._late(log.first_at):
            skip = self.seen
            self.reject(
                "late_log",
                log.path.name,
                f"new, but begins at {iso(first_at)}, well before the log being followed: only "
                "entries added from now on are counted; run poll --since to count all of it",
            )
        elif skip is None and self.seen > first_at + _OVERLAP:
            self.reject(
                "overlapping_logs",
                log.path.name,
                f"begins before {iso(self.seen)}, up to which another log was read: was the clock "
                "set back? If two telephone systems match the path, give each its own source",
            )
        if skip is None and self.emit_from is not None:
            skip = self.emit_from - WARM_UP
        return LogPlace(skip=None if skip is None or skip <= first_at else skip)

    def keep(self, before: LogPlace | None, place: LogPlace) -> None:
        """Replace ``before`` by ``place``; a log from which lines were read is then followed."""
        index = 0 if self._late(place.first_at) else len(self.places)
        if before and before in self.places:
            if before.offset == place.offset:
                index = self.places.index(before)
            self.places.remove(before)
        self.places.insert(index, place)

    def _late(self, first_at: int | None) -> bool:
        followed = self.places[-1].first_at if self.places else None
        return first_at is not None and followed is not None and first_at < followed - LATE


def iso(instant: int | None) -> str:
    """Write an instant (epoch seconds) for people, in UTC."""
    return datetime.fromtimestamp(instant or 0, UTC).isoformat(timespec="seconds")
