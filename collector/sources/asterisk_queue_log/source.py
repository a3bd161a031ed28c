"""Calls from Asterisk's queue_log file and the files it was rotated into.

A page's cursor holds the place in every log (see ``files``) and the calls in progress, so that
stopping at any moment neither loses nor duplicates anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime
from typing import IO, Any, ClassVar, Self

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, RejectedRow
from collector.model.records import Call, CallOutcome, Unrecorded
from collector.sources.asterisk_queue_log.events import CallTracker, parse_line
from collector.sources.asterisk_queue_log.files import (
    ATTEMPTS,
    READ_ERRORS,
    FilesMoved,
    Log,
    LogFiles,
    LogPlace,
    logs_with_places,
    open_log,
    places_to_keep,
)
from collector.sources.asterisk_queue_log.options import AsteriskOptions
from collector.sources.kit.batch import Batch
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.mapping import DEFAULT, Mapper

PAGE_LINES = 5_000
LINE_LIMIT = 65_536
WARM_UP = 2 * 86_400
"""Seconds read before ``since``, so that calls already in progress then are complete."""
LATE = 3 * 3600
"""Seconds. A new log that begins this much before the log being followed is an old one that was
copied there, or one whose text was changed. A clock that is set back goes back by less."""
_OVERLAP = 300
# A start event written directly after a line that a crash cut off
_GLUED_START = re.compile(rb"(.+?)(\d{10}\|NONE\|NONE\|NONE\|QUEUESTART\|\s*)")


@dataclass(slots=True)
class _Batch(Batch):
    """A batch that keeps each call once, in its latest state, with where it was read."""

    calls: dict[str, tuple[Call, str]] = field(default_factory=dict)


@dataclass(slots=True)
class _State:
    """The content of the cursor, and the page under construction. Instants are epoch seconds.

    ``places``: one per log; the log being followed comes last. ``seen``: the instant of the latest
    event. ``lost``: the log read up to this instant is gone, and nothing newer was found yet.
    ``skip``: that of the current place. ``emit_from``: events before it produce no calls and only
    prepare for later ones.
    """

    calls: CallTracker
    places: list[LogPlace] = field(default_factory=list)
    seen: int = 0
    lost: int | None = None
    emit_from: int | None = None
    skip: int | None = None
    batch: _Batch = field(default_factory=_Batch)

    @classmethod
    def of(cls, source: str, cursor: Cursor | None) -> Self:
        if not cursor or "places" not in cursor:
            return cls(CallTracker(source))
        places = [LogPlace(*values) for values in cursor["places"]]
        tracker = CallTracker(source, cursor["calls"])
        return cls(tracker, places, cursor["seen"], cursor["lost"], cursor["emit_from"])

    def cursor(self) -> dict[str, Any]:
        return {
            "places": [list(astuple(place)) for place in self.places],
            "seen": self.seen,
            "lost": self.lost,
            "emit_from": self.emit_from,
            "calls": self.calls.state(),
        }

    def reject(self, reason: str, where: str, message: str) -> None:
        self.batch.reject(where, RejectedRow(reason, message))

    def lose(self, where: str) -> None:
        """Note that the log being followed is gone; what is new is now determined by time."""
        self.reject(
            "lost_log",
            where,
            f"the log that was read up to {_iso(self.seen)} is gone (deleted, truncated or moved "
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
                f"new, but begins at {_iso(first_at)}, well before the log being followed: only "
                "entries added from now on are counted; run poll --since to count all of it",
            )
        elif skip is None and self.seen > first_at + _OVERLAP:
            self.reject(
                "overlapping_logs",
                log.path.name,
                f"begins before {_iso(self.seen)}, up to which another log was read: was the clock "
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


class AsteriskQueueLog:
    """Calls from the queue log of an Asterisk of any version since 1.4 (FreePBX included)."""

    Options: ClassVar[type[SourceOptions]] = AsteriskOptions

    def __init__(self, name: str, options: AsteriskOptions, organizations: Sequence[str]) -> None:
        self.name = name
        self.as_of = None  # a log is written continuously: no new lines mean no new calls
        self._files = LogFiles(options.path)
        self._map = options.map
        self._mapper = Mapper(options.map, organizations)

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`."""
        state = _State.of(self.name, cursor if since is None else None)
        if since is not None:
            state.emit_from = since
        for _ in range(ATTEMPTS):
            try:
                yield from self._drain(state)
            except FilesMoved:
                continue  # look again; the state is after what was read
            return
        raise SourceError(
            f"the files of {self._files.path} keep being renamed; the next poll will try again"
        )

    def unrecorded(self) -> frozenset[Unrecorded]:
        """See :class:`~collector.sources.kit.contract.Source`."""
        return frozenset()

    def check(self) -> str:
        """See :class:`~collector.sources.kit.contract.Source`."""
        found = self._files.look()
        logs = [log for log, _ in logs_with_places(found, ()) if log.first_at is not None]
        if not logs:
            return f"{len(found)} file{'s' if len(found) > 1 else ''} without any events yet"
        newest = max(log.stamp[3] for log in logs) // 10**9
        return (
            f"{len(logs)} of {len(found)} files contain events, the first of"
            f" {_iso(logs[0].first_at)}, last written {_iso(newest)}"
        )

    def _drain(self, state: _State) -> Iterator[Page]:
        plan = self._plan(state)
        total, done = sum(log.size for log, _ in plan) or 1, 0
        newest = max((log.stamp[3] for log, _ in plan), default=0)
        for number, (log, place) in enumerate(plan, 1):
            growing = number == len(plan) or log.stamp[3] == newest
            for part in self._read(log, place, state, growing=growing):
                yield self._page(state, min(1.0, (done + part) / total))
            done += log.size
        if state.batch.rejected:
            yield self._page(state, 1.0)

    def _plan(self, state: _State) -> list[tuple[Log, LogPlace | None]]:
        """Return the logs with new content, each with the place after which it begins."""
        for _ in range(2):  # look twice before declaring a log lost
            found = logs_with_places(self._files.look(), state.places)
            there = {place for _, place in found if place}
            if not state.places or state.places[-1] in there:
                break
        else:
            if state.lost is None:
                state.lose(self._files.path)
        state.places = places_to_keep(state.places, there)
        followed = state.places[-1:]
        return [
            (log, place)
            for log, place in found
            if not place or place.is_before_more(log, followed=[place] == followed)
        ]

    def _read(
        self, log: Log, known: LogPlace | None, state: _State, *, growing: bool
    ) -> Iterator[int]:
        """Read ``log`` to its end; whenever a page is full, yield the bytes read so far."""
        with open_log(log) as file:
            place = self._enter(log, known, file, state)
            state.skip = place.skip
            while after := self._take(log, file, place, state, growing=growing):
                state.keep(known, after)
                known = place = after
                yield 0 if log.packed else place.offset

    def _enter(self, log: Log, known: LogPlace | None, file: IO[bytes], state: _State) -> LogPlace:
        if known and (place := known.resumed(file)):
            return place
        if known:
            state.lose(log.path.name)
            file.seek(0)
        return state.begin(log)

    def _take(
        self, log: Log, file: IO[bytes], place: LogPlace, state: _State, *, growing: bool
    ) -> LogPlace | None:
        """Read up to a page of lines; return the place after them, or None if it is unchanged."""
        offset, line, taken, newest = place.offset, place.line, 0, b""
        while taken < PAGE_LINES and (raw := self._next_line(log, file, state)):
            whole = raw.endswith(b"\n")
            if not whole and len(raw) < LINE_LIMIT and growing:
                break  # half written; read it once it is complete
            offset, taken, newest = offset + len(raw), taken + 1, raw
            where = f"{log.path.name}:{line + 1}"
            line += whole
            if whole:
                self._line(raw, where, state)
            else:
                state.reject("cut_line", where, "the line has no end")
        ended = taken < PAGE_LINES
        after = replace(place, skip=None if ended else state.skip, closed=ended and log.packed)
        if taken or (log.packed and not place.head_size):
            after = after.moved(log, file, offset, line, newest)
        return after if after.head_size and after != place else None

    def _next_line(self, log: Log, file: IO[bytes], state: _State) -> bytes:
        try:
            return file.readline(LINE_LIMIT)
        except READ_ERRORS as error:
            if not log.packed:
                raise SourceError(f"{log.path} cannot be read to its end: {error}") from None
            state.reject(
                "broken_file", log.path.name, "the compressed file is damaged or incomplete"
            )
            return b""

    def _line(self, raw: bytes, where: str, state: _State) -> None:
        if b"|QUEUESTART|" in raw and (glued := _GLUED_START.fullmatch(raw)):
            state.reject("cut_line", where, "cut off when the telephone system stopped")
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
                state.batch.reject(where, error)
            return
        if state.skip is not None and event.at <= state.skip:
            return
        state.skip = None
        if state.lost is not None and event.at > state.lost:
            state.lost = None
        state.seen = max(state.seen, event.at)
        batch.saw(event.at)
        for call in state.calls.feed(event, batch.ignored):
            if state.emit_from is None or event.at >= state.emit_from:
                batch.calls[call.id] = call, where

    def _page(self, state: _State, progress: float) -> Page:
        batch, state.batch = state.batch, _Batch()
        for call, where in batch.calls.values():
            try:
                batch.records.append(self._translated(call))
            except RejectedRow as error:
                batch.reject(where, error)
        return batch.page(state.cursor(), progress=progress)

    def _translated(self, call: Call) -> Call:
        # The mapper rejects values that a map does not list. That is right for organizations, but
        # queues and outcomes that are not listed keep their names
        queues, outcomes = self._map.get("queue", {}), self._map.get("outcome", {})
        organization = None
        if "organization" in self._map:
            organization = self._mapper("organization", call.queue)
        return replace(
            call,
            queue=queues.get(call.queue, queues.get(DEFAULT, call.queue)),
            organization=organization,
            outcome=CallOutcome(outcomes.get(call.outcome, call.outcome)),
        )


def _iso(instant: int | None) -> str:
    return datetime.fromtimestamp(instant or 0, UTC).isoformat(timespec="seconds")
