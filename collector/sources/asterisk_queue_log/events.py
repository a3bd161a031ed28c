"""Asterisk's queue log: from lines (or rows of its SQL table) to events, and from events to calls.

Pure: no files, no clock. The formats are those of app_queue.c from 1.4 to 22.
Versions differ in how many data fields an event has, so a field is read by position only where
every version has it in that position. The field with the caller's number is never read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collector.model.page import RejectedRow
from collector.model.records import Call, CallOutcome

ENDS = {
    # event: how the stay ended, and the position of the wait in its data
    "ABANDON": (CallOutcome.ABANDONED, 2),
    "EXITWITHTIMEOUT": (CallOutcome.TIMEOUT, 2),
    "EXITEMPTY": (CallOutcome.EMPTY, 2),
    "WITHDRAW": (CallOutcome.WITHDRAWN, 2),
    "EXITWITHKEY": (CallOutcome.KEY_EXIT, 3),
    # SYSCOMPAT (the channels were incompatible) has no data. Asterisk counts it as abandoned,
    # as it does EXITEMPTY: nobody could take the call
    "SYSCOMPAT": (CallOutcome.EMPTY, 2),
}
FINISHES = frozenset(
    {"COMPLETEAGENT", "COMPLETECALLER", "TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER"}
)
# Known, but irrelevant to the course of a call. After AGENTDUMP the caller keeps waiting.
IRRELEVANT = frozenset(
    {
        *("ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"),
        *("PENALTY", "RINGINUSE", "OUTCALL", "CONFIGRELOAD", "RINGNOANSWER", "RINGCANCELED"),
        *("AGENTDUMP", "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF"),
    }
)
ENTER, CONNECT, START = "ENTERQUEUE", "CONNECT", "QUEUESTART"
KNOWN = frozenset({ENTER, CONNECT, START, *ENDS, *FINISHES, *IRRELEVANT})

EARLIEST, LATEST = 946_684_800, 4_294_967_295  # 2000 to 2106; outside, the clock was not set
FORGET_WAITING = 86_400
"""Seconds after which a caller without further events is assumed to be gone."""
FORGET_COUNT = 7_200
"""Seconds after leaving a queue for which the number of the caller's entries is remembered."""

_SECONDS = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log, at ``at`` (epoch seconds).

    ``wait`` and ``talk`` are seconds from its data fields, None in formats that do not have them.
    """

    at: int
    callid: str
    queue: str
    name: str
    wait: int | None = None
    talk: int | None = None


def parse_line(line: str) -> Event:
    """Parse one line without its line ending. Raises RejectedRow if it is not an event."""
    parts = line.split("|", 5)
    if len(parts) < 5:
        raise RejectedRow("malformed_line", "not time|callid|queue|agent|event")
    time, callid, queue, _agent, name = parts[:5]
    at = int(time) if time.isascii() and time.isdecimal() and len(time) < 12 else 0
    if not EARLIEST <= at <= LATEST:
        raise RejectedRow("bad_time", "the time is not epoch seconds since 2000")
    return parse_event(at, callid, queue, name, parts[5:])


def parse_event(
    at: int, callid: str, queue: str, name: str, data: Sequence[str | None] = ()
) -> Event:
    """Return the event of one row; ``data`` is data1 … data5, or the single column ``data``.

    The fields are joined and split again, since the SQL table packs everything beyond five into the
    last one, and trailing separators are dropped; so a file and a table give equal events. Raises
    RejectedRow if call, queue or event is empty or a number is not whole seconds.
    """
    name = name.strip().upper()
    if not name or not callid.strip() or not queue.strip():
        raise RejectedRow("malformed_line", "call, queue or event is empty")
    fields = "|".join(field or "" for field in data).rstrip("|").split("|")
    wait = talk = None
    if name == CONNECT:
        wait = _seconds(fields, 0)
    elif name in ENDS:
        wait = _seconds(fields, ENDS[name][1])
    elif name in FINISHES:
        hold = _hold_place(name, fields)
        wait, talk = _seconds(fields, hold), _seconds(fields, hold + 1)
    return Event(at, callid.strip(), queue.strip(), name, wait, talk)


def _hold_place(name: str, fields: Sequence[str]) -> int:
    if name.startswith("COMPLETE"):
        return 0
    if name == "ATTENDEDTRANSFER" and fields[0] == "LINK":
        return 3
    # extension, context (or BRIDGE|id, APP|application), hold, talk and, since 1.6, position.
    # There are more than five only if one of the first two contains a separator
    return max(2, len(fields) - 3) if len(fields) > 4 else 2


def _seconds(fields: Sequence[str], place: int) -> int | None:
    text = fields[place].strip() if place < len(fields) else ""
    if not text:
        return None
    if not (text.isascii() and _SECONDS.fullmatch(text)):
        raise RejectedRow("bad_number", f"data field {place + 1} is not whole seconds")
    return int(text)


@dataclass(frozen=True, slots=True)
class _Stay:
    """A caller's ``nth`` stay in a queue: waiting, or with an agent since ``answered_at``."""

    nth: int
    entered_at: int
    answered_at: int | None = None
    wait: int | None = None


