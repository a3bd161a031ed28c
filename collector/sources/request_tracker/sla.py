"""The verdicts of Request Tracker's own SLA on a ticket. Pure.

RT keeps one deadline, Due: that of the response while the requestors wait for an answer, otherwise
that of the resolution. Each change of Due is a transaction by RT's system user directly after the
action that caused it. When Due was set shows which of the two it is:

- While the requestors wait it may be the response's; otherwise it is the resolution's.
- If an answer ends their wait without moving Due, it was the resolution's before, since there is
  no limit for the response.
- An answer for which nobody waited moves Due only if there is a limit for the next message
  (KeepInLoop), which is neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.sources.kit.raw import OwnSla
from collector.sources.request_tracker.rows import SYSTEM_USER, Event, deadline

_AT_ONCE = 60
"""Seconds within which RT carries out the effects of an action."""


@dataclass(slots=True)
class _Clock:
    """RT's SLA clock at some event.

    ``due``: the current deadline (epoch seconds), if RT set it. ``waiting``: the last message was a
    requestor's. ``resolves``: the deadline is the resolution's. ``loops``: it may be that of
    KeepInLoop. ``answered``: there was a first answer, to which ``response_due`` and
    ``response_met`` belong.
    """

    due: int | None = None
    waiting: bool = False
    resolves: bool = False
    loops: bool = False
    answered: bool = False
    response_due: int | None = None
    response_met: bool | None = None

    def set(self, event: Event) -> None:
        """Process a change of Due; one set by a person is not RT's own and does not count."""
        self.due = deadline(event) if event.creator == SYSTEM_USER else None
        self.resolves = not self.waiting

    def requestor_wrote(self) -> None:
        """Process a message, or the opening, by a requestor."""
        self.waiting = True

    def answer(self, event: Event, moved: bool) -> None:
        """Process a message by anybody else, which RT takes for an answer, even a machine's.

        ``moved``: it changed Due.
        """
        if event.type == "Correspond" and not self.answered:
            self.answered = True
            if moved and not self.resolves and self.due is not None:
                self.response_due, self.response_met = self.due, event.at <= self.due
        self.loops = self.loops or (moved and self.resolves and self.due is not None)
        self.waiting, self.resolves = False, True


def sla_verdicts(
    events: Sequence[Event],
    requestors: frozenset[str],
    resolution: Event | None,
    resolved_at: int | None,
) -> OwnSla:
    """Return RT's verdicts on a ticket with these events, which are in the order of their ids.

    ``resolution``: the event that last resolved it, at ``resolved_at`` (epoch seconds); None if it
    is not resolved. An unanswered ticket has no verdict until it is resolved, since the verdict
    would depend on the time of the poll. Raises RejectedRow if a deadline is not a time.
    """
    now = _clock(events, requestors, len(events))
    response = now.response_due, now.response_met
    if resolution is None or resolved_at is None:
        if not now.answered and not now.resolves:
            response = now.due, None
        return OwnSla(*response)
    before = events.index(resolution)
    if resolution.type == "Create":  # its deadline is set after it
        before += 1 + len(_set_off(events, before))
    then = _clock(events, requestors, before)
    met = None if then.due is None else resolved_at <= then.due
    if not now.answered and not then.resolves:
        response = then.due, met
    if not then.resolves or then.loops:
        return OwnSla(*response)
    return OwnSla(*response, then.due, met)


def _clock(events: Sequence[Event], requestors: frozenset[str], before: int) -> _Clock:
    """Return RT's clock just before the event at index ``before``."""
    clock = _Clock()
    for place, event in enumerate(events[:before]):
        if _is_due(event):
            clock.set(event)
        elif event.type in ("Create", "Correspond"):
            if event.creator in requestors:
                clock.requestor_wrote()
            else:
                clock.answer(event, any(map(_is_due, _set_off(events, place))))
    return clock


def _set_off(events: Sequence[Event], place: int) -> Sequence[Event]:
    """Return what RT did on its own directly after the event at this index."""
    end = place + 1
    latest = events[place].at + _AT_ONCE
    while end < len(events) and events[end].creator == SYSTEM_USER and events[end].at <= latest:
        end += 1
    return events[place + 1 : end]


def _is_due(event: Event) -> bool:
    return event.type == "Set" and event.field == "Due"
