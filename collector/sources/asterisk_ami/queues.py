"""From the events of QueueStatus to the state of each queue. Pure: no I/O, no clock.

Recorded: Asterisk 22.10.1 and 16.28. What counts as logged in and ready is what app_queue.c counts
as LoggedIn and Available for QueueSummary; the numbers of device states are documented.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collector.model.page import RejectedRow
from collector.model.queues import QueueNow
from collector.sources.kit.mapping import DEFAULT

Message = Mapping[str, str]

_UNKNOWN, _NOT_IN_USE, _IN_USE, _BUSY, _INVALID, _UNAVAILABLE = range(6)
_RINGING, _RING_IN_USE, _ON_HOLD = 6, 7, 8
_GONE = frozenset({_INVALID, _UNAVAILABLE})
_FREE = frozenset({_UNKNOWN, _NOT_IN_USE})
_TALKING = frozenset({_IN_USE, _BUSY, _RING_IN_USE, _ON_HOLD})
_STATES = range(_UNKNOWN, _ON_HOLD + 1)


@dataclass(slots=True)
class _Queue:
    """``agents``: by state, what tells them apart, so that one counts once in merged queues."""

    waiting: int = 0
    longest: int | None = None
    agents: dict[str, set[str]] = field(
        default_factory=lambda: {n: set() for n in ("logged_in", "ready", "on_call", "paused")}
    )


def queues_of(events: Iterable[Message], names: Mapping[str, str]) -> list[QueueNow]:
    """Return the state of each queue, by name.

    ``names``: ``map.queue`` of the configuration. Raises RejectedRow for an event that is not as
    documented: half of a state would be a wrong one.
    """
    found: dict[str, _Queue] = {}
    for event in events:
        name = event.get("Queue", "")
        if not name:
            raise RejectedRow("bad_event", "an event names no queue")
        queue = found.setdefault(names.get(name, names.get(DEFAULT, name)), _Queue())
        match event.get("Event"):
            case "QueueParams":
                queue.waiting += _number(event, "Calls")
            case "QueueEntry":
                queue.longest = max(queue.longest or 0, _number(event, "Wait"))
            case "QueueMember":
                _count(event, queue.agents)
    return [
        QueueNow(
            name,
            queue.waiting,
            queue.longest if queue.waiting else None,
            **{state: len(agents) for state, agents in queue.agents.items()},
        )
        for name, queue in sorted(found.items())
    ]


def _count(event: Message, agents: Mapping[str, set[str]]) -> None:
    who = event.get("Location") or event.get("Interface") or event.get("Name", "")
    state, paused = _number(event, "Status"), _number(event, "Paused") > 0
    if state not in _STATES:
        raise RejectedRow("bad_event", "an agent has a state of an unknown number")
    if state in _GONE:
        return
    agents["logged_in"].add(who)
    talking = state in _TALKING or event.get("InCall") == "1"
    if talking:
        agents["on_call"].add(who)
    if paused:
        agents["paused"].add(who)
    if state in _FREE and not paused and not talking:
        agents["ready"].add(who)


def _number(event: Message, header: str) -> int:
    text = event.get(header, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise RejectedRow("bad_event", f"{header} of an event is no number")
    return int(text)