_Key = tuple[str, str]  # callid and queue


class CallTracker:
    """Follows callers through queues; its whole state fits into a cursor.

    State expires by the log's own time, never by a clock, so that the calls are the same however
    the log is divided into pages.
    """

    def __init__(self, source: str, state: Mapping[str, Any] | None = None) -> None:
        """Continue from ``state``, an earlier result of :meth:`state`."""
        self._source = source
        state = state or {}
        self._here: dict[_Key, _Stay] = {
            (callid, queue): _Stay(*rest) for callid, queue, *rest in state.get("here", ())
        }
        # Stays that have ended, to number the next one of the same caller
        self._left: dict[_Key, tuple[int, int]] = {
            (callid, queue): (nth, at) for callid, queue, nth, at in state.get("left", ())
        }

    def state(self) -> dict[str, Any]:
        """Return, as JSON, the callers in a queue or with an agent, and recent entry counts."""
        return {
            "here": [
                [*key, stay.nth, stay.entered_at, stay.answered_at, stay.wait]
                for key, stay in self._here.items()
            ],
            "left": [[*key, *value] for key, value in self._left.items()],
        }

    def feed(self, event: Event, ignored: Counter[str]) -> Iterator[Call]:
        """Yield the calls that ``event`` changed, in their new state; count irrelevant events."""
        yield from self._forget(event.at)
        key = event.callid, event.queue
        if event.name == START:
            yield from self._restarted()
        elif event.name == ENTER:
            yield from self._enter(key, event)
        elif event.name in IRRELEVANT:
            pass
        elif event.name not in KNOWN:
            ignored["unknown_event"] += 1
        elif call := self._go_on(key, event):
            yield call
        else:
            # The log begins in the middle of a call or a line is missing; do not guess the entry
            ignored["no_entry"] += 1

    def _enter(self, key: _Key, event: Event) -> Iterator[Call]:
        before = self._here.pop(key, None)
        if before:
            yield from self._unknown(key, before)
        nth = before.nth if before else self._left.pop(key, (0, 0))[0]
        self._here[key] = stay = _Stay(nth + 1, event.at)
        yield self._call(key, stay, CallOutcome.OPEN)

    def _go_on(self, key: _Key, event: Event) -> Call | None:
        stay = self._here.get(key)
        if stay is None:
            return None
        if event.name in FINISHES:
            return self._finish(key, stay, event)
        if stay.answered_at is not None:
            return None
        # Old formats have no wait; only then use the difference of the instants
        wait = event.wait if event.wait is not None else max(0, event.at - stay.entered_at)
        if event.name == CONNECT:
            stay = _Stay(stay.nth, stay.entered_at, event.at, wait)
            self._here[key] = stay
            return self._call(key, stay, CallOutcome.ANSWERED)
        self._leave(key, stay, event.at)
        outcome = ENDS[event.name][0]
        stay = _Stay(stay.nth, stay.entered_at, None, wait)
        return self._call(key, stay, outcome, left_at=event.at)

    def _finish(self, key: _Key, stay: _Stay, event: Event) -> Call | None:
        if stay.answered_at is None:
            # The line of the answer is missing, but this one has both durations
            if event.wait is None or event.talk is None:
                return None
            stay = _Stay(stay.nth, stay.entered_at, event.at - event.talk, event.wait)
        answered_at = stay.answered_at or 0
        talk = event.talk if event.talk is not None else max(0, event.at - answered_at)
        self._leave(key, stay, event.at)
        return self._call(key, stay, CallOutcome.ANSWERED, left_at=event.at, talk=talk)

    def _leave(self, key: _Key, stay: _Stay, at: int) -> None:
        del self._here[key]
        self._left.pop(key, None)  # the order of this table is that of leaving
        self._left[key] = stay.nth, at

    def _restarted(self) -> Iterator[Call]:
        """End all stays: no caller survives a start of the telephone system."""
        gone, self._here = self._here, {}
        for key, stay in gone.items():
            yield from self._unknown(key, stay)

    def _forget(self, now: int) -> Iterator[Call]:
        while self._left:
            key = next(iter(self._left))
            if now - self._left[key][1] <= FORGET_COUNT:
                break
            del self._left[key]
        while self._here:
            key = next(iter(self._here))
            if now - self._here[key].entered_at <= FORGET_WAITING:
                break
            yield from self._unknown(key, self._here.pop(key))

    def _unknown(self, key: _Key, stay: _Stay) -> Iterator[Call]:
        # An answered call stays answered; only its length is unknown
        if stay.answered_at is None:
            yield self._call(key, stay, CallOutcome.UNKNOWN)

    def _call(
        self,
        key: _Key,
        stay: _Stay,
        outcome: CallOutcome,
        *,
        left_at: int | None = None,
        talk: int | None = None,
    ) -> Call:
        callid, queue = key
        return Call(
            source=self._source,
            id=f"{callid}/{queue}/{stay.nth}",
            queue=queue,
            entered_at=stay.entered_at,
            outcome=outcome,
            wait_seconds=stay.wait,
            answered_at=stay.answered_at,
            left_at=left_at,
            talk_seconds=talk,
        )
