"""Asterisk's queue_log file, with everything it was rotated into, as calls.

A page's cursor holds the place in the log (see ``queue_log_files``) and the callers that are under
way, so a stop at any moment loses and doubles nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import IO, Any, ClassVar, Literal, Self

from pydantic import field_validator

from collector.records import Call, Outcome
from collector.sources.base import (
    DEFAULT,
    Cursor,
    Mapper,
    Page,
    Rejected,
    RejectedRow,
    SourceError,
    SourceOptions,
    ValueMap,
)
from collector.sources.queue_log_events import CallTracker, parse_line
from collector.sources.queue_log_files import (
    ATTEMPTS,
    BROKEN,
    Log,
    LogFiles,
    Moved,
    Place,
    in_order,
    opened,
    reaching,
)
from collector.values import ConfigPath

PAGE_LINES = 5_000
LINE_LIMIT = 65_536
WARM_UP = 2 * 86_400
"""Seconds read before ``since``, so that calls already under way then are understood."""
_OVERLAP = 300
# A start written straight behind a line that a crash cut short
_GLUED_START = re.compile(rb"(.+?)(\d{10}\|NONE\|NONE\|NONE\|QUEUESTART\|\s*)")


class AsteriskOptions(SourceOptions):
    """``path``: the file, or a glob that also takes in its predecessors (a file's own, such as
    ``queue_log.1`` and ``queue_log-20260101.gz``, are found without one). One telephone system.

    ``map``: ``organization`` is asked with the queue's name, ``queue`` renames and merges queues,
    ``outcome`` turns one of our outcomes into another.
    """

    type: Literal["asterisk_queue_log"]
    path: ConfigPath

    @field_validator("map")
    @classmethod
    def _known_maps(cls, maps: dict[str, ValueMap]) -> dict[str, ValueMap]:
        if unknown := sorted(maps.keys() - {"organization", "queue", "outcome"}):
            raise ValueError(f"{unknown[0]} cannot be mapped: only organization, queue and outcome")
        for ours in [text for pair in maps.get("outcome", {}).items() for text in pair]:
            if ours not in set(Outcome):
                raise ValueError(f"outcome {ours!r} is not one of {', '.join(Outcome)}")
        return maps


@dataclass(slots=True)
class _Batch:
    """What becomes a page. A call that changed several times is in it once, as it now is."""

    calls: dict[str, tuple[Call, str]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    newest_at: int | None = None


@dataclass(slots=True)
class _State:
    """What the cursor holds, and the page in the making.

    ``seen``: the latest event's instant. ``skip``: lines up to that instant were read before
    their log was lost. ``emit_from``: events before it only prepare for those after.
    """

    calls: CallTracker
    place: Place | None = None
    seen: int = 0
    skip: int | None = None
    emit_from: int | None = None
    batch: _Batch = field(default_factory=_Batch)

    @classmethod
    def of(cls, source: str, cursor: Cursor | None) -> Self:
        if not cursor:
            return cls(CallTracker(source))
        place = Place(**cursor["place"]) if cursor["place"] else None
        tracker = CallTracker(source, cursor["calls"])
        return cls(tracker, place, cursor["seen"], cursor["skip"], cursor["emit_from"])

    def cursor(self) -> dict[str, Any]:
        return {
            "place": asdict(self.place) if self.place else None,
            "seen": self.seen,
            "skip": self.skip,
            "emit_from": self.emit_from,
            "calls": self.calls.state(),
        }

    def reject(self, reason: str, where: str, message: str) -> None:
        self.batch.rejected.append(Rejected(reason, where, message))

    def lose(self, where: str) -> None:
        """Our log is not there any more; only time can tell what in the others is new."""
        self.reject(
            "lost_log",
            where,
            f"the log that was read up to {_iso(self.seen)} is gone or was cut (deleted, truncated "
            "or moved out of path): calls after that may be missing; going on with what is newer",
        )
        self.place, self.skip = None, self.seen


class AsteriskQueueLog:
    """Calls from the queue log of an Asterisk of any version since 1.4 (FreePBX included)."""

    Options: ClassVar[type[SourceOptions]] = AsteriskOptions
    delivers: ClassVar[Literal["tickets", "calls"]] = "calls"

    def __init__(self, name: str, options: AsteriskOptions, organizations: Sequence[str]) -> None:
        self.name = name
        self._files = LogFiles(options.path)
        self._map = options.map
        self._mapper = Mapper(options.map, organizations)
        self._at_end: tuple[Log, int] | None = None

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.base.Source`."""
        state = _State.of(self.name, cursor if since is None else None)
        if since is not None:
            state.emit_from = since
        for _ in range(ATTEMPTS):
            try:
                yield from self._drain(state)
            except Moved:
                continue  # look again; the state stands behind what was read
            return
        raise SourceError(f"the files of {self._files.path} keep moving; trying again later")

    def check(self) -> str:
        """See :class:`~collector.sources.base.Source`."""
        found = self._files.look()
        logs = [log for log in in_order(found, None) if log.first_at is not None]
        if not logs:
            return f"{len(found)} files, no event in them yet"
        newest = max(log.stamp[3] for log in logs) // 10**9
        return (
            f"{len(logs)} of {len(found)} files hold events, the first of {_iso(logs[0].first_at)},"
            f" last written {_iso(newest)}"
        )

    def _drain(self, state: _State) -> Iterator[Page]:
        plan = self._plan(state)
        total, done = sum(log.size for log in plan) or 1, 0
        for log, successor in zip_longest(plan, plan[1:]):
            for part in self._read(log, state, last=successor is None):
                yield self._page(state, min(1.0, (done + part) / total))
            done += log.size
            if successor is None and state.place:
                self._at_end = log, state.place.offset
            elif successor and state.seen > (successor.first_at or state.seen) + _OVERLAP:
                state.reject(
                    "overlapping_logs",
                    successor.path.name,
                    f"begins before {log.path.name} ends: do two telephone systems match the path? "
                    "Give each its own source",
                )
        if state.batch.rejected:
            yield self._page(state, 1.0)

    def _plan(self, state: _State) -> list[Log]:
        """The logs to read; ``state.place``, if there is one, is in the first of them."""
        place = state.place
        logs = in_order(self._files.look(), place)
        if place and not any(place.is_in(log) for log in logs):
            logs = in_order(self._files.look(), place)  # once more, before calling it lost
        if place:
            for index, log in enumerate(logs):
                if place.is_in(log):
                    nothing_new = len(logs) == index + 1 and self._at_end == (log, place.offset)
                    return [] if nothing_new else logs[index:]
            state.lose(self._files.path)
        if state.skip is not None:
            return reaching(logs, state.skip)
        return reaching(logs, None if state.emit_from is None else state.emit_from - WARM_UP)

    def _read(self, log: Log, state: _State, *, last: bool) -> Iterator[int]:
        """Reads ``log`` to its end; yields, whenever a page is full, the bytes read so far."""
        with opened(log) as file:
            place: Place | None = self._enter(log, file, state)
            if state.skip is not None and log.first_at is not None and log.first_at >= state.skip:
                state.skip = None
            while place := self._take(log, file, place or Place(), state, last=last):
                state.place = place
                yield 0 if log.packed else place.offset

    def _enter(self, log: Log, file: IO[bytes], state: _State) -> Place:
        place = state.place
        if place is None or not place.is_in(log):
            return Place()
        try:
            found = place.stands_in(file)
        except BROKEN:
            found = False
        if not found:
            state.lose(log.path.name)
            file.seek(0)
            return Place()
        return place

    def _take(
        self, log: Log, file: IO[bytes], place: Place, state: _State, *, last: bool
    ) -> Place | None:
        """Up to a page of lines; where they end, or None when there are none."""
        offset, line, taken, newest = place.offset, place.line, 0, b""
        name = log.path.name
        while taken < PAGE_LINES and (raw := self._next_line(log, file, state)):
            whole = raw.endswith(b"\n")
            if not whole and len(raw) < LINE_LIMIT and last:
                break  # half written: left until it is complete
            offset, taken, newest = offset + len(raw), taken + 1, raw
            where = f"{name}:{line + 1}"
            line += whole
            if whole:
                self._line(raw, where, state)
            else:
                state.reject("cut_line", where, "the line has no end")
        return Place.after(log, file, offset, line, newest) if taken else None

    def _next_line(self, log: Log, file: IO[bytes], state: _State) -> bytes:
        try:
            return file.readline(LINE_LIMIT)
        except BROKEN as error:
            if not log.packed:
                raise SourceError(f"{log.path} cannot be read to its end: {error}") from None
            state.reject("broken_file", log.path.name, "packed, and damaged or cut short")
            return b""

    def _line(self, raw: bytes, where: str, state: _State) -> None:
        if b"|QUEUESTART|" in raw and (glued := _GLUED_START.fullmatch(raw)):
            state.reject("cut_line", where, "cut short by a stop of the telephone system")
            raw = glued[2]
        # A crash can leave a block of zero bytes before the next line
        text = raw.strip(b"\0 \t\r\n").decode(errors="replace")
        batch = state.batch
        if not text:
            batch.ignored["blank_line"] += 1
            return
        try:
            event = parse_line(text)
        except RejectedRow as error:
            if state.skip is None:
                state.reject(error.reason, where, str(error))
            return
        if state.skip is not None and event.at <= state.skip:
            return
        state.skip = None
        state.seen = max(state.seen, event.at)
        batch.newest_at = max(batch.newest_at or 0, event.at)
        for call in state.calls.feed(event, batch.ignored):
            if state.emit_from is None or event.at >= state.emit_from:
                batch.calls[call.id] = call, where

    def _page(self, state: _State, progress: float) -> Page:
        batch, state.batch = state.batch, _Batch()
        records = []
        for call, where in batch.calls.values():
            try:
                records.append(self._translated(call))
            except RejectedRow as error:
                batch.rejected.append(Rejected(error.reason, where, str(error)))
        return Page(
            records=records,
            cursor=state.cursor(),
            rejected=batch.rejected,
            ignored=dict(batch.ignored),
            newest_at=batch.newest_at,
            progress=progress,
        )

    def _translated(self, call: Call) -> Call:
        # The mapper refuses what a map does not name. That is right for organizations; queues and
        # outcomes that a map does not name keep their names
        queues, outcomes = self._map.get("queue", {}), self._map.get("outcome", {})
        organization = None
        if "organization" in self._map:
            organization = self._mapper("organization", call.queue)
        return replace(
            call,
            queue=queues.get(call.queue, queues.get(DEFAULT, call.queue)),
            organization=organization,
            outcome=Outcome(outcomes.get(call.outcome, call.outcome)),
        )


def _iso(instant: int | None) -> str:
    return datetime.fromtimestamp(instant or 0, UTC).isoformat(timespec="seconds")
