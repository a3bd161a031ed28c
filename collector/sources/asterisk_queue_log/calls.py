"""From the events of a queue log to calls. Pure: no files, no clock."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collector.model.records import Call, CallOutcome
from collector.sources.asterisk_queue_log.events import (
    ENTER,
    FINISHES,
    IRRELEVANT,
    NO_QUEUE,
    OWN_CALL_EVENTS,
    START,
    Event,
)

FORGET_WAITING = 86_400
"""Seconds after which a caller without further events is assumed to be gone."""
FORGET_COUNT = 7_200
"""Seconds after leaving a queue for which the number of the caller's entries is remembered."""
BELIEVED_AFTER = 20
"""How many events in a row must be later than an instant before it counts as past. A clock that
jumps ahead for a few lines would otherwise end the calls in progress."""
FORGET_EVERY = 600
"""Seconds of the log's time between two looks at what can be forgotten."""


class LogTime:
    """The time of the log itself, which neither a line from the future nor one from the past moves.

    It is the earliest instant of the last BELIEVED_AFTER events (epoch seconds). ``swept``: its
    value when the calls that are over were last looked for. ``seen``: the earlier instant of the
    last two events, 0 before the first.
    """

    def __init__(self, state: Mapping[str, Any]) -> None:
        """Continue from ``state``, an earlier result of :meth:`state`."""
        self._last: deque[int] = deque(state.get("last", ()), maxlen=BELIEVED_AFTER)
        self.swept: int = state.get("swept", 0)
        self.seen = min(list(self._last)[-2:], default=0)

    def state(self) -> dict[str, Any]:
        """Return the state as JSON."""
        return {"last": list(self._last), "swept": self.swept}

    def passes(self, at: int) -> int | None:
        """Take an event's instant into account; return the time whenever FORGET_EVERY passed."""
        self.seen = min(at, self._last[-1]) if self._last else at
        self._last.append(at)
        now = min(self._last)
        if abs(now - self.swept) < FORGET_EVERY:
            return None
        self.swept = now
        return now


