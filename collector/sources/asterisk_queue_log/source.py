"""Calls from Asterisk's queue_log file and the files it was rotated into.

A page's cursor holds the place in every log (see ``files``) and the calls in progress, so that
stopping at any moment neither loses nor duplicates anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, ClassVar

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, RejectedRow
from collector.sources.asterisk_queue_log.events import parse_line
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
from collector.sources.asterisk_queue_log.interpretation import CallBatch, Interpretation
from collector.sources.asterisk_queue_log.lines import text_of
from collector.sources.asterisk_queue_log.options import AsteriskOptions
from collector.sources.asterisk_queue_log.state import ReadingState, iso
from collector.sources.kit.contract import Look, SourceOptions

PAGE_LINES = 5_000
LINE_LIMIT = 65_536
# A start event written directly after a line that a crash cut off
_GLUED_START = re.compile(rb"(.+?)(\d{10}\|NONE\|NONE\|NONE\|QUEUESTART\|\s*)")


class AsteriskQueueLog:
    """Calls from the queue log of an Asterisk of any version since 1.4 (FreePBX included)."""

    Options: ClassVar[type[SourceOptions]] = AsteriskOptions

    def __init__(self, name: str, options: AsteriskOptions, organizations: Sequence[str]) -> None:
        self.name = name
        self.as_of = None  # a log is written continuously: no new lines mean no new calls
        self._files = LogFiles(options.path)
        self._encoding = options.encoding
        self._meaning = Interpretation(options.map, organizations)

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        state = ReadingState.of(self.name, cursor if since is None else None)
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

    def look(self) -> Look:
        return Look()

    def check(self) -> str:
        found = self._files.look()
        logs = [log for log, _ in logs_with_places(found, ()) if log.first_at is not None]
        if not logs:
            if written := [log.path for log in found if b"\n" in log.head]:
                raise SourceError(
                    f"{written[0]} does not begin with lines of a queue log, which are "
                    "time|callid|queue|agent|event, the time in epoch seconds: check the path",
                    permanent=True,
                )
            return f"{len(found)} file{'s' if len(found) > 1 else ''} without any events yet"
        newest = max(log.stamp[3] for log in logs) // 10**9
        return (
            f"{len(logs)} of {len(found)} files contain events, the first of"
            f" {iso(logs[0].first_at)}, last written {iso(newest)}"
        )

    def _drain(self, state: ReadingState) -> Iterator[Page]:
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

    def _plan(self, state: ReadingState) -> list[tuple[Log, LogPlace | None]]:
        """Return the logs with new content, each with the place after which it begins."""
        for _ in range(2):  # look twice before declaring a log lost
            found = logs_with_places(self._files.look(), state.places)
            there = {place for _, place in found if place}
            if not state.places or state.places[-1] in there:
                break
        else:
            if state.lost is None:
                state.lose(self._files.path, _written(found))
        state.places = places_to_keep(state.places, there)
        followed = state.places[-1:]
        return [
            (log, place)
            for log, place in found
            if not place or place.is_before_more(log, followed=[place] == followed)
        ]

    def _read(
        self, log: Log, known: LogPlace | None, state: ReadingState, *, growing: bool
    ) -> Iterator[int]:
        """Read ``log`` to its end; whenever a page is full, yield the bytes read so far."""
        with open_log(log) as file:
            place = self._enter(log, known, file, state)
            state.skip = place.skip
            while after := self._take(log, file, place, state, growing=growing):
                state.keep(known, after)
                known = place = after
                yield 0 if log.packed else place.offset

    def _enter(
        self, log: Log, known: LogPlace | None, file: IO[bytes], state: ReadingState
    ) -> LogPlace:
        if known and (place := known.resumed(file)):
            return place
        if known:
            state.lose(log.path.name, _written([(log, known)]))
            file.seek(0)
        return state.begin(log)

    def _take(
        self, log: Log, file: IO[bytes], place: LogPlace, state: ReadingState, *, growing: bool
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

    def _next_line(self, log: Log, file: IO[bytes], state: ReadingState) -> bytes:
        try:
            return file.readline(LINE_LIMIT)
        except READ_ERRORS as error:
            if not log.packed:
                raise SourceError(f"{log.path} cannot be read to its end: {error}") from None
            state.reject(
                "broken_file", log.path.name, "the compressed file is damaged or incomplete"
            )
            return b""

    def _line(self, raw: bytes, where: str, state: ReadingState) -> None:
        if b"|QUEUESTART|" in raw and (glued := _GLUED_START.fullmatch(raw)):
            state.reject("cut_line", where, "cut off when the telephone system stopped")
            raw = glued[2]
        text, guessed = text_of(raw, self._encoding)
        batch = state.batch
        batch.entries += 1
        if not text:
            batch.ignored["blank_line"] += 1
            return
        try:
            event = parse_line(text, self._meaning.events)
        except RejectedRow as error:
            if state.skip is None:
                state.batch.reject(where, error)
            return
        if state.skip is not None and event.at <= state.skip:
            return
        state.skip = None
        batch.saw(event.at, where)
        if state.lines.repeats(text, event, state.calls.time):
            batch.ignored["repeated_line"] += 1
            return
        if state.lost is not None and event.at > state.lost:
            state.lost = None
        if guessed and not event.queue.isascii():
            batch.doubt(
                "other_encoding",
                where,
                f"not {self._encoding or 'UTF-8'} text, read as cp1252: set encoding if that is"
                " wrong",
            )
        self._meaning.remark(event, where, batch)
        for call in state.calls.feed(event, batch.ignored):
            if state.emit_from is None or event.at >= state.emit_from:
                batch.calls[call.id] = call, where
        state.seen = max(state.seen, state.calls.time.seen)

    def _page(self, state: ReadingState, progress: float) -> Page:
        batch, state.batch = state.batch, CallBatch()
        self._meaning.add_records(batch)
        return batch.page(state.cursor(), progress=progress)


def _written(found: Sequence[tuple[Log, LogPlace | None]]) -> int:
    """When the logs were last written (epoch seconds)."""
    return max((log.stamp[3] for log, _ in found), default=0) // 10**9
