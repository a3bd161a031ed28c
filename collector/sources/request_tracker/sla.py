"""What Request Tracker's own SLA says of a ticket. Pure.

It keeps one deadline, Due: while the requestors wait for an answer that of the response, else that
of the resolution. Each change is a transaction of its system user, right behind the act that moved
it. Which of the two a deadline is can be read from when it was set:

- While the requestors wait it may be the response's, else it is the resolution's.
- An answer that ends their wait and moves nothing shows that it was the resolution's before, for
  want of a limit for the response.
- An answer for which nobody waited moves it only where there is a limit for the next word
  (KeepInLoop), which is neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.sources.request_tracker.rows import SYSTEM_USER, Event, deadline

_AT_ONCE = 60
"""Seconds in which what an act sets off is done."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Deadlines in epoch seconds, and whether they were met; absent where it says nothing."""

    response_due_at: int | None = None
    response_met: bool | None = None
    resolution_due_at: int | None = None
    resolution_met: bool | None = None


@dataclass(slots=True)
class _Clock:
    """``due``: the deadline in force, if RT set it. ``waiting``: the requestors had the last word.
    ``resolves``: the deadline is the resolution's. ``loops``: it may be that of KeepInLoop.
    ``response_due`` and ``response_met``: of the first answer, which is given if ``answered``."""

    due: int | None = None
    waiting: bool = False
    resolves: bool = False
    loops: bool = False
    answered: bool = False
    response_due: int | None = None
    response_met: bool | None = None

    def set(self, event: Event) -> None:
        """The deadline was set; one that a person set is none of RT's."""
        self.due = deadline(event) if event.creator == SYSTEM_USER else None
        self.resolves = not self.waiting

    def asked(self) -> None:
        """A requestor opened the ticket or wrote."""
        self.waiting = True

    def told(self, event: Event, moved: bool) -> None:
        """Somebody else did. To RT that is an answer, a machine's too."""
        if event.type == "Correspond" and not self.answered:
            self.answered = True
            if moved and not self.resolves and self.due is not None:
                self.response_due, self.response_met = self.due, event.at <= self.due
        self.loops = self.loops or (moved and self.resolves and self.due is not None)
        self.waiting, self.resolves = False, True


def verdicts(
    events: Sequence[Event],
    requestors: frozenset[str],
    resolution: Event | None,
    resolved_at: int | None,
) -> Verdicts:
    """RT's verdicts on a ticket with these events, which are in the order of their ids.

    ``resolution``: the event that resolved it for the last time, at ``resolved_at``; None while it
    is not. An unanswered ticket has no verdict until it is resolved, since that would change with
    the time of asking.
    """
    now = _clock(events, requestors, len(events))
    response = now.response_due, now.response_met
    if resolution is None or resolved_at is None:
        if not now.answered and not now.resolves:
            response = now.due, None
        return Verdicts(*response)
    before = events.index(resolution)
    if resolution.type == "Create":  # its deadline is set behind it
        before += 1 + len(_set_off(events, before))
    then = _clock(events, requestors, before)
    met = None if then.due is None else resolved_at <= then.due
    if not now.answered and not then.resolves:
        response = then.due, met
    if not then.resolves or then.loops:
        return Verdicts(*response)
    return Verdicts(*response, then.due, met)


def _clock(events: Sequence[Event], requestors: frozenset[str], before: int) -> _Clock:
    """RT's clock just before the event at the place ``before``."""
    clock = _Clock()
    for place, event in enumerate(events[:before]):
        if _is_due(event):
            clock.set(event)
        elif event.type in ("Create", "Correspond"):
            if event.creator in requestors:
                clock.asked()
            else:
                clock.told(event, any(map(_is_due, _set_off(events, place))))
    return clock


def _set_off(events: Sequence[Event], place: int) -> Sequence[Event]:
    """What RT did by itself at once after the event at this place."""
    end = place + 1
    latest = events[place].at + _AT_ONCE
    while end < len(events) and events[end].creator == SYSTEM_USER and events[end].at <= latest:
        end += 1
    return events[place + 1 : end]


def _is_due(event: Event) -> bool:
    return event.type == "Set" and event.field == "Due"