@dataclass(frozen=True, slots=True)
class _Stay:
    """A caller's ``nth`` stay in a queue: waiting, or with an agent since ``answered_at``.

    ``lost_at``: an event of unknown name came then, which probably ended the stay. A later event
    of a known name decides otherwise.
    """

    nth: int
    entered_at: int
    answered_at: int | None = None
    wait: int | None = None
    lost_at: int | None = None

    def before(self, event: Event) -> _Stay:
        """The stay as ``event`` shows it: an entry over a day later than it is from the future."""
        if self.entered_at - event.at <= FORGET_WAITING:
            return self
        return replace(self, entered_at=event.at - (event.wait or 0))

    def waited(self, event: Event) -> int | None:
        """Seconds until ``event``: from its data, otherwise the difference of the instants."""
        return _between(self.entered_at, event.at) if event.wait is None else event.wait

    def time_of(self, event: Event) -> int:
        """When ``event`` happened (epoch seconds); over a day after the entry it is from the
        future, and what its data say counts instead."""
        if event.at - self.entered_at <= FORGET_WAITING:
            return event.at
        if self.answered_at is not None:
            return self.answered_at + (event.talk or 0)
        return self.entered_at + (event.wait or 0) + (event.talk or 0)


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
        self.time = LogTime(state.get("time", {}))
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
            "time": self.time.state(),
            "here": [
                [*key, stay.nth, stay.entered_at, stay.answered_at, stay.wait, stay.lost_at]
                for key, stay in self._here.items()
            ],
            "left": [[*key, *value] for key, value in self._left.items()],
        }

    def feed(self, event: Event, ignored: Counter[str]) -> Iterator[Call]:
        """Yield the calls that ``event`` changed, in their new state; count the events that change
        none, except those that never do.

        ``unknown_event``: of no known name; a caller who was waiting is unanswered unless a known
        event follows. ``no_entry``: the log begins in the middle of the call, or a line is missing.
        ``after_end``: the call had ended or was answered before. ``not_admitted``: the caller never
        entered the queue, and the event does not say that it refused them.
        """
        if (now := self.time.passes(event.at)) is not None:
            yield from self._forget(now)
        key = self._key(event)
        stay = self._here.get(key)
        if stay is not None:
            stay = stay.before(event)
        if event.name == START:
            yield from self._restarted()
        elif event.name == ENTER:
            yield from self._enter(key, event)
        elif event.name in IRRELEVANT:
            pass
        elif event.is_unknown:
            ignored["unknown_event"] += 1
            if stay is not None and stay.answered_at is None and stay.lost_at is None:
                yield self._lose(key, stay, event)
        elif stay is None:
            yield from self._outside(key, event, ignored)
        elif event.name in FINISHES:
            yield self._finish(key, stay, event)
        elif stay.answered_at is not None:
            ignored["after_end"] += 1
        elif event.outcome is None:
            yield self._answer(key, stay, event)
        else:
            self._leave(key, stay, event)
            ended = replace(stay, wait=stay.waited(event))
            # One who was in the queue already was not refused, whatever the event's name
            outcome = CallOutcome.EMPTY if event.outcome is CallOutcome.REFUSED else event.outcome
            yield self._call(key, ended, outcome, left_at=stay.time_of(event))

    def _key(self, event: Event) -> _Key:
        """The caller and queue; where the line names no queue, the one in which the caller is."""
        if event.queue.upper() == NO_QUEUE and (
            event.outcome is not None or event.name in OWN_CALL_EVENTS
        ):
            for key in reversed(self._here):
                if key[0] == event.callid:
                    return key
        return event.callid, event.queue

    def _outside(self, key: _Key, event: Event, ignored: Counter[str]) -> Iterator[Call]:
        """An event of somebody who is not in the queue."""
        if event.refused and event.queue.upper() != NO_QUEUE:
            yield self._refuse(key, event)
        else:
            ignored[self._reason(key, event)] += 1

    def _reason(self, key: _Key, event: Event) -> str:
        if key in self._left:
            return "after_end"
        return "no_entry" if event.name in OWN_CALL_EVENTS else "not_admitted"

    def _enter(self, key: _Key, event: Event) -> Iterator[Call]:
        before = self._here.pop(key, None)
        if before:
            yield from self._unknown(key, before)
        nth = before.nth if before else self._left.pop(key, (0, 0))[0]
        self._here[key] = stay = _Stay(nth + 1, event.at)
        yield self._call(key, stay, CallOutcome.OPEN)

    def _refuse(self, key: _Key, event: Event) -> Call:
        """A caller who never got into the queue: a call without a wait, told apart by its time."""
        callid, queue = key
        return Call(
            source=self._source,
            id=f"{callid}/{queue}/refused {event.at}",
            queue=queue,
            entered_at=event.at,
            outcome=CallOutcome.REFUSED,
            wait_seconds=0,
            left_at=event.at,
            call_id=callid,
        )

    def _answer(self, key: _Key, stay: _Stay, event: Event) -> Call:
        stay = _Stay(stay.nth, stay.entered_at, stay.time_of(event), stay.waited(event))
        self._here[key] = stay
        return self._call(key, stay, CallOutcome.ANSWERED)

    def _lose(self, key: _Key, stay: _Stay, event: Event) -> Call:
        at = stay.time_of(event)
        self._here[key] = replace(stay, lost_at=at)
        lost = replace(stay, wait=stay.waited(event))
        return self._call(key, lost, CallOutcome.UNANSWERED, left_at=at)

    def _finish(self, key: _Key, stay: _Stay, event: Event) -> Call:
        left_at = stay.time_of(event)
        if stay.answered_at is None:
            stay = _answered_by_end(stay, event, left_at)
        talk = event.talk
        if talk is None and stay.answered_at is not None:
            talk = _between(stay.answered_at, event.at)
        self._leave(key, stay, event)
        return self._call(key, stay, CallOutcome.ANSWERED, left_at=left_at, talk=talk)

    def _leave(self, key: _Key, stay: _Stay, event: Event) -> None:
        del self._here[key]
        self._left[key] = stay.nth, event.at

    def _restarted(self) -> Iterator[Call]:
        """End all stays: no caller survives a start of the telephone system."""
        gone, self._here = self._here, {}
        for key, stay in gone.items():
            yield from self._unknown(key, stay)

    def _forget(self, now: int) -> Iterator[Call]:
        self._left = {k: v for k, v in self._left.items() if now - v[1] <= FORGET_COUNT}
        for key, stay in list(self._here.items()):
            if now - stay.entered_at > FORGET_WAITING:
                yield from self._unknown(key, self._here.pop(key))

    def _unknown(self, key: _Key, stay: _Stay) -> Iterator[Call]:
        # An answered call stays answered, only its length is unknown; a lost one stays lost
        if stay.answered_at is None and stay.lost_at is None:
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
            call_id=callid,
        )


def _answered_by_end(stay: _Stay, end: Event, left_at: int) -> _Stay:
    """The stay whose line of the answer is missing, as far as the line of its end tells it."""
    wait, answered_at = end.wait, None
    if end.talk is not None:
        answered_at = left_at - end.talk
        wait = _between(stay.entered_at, answered_at) if wait is None else wait
    elif wait is not None:
        answered_at = stay.entered_at + wait
    return _Stay(stay.nth, stay.entered_at, answered_at, wait)


def _between(start: int, end: int) -> int | None:
    """Seconds from one instant to another; None if the clock was set back or jumped ahead."""
    return end - start if 0 <= end - start <= FORGET_WAITING else None
